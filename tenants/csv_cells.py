"""Cells of exported tables: no text of a customer ever becomes a formula in somebody's spreadsheet."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

_TRIGGERS = "=+-@\t\r\n＝＋－＠"


def safe_cell(value: Any) -> str:
    """The value as text; a text that a spreadsheet would calculate gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(tuple(_TRIGGERS)) else text


def csv_line(values: Iterable[Any]) -> str:
    """One line of CSV (RFC 4180) of safe cells."""
    line = io.StringIO()
    csv.writer(line).writerow([safe_cell(value) for value in values])
    return line.getvalue()
