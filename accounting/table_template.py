"""An empty table of a kind to be filled in: its headings, and a row as an example."""

import csv
import io

from accounting.table_kinds import TableKind

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_template(kind: TableKind) -> bytes:
    """As UTF-8 text, marked as such for spreadsheets."""
    out = io.StringIO()
    csv.writer(out).writerows(_rows(kind))
    return out.getvalue().encode("utf-8-sig")


def xlsx_template(kind: TableKind) -> bytes:
    """As a workbook, every cell a text, so that no number loses its zeros."""
    from openpyxl import Workbook

    book, out = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet(kind.name)
    for row in _rows(kind):
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def _rows(kind: TableKind) -> list[list[str]]:
    return [[column.name for column in kind.columns], [column.example for column in kind.columns]]
