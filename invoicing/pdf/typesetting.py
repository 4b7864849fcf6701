"""Set a printed document in type: the layouts are Typst files beside this module, the fonts come with packages."""

import datetime
import functools
import importlib.util
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typst
from django.utils.translation import gettext as _

from invoicing.pdf.pictures import as_svg
from invoicing.pdf.shown import letter_shown, shown
from invoicing.printed import Party, PrintedDocument
from tenants.refusal import Refused

if TYPE_CHECKING:
    from invoicing.letters import Letter

LAYOUTS = ("classic", "modern", "compact")
HERE = Path(__file__).resolve().parent
PICTURE_IN_PDF = b"/Subtype/Image"
# Typst keeps a compiler's files to itself and lets one thread at a time use it.
_own = threading.local()


class CannotBePrinted(Refused):
    """The document cannot be set: there is no such layout, or the logo is no picture."""

    code = "cannot_be_printed"


def pdf_of(
    document: PrintedDocument, *, layout: str = "classic", logo: bytes | None = None, attached: bytes | None = None
) -> bytes:  # fmt: skip
    """The document as PDF; the same document makes the same bytes.

    With the XML of an e-invoice attached it is a PDF/A-3b (`invoicing.einvoice.facturx` makes a Factur-X of it).
    Refused: `cannot_be_printed`.
    """
    standards = ["a-3b"] if attached is not None else []
    made: bytes = _compiled(document, layout, logo, attached, format="pdf", pdf_standards=standards)
    return made


def pages_of(document: PrintedDocument, *, layout: str = "classic", logo: bytes | None = None) -> list[bytes]:
    """The pages as pictures (PNG), to be looked at on a screen. Refused: `cannot_be_printed`."""
    made = _compiled(document, layout, logo, None, format="png", ppi=100)
    return made if isinstance(made, list) else [made]


def letter_pdf(
    letter: "Letter", sender: Party, recipient: Party, *, language: str, bank: Sequence[tuple[str, str]], footer: str,
    logo: bytes | None,
) -> bytes:  # fmt: skip
    """A letter with a table, on the sender's paper. Refused: `cannot_be_printed`."""
    data = letter_shown(letter, sender, recipient, language)
    data |= {"bank": [list(row) for row in bank if row[1]], "footer": footer.strip(), "logo": bool(logo)}
    files = {"main.typ": (HERE / "letter.typ").read_bytes(), "letter.json": json.dumps(data).encode()}
    if logo:
        files["logo.svg"] = _drawable(logo)
    return set_in_type(files, letter.date, format="pdf")


def picture_problem(picture: bytes) -> str:
    """Why a picture cannot be printed; empty where it can."""
    page = b'#set page(width: auto, height: auto)\n#image("logo.svg", height: 18mm)'
    try:
        made = _compiler().compile(input={"main.typ": page, "logo.svg": as_svg(picture)}, format="pdf")
    except (typst.TypstError, ValueError) as error:
        return str(getattr(error, "message", error))
    # What cannot be decoded is left out without a word.
    return "" if PICTURE_IN_PDF in made else str(_("it is damaged"))


def _compiled(
    document: PrintedDocument, layout: str, logo: bytes | None, attached: bytes | None, **options: Any
) -> Any:  # fmt: skip
    if layout not in LAYOUTS:
        raise CannotBePrinted(_("There is no layout “%s”.") % layout, place="layout")
    data = shown(document)
    files = dict(_layout_files(layout))
    if logo:
        data["logo"] = "logo.svg"
        files["logo.svg"] = _drawable(logo)
    if attached is not None:
        data["attached"] = "factur-x.xml"
        files["factur-x.xml"] = attached
    if data["qr"]:
        files["qr.svg"] = data.pop("qr").encode()
        data["qr"] = True
    # A file rather than sys.inputs: those are part of the standard library, and Typst would forget what it has set.
    files["document.json"] = json.dumps(data).encode()
    return set_in_type(files, document.date, **options)


def set_in_type(files: dict[str, bytes], date: datetime.date, **options: Any) -> Any:
    """What Typst makes of `main.typ` and the files beside it, in memory; dated, so that it is the same every time.
    Refused: `cannot_be_printed`."""
    day = datetime.datetime.combine(date, datetime.time(), datetime.UTC)
    try:
        return _compiler().compile(input=files, timestamp=day, **options)
    except typst.TypstError as error:
        raise CannotBePrinted(_("The document cannot be set: %s") % error.message) from error


def _drawable(logo: bytes) -> bytes:
    try:
        return as_svg(logo)
    except ValueError as error:
        raise CannotBePrinted(_("The logo cannot be set: %s") % error, place="logo") from error


@functools.cache
def _layout_files(layout: str) -> dict[str, bytes]:
    named = {"main.typ": f"{layout}.typ", "parts.typ": "parts.typ", "panels.typ": "panels.typ"}
    return {name: (HERE / file).read_bytes() for name, file in named.items()}


def _compiler() -> Any:
    if not hasattr(_own, "compiler"):
        # Files in memory, which the types of the package do not tell of.
        made: Any = typst.Compiler
        _own.compiler = made({"main.typ": b""}, font_paths=_fonts(), root=HERE)
    return _own.compiler


@functools.cache
def _fonts() -> typst.Fonts:
    """Source Sans Pro and what Typst brings; those of the machine stand in for signs that neither has."""
    found = importlib.util.find_spec("font_source_sans_pro")
    folder = Path(found.origin).parent / "files" if found and found.origin else HERE
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=[folder])
