"""Tables that people hand in: CSV as UTF-8 text, or the first sheet of an XLSX workbook, read as CSV text."""

import csv
import datetime
import io
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from tenants.refusal import Refused

XLSX = b"PK\x03\x04"
MAX_UNPACKED = 200 * 1024 * 1024
MAX_CELLS = 5_000_000
MAX_COLUMNS = 1000


class BadFile(Refused):
    """The file is missing, or is neither UTF-8 text nor a workbook that can be read."""

    code = "bad_file"


def table_text(data: bytes) -> str:
    """The table as CSV text; refused (`bad_file`) where it cannot be read or would be too large unpacked."""
    if data.startswith(XLSX):
        return _csv_of(data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile("The file is neither UTF-8 text nor an XLSX workbook.", place="file") from error


def _csv_of(data: bytes) -> str:
    _check_size(data)
    from openpyxl import load_workbook

    out = io.StringIO()
    writer = csv.writer(out)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for row in _rows(book.worksheets[0].iter_rows(values_only=True)):
            writer.writerow(row)
    except Refused:
        raise
    except Exception as error:  # whatever a broken workbook makes of its reader
        raise BadFile("The workbook cannot be read.", place="file") from error
    return out.getvalue()


def _check_size(data: bytes) -> None:
    try:
        unpacked = sum(member.file_size for member in zipfile.ZipFile(io.BytesIO(data)).infolist())
    except zipfile.BadZipFile as error:
        raise BadFile("The workbook cannot be read.", place="file") from error
    if unpacked > MAX_UNPACKED:
        raise BadFile("The workbook is too large unpacked.", place="file")


def _rows(found: Iterable[tuple[Any, ...]]) -> Iterator[list[str]]:
    """Rows as text. A blank one stays, so that the rows are counted as the spreadsheet does."""
    cells = 0
    for values in found:
        cells += len(values)
        if cells > MAX_CELLS or len(values) > MAX_COLUMNS:
            raise BadFile("The sheet has too many cells.", place="file")
        yield [_text(value) for value in values]


def _text(value: Any) -> str:
    """A cell as a person reads it: whole days as dates, numbers in full, with a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)
