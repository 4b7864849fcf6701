"""The amounts that fill a statement: by account in each column, debit above zero; periods, days, or dimension values.

A profit and loss shows what years earned, not their closing: what closings moved is taken out of every movement.
"""

import datetime
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from ledger.balances import KnownAt, balances_at
from ledger.year_closing import SOURCE
from reports.cash_basis import not_paid_yet
from reports.closed_results import closed_results
from reports.known_moment import known_condition
from reports.periods import ONE_DAY, Period
from reports.table import Asked
from tenants.models import Company

ZERO = Decimal(0)
Amounts = dict[UUID, Decimal]
CASH = "cash"
_ACROSS = """
SELECT coalesce(l.dimensions ->> %(dimension)s, ''), l.account_id, sum(l.amount)
FROM ledger_line l
JOIN accounting_account a ON a.company_id = l.company_id AND a.id = l.account_id
  AND (a.type IN ('income', 'expense') OR a.id = ANY (%(others)s))
JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
LEFT JOIN ledger_entry o ON o.company_id = e.company_id AND o.id = e.reverses_id
LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
WHERE l.company_id = %(company)s AND l.date >= %(start)s AND l.date <= %(end)s
  AND %(closing)s NOT IN (e.source, coalesce(o.source, '')) {known}
GROUP BY 1, 2 HAVING sum(l.amount) <> 0
"""


def balances_on(company: Company, days: Sequence[datetime.date], asked: Asked) -> list[Amounts]:
    """What stands on each account at the end of each day; on cash basis without what nobody has paid yet."""
    found = [summed((row.account_id, row.amount) for row in rows)
             for rows in balances_at(company, days, known_at=asked.known_at)]  # fmt: skip
    if asked.basis != CASH:
        return found
    return [less(own, not_paid_yet(company, day, known_at=asked.known_at))
            for own, day in zip(found, days, strict=True)]  # fmt: skip


def movements(company: Company, periods: Sequence[Period], asked: Asked) -> list[Amounts]:
    """What each period moved, without what closed the years; all from balances of one moment."""
    days = sorted({day for one in periods if one.start for day in (one.start - ONE_DAY, one.end)})
    at = dict(zip(days, balances_on(company, days, asked), strict=True))
    closed = closed_results(company, periods, known_at=asked.known_at)
    return [
        less(less(at[one.end], at[one.start - ONE_DAY]), emptied)
        for one, emptied in zip(periods, closed, strict=True)
        if one.start
    ]


def across_values(
    company: Company, period: Period, dimension: str, *, others: Collection[UUID] = (), known_at: KnownAt = None
) -> dict[str, Amounts]:  # fmt: skip
    """What each value of a dimension earned and spent in the period, and what moved on the other accounts named; the
    lines without a value under an empty one."""
    values: dict[str, Any] = {"company": company.pk, "dimension": dimension, "start": period.start, "end": period.end,
              "known_at": known_at, "closing": SOURCE, "others": list(others)}  # fmt: skip
    found: dict[str, Amounts] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ACROSS.format(known=known_condition(known_at)), values)
        for value, account, amount in cursor.fetchall():
            found.setdefault(value, {})[account] = amount
    return found


def summed(pairs: Iterable[tuple[UUID, Decimal]]) -> Amounts:
    """One amount for each account."""
    found: Amounts = {}
    for account, amount in pairs:
        found[account] = found.get(account, ZERO) + amount
    return found


def less(these: Amounts, those: Amounts) -> Amounts:
    """The first amounts less the second, account by account."""
    return {one: these.get(one, ZERO) - those.get(one, ZERO) for one in {*these, *those}}
