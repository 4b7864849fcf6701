"""Journals as CSV, one row a line. The first row names the columns, in any order and case:

entry        groups the lines of one entry; any text, required
date         YYYY-MM-DD, required on the first row of an entry
account      required
debit, credit   two columns, one of them filled on each row; or
amount       one signed column, debit positive
currency     of the amount; blank: the base currency
base_amount  the amount in the base currency (behind debit and credit it may be written without its sign); or
rate         what one unit of the currency is worth in the base currency
memo         of the line
description, reference, journal   of the entry, on its first row or repeated on all of them
sub_account  a customer, a supplier, an asset
dimensions   “department=SALES;project=X”

Columns are separated by comma, semicolon or tab. Other columns are counted in `ignored`. The places of problems are
rows as a spreadsheet counts them, the header being row 1. An entry with one bad row is refused as a whole; every bad
row of it is named.

A line with a base amount or a rate weighs that in the base currency, exactly; the commodity of the base currency is
"" unless the caller names it or the entry shows it. Only a rate may leave a residue, of half the last digit written
in base amounts for each of its lines: the product of a rate has more decimals than a ledger keeps.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import TypeVar

from accounting.table_cells import read_amount, read_day, uses_decimal_comma
from accounting.table_rows import Row, column_names, table_rows
from accounting.written_numbers import Unreadable
from ledger.parsers.dimensions import parse_dimensions
from ledger.parsers.journal import ParsedAccount, ParsedJournal, ParsedLine, ParsedTransaction, count_decimals
from ledger.parsers.numerals import EXACT, ZERO

COLUMNS = (
    *("entry", "date", "account", "debit", "credit", "amount", "currency", "base_amount", "rate"),
    *("memo", "description", "reference", "journal", "sub_account", "dimensions"),
)
_REQUIRED = ("entry", "date", "account")
_NUMBERS = ("debit", "credit", "amount", "base_amount", "rate")
_OF_ENTRY = ("date", "description", "reference", "journal")
_DEFAULT_DECIMALS = 2

Read = TypeVar("Read")


def parse_csv_journal(
    text: str, *, delimiter: str | None = None, base_currency: str = "", names: Mapping[str, str] | None = None
) -> ParsedJournal:
    """Read a CSV journal: every good entry, and every bad row with its reason.

    `names` says which column a header of the file stands for, where it is called otherwise (`Konto` -> `account`).
    """
    with localcontext(EXACT):
        journal = ParsedJournal()
        if base_currency:
            journal.operating_currencies = (base_currency,)
        try:
            rows = list(
                table_rows(text, lambda cells: _columns(cells, names or {}, journal), delimiter=delimiter or "")
            )
        except Unreadable as refusal:
            journal.refuse(refusal.place, refusal.code, refusal.message)
            return journal
        decimal_comma = uses_decimal_comma(row[column] for row in rows for column in _NUMBERS)
        for entry in _entries(rows, journal):
            _read_entry(entry, decimal_comma, base_currency, journal)
        journal.transactions.sort(key=lambda transaction: (transaction.date, transaction.place))
        journal.problems.sort(key=lambda problem: problem.place)
        _list_accounts(journal)
        count_decimals(journal)
    return journal


def _columns(cells: list[str], given: Mapping[str, str], journal: ParsedJournal) -> list[str]:
    names = column_names(cells, COLUMNS, given)
    missing = [name for name in _REQUIRED if name not in names]
    if "amount" not in names:
        missing += [name for name in ("debit", "credit") if name not in names]
    elif "debit" in names or "credit" in names:
        raise Unreadable("bad_column", "The file has debit or credit beside amount: write one or the other.", 1)
    if missing:
        raise Unreadable("missing_column", f"The file has no column {', '.join(missing)}.", 1)
    for name in names:
        if name and name not in COLUMNS:
            journal.ignore(f"column {name[:60]}")
    return [name if name in COLUMNS else "" for name in names]


def _entries(rows: list[Row], journal: ParsedJournal) -> list[list[Row]]:
    entries: dict[str, list[Row]] = {}
    for row in rows:
        if row["entry"]:
            entries.setdefault(row["entry"], []).append(row)
        else:
            journal.refuse(row.place, "missing_value", f"Row {row.place}, column entry: it is blank.")
    return list(entries.values())


def _read_entry(rows: list[Row], decimal_comma: bool, base_currency: str, journal: ParsedJournal) -> None:
    lines: list[ParsedLine] = []
    refused = False
    for row in rows:
        try:
            lines.append(_read_line(row, decimal_comma))
        except Unreadable as refusal:
            refused = True
            journal.refuse(row.place, refusal.code, refusal.message)
    if refused:
        return
    first = rows[0]
    try:
        shared = {column: _shared(rows, column) for column in _OF_ENTRY}
        date = _cell(first, "date", lambda _: read_day(shared["date"]))
        base = base_currency or _base_shown(lines)
        lines = [_weighed_in(line, base) for line in lines]
        residue = _residue(lines, base)
    except Unreadable as refusal:
        journal.refuse(refusal.place or first.place, refusal.code, refusal.message)
        return
    journal.transactions.append(
        ParsedTransaction(
            date,
            shared["description"],
            "",
            shared["reference"],
            (),
            tuple(lines),
            residue,
            first.place,
            shared["journal"],
        )
    )


def _shared(rows: list[Row], column: str) -> str:
    """What the rows of an entry say together; blank cells agree with anything."""
    said = ""
    for row in rows:
        if said and row[column] and row[column] != said:
            message = f"Row {row.place}, column {column}: “{row[column][:40]}” differs from “{said[:40]}” above."
            raise Unreadable("conflicting_entry", message, row.place)
        said = said or row[column]
    return said


def _read_line(row: Row, decimal_comma: bool) -> ParsedLine:
    if row.too_long:
        raise Unreadable("bad_column", f"Row {row.place} has more cells than there are columns.")
    if not row["account"]:
        raise Unreadable("missing_value", f"Row {row.place}, column account: it is blank.")
    numbers = {
        column: _cell(row, column, lambda text: read_amount(text, decimal_comma)) for column in _NUMBERS if row[column]
    }
    quantity = _quantity(row, numbers)
    rate = numbers.get("rate")
    weight = numbers.get("base_amount")
    if weight is not None and rate is not None:
        raise Unreadable("bad_amount", f"Row {row.place} has a base amount and a rate: write one of them.")
    if weight is not None and weight and quantity and (weight < 0) != (quantity < 0):
        if "amount" in numbers or weight < 0:
            raise Unreadable("bad_amount", f"Row {row.place}, column base_amount: its sign is not the amount's.")
        weight = -weight
    if rate is not None:
        if rate <= 0:
            raise Unreadable("bad_amount", f"Row {row.place}, column rate: it is not positive.")
        weight = quantity * rate
    return ParsedLine(
        account=row["account"],
        quantity=quantity,
        commodity=row["currency"],
        weight=weight,
        weight_commodity=None if weight is None else "",
        memo=row["memo"],
        place=row.place,
        sub_account=row["sub_account"],
        dimensions=_cell(row, "dimensions", parse_dimensions),
        rate=rate,
    )


def _quantity(row: Row, numbers: dict[str, Decimal]) -> Decimal:
    if not numbers.keys() & {"debit", "credit", "amount"}:
        raise Unreadable("missing_value", f"Row {row.place} has no amount.")
    debit, credit = numbers.get("debit", ZERO), numbers.get("credit", ZERO)
    if debit and credit:
        raise Unreadable("bad_amount", f"Row {row.place} has a debit and a credit: write one of them.")
    if "amount" in numbers:
        return numbers["amount"]
    return -credit if credit else debit


def _cell(row: Row, column: str, read: Callable[[str], Read]) -> Read:
    try:
        return read(row[column])
    except Unreadable as refusal:
        raise Unreadable(refusal.code, f"Row {row.place}, column {column}: {refusal.message}", row.place) from refusal


def _base_shown(lines: list[ParsedLine]) -> str:
    """The base currency, where an entry shows it: the one its lines without a base amount are in."""
    plain = {line.commodity for line in lines if line.weight is None}
    return plain.pop() if len(plain) == 1 and any(line.weight is not None for line in lines) else ""


def _weighed_in(line: ParsedLine, base: str) -> ParsedLine:
    commodity = line.commodity or base
    return replace(line, commodity=commodity, weight_commodity=None if line.weight is None else base)


def _residue(lines: list[ParsedLine], base: str) -> dict[str, Decimal]:
    left: dict[str, Decimal] = {}
    for line in lines:
        commodity = line.commodity if line.weight is None else base
        left[commodity] = left.get(commodity, ZERO) + (line.quantity if line.weight is None else line.weight)
    residue = {commodity: amount for commodity, amount in left.items() if amount}
    for commodity, amount in residue.items():
        allowed = _rounding_of_rates(lines, base) if commodity == base else ZERO
        if abs(amount) > allowed:
            shown = f"{amount:f} {commodity or 'in the base currency'}"
            raise Unreadable(
                "unbalanced", f"The entry that starts at row {lines[0].place} is out of balance by {shown}."
            )
    return residue


def _rounding_of_rates(lines: list[ParsedLine], base: str) -> Decimal:
    rated = sum(1 for line in lines if line.rate is not None)
    in_base = [line.quantity if line.weight is None else line.weight for line in lines if line.rate is None]
    decimals = max((_decimals(amount) for amount in in_base), default=_DEFAULT_DECIMALS)
    return rated * Decimal("0.5").scaleb(-decimals)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _list_accounts(journal: ParsedJournal) -> None:
    places: dict[str, int] = {}
    for transaction in journal.transactions:
        for line in transaction.lines:
            places.setdefault(line.account, line.place)
    journal.accounts = [ParsedAccount(name, None, None, (), place) for name, place in places.items()]
