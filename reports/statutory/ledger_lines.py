"""The sealed entries of some days with their lines, in one statement that is read in pieces.

Lines without an amount in base currency (statistical ones, among them) are left out: no statutory format has a place
for them, and they change no balance.
"""

import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from ledger.year_closing import SOURCE as CLOSING
from reports.statutory.asked import AskedExport

CHUNK = 2000


class ExportedLine(NamedTuple):
    """One line: signed amounts (debit above zero) in base currency and in its own currency."""

    id: UUID
    number: int
    account_id: UUID
    sub_account: str
    sub_account_name: str
    contact_id: UUID | None
    amount: Decimal
    currency: str
    currency_amount: Decimal
    rate: Decimal | None
    memo: str
    dimensions: dict[str, str]


class ExportedEntry(NamedTuple):
    """One entry with its number, and with the moment at which it was sealed."""

    id: UUID
    date: datetime.date
    number: str
    journal: str
    journal_name: str
    journal_kind: str
    memo: str
    reference: str
    posted_at: datetime.datetime
    posted_by: str
    sealed_at: datetime.datetime
    source: str
    source_id: UUID | None
    lines: list[ExportedLine]


# The planner knows nothing of one company's rows (docs/decisions/0003). Each LIMIT is a fence that keeps it to looking
# rows up by their index, entry by entry; left to itself it compares every entry with every line.
_SEALED = """
ledger_entry e
CROSS JOIN LATERAL (SELECT s.number_text, s.series, s.number, s.block_number, s.position FROM ledger_entryseal s
                    WHERE s.company_id = e.company_id AND s.entry_id = e.id AND s.block_number <= %(block)s LIMIT 1) x
"""
_DAYS = "e.company_id = %(company)s AND e.date BETWEEN %(start)s AND %(end)s"
_LINES = f"""
SELECT e.id, e.date, e.number_text, e.code, e.name, e.kind, e.memo, e.reference, e.posted_at, e.actor_name, b.sealed_at,
       e.source, e.source_id,
       l.id, l.number, l.account_id, coalesce(s.code, ''), coalesce(s.name, ''), s.contact_id, l.amount, l.currency,
       l.currency_amount, l.rate, l.memo, l.dimensions
FROM (SELECT e.*, x.number_text, x.series, x.number, x.block_number, x.position, j.code, j.name, j.kind
      FROM {_SEALED}
      CROSS JOIN LATERAL (SELECT n.code, n.name, n.kind FROM ledger_journal n
                          WHERE n.company_id = e.company_id AND n.id = e.journal_id LIMIT 1) j
      WHERE {_DAYS} {{closing}} ORDER BY {{order}} OFFSET 0) e
CROSS JOIN LATERAL (SELECT n.sealed_at FROM ledger_block n
                    WHERE n.company_id = e.company_id AND n.number = e.block_number LIMIT 1) b
CROSS JOIN LATERAL (SELECT * FROM ledger_line n WHERE n.company_id = e.company_id AND n.entry_id = e.id
                      AND n.amount <> 0 ORDER BY n.number LIMIT 1000000) l
LEFT JOIN LATERAL (SELECT n.code, n.name, n.contact_id FROM accounting_subaccount n
                   WHERE n.company_id = l.company_id AND n.id = l.sub_account_id LIMIT 1) s ON true
ORDER BY {{outer}}, l.number
"""
_WITHOUT_CLOSING = """
  AND e.source <> %(closing)s
  AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.company_id = e.company_id AND r.id = e.reverses_id
                  AND r.source = %(closing)s LIMIT 1)
"""
# By the sealing, which is when an entry becomes final; or by journal, day and number.
ORDERS = {
    "sealed": ("x.block_number, x.position", "e.block_number, e.position"),
    "journal": ("j.code, e.date, x.series, x.number", "e.code, e.date, e.series, e.number"),
}
_COUNT = f"""
SELECT count(*), coalesce(sum(l.lines), 0)::bigint, coalesce(sum(l.debit), 0), coalesce(sum(l.credit), 0)
FROM {_SEALED}
CROSS JOIN LATERAL (SELECT count(*) AS lines, sum(n.amount) FILTER (WHERE n.amount > 0) AS debit,
                           -sum(n.amount) FILTER (WHERE n.amount < 0) AS credit
                    FROM ledger_line n WHERE n.company_id = e.company_id AND n.entry_id = e.id AND n.amount <> 0
                    LIMIT 1) l
WHERE {_DAYS} AND l.lines > 0
"""
_MOVED = """
SELECT DISTINCT l.account_id FROM ledger_line l
WHERE l.company_id = %(company)s AND l.date BETWEEN %(start)s AND %(end)s AND l.amount <> 0
"""
_BY_SUB_ACCOUNT = """
SELECT t.account_id, s.code, s.name, s.contact_id, t.opening, t.closing
FROM (SELECT l.account_id, l.sub_account_id, sum(l.amount) FILTER (WHERE l.date < %(start)s) AS opening,
             sum(l.amount) AS closing
      FROM ledger_line l
      CROSS JOIN LATERAL (SELECT 1 FROM ledger_entryseal n WHERE n.company_id = l.company_id AND n.entry_id = l.entry_id
                            AND n.block_number <= %(block)s LIMIT 1) x
      WHERE l.company_id = %(company)s AND l.sub_account_id IS NOT NULL AND l.date <= %(end)s AND l.amount <> 0
      GROUP BY l.account_id, l.sub_account_id) t
CROSS JOIN LATERAL (SELECT n.code, n.name, n.contact_id FROM accounting_subaccount n
                    WHERE n.company_id = %(company)s AND n.id = t.sub_account_id LIMIT 1) s
ORDER BY s.contact_id NULLS LAST, s.code, t.sub_account_id, t.account_id
"""


