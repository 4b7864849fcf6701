"""Cells as people read them, on screen and on paper: days in words, thousands apart, parentheses below zero."""

import datetime
from decimal import Decimal

from django.utils.formats import date_format

from reports.table import Cell, Column, Kind
from tenants.templatetags.daybook import money


def text_of(column: Column, cell: Cell) -> str:
    """The text of a cell; nothing is an empty one, and zero a dash."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return str(money(value, 0 if column.kind is Kind.COUNT else column.decimals))
    return date_format(value, "j M Y") if isinstance(value, datetime.date) else str(value)
