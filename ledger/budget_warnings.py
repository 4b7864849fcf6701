"""Which plans entries have gone past, of budgets that warn: said with the entry, which is posted all the same."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from ledger.models import Budget
from ledger.passed_budget import PassedBudget
from tenants.models import Company

_PASSED = """
SELECT p.budget, p.account, p.value, p.basis, p.month, p.planned, p.actual
FROM public.ledger_budgets_passed(%(company)s, 'warn', %(entries)s::uuid[], ARRAY(
  SELECT DISTINCT l.account_id FROM public.ledger_line l
  WHERE l.company_id = %(company)s AND l.entry_id = ANY (%(entries)s::uuid[]))) p
"""


def budget_warnings(company: Company, entries: Sequence[UUID]) -> list[PassedBudget]:
    """The plans that these entries have taken an account past, by account, budget and month.

    One look at an index where no budget of the company warns. Where a plan is passed in several months, the first is
    told.
    """
    warning = Budget.objects.for_company(company).filter(state=Budget.State.ACTIVE, control=Budget.Control.WARN)
    if not entries or not warning.exists():
        return []
    with connection.cursor() as cursor:
        cursor.execute(_PASSED, {"company": company.pk, "entries": list(entries)})
        passed = [PassedBudget(*row) for row in cursor.fetchall()]
    first: dict[tuple[str, str, str], PassedBudget] = {}
    for one in passed:
        first.setdefault((one.account, one.value, one.budget), one)
    return list(first.values())
