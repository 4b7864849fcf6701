"""The ledger of one account: its lines in order of date, with the running balance, page by page."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.balances import KnownAt, balances
from tenants.models import Company

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of an account's ledger. `number` is empty until the entry is sealed."""

    line_id: UUID
    entry_id: UUID
    date: datetime.date
    number: str
    journal: str
    entry_memo: str
    memo: str
    reference: str
    currency: str
    currency_amount: Decimal
    amount: Decimal
    statistical: bool
    balance: Decimal

    @property
    def debit(self) -> Decimal:
        return max(self.amount, Decimal(0))

    @property
    def credit(self) -> Decimal:
        return max(-self.amount, Decimal(0))


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page of an account's ledger: the balance before it, its lines, and where the next page begins."""

    opening: Decimal
    lines: list[LedgerLine]
    next_after: str

    @property
    def closing(self) -> Decimal:
        return self.lines[-1].balance if self.lines else self.opening


# The next page starts after (date, entry, line number): keyset paging costs the same on every page.
_LINES = """
SELECT l.id, l.entry_id, l.date, coalesce(x.number_text, ''), j.code, e.memo, l.memo, e.reference, l.currency,
       l.currency_amount, l.amount, l.statistical, l.number
FROM ledger_line l
JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
JOIN ledger_journal j ON j.company_id = e.company_id AND j.id = e.journal_id
LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
WHERE l.company_id = %(company)s AND l.account_id = %(account)s AND l.date >= %(start)s AND l.date <= %(date)s
  AND (%(after_date)s::date IS NULL OR (l.date, l.entry_id, l.number)
       > (%(after_date)s::date, %(after_entry)s::uuid, %(after_number)s::int))
  {known}
ORDER BY l.date, l.entry_id, l.number LIMIT %(limit)s
"""
_KNOWN = {
    type(None): "",
    int: "AND x.block_number <= %(known_at)s",
    datetime.datetime: "AND e.posted_at <= %(known_at)s",
}
_BEFORE = """
SELECT coalesce(sum(l.amount), 0) FROM ledger_line l
JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
WHERE l.company_id = %(company)s AND l.account_id = %(account)s AND l.date >= %(start)s
  AND (l.date, l.entry_id, l.number) <= (%(after_date)s::date, %(after_entry)s::uuid, %(after_number)s::int) {known}
"""


def account_ledger(
    company: Company, account_id: UUID, *, start: datetime.date, date: datetime.date, after: str = "",
    known_at: KnownAt = None, limit: int = PAGE_SIZE,
) -> LedgerPage:  # fmt: skip
    """One page of an account's lines between two dates, with running balances in base currency.

    `after` is the `next_after` of the page before; a cursor that is none starts from the beginning.
    """
    position = _position(after)
    parameters: dict[str, Any] = {
        "company": company.pk, "account": account_id, "start": start, "date": date, "known_at": known_at,
        "after_date": position[0], "after_entry": position[1], "after_number": position[2], "limit": limit + 1,
    }  # fmt: skip
    known = _KNOWN[type(known_at)]
    opening = _opening(company, account_id, start, known_at)
    with connection.cursor() as cursor:
        if position[0]:
            cursor.execute(_BEFORE.format(known=known), parameters)
            opening += cursor.fetchone()[0]
        cursor.execute(_LINES.format(known=known), parameters)
        rows = cursor.fetchall()
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1] if more else None
    next_after = f"{last[2].isoformat()}_{last[1]}_{last[12]}" if last else ""
    return LedgerPage(opening, _with_balances(opening, rows), next_after)


def _opening(company: Company, account_id: UUID, start: datetime.date, known_at: KnownAt) -> Decimal:
    if start == datetime.date.min:
        return Decimal(0)
    found = balances(company, start - datetime.timedelta(days=1), known_at=known_at)
    return sum((balance.amount for balance in found if balance.account_id == account_id), Decimal(0))


def _with_balances(opening: Decimal, rows: list[tuple[Any, ...]]) -> list[LedgerLine]:
    lines = []
    balance = opening
    for row in rows:
        balance += row[10]
        lines.append(LedgerLine(*(*row[:12], balance)))
    return lines


def _position(after: str) -> tuple[datetime.date | None, UUID | None, int | None]:
    try:
        date, entry, number = after.split("_")
        return datetime.date.fromisoformat(date), UUID(entry), int(number)
    except ValueError:
        return None, None, None
