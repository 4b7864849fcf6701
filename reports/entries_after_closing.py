"""Entries made after their period was closed: what came into a month that had been closed before, by whom and why."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, overload
from uuid import UUID

from django.db import connection

from accounting.amounts import amount_text
from tenants.models import Company


@dataclass(frozen=True, slots=True)
class LateEntry:
    """An entry that was posted into a period after its first closing."""

    entry_id: UUID
    number: str
    date: datetime.date
    journal: str
    memo: str
    reason: str
    posted_by: str
    posted_at: datetime.datetime
    period_start: datetime.date
    closed_at: datetime.datetime
    closed_by: str
    total: Decimal


# When a period was closed, for everybody or softly, stands in the audit trail, which nobody can change.
_CLOSED = """
WITH closed AS (
  SELECT DISTINCT ON (a.subject_id) a.subject_id AS period_id, a.at, a.actor_name
  FROM tenants_auditevent a
  WHERE a.company_id = %(company)s AND a.subject = 'accounting_period' AND a.operation = 'update'
    AND a.after ->> 'status' IN ('closed', 'soft_closed') AND a.before ->> 'status' = 'open'
  ORDER BY a.subject_id, a.at)
"""
_COLUMNS = """
e.id, coalesce(s.number_text, ''), e.date, j.code, e.memo, e.reason, e.actor_name, e.posted_at, p.start, c.at,
       c.actor_name, (SELECT coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0) FROM ledger_line l
         WHERE l.company_id = e.company_id AND l.entry_id = e.id)
"""
_LATE = """
FROM closed c
JOIN accounting_period p ON p.company_id = %(company)s AND p.id = c.period_id
JOIN ledger_entry e ON e.company_id = p.company_id AND e.date BETWEEN p.start AND p."end" AND e.posted_at > c.at
JOIN ledger_journal j ON j.company_id = e.company_id AND j.id = e.journal_id
LEFT JOIN ledger_entryseal s ON s.company_id = e.company_id AND s.entry_id = e.id
WHERE (%(start)s::date IS NULL OR e.date >= %(start)s) AND (%(date)s::date IS NULL OR e.date <= %(date)s)
"""
_PORTION = 1000


class LateEntries(Sequence[LateEntry]):
    """The entries of these days that were posted after the first closing of their period, in the order of posting.

    Counted and cut into pages by the database; read as a whole, they come in portions.
    """

    def __init__(self, company: Company, start: datetime.date | None, date: datetime.date | None) -> None:
        self.values: dict[str, Any] = {"company": company.pk, "start": start, "date": date}

    @cached_property
    def _count(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"{_CLOSED} SELECT count(*) {_LATE}", self.values)
            return int(cursor.fetchone()[0])

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> LateEntry: ...

    @overload
    def __getitem__(self, index: slice) -> list[LateEntry]: ...

    def __getitem__(self, index: int | slice) -> LateEntry | list[LateEntry]:
        if isinstance(index, int):
            return self._read(index, 1)[0]
        start, stop, _step = index.indices(len(self))
        return self._read(start, stop - start)

    def __iter__(self) -> Iterator[LateEntry]:
        after: tuple[Any, ...] = ()
        while found := self._read(0, _PORTION, after):
            yield from found
            after = found[-1].posted_at, found[-1].entry_id

    def _read(self, offset: int, limit: int, after: tuple[Any, ...] = ()) -> list[LateEntry]:
        values = {**self.values, "limit": max(limit, 0), "offset": offset}
        if after:
            values |= {"after_at": after[0], "after_id": after[1]}
        beyond = "AND (e.posted_at, e.id) > (%(after_at)s, %(after_id)s)" if after else ""
        ordered = "ORDER BY e.posted_at, e.id LIMIT %(limit)s OFFSET %(offset)s"
        with connection.cursor() as cursor:
            cursor.execute(f"{_CLOSED} SELECT {_COLUMNS} {_LATE} {beyond} {ordered}", values)
            return [LateEntry(*row) for row in cursor.fetchall()]


def entries_after_closing(
    company: Company, *, start: datetime.date | None = None, date: datetime.date | None = None
) -> LateEntries:
    """Every entry of these days that was posted after the first closing of its period, in the order of posting."""
    return LateEntries(company, start, date)


def late_register(found: Iterable[LateEntry], decimals: int) -> Iterator[list[Any]]:
    """The report for a file: one row for each entry."""
    yield ["Number", "Date", "Journal", "Memo", "Reason", "Total", "Posted by", "Posted at", "Closed by", "Closed at"]
    for one in found:
        yield [
            one.number, one.date, one.journal, one.memo, one.reason, amount_text(one.total, decimals), one.posted_by,
            one.posted_at.isoformat(), one.closed_by, one.closed_at.isoformat(),
        ]  # fmt: skip
