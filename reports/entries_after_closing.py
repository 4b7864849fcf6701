"""Entries made after their period was closed: what came into a month that had been closed before, by whom and why."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.chart import chart_of
from ledger.balances import KnownAt
from reports.known_moment import known_condition
from reports.reading import moment_text, read_in_chunks
from reports.table import Asked, Cell, Column, Kind, Link, Report, Row
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
CLOSED = """
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
LATE = """
FROM closed c
JOIN accounting_period p ON p.company_id = %(company)s AND p.id = c.period_id
JOIN ledger_entry e ON e.company_id = p.company_id AND e.date BETWEEN p.start AND p."end" AND e.posted_at > c.at
JOIN ledger_journal j ON j.company_id = e.company_id AND j.id = e.journal_id
LEFT JOIN ledger_entryseal s ON s.company_id = e.company_id AND s.entry_id = e.id
WHERE (%(start)s::date IS NULL OR e.date >= %(start)s) AND (%(date)s::date IS NULL OR e.date <= %(date)s)
"""


def late_entries(
    company: Company, *, start: datetime.date | None = None, date: datetime.date | None = None, known_at: KnownAt = None
) -> Iterator[LateEntry]:
    """Every entry of these days that was posted after the first closing of its period, in the order of posting."""
    values = {"company": company.pk, "start": start, "date": date, "known_at": known_at}
    known = known_condition(known_at).replace("x.", "s.")
    statement = f"{CLOSED} SELECT {_COLUMNS} {LATE} {known} ORDER BY e.posted_at, e.id"
    return (LateEntry(*row) for row in read_in_chunks(statement, values))


def entries_after_closing(company: Company, asked: Asked) -> Report:
    """What was posted, into the days asked for, after its period had been closed for the first time, softly or for
    everybody: by whom, when and why, and who had closed it. The audit trail knows when, and nobody can change that."""
    decimals = chart_of(company).units[company.base_currency].decimals
    columns = [
        Column("posted_at", _("Posted")), Column("posted_by", _("By"), is_wide=True), Column("number", _("Entry")),
        Column("date", _("Date"), Kind.DATE, is_wide=True), Column("journal", _("Journal"), is_wide=True),
        Column("memo", _("Description"), is_wide=True), Column("reason", _("Reason"), is_wide=True),
        Column("closed_at", _("Period closed"), is_wide=True), Column("closed_by", _("By"), is_wide=True),
        Column("total", _("Total"), Kind.AMOUNT, decimals),
    ]  # fmt: skip
    rows = _rows(late_entries(company, start=asked.start, date=asked.date, known_at=asked.known_at))
    return Report("entries-after-closing", gettext_lazy("Entries after closing"), company, asked, columns, rows)


def _rows(found: Iterator[LateEntry]) -> Iterator[Row]:
    for one in found:
        entry = Link("ledger:entry-detail", (one.entry_id,))
        yield Row([
            Cell(moment_text(one.posted_at)), Cell(one.posted_by), Cell(one.number or _("not sealed"), entry),
            Cell(one.date), Cell(one.journal), Cell(one.memo), Cell(one.reason), Cell(moment_text(one.closed_at)),
            Cell(one.closed_by), Cell(one.total, entry),
        ])  # fmt: skip
