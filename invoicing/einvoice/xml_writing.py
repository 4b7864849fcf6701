"""Elements of an invoice in XML: what is empty is left out, numbers and dates are written as the syntaxes want them."""

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from lxml import etree

Child = Any
Element = Any
# What XML 1.0 has no way to write.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def builder(namespaces: Mapping[str, str]) -> Callable[..., Element | None]:
    """Makes elements by name (`cbc:ID`): of text, number, date or other elements. One with nothing in it is None.

    The namespace of names without a prefix stands under the empty one.
    """
    known = {prefix or None: namespace for prefix, namespace in namespaces.items()}

    def element(name: str, *children: Child, **attributes: str) -> Element | None:
        inside = [child for child in children if child is not None and child != ""]
        if not inside:
            return None
        prefix, _colon, local = name.rpartition(":")
        made = etree.Element(f"{{{namespaces[prefix]}}}{local}", attributes, nsmap=known)
        for child in inside:
            if etree.iselement(child):
                made.append(child)
            else:
                made.text = written(child)
        return made

    return element


def written(value: Any) -> str:
    """Text, number or date as it stands in XML."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return FORBIDDEN.sub("", str(value))


def plain(number: Decimal | None) -> Decimal | None:
    """A quantity or percentage without empty decimals."""
    if number is None:
        return None
    short = number.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short


def file_of(root: Element) -> bytes:
    """The file, with its declaration."""
    etree.cleanup_namespaces(root, keep_ns_prefixes=[prefix for prefix in root.nsmap if prefix])
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made
