"""The general ledger: each account with its opening balance, its lines and its running balance, however many."""

import dataclasses
from collections.abc import Generator, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.business_day import fiscal_year_start
from accounting.chart import chart_of
from ledger.balances import totals_statement
from reports.chosen_accounts import chosen_accounts
from reports.dimension_value import dimension_value
from reports.entry_conditions import entry_condition
from reports.known_moment import known_condition
from reports.links import days_query, journal_of, page_query
from reports.reading import in_order, read_in_chunks
from reports.table import EMPTY, Asked, Cell, Column, Kind, Link, Report, Row, Standing
from tenants.models import Company

ZERO = Decimal(0)
Sums = tuple[Decimal, Decimal, Decimal]
# One statement, so that opening balances and lines are of the same moment. Nothing is sorted as a whole: a lateral join
# is a loop over the accounts in their order, and the lines of each come by its index, so the first rows are there at
# once; `in_order` holds the database to it.
_LEDGER = """
WITH opening AS (SELECT t.account_id, sum(t.debit - t.credit) AS amount FROM ({opening}) t GROUP BY t.account_id)
SELECT a.code, a.name, a.opening, l.date, l.entry_id, l.number_text, l.memo, l.reference, l.amount
FROM (
  SELECT a.id, a.code, a.name, coalesce(o.amount, 0) AS opening
  FROM accounting_account a LEFT JOIN opening o ON o.account_id = a.id
  WHERE a.company_id = %(company)s {chosen} ORDER BY a.code COLLATE "C") a
LEFT JOIN LATERAL (
  SELECT l.date, l.entry_id, coalesce(x.number_text, '') AS number_text, e.reference, l.amount,
         concat_ws(' · ', nullif(e.memo, ''), nullif(l.memo, '')) AS memo
  FROM ledger_line l
  JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
  LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
  WHERE l.company_id = %(company)s AND l.account_id = a.id AND l.date >= %(start)s AND l.date <= %(end)s
    AND NOT l.statistical {known} {only} {valued}
  ORDER BY l.date, l.entry_id, l.number) l ON true
WHERE l.entry_id IS NOT NULL OR a.opening <> 0
"""


class LedgerLine(NamedTuple):
    """A line of the ledger, or, without an entry, what is brought forward alone."""

    code: str
    name: str
    opening: Decimal
    date: Any
    entry: UUID | None
    number: str
    memo: str
    reference: str
    amount: Decimal


def general_ledger(company: Company, asked: Asked) -> Report:
    """The lines of every account, or of those chosen, from a day (of the fiscal year, where none is named) to another,
    in base currency; or `only` those of entries of a condition, or with one `value` of a dimension, and then nothing is
    brought forward. Refused: `unknown_account`, `unknown_condition`, `unknown_dimension`."""
    asked = dataclasses.replace(asked, start=asked.start or fiscal_year_start(company, asked.date))
    chosen = [one.id for one in chosen_accounts(chart_of(company), asked.accounts)]
    lines = _lines(company, asked, chosen)
    columns = ledger_columns(company)
    report = Report("general-ledger", gettext_lazy("General ledger"), company, asked, columns, _rows(lines, asked))
    if _is_narrowed(asked):
        report.notes.append(_("Chosen lines alone: nothing is brought forward."))
    return report


def _is_narrowed(asked: Asked) -> bool:
    return bool(asked.only or asked.value)


def ledger_columns(company: Company) -> list[Column]:
    """The columns of a ledger with a running balance."""
    decimals = chart_of(company).units[company.base_currency].decimals
    money: dict[str, Any] = {"kind": Kind.AMOUNT, "decimals": decimals}
    return [
        Column("date", _("Date"), Kind.DATE), Column("number", _("Entry"), is_wide=True),
        Column("memo", _("Description")), Column("reference", _("Reference"), is_wide=True),
        Column("debit", _("Debit"), **money), Column("credit", _("Credit"), **money),
        Column("balance", _("Balance"), **money),
    ]  # fmt: skip


def _rows(lines: Iterator[LedgerLine], asked: Asked) -> Iterator[Row]:
    """By account: a heading with the opening balance, the lines, and the balance at the end; then all together."""
    sums = (ZERO, ZERO, ZERO)
    for (code, name, opening), own in groupby(lines, key=lambda line: line[:3]):
        ledger = _ledger_behind(code, asked)
        closing = yield from ledger_rows(f"{code} {name}", _("Balance of %s") % code, opening, own, ledger)
        sums = (sums[0] + closing[0], sums[1] + closing[1], sums[2] + closing[2])
    whole = Link("reports:report", ("general-ledger",), page_query(asked))
    behind = whole if _is_narrowed(asked) else journal_of(asked.start, asked.date, asked)
    yield Row([EMPTY, EMPTY, Cell(_("Total")), EMPTY, *(Cell(one, behind) for one in sums)], Standing.TOTAL)


def _ledger_behind(code: str, asked: Asked) -> Link:
    if _is_narrowed(asked):
        return Link("reports:report", ("general-ledger",), page_query(asked) | {"accounts": code})
    return Link("ledger:account-ledger", (code,), days_query(asked.start, asked.date, asked.known_at))


def ledger_rows(
    name: str, balance_of: str, opening: Decimal, lines: Iterator[Any], link: Link | None
) -> Generator[Row, None, Sums]:  # fmt: skip
    """One ledger: its opening balance, its lines with the running balance, and its sums, which are handed back."""
    yield Row([EMPTY, EMPTY, Cell(name, link), EMPTY, EMPTY, EMPTY, Cell(opening, link)], Standing.HEADING)
    debit, credit, balance = ZERO, ZERO, opening
    for line in lines:
        if line.entry is None:
            continue
        balance += line.amount
        debit, credit = debit + max(line.amount, ZERO), credit + max(-line.amount, ZERO)
        yield _line(line, balance)
    cells = [EMPTY, EMPTY, Cell(balance_of, link), EMPTY]
    yield Row([*cells, *(Cell(one, link) for one in (debit, credit, balance))], Standing.SUBTOTAL)
    return debit, credit, balance


def _line(line: Any, balance: Decimal) -> Row:
    entry, amount = Link("ledger:entry-detail", (line.entry,)), line.amount
    return Row(
        [
            Cell(line.date), Cell(line.number, entry), Cell(line.memo, entry), Cell(line.reference),
            Cell(amount, entry) if amount > 0 else EMPTY, Cell(-amount, entry) if amount < 0 else EMPTY,
            Cell(balance, entry),
        ],
        level=1,
    )  # fmt: skip


def _lines(company: Company, asked: Asked, chosen: list[UUID]) -> Iterator[LedgerLine]:
    assert asked.start is not None
    opening, values = totals_statement(company, asked.start, known_at=asked.known_at)
    values |= {"start": asked.start, "end": asked.date, "chosen": chosen}
    dimension, value = dimension_value(company, asked.value)
    values |= {"dimension": dimension, "value": value}
    statement = _LEDGER.format(
        opening=f"{opening} WHERE NOT {_is_narrowed(asked)}", known=known_condition(asked.known_at),
        chosen="AND a.id = ANY (%(chosen)s)" if chosen else "", only=entry_condition(asked.only),
        valued="AND coalesce(l.dimensions ->> %(dimension)s, '') = %(value)s" if dimension else "",
    )  # fmt: skip
    lines = map(LedgerLine._make, read_in_chunks(statement, values))
    return in_order(lines, lambda line: (line.code, line.date, line.entry))
