"""XML written piece by piece: elements are texts, so that a file of any length is never held as a tree. Pure."""

import datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from invoicing.einvoice.xml_writing import FORBIDDEN


class Markup(str):
    """Text that is XML already."""

    __slots__ = ()


Content = Markup | str | int | Decimal | datetime.date | None
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def element(name: str, *inside: Content) -> Markup:
    """An element with texts, numbers, dates or other elements in it; nothing at all where there is nothing inside."""
    content = "".join(_written(one) for one in inside if one is not None)
    return Markup(f"<{name}>{content}</{name}>") if content else Markup("")


def all_of(*elements: Markup) -> Markup:
    """Elements one after the other."""
    return Markup("".join(elements))


def opened(name: str) -> bytes:
    """The beginning of an element whose content follows."""
    return f"<{name}>".encode()


def closed(*names: str) -> bytes:
    """The ends of elements, the inner ones first."""
    return "".join(f"</{name}>" for name in names).encode() + b"\n"


def _written(value: Content) -> str:
    if isinstance(value, Markup):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.date):
        return value.isoformat()
    # Carriage returns would be read back as line feeds; what XML cannot write at all is left out.
    return escape(FORBIDDEN.sub("", str(value)), {"\r": "&#13;"})
