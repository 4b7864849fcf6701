"""The life of a budget's versions: activate one, retire it, make a new one of an old one."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from ledger.budgets import BudgetRefused, held_budget
from ledger.kept_once import keep_new
from ledger.models import Budget, BudgetLine
from tenants.scope import current_scope

LEAST_PERCENT, MOST_PERCENT = Decimal(-100), Decimal(10_000)


class BudgetState(BudgetRefused):
    """The act does not fit the state of the version."""

    code = "budget_state"


class BudgetEmpty(BudgetRefused):
    """Nothing is planned yet."""

    code = "budget_empty"


@transaction.atomic
def activate_budget(budget_id: UUID, *, version: int | None = None) -> Budget:
    """Put a draft into force: it is compared, warns or stops from now on, and never changes again.

    The version of the same name that was active retires with it. What was spent before it came into force stays, even
    where it is past the plan. Posters in flight are waited for.
    Refused: `budget_state` (it is no draft), `budget_empty`, `conflict`, `not_found`.
    """
    versions = _held_versions(budget_id)
    budget = held_budget(budget_id, version)
    if not budget.is_draft:
        raise BudgetState(_("Only a draft is activated."), place="state")
    if not BudgetLine.objects.for_company(budget.company_id).filter(budget=budget).exists():
        raise BudgetEmpty(_("Nothing is planned yet."), place="lines")
    for before in versions:
        if before.state == Budget.State.ACTIVE:
            _move(before, Budget.State.RETIRED)
    return _move(budget, Budget.State.ACTIVE)


@transaction.atomic
def retire_budget(budget_id: UUID, *, version: int | None = None) -> Budget:
    """Take an active version out of force; it stays readable. Refused: `budget_state`, `conflict`, `not_found`."""
    budget = held_budget(budget_id, version)
    if budget.state != Budget.State.ACTIVE:
        raise BudgetState(_("Only an active version retires."), place="state")
    return _move(budget, Budget.State.RETIRED)


@transaction.atomic
def new_version(
    budget_id: UUID, *, percent: Decimal = Decimal(0), version_id: UUID | None = None, with_lines: bool = True
) -> Budget:
    """A draft with the next number and the lines of this version, each changed by so many percent and rounded to the
    currency's decimals; or without lines. With a `version_id` of the caller's own it is made once.

    Refused: `invalid_budget` (the percentage), `saved_before`, `not_found`.
    """
    versions = _held_versions(budget_id)
    source = held_budget(budget_id)
    if not percent.is_finite() or not LEAST_PERCENT <= percent <= MOST_PERCENT:
        raise BudgetRefused(_("Between -100 and 10,000 percent."), place="percent")
    if kept := next((one for one in versions if version_id and one.pk == version_id), None):
        return kept
    made = Budget(
        company=source.company, name=source.name, number=max(one.number for one in versions) + 1, start=source.start,
        end=source.end, control=source.control, basis=source.basis, dimension_id=source.dimension_id,
        created_by=current_scope().actor.name[:200],
    )  # fmt: skip
    made.pk = version_id or made.pk
    keep_new(made)
    if with_lines:
        _copy_lines(source, made, 1 + percent / 100)
    return made


def _copy_lines(source: Budget, made: Budget, factor: Decimal) -> None:
    step = Decimal(1).scaleb(-chart_of(source.company).units[source.company.base_currency].decimals)
    rows = BudgetLine.objects.for_company(source.company_id).filter(budget=source)
    BudgetLine.objects.bulk_create(
        (
            BudgetLine(
                company_id=made.company_id, budget=made, account_id=row.account_id, value_id=row.value_id,
                month=row.month, amount=(row.amount * factor).quantize(step, ROUND_HALF_UP),
            )
            for row in rows
        ),
        batch_size=1000,
    )  # fmt: skip


def _held_versions(budget_id: UUID) -> list[Any]:
    """Every version of the budget's name, locked in one order: two activations take turns."""
    rows = Budget.objects.for_company(current_scope().company)
    # Looked up before the lock: a name never changes.
    name = rows.filter(pk=budget_id).values_list("name", flat=True).first()
    return list(rows.filter(name=name).select_for_update(of=("self",)).order_by("number"))


def _move(budget: Budget, state: str) -> Budget:
    budget.state, budget.version = state, budget.version + 1
    budget.save(update_fields=["state", "version"])
    return budget
