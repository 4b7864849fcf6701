"""The columns of a table that is imported: what they are called, what stands in them, and what a file says in them.

Columns stand in any order and case, separated by comma, semicolon or tab; those that nobody knows are left out and
named. A text file is UTF-8. “1,234” may be a thousand or a bit more than one and is refused, “1,234.50” is not; a
decimal comma is read where the file shows that it means one. Days are written YYYY-MM-DD. A blank cell says nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounting.spreadsheets import table_text
from accounting.table_cells import read_amount, read_day, uses_decimal_comma
from accounting.table_rows import Row, RowProblem, column_names, table_rows
from accounting.written_numbers import Unreadable
from tenants.csv_cells import safe_cell
from tenants.refusal import Refused

TEXT, NUMBER, DAY, FLAG = "text", "number", "day", "yes or no"
MOST_ROWS = 20_000
YES, NO = ("yes", "true", "1", "x", "ja", "oui", "sí", "si"), ("no", "false", "0", "nein", "non")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name here, what stands in it, an example, and what else its heading may be."""

    name: str
    meaning: str
    example: str = ""
    kind: str = TEXT
    called: tuple[str, ...] = ()
    required: bool = False


class BadTable(Refused):
    """The file is no table of this kind: a column is missing or there twice, or it has too many rows."""

    code = "bad_table"


@dataclass(slots=True)
class TableRow:
    """What a row says: its values by column, blank ones left out, and the cells that cannot be read."""

    place: int
    values: dict[str, Any]
    problems: list[RowProblem] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """The rows of a file, and the headings that are not read."""

    rows: list[TableRow]
    ignored: list[str] = field(default_factory=list)


def read_table(data: bytes, columns: Sequence[Column], names: Mapping[str, str]) -> Table:
    """Every row of a CSV or XLSX file. `names` says what other headings stand for (`Konto` -> `account`).

    Refused: `bad_file` (neither text nor workbook), `bad_table`, `missing_column`, `bad_column`, `bad_csv`,
    `too_many_rows`.
    """
    ignored: list[str] = []
    try:
        read = table_rows(table_text(data), lambda cells: _understood(cells, columns, names, ignored))
        rows: list[Row] = []
        for row in read:
            if len(rows) == MOST_ROWS:
                message = _("A file has at most %s rows: split it.") % f"{MOST_ROWS:,}"
                raise Unreadable("too_many_rows", message, row.place)
            rows.append(row)
    except Unreadable as error:
        refusal = BadTable(error.message, place=f"rows[{error.place}]" if error.place > 1 else "file")
        refusal.code = error.code
        raise refusal from error
    numbers = [column.name for column in columns if column.kind == NUMBER]
    decimal_comma = uses_decimal_comma(row[name] for row in rows for name in numbers)
    return Table([_values(row, columns, decimal_comma) for row in rows], ignored)


def _understood(
    cells: list[str], columns: Sequence[Column], names: Mapping[str, str], ignored: list[str]
) -> list[str]:  # fmt: skip
    """The columns that the headings stand for: as they are called here, as the caller says, or as others call them."""
    known = [column.name for column in columns]
    found = column_names(cells, known, names)
    usual = {_folded(other): column.name for column in columns for other in (column.name, *column.called)}
    for number, name in enumerate(found):
        other = usual.get(_folded(name), "")
        if name not in known and other and other not in found:
            found[number] = other
    if missing := [column.name for column in columns if column.required and column.name not in found]:
        message = _("The file has no column %s. Its first row names the columns.") % ", ".join(missing)
        raise Unreadable("missing_column", message, 1)
    ignored += [cell.strip()[:60] for cell, name in zip(cells, found, strict=True) if name and name not in known]
    return [name if name in known else "" for name in found]


def _folded(heading: str) -> str:
    return re.sub(r"[\s_.-]+", "", heading.casefold())


def _values(row: Row, columns: Sequence[Column], decimal_comma: bool) -> TableRow:
    read = TableRow(row.place, {})
    if row.too_long:
        read.problems.append(
            RowProblem(row.place, "", "bad_column", _("The row has more cells than there are columns."))
        )
    for column in columns:
        if text := row[column.name]:
            try:
                read.values[column.name] = _value(text, column.kind, decimal_comma)
            except Unreadable as error:
                message = error.message[:1].upper() + error.message[1:]
                read.problems.append(RowProblem(row.place, column.name, error.code, message))
    return read


def _value(text: str, kind: str, decimal_comma: bool) -> Any:
    """What a cell says, as the API takes it: numbers and days as their plain texts."""
    if _UNSTORABLE.search(text):
        raise Unreadable("invalid_text", _("The text has a character that cannot be kept."))
    if kind == NUMBER:
        return f"{read_amount(text, decimal_comma):f}"
    if kind == DAY:
        return read_day(text).isoformat()
    if kind == FLAG:
        if text.casefold() not in (*YES, *NO):
            raise Unreadable("bad_flag", _("“%s” is neither yes nor no.") % text[:40])
        return text.casefold() in YES
    # Our own exports put an apostrophe before what a spreadsheet would calculate.
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text
