"""Parse XML that strangers sent: nothing is fetched, nothing expands, and there is a limit to everything."""

import datetime
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from invoicing.einvoice.refusals import UnreadableEInvoice

MOST_BYTES = 10_000_000
MOST_DEPTH = 50
NUMBER = re.compile(r"[+-]?(\d{1,24}(\.\d{0,24})?|\.\d{1,24})")
DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")


def parsed(data: bytes, *, place: str = "file") -> Any:
    """The root of the file. Refused: `unreadable_einvoice` (too large, no XML, a document type, too deep)."""
    if len(data) > MOST_BYTES:
        raise UnreadableEInvoice(_("The file is larger than 10 MB."), place=place)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        message = _("The file is no XML that can be read: %s") % error.msg
        raise UnreadableEInvoice(message, place=f"{place}:{error.lineno}") from error
    except ValueError as error:
        raise UnreadableEInvoice(_("The file is no XML that can be read."), place=place) from error
    # Invoices have no document type; entities, and the bombs made of them, need one.
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableEInvoice(_("The file declares a document type, which invoices do not."), place=place)
    if _depth(root) > MOST_DEPTH:
        raise UnreadableEInvoice(_("The file is nested too deeply."), place=place)
    return root


def _depth(root: Any) -> int:
    deepest = depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


class Reading:
    """Texts, numbers and days below an element, by their path in the namespaces of one syntax."""

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self.namespaces = dict(namespaces)

    def one(self, element: Any, path: str) -> Any:
        """The first element at the path."""
        return None if element is None else element.find(path, self.namespaces)

    def every(self, element: Any, path: str) -> Sequence[Any]:
        """All elements at the path."""
        return [] if element is None else element.findall(path, self.namespaces)

    def text(self, element: Any, path: str) -> str:
        """The text there; empty where there is none."""
        found = self.one(element, path)
        return "" if found is None else (found.text or "").strip()

    def number(self, element: Any, path: str) -> Decimal | None:
        """The number there. Refused with its place where it is none."""
        text, found = self.text(element, path), self.one(element, path)
        if not text:
            return None
        if not NUMBER.fullmatch(text):
            raise UnreadableEInvoice(_("“%s” is no number.") % text[:50], place=_path(found))
        return Decimal(text)

    def day(self, element: Any, path: str) -> datetime.date | None:
        """The day there. Refused with its place where it is none."""
        text, found = self.text(element, path), self.one(element, path)
        if not text:
            return None
        try:
            parts = DAY.match(text)
            return datetime.date(*map(int, parts.groups())) if parts else datetime.date.fromisoformat(text)
        except ValueError as error:
            raise UnreadableEInvoice(_("“%s” is no date.") % text[:50], place=_path(found)) from error


def _path(element: Any) -> str:
    return str(element.getroottree().getpath(element))
