"""What the closing of years has moved from income and expenses to equity: no statement counts it as a result."""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from accounting.models import FiscalYear
from ledger.balances import KnownAt
from ledger.year_closing import SOURCE
from reports.entry_conditions import WITHOUT_CLOSING
from reports.known_moment import known_condition
from reports.periods import Period
from tenants.models import Company

# Closings are dated on the last day of their year, and so are their reversals: only reopening makes those.
_CLOSED = """
SELECT e.date, l.account_id, sum(l.amount)
FROM ledger_entry e
LEFT JOIN ledger_entry o ON o.company_id = e.company_id AND o.id = e.reverses_id
LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
JOIN ledger_line l ON l.company_id = e.company_id AND l.entry_id = e.id
WHERE e.company_id = %(company)s AND e.date = ANY (%(days)s)
  AND %(source)s IN (e.source, o.source) {known}
GROUP BY e.date, l.account_id
"""


LEFT_OUT = {"only": WITHOUT_CLOSING}


def without_closing(by_closing: Mapping[UUID, Decimal]) -> dict[str, str]:
    """How the ledgers behind a movement are narrowed: where years were closed in it, their closing is left out."""
    return LEFT_OUT if by_closing else {}


def closed_results(
    company: Company, periods: Sequence[Period], *, known_at: KnownAt = None
) -> list[dict[UUID, Decimal]]:  # fmt: skip
    """By account what closings of years moved within each period, debit above zero."""
    ends = FiscalYear.objects.for_company(company).values_list("end", flat=True)
    days = [day for day in ends if any(one.start and one.start <= day <= one.end for one in periods)]
    rows: list[tuple[datetime.date, UUID, Decimal]] = []
    if days:
        values: dict[str, Any] = {"company": company.pk, "days": days, "source": SOURCE, "known_at": known_at}
        with connection.cursor() as cursor:
            cursor.execute(_CLOSED.format(known=known_condition(known_at)), values)
            rows = cursor.fetchall()
    found: list[dict[UUID, Decimal]] = []
    for one in periods:
        own: dict[UUID, Decimal] = {}
        for day, account, amount in rows:
            if one.start and one.start <= day <= one.end:
                own[account] = own.get(account, Decimal(0)) + amount
        found.append(own)
    return found
