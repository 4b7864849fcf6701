"""The general ledger: each account with its opening balance, its lines and its running balance, however many."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounting.business_day import fiscal_year_start
from accounting.chart import chart_of
from ledger.balances import totals_statement
from reports.table import EMPTY, Asked, Cell, Column, Kind, Link, Report, Row, Standing
from tenants.models import Company

CHUNK = 2000
# One statement, so that opening balances and lines are of the same moment. The lines of an account come by its index:
# the first rows are there before the last account is read.
_LEDGER = """
WITH opening AS (SELECT t.account_id, sum(t.debit - t.credit) AS amount FROM ({opening}) t GROUP BY t.account_id)
SELECT a.code, a.name, coalesce(o.amount, 0), l.date, l.entry_id, l.number_text, l.memo, l.reference, l.amount
FROM accounting_account a
LEFT JOIN opening o ON o.account_id = a.id
LEFT JOIN LATERAL (
  SELECT l.date, l.entry_id, l.number, coalesce(x.number_text, '') AS number_text, e.reference, l.amount,
         CASE WHEN l.memo = '' THEN e.memo ELSE l.memo END AS memo
  FROM ledger_line l
  JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
  LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
  WHERE l.company_id = a.company_id AND l.account_id = a.id AND l.date >= %(start)s AND l.date <= %(end)s
    AND NOT l.statistical {known}) l ON true
WHERE a.company_id = %(company)s AND (l.entry_id IS NOT NULL OR coalesce(o.amount, 0) <> 0)
ORDER BY a.code, l.date, l.entry_id, l.number
"""
_KNOWN = {int: "AND x.block_number <= %(known_at)s", type(None): ""}


def general_ledger(company: Company, asked: Asked) -> Report:
    """The lines of every account from a day (of the fiscal year, where none is named) to another, in base currency."""
    start = asked.start or fiscal_year_start(company, asked.date)
    decimals = chart_of(company).units[company.base_currency].decimals
    money: dict[str, Any] = {"kind": Kind.AMOUNT, "decimals": decimals}
    columns = [
        Column("date", _("Date"), Kind.DATE), Column("number", _("Entry"), is_wide=True),
        Column("memo", _("Description")), Column("reference", _("Reference"), is_wide=True),
        Column("debit", _("Debit"), **money),
        Column("credit", _("Credit"), **money), Column("balance", _("Balance"), **money),
    ]  # fmt: skip
    ranged = Asked(asked.date, start, asked.known_at)
    return Report("general-ledger", _("General ledger"), company, ranged, columns, _rows(company, ranged))


def _rows(company: Company, asked: Asked) -> Iterator[Row]:
    """By account: a heading with the opening balance, the lines, and the balance at the end."""
    debit = credit = Decimal(0)
    for (code, name, opening), lines in groupby(_lines(company, asked), key=lambda row: row[:3]):
        ledger = Link("ledger:account-ledger", (code,), _days(asked))
        yield Row(
            [EMPTY, EMPTY, Cell(f"{code} {name}", ledger), EMPTY, EMPTY, EMPTY, Cell(opening, ledger)], Standing.HEADING
        )
        own_debit, own_credit, balance = Decimal(0), Decimal(0), opening
        for row in lines:
            if row[4] is None:
                continue
            balance += row[8]
            own_debit, own_credit = own_debit + max(row[8], 0), own_credit + max(-row[8], 0)
            yield _line(row, balance)
        cells = [EMPTY, EMPTY, Cell(str(_("Balance of %s")) % code, ledger), EMPTY]
        yield Row([*cells, *(Cell(one, ledger) for one in (own_debit, own_credit, balance))], Standing.SUBTOTAL)
        debit, credit = debit + own_debit, credit + own_credit
    yield Row([EMPTY, EMPTY, Cell(str(_("Total"))), EMPTY, Cell(debit), Cell(credit), EMPTY], Standing.TOTAL)


def _line(row: tuple[Any, ...], balance: Decimal) -> Row:
    entry = Link("ledger:entry-detail", (row[4],))
    amount: Decimal = row[8]
    return Row(
        [
            Cell(row[3]), Cell(row[5], entry), Cell(row[6], entry), Cell(row[7]),
            Cell(amount, entry) if amount > 0 else EMPTY, Cell(-amount, entry) if amount < 0 else EMPTY, Cell(balance),
        ],
        level=1,
    )  # fmt: skip


def _lines(company: Company, asked: Asked) -> Iterator[tuple[Any, ...]]:
    assert asked.start is not None
    opening, values = totals_statement(company, asked.start, known_at=asked.known_at)
    known = _KNOWN.get(type(asked.known_at), "AND e.posted_at <= %(known_at)s")
    values |= {"start": asked.start, "end": asked.date}
    with connection.chunked_cursor() as cursor:
        cursor.execute(_LEDGER.format(opening=opening, known=known), values)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def _days(asked: Asked) -> dict[str, str]:
    found = {"to": asked.date.isoformat()}
    return {"from": asked.start.isoformat(), **found} if asked.start else found
