"""Spread an amount evenly over the months of a budget: the parts add up to it to the last unit."""

from decimal import Decimal, localcontext
from uuid import UUID

from django.db import transaction

from accounting.chart import chart_of
from ledger.budgets import PlannedLine, budgeted_account, held_draft, months_of, planned_lines, set_lines
from ledger.models import Budget
from ledger.resolving import check_amount
from ledger.splits import allot


def spread_months(amount: Decimal, months: int, decimals: int) -> list[Decimal]:
    """The amount in so many parts, none further from another than one unit of the last decimal; they add up to it."""
    with localcontext(prec=80):
        return allot(amount, [Decimal(1)] * months, decimals)


@transaction.atomic
def spread_line(
    budget_id: UUID, *, account: str | UUID, amount: Decimal, value: str = "", version: int | None = None
) -> Budget:
    """Plan the amount (base currency, on the account's normal side) for an account, the same in every month of a draft.

    The months that were planned for it before are replaced. Refused as `set_lines` refuses it.
    """
    budget = held_draft(budget_id, version)
    chart = chart_of(budget.company)
    base = chart.units[budget.company.base_currency]
    found = budgeted_account(chart, account, "account")
    check_amount(amount, base, "amount", zero=True)
    kept = [line for line in planned_lines(budget).values() if (line.account, line.value) != (found.id, value)]
    months = months_of(budget)
    parts = spread_months(amount, len(months), base.decimals)
    spread = [PlannedLine(found.id, month, part, value) for month, part in zip(months, parts, strict=True)]
    return set_lines(budget_id, [*spread, *kept])
