"""Opening balances as a table, CSV or XLSX, one row a balance or open item. The first row names the columns:

account         code of an account, required
debit, credit   two columns, one of them filled on each row; or
amount          one signed column, debit positive
currency        of the amount; blank: the base currency
base_amount     what an amount in another currency is worth in the base currency; the rate of the day where blank.
                Beside debit and credit it may be written without its sign
sub_account     code of the customer, supplier or asset; on control accounts required
reference, memo of an open item: the number of the invoice, for example

Columns stand in any order and case, separated by comma, semicolon or tab; others are left out and named. A text file
is UTF-8. “1,234” may be a thousand or a bit more than one and is refused, “1,234.50” and “1234.50” are not; a decimal
comma is read where the file shows that it means one. Rows whose amount is a written zero are left out and counted. In
a workbook the first sheet counts, and a formula with the value that was saved with it; without one its cell is blank.
Nothing is rounded. Places are rows as a spreadsheet counts them, the heading being row 1.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.spreadsheets import XLSX, BadFile, table_text
from accounting.table_cells import read_amount, uses_decimal_comma
from accounting.written_numbers import Unreadable
from ledger.opening_balances import OpeningLine
from ledger.parsers.journal import BadEncoding, decode
from tenants.refusal import Refused

COLUMNS = ("account", "debit", "credit", "amount", "currency", "base_amount", "sub_account", "reference", "memo")
_NUMBERS = ("debit", "credit", "amount", "base_amount")
_LONGEST = {"account": 120, "currency": 24, "sub_account": 60, "reference": 200, "memo": 1000}
_DELIMITERS = (",", ";", "\t")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MOST_ROWS = 20_000


class BadOpening(Refused):
    """The table of opening balances cannot be taken; `place` names the row and column, such as `rows[5].debit`."""

    code = "bad_rows"


@dataclass(frozen=True, slots=True)
class OpeningProblem:
    """Why a row cannot be taken; row 0 stands for the whole file."""

    row: int
    column: str
    code: str
    message: str


@dataclass(slots=True)
class OpeningTable:
    """What a table says: its lines, each with its row, and what is wrong with the others."""

    lines: list[OpeningLine] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    problems: list[OpeningProblem] = field(default_factory=list)
    zeros: int = 0
    ignored: list[str] = field(default_factory=list)


def opening_text(data: bytes) -> str:
    """The table of an uploaded file as CSV text; refused (`bad_file`, `bad_encoding`) where it is neither."""
    if data.startswith(XLSX):
        return table_text(data)
    try:
        return decode(data)
    except BadEncoding as error:
        refusal = BadFile(error.message, place="file")
        refusal.code = error.code
        raise refusal from error


def read_opening(text: str, base_currency: str) -> OpeningTable:
    """Every good row of the table, and every bad one with its reason."""
    table = OpeningTable()
    try:
        cells = list(_rows(text, table))
    except Unreadable as error:
        table.problems.append(OpeningProblem(error.place, "", error.code, error.message))
        return table
    decimal_comma = uses_decimal_comma(row.get(column, "") for _number, row in cells for column in _NUMBERS)
    for number, row in cells:
        try:
            line = _line(row, decimal_comma, base_currency)
        except _BadCell as bad:
            table.problems.append(OpeningProblem(number, bad.column, bad.code, bad.message))
            continue
        if line is None:
            table.zeros += 1
        else:
            table.lines.append(line)
            table.rows.append(number)
    return table


def refuse_problems(table: OpeningTable) -> None:
    """Refuse a table that has problems: by its own code where it is about the file, else `bad_rows`, naming each."""
    if not table.problems:
        return
    errors = []
    for problem in table.problems:
        error = BadOpening(in_row(problem.row, problem.message), place=place_of(problem))
        error.code = problem.code
        errors.append(error)
    if not table.problems[0].column and len(errors) == 1:
        raise errors[0]
    message = _("%d rows are wrong; nothing is posted.") % len(errors)
    raise BadOpening(message, place=errors[0].place, errors=errors)


def place_of(problem: OpeningProblem) -> str:
    """Where a problem stands: `rows[5].debit`, or `file`."""
    if not problem.row:
        return "file"
    return f"rows[{problem.row}].{problem.column}" if problem.column else f"rows[{problem.row}]"


def row_of(refusal: Refused, table: OpeningTable) -> int:
    """The row of the table behind a refusal such as `lines[3].account`; 0 where it is about no row."""
    match = re.match(r"lines\[(\d+)\]", refusal.place)
    at = int(match.group(1)) if match else -1
    return table.rows[at] if 0 <= at < len(table.rows) else 0


def in_row(row: int, message: str) -> str:
    """The sentence with its row before it; without one it is about the file."""
    return message if not row else _("Row %(row)d: %(message)s") % {"row": row, "message": message}


class _BadCell(Unreadable):
    """One cell cannot be taken."""

    def __init__(self, column: str, code: str, message: str) -> None:
        super().__init__(code, message)
        self.column = column


def _rows(text: str, table: OpeningTable) -> Iterator[tuple[int, dict[str, str]]]:
    header = text.lstrip("\r\n").partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=header.count), strict=True)
    columns: list[str] | None = None
    number = found = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _columns(cells, number, table)
                continue
            if (found := found + 1) > MOST_ROWS:
                message = _("A file has at most %s rows: split it by account.") % f"{MOST_ROWS:,}"
                raise Unreadable("too_many_lines", message, number)
            if "".join(cells[len(columns) :]).strip():
                table.problems.append(OpeningProblem(number, "", "bad_column", _("More cells than columns.")))
                continue
            named = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
            yield number, {column: named.get(column, "") for column in COLUMNS if column in columns}
    except csv.Error as error:
        raise Unreadable("bad_csv", _("This is no CSV: %s.") % error, number + 1) from error
    if columns is None:
        raise Unreadable("missing_column", _("The file is empty: its first row names the columns."))


def _columns(cells: list[str], number: int, table: OpeningTable) -> list[str]:
    names = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in cells]
    for name in COLUMNS:
        if names.count(name) > 1:
            raise Unreadable("bad_column", _("The column %s is there twice.") % name, number)
    missing = [] if "account" in names else ["account"]
    if "amount" not in names:
        missing += [name for name in ("debit", "credit") if name not in names]
    elif "debit" in names or "credit" in names:
        raise Unreadable("bad_column", _("Debit or credit stands beside amount: write one or the other."), number)
    if missing:
        message = _("There is no column %s. The first row names the columns.") % ", ".join(missing)
        raise Unreadable("missing_column", message, number)
    table.ignored = [cell.strip()[:60] for cell, name in zip(cells, names, strict=True) if name and name not in COLUMNS]
    return names


def _line(row: dict[str, str], decimal_comma: bool, base_currency: str) -> OpeningLine | None:
    """The line of a row; None where its amount is a written zero."""
    for column, text in row.items():
        if _UNSTORABLE.search(text):
            raise _BadCell(column, "invalid_text", _("The text has a character that cannot be kept."))
        if len(text) > _LONGEST.get(column, 200):
            raise _BadCell(column, "invalid_text", _("The text is too long."))
    if not row["account"]:
        raise _BadCell("account", "missing_value", _("The account is blank."))
    numbers = {column: _number(row, column, decimal_comma) for column in _NUMBERS}
    amount = numbers["amount"] if "amount" in row else _side(numbers["debit"], numbers["credit"])
    if amount is None:
        raise _BadCell("amount", "missing_value", _("There is no amount: the cell is blank."))
    worth = numbers["base_amount"]
    currency = row.get("currency", "").upper()
    if worth is not None and currency in ("", base_currency) and abs(worth) != abs(amount):
        raise _BadCell("currency", "missing_value", _("A worth in base currency, and no other currency: name it."))
    if not amount and not worth:
        return None
    if worth is not None and amount and "amount" not in row:
        worth = worth.copy_abs().copy_sign(amount)
    return OpeningLine(
        account=row["account"], amount=amount, currency=currency,
        base_amount=None if currency in ("", base_currency) else worth, sub_account=row.get("sub_account", ""),
        reference=row.get("reference", ""), memo=row.get("memo", ""),
    )  # fmt: skip


def _number(row: dict[str, str], column: str, decimal_comma: bool) -> Decimal | None:
    if not row.get(column):
        return None
    try:
        return read_amount(row[column], decimal_comma)
    except Unreadable as error:
        raise _BadCell(column, error.code, error.message) from error


def _side(debit: Decimal | None, credit: Decimal | None) -> Decimal:
    """Debit above zero; a zero in the other column says nothing."""
    if debit and credit:
        raise _BadCell("credit", "one_amount", _("A row has a debit or a credit, not both."))
    if debit is None and credit is None:
        raise _BadCell("debit", "missing_value", _("There is no amount: debit and credit are blank."))
    return debit or -(credit or Decimal(0))
