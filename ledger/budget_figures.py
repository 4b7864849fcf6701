"""What a budget plans for periods, as reports compare it with what was posted: signed, debits above zero."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from ledger.models import Budget
from tenants.models import Company
from tenants.refusal import NotFound


class BudgetNotFound(NotFound):
    """No such budget, or no version of it is active."""


# What is planned up to a day of a month is its share by days, rounded; so parts of a month add up to the whole.
_UP_TO = "CASE WHEN {days} >= m.days THEN l.amount ELSE round(l.amount * {days} / m.days, %(decimals)s) END"
_AMOUNTS = f"""
SELECT w.number - 1, l.account_id,
  sum((CASE WHEN a.type IN ('asset', 'expense') THEN 1 ELSE -1 END)
      * ({_UP_TO.format(days="(w.until - l.month)")} - {_UP_TO.format(days="greatest(w.since - l.month, 0)")}))
FROM unnest(%(starts)s::date[], %(untils)s::date[]) WITH ORDINALITY w(since, until, number)
JOIN ledger_budgetline l ON l.company_id = %(company)s AND l.budget_id = %(budget)s AND l.month < w.until
CROSS JOIN LATERAL (SELECT (l.month + interval '1 month')::date - l.month AS days) m
JOIN accounting_account a ON a.company_id = l.company_id AND a.id = l.account_id
{{value}}
WHERE w.since < l.month + m.days
GROUP BY 1, 2
"""
_OF_VALUE = """
JOIN accounting_dimensionvalue v ON v.company_id = l.company_id AND v.id = l.value_id AND v.code = %(value)s
JOIN accounting_dimension d ON d.company_id = v.company_id AND d.id = v.dimension_id AND d.code = %(dimension)s
"""
_ANY_VALUE = """
LEFT JOIN (accounting_dimensionvalue v JOIN accounting_dimension d
  ON d.company_id = v.company_id AND d.id = v.dimension_id AND d.code = %(dimension)s)
  ON v.company_id = l.company_id AND v.id = l.value_id
"""


def budget_amounts(
    company: Company, budget: Budget | str, periods: Sequence[tuple[datetime.date, datetime.date]],
    dimension: tuple[str, str] | None = None,
) -> list[dict[UUID, Decimal]]:  # fmt: skip
    """What the budget plans for each account in each period (first and last day), in base currency, debits above zero.

    One statement for all periods; an account without a plan is left out. Named by its name, the active version is
    meant. With a `dimension` (its code and the code of a value) only what is planned for that value counts, without
    one everything. A period that cuts a month takes its share by days, rounded to the currency's decimals such that
    the parts of a month add up to it. Refused: `not_found`.
    """
    found = budget if isinstance(budget, Budget) else active_budget(company, budget)
    amounts: list[dict[UUID, Decimal]] = [{} for _period in periods]
    name, value = dimension or ("", "")
    with connection.cursor() as cursor:
        cursor.execute(_AMOUNTS.format(value=_OF_VALUE if dimension else ""), {
            "company": company.pk, "budget": found.pk, "starts": [start for start, _end in periods],
            "untils": [end + datetime.timedelta(days=1) for _start, end in periods], "dimension": name, "value": value,
            "decimals": chart_of(company).units[company.base_currency].decimals,
        })  # fmt: skip
        for number, account, amount in cursor.fetchall():
            amounts[number][account] = amount
    return amounts


def budget_amounts_by_value(
    company: Company, budget: Budget, dimension: str, days: tuple[datetime.date, datetime.date]
) -> dict[str, dict[UUID, Decimal]]:  # fmt: skip
    """The same for the days from one to another by the value of a dimension; what is planned without one, or by another
    dimension, under an empty value. One statement for all values."""
    found: dict[str, dict[UUID, Decimal]] = {}
    statement = _AMOUNTS.replace("SELECT w.number - 1,", "SELECT coalesce(v.code, ''),").format(value=_ANY_VALUE)
    with connection.cursor() as cursor:
        cursor.execute(statement, {
            "company": company.pk, "budget": budget.pk, "starts": [days[0]], "dimension": dimension,
            "untils": [days[1] + datetime.timedelta(days=1)],
            "decimals": chart_of(company).units[company.base_currency].decimals,
        })  # fmt: skip
        for value, account, amount in cursor.fetchall():
            found.setdefault(value, {})[account] = amount
    return found


def active_budget(company: Company, name: str) -> Budget:
    """The active version of the budget of this name. Refused: `not_found`."""
    found: Budget | None = Budget.objects.for_company(company).filter(name=name, state=Budget.State.ACTIVE).first()
    if found is None:
        raise BudgetNotFound(_("No version of a budget “%s” is active.") % name[:100], place="budget")
    return found
