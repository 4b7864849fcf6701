"""A report as an XLSX workbook: figures are figures, texts are never formulas; rows go straight to the file."""

from collections.abc import Iterator
from decimal import Decimal
from tempfile import NamedTemporaryFile
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from reports.renderers.said import head_of, said_lines
from reports.table import Cell, Column, Kind, Report, Row, Standing

BOLD = Font(bold=True)
WIDTHS = {Kind.TEXT: 34, Kind.DATE: 12, Kind.AMOUNT: 16, Kind.COUNT: 10, Kind.PERCENT: 9}
# A sheet has 1,048,576 rows; what is longer goes on in the next one.
MOST_ROWS = 1_000_000
_CHUNK = 1 << 16


def xlsx_of(report: Report) -> Iterator[bytes]:
    """The workbook in pieces; it is written to a file beside, row by row, so memory stays flat."""
    book = Workbook(write_only=True)
    book.properties.creator = report.company.name
    book.properties.created = book.properties.modified = timezone.now().replace(tzinfo=None)
    sheet = _begun(book, report, 1)
    for number, row in enumerate(report.rows, 1):
        sheet.append([_cell(sheet, row, column, cell) for column, cell in zip(report.columns, row.cells, strict=True)])
        if number % MOST_ROWS == 0:
            sheet = _begun(book, report, number // MOST_ROWS + 1)
    with NamedTemporaryFile(suffix=".xlsx") as file:
        book.save(file)
        file.seek(0)
        yield from iter(lambda: file.read(_CHUNK), b"")


def _begun(book: Workbook, report: Report, number: int) -> Any:
    """A sheet with its head: the company, the report, what was asked, and the columns."""
    title = _sheet_name(str(report.title))
    sheet: Any = book.create_sheet(title if number == 1 else f"{title[:27]} {number}")
    for place, column in enumerate(report.columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS[column.kind]
    head = [report.company.name, str(report.title), *said_lines(report)]
    sheet.freeze_panes = f"A{len(head) + 3}"
    for text in head:
        sheet.append([_plain(sheet, text, is_bold=True)])
    sheet.append([])
    sheet.append([_plain(sheet, head_of(column), is_bold=True) for column in report.columns])
    return sheet


def _cell(sheet: Any, row: Row, column: Column, cell: Cell) -> Any:
    is_bold = row.standing is not Standing.LINE
    if isinstance(cell.value, str):
        return _plain(sheet, cell.value, is_bold=is_bold)
    made = WriteOnlyCell(sheet, cell.value)
    if isinstance(cell.value, Decimal):
        made.number_format = "#,##0" + ("." + "0" * column.decimals if column.decimals else "")
    elif column.kind is Kind.DATE:
        made.number_format = "yyyy-mm-dd"
    if is_bold:
        made.font = BOLD
    return made


def _plain(sheet: Any, text: str, *, is_bold: bool) -> Any:
    """A text, whatever it begins with."""
    made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
    made.data_type = "s"
    if is_bold:
        made.font = BOLD
    return made


def _sheet_name(title: str) -> str:
    return "".join(one for one in title if one not in r"[]:*?/\\")[:31]
