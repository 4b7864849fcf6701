"""The cells of a table: days and amounts, taken only when they can mean one thing."""

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal

from accounting.written_numbers import Unreadable, grouped_number

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = re.compile(r"([-+]?)([0-9][0-9 .,'’\u00a0\u202f]*|[.,][0-9]+)")
_DECIMAL_COMMA = re.compile(r".*[0-9],(?:[0-9]{1,2}|[0-9]{4,})|.*\.[0-9]{3},[0-9]+")
_LONE_COMMA_OF_THREE = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_LONE_POINT_OF_THREE = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")


def read_day(text: str) -> datetime.date:
    """A day written YYYY-MM-DD."""
    if not text:
        raise Unreadable("bad_date", "the date is blank.")
    try:
        if _DAY.fullmatch(text):
            return datetime.date.fromisoformat(text)
    except ValueError:
        pass
    raise Unreadable("bad_date", f"“{text[:40]}” is not a day written YYYY-MM-DD.")


def uses_decimal_comma(cells: Iterable[str]) -> bool:
    """Whether some amount of the file can only be read with a decimal comma."""
    return any("," in cell and _DECIMAL_COMMA.fullmatch(cell.strip("+-")) is not None for cell in cells)


def read_amount(text: str, decimal_comma: bool) -> Decimal:
    """A signed amount. “1,234” is refused: it may be a thousand or a bit more than one.

    A lone point is the decimal mark, unless the file writes decimal commas elsewhere: then “1.234” is refused too.
    """
    match = _AMOUNT.fullmatch(text)
    if not match:
        raise Unreadable("bad_amount", f"“{text[:40]}” is not an amount.")
    sign, digits = match.groups()
    digits = digits.replace("\u00a0", " ").replace("\u202f", " ")
    lone = _LONE_COMMA_OF_THREE.fullmatch(digits) or (decimal_comma and _LONE_POINT_OF_THREE.fullmatch(digits))
    if lone:
        raise Unreadable("ambiguous_amount", f"“{text[:40]}” may be thousands or decimals: write it without grouping.")
    number = grouped_number(digits)
    return -number if sign == "-" else number
