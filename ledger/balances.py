"""Balances at any date, as known at any moment: one statement over month balances, day balances and the tail.

Whole months come from the month roll-up, the part of a month from the day roll-up, and what is not sealed yet from
its lines. Knowledge of an earlier moment is today's less the lines that came later. The cost depends on accounts
and months, not on lines.
"""

import calendar
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from tenants.models import Company

KnownAt = datetime.datetime | int | None


@dataclass(frozen=True, slots=True)
class Balance:
    """Debits and credits of an account in one currency up to a date, in base currency and in the currency."""

    account_id: UUID
    currency: str
    debit: Decimal
    credit: Decimal
    currency_debit: Decimal
    currency_credit: Decimal

    @property
    def amount(self) -> Decimal:
        """Signed, in base currency."""
        return self.debit - self.credit

    @property
    def currency_amount(self) -> Decimal:
        """Signed, in the currency."""
        return self.currency_debit - self.currency_credit


_SIDES = """
  coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0), coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0),
  coalesce(sum(l.currency_amount) FILTER (WHERE l.currency_amount > 0), 0),
  coalesce(-sum(l.currency_amount) FILTER (WHERE l.currency_amount < 0), 0)
"""
_ROLLED_UP = """
  SELECT account_id, currency, sum(debit) AS debit, sum(credit) AS credit, sum(currency_debit) AS currency_debit,
         sum(currency_credit) AS currency_credit
  FROM ledger_monthbalance WHERE company_id = %(company)s AND month < %(month)s GROUP BY account_id, currency
  UNION ALL
  SELECT account_id, currency, debit, credit, currency_debit, currency_credit
  FROM ledger_daybalance WHERE company_id = %(company)s AND date >= %(month)s AND date <= %(date)s
"""
_TAIL = f"""
  UNION ALL
  SELECT l.account_id, l.currency, {_SIDES}
  FROM ledger_tail(%(company)s) l WHERE l.date <= %(date)s GROUP BY l.account_id, l.currency
"""
_LATER = """
  UNION ALL
  SELECT l.account_id, l.currency,
    -coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0), coalesce(sum(l.amount) FILTER (WHERE l.amount < 0), 0),
    -coalesce(sum(l.currency_amount) FILTER (WHERE l.currency_amount > 0), 0),
    coalesce(sum(l.currency_amount) FILTER (WHERE l.currency_amount < 0), 0)
  FROM ledger_entry e
  JOIN ledger_line l ON l.company_id = e.company_id AND l.entry_id = e.id
  {join}
  WHERE e.company_id = %(company)s AND e.date <= %(date)s AND {later}
  GROUP BY l.account_id, l.currency
"""
_LATER_BY_TIME = _LATER.format(join="", later="e.posted_at > %(known_at)s")
_LATER_BY_BLOCK = _LATER.format(
    join="LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id",
    later="(x.block_number IS NULL OR x.block_number > %(known_at)s)",
)
_TOTALS = """
SELECT {number}, account_id, currency, sum(debit), sum(credit), sum(currency_debit), sum(currency_credit)
FROM ({parts}) parts GROUP BY account_id, currency
"""


def balances(company: Company, date: datetime.date, *, known_at: KnownAt = None) -> list[Balance]:
    """The balance of every account and currency at the end of a date, as known now, at a moment, or at a block.

    A block number gives an answer that never changes; a moment counts entries by the time they were written.
    """
    return balances_at(company, [date], known_at=known_at)[0]


def balances_at(company: Company, dates: Sequence[datetime.date], *, known_at: KnownAt = None) -> list[list[Balance]]:
    """The balances at the end of each date, in one statement: what is posted meanwhile is in all of them or in none."""
    parts = _ROLLED_UP + _TAIL
    if known_at is not None:
        parts += _LATER_BY_BLOCK if isinstance(known_at, int) else _LATER_BY_TIME
    statements = []
    values: dict[str, Any] = {"company": company.pk, "known_at": known_at}
    for number, date in enumerate(dates):
        statement = _TOTALS.format(number=number, parts=parts)
        statements.append(statement.replace("(date)s", f"(date{number})s").replace("(month)s", f"(month{number})s"))
        values |= {f"date{number}": date, f"month{number}": _roll_up_month(date)}
    found: list[list[Balance]] = [[] for _date in dates]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), values)
        for number, *row in cursor.fetchall():
            balance = Balance(*row)
            if balance.debit or balance.credit or balance.currency_debit or balance.currency_credit:
                found[number].append(balance)
    return found


def totals_statement(
    company: Company, before: datetime.date, *, known_at: KnownAt = None
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    """The statement of `balances` at the end of the day before, and its values: to be part of a larger one.

    Its columns are number, account_id, currency, debit, credit, currency_debit, currency_credit.
    """
    date = before - datetime.timedelta(days=1) if before > datetime.date.min else before
    parts = _ROLLED_UP + _TAIL
    if known_at is not None:
        parts += _LATER_BY_BLOCK if isinstance(known_at, int) else _LATER_BY_TIME
    named = "number, account_id, currency, debit, credit, currency_debit, currency_credit"
    statement = f"SELECT * FROM ({_TOTALS.format(number=0, parts=parts)}) AS totals ({named})"
    return statement, {"company": company.pk, "known_at": known_at, "date": date, "month": _roll_up_month(date)}


def _roll_up_month(date: datetime.date) -> datetime.date:
    """Months before this one are read whole. On a month's last day the month itself is."""
    if date.day < calendar.monthrange(date.year, date.month)[1] or date.year == datetime.MAXYEAR:
        return date.replace(day=1)
    return date + datetime.timedelta(days=1)