class LedgerTotals(NamedTuple):
    """How many entries and lines there are, and what their debits and credits add up to."""

    entries: int
    lines: int
    debit: Decimal
    credit: Decimal


class SubAccountTotals(NamedTuple):
    """What stood on a sub-account before the days, and stands on it at their end; signed, in base currency."""

    account_id: UUID
    code: str
    name: str
    contact_id: UUID | None
    opening: Decimal
    closing: Decimal


def entries_of(asked: AskedExport, order: str, *, with_closing: bool = True) -> Iterator[ExportedEntry]:
    """The sealed entries of the days with their lines, in an order of `ORDERS`; without those that empty income and
    expenses at the end of a year, and without their reversals, where these are not wanted."""
    entry: ExportedEntry | None = None
    for row in _rows(asked, order, with_closing):
        if entry is None or entry.id != row[0]:
            if entry is not None:
                yield entry
            entry = ExportedEntry._make((*row[:13], []))
        dimensions = json.loads(row[24]) if isinstance(row[24], str) else row[24]
        entry.lines.append(ExportedLine._make((*row[13:24], dimensions)))
    if entry is not None:
        yield entry


def totals_of(asked: AskedExport) -> LedgerTotals:
    """What all the entries of the days add up to."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _values(asked))
        return LedgerTotals._make(cursor.fetchone())


def moved_accounts(asked: AskedExport) -> set[UUID]:
    """The accounts that have lines in the days."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, _values(asked))
        return {account for (account,) in cursor.fetchall()}


def sub_account_totals(asked: AskedExport) -> Iterator[SubAccountTotals]:
    """What stands on each sub-account before and after the days; those of one contact follow each other."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_BY_SUB_ACCOUNT, _values(asked))
        while rows := cursor.fetchmany(CHUNK):
            for *named, opening, closing in rows:
                yield SubAccountTotals._make((*named, opening or Decimal(0), closing))


def _rows(asked: AskedExport, order: str, with_closing: bool) -> Iterator[tuple[Any, ...]]:
    inner, outer = ORDERS[order]
    statement = _LINES.format(order=inner, outer=outer, closing="" if with_closing else _WITHOUT_CLOSING)
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, _values(asked))
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def _values(asked: AskedExport) -> dict[str, Any]:
    return {
        "company": asked.company.pk, "block": asked.block, "start": asked.start, "end": asked.end, "closing": CLOSING,
    }  # fmt: skip
