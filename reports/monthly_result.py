"""Income and expenses of each month, in one statement over month balances and what is not sealed yet."""

import calendar
import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from tenants.models import Company

_MONTHS = """
SELECT month, type, sum(amount) FROM (
  SELECT b.month, a.type, b.debit - b.credit AS amount
  FROM ledger_monthbalance b
  JOIN accounting_account a ON a.company_id = b.company_id AND a.id = b.account_id
  WHERE b.company_id = %(company)s AND b.month BETWEEN %(first)s AND %(last)s AND a.type IN ('income', 'expense')
  UNION ALL
  SELECT date_trunc('month', l.date)::date, a.type, l.amount
  FROM ledger_tail(%(company)s) l
  JOIN accounting_account a ON a.company_id = %(company)s AND a.id = l.account_id
  WHERE l.date BETWEEN %(first)s AND %(end)s AND a.type IN ('income', 'expense')
) parts GROUP BY month, type
"""


@dataclass(frozen=True, slots=True)
class Month:
    """What a month earned and cost, both above zero as a rule."""

    start: datetime.date
    end: datetime.date
    income: Decimal
    expense: Decimal

    @property
    def profit(self) -> Decimal:
        return self.income - self.expense


def monthly_result(company: Company, last: datetime.date, count: int = 12) -> list[Month]:
    """The months up to and including that of the date, oldest first, those without lines too."""
    starts = [_months_before(last, n) for n in reversed(range(count))]
    with connection.cursor() as cursor:
        cursor.execute(
            _MONTHS, {"company": company.pk, "first": starts[0], "last": starts[-1], "end": _end(starts[-1])}
        )
        found = {(month, kind): amount for month, kind, amount in cursor.fetchall()}
    zero = Decimal(0)
    return [
        Month(start, _end(start), -found.get((start, "income"), zero), found.get((start, "expense"), zero))
        for start in starts
    ]


def _months_before(day: datetime.date, count: int) -> datetime.date:
    month = day.year * 12 + day.month - 1 - count
    return datetime.date(month // 12, month % 12 + 1, 1)


def _end(start: datetime.date) -> datetime.date:
    return start.replace(day=calendar.monthrange(start.year, start.month)[1])
