"""A report as CSV: one head, plain figures, no text that a spreadsheet would calculate."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from accounting.amounts import amount_text
from reports.table import Cell, Column, Kind, Report
from tenants.csv_cells import csv_line


def csv_of(report: Report) -> Iterator[str]:
    """The lines of the file, in pieces."""
    yield csv_line(["standing", *(column.key for column in report.columns)])
    for row in report.rows:
        cells = (_value(column, cell) for column, cell in zip(report.columns, row.cells, strict=True))
        yield csv_line([row.standing.value, *cells])


def _value(column: Column, cell: Cell) -> Any:
    value = cell.value
    if isinstance(value, Decimal) and column.kind in (Kind.AMOUNT, Kind.PERCENT):
        return Decimal(amount_text(value, column.decimals))
    return value
