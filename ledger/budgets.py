"""Budgets: begin one, plan its lines, throw a draft away. What an active version says never changes."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounting.chart import Chart, ChartAccount, chart_of
from accounting.models import AccountType, Dimension, DimensionValue
from ledger import refusals
from ledger.budget_figures import BudgetNotFound
from ledger.kept_once import kept_before
from ledger.models import Budget, BudgetLine
from ledger.resolving import check_amount, check_text
from tenants.permissions import Permission
from tenants.refusal import Conflict, Refused
from tenants.scope import current_scope

MOST_MONTHS = 36
_SAID = ("name", "start", "end", "control", "basis", "dimension_id")
_DAY = datetime.timedelta(days=1)
# The place of a line in a budget: account, value, month.
Place = tuple[UUID, UUID | None, datetime.date]


class BudgetRefused(Refused):
    """A budget cannot be like this."""

    code = "invalid_budget"


class BudgetNameTaken(BudgetRefused):
    """There is a budget of this name: what is planned anew is another version of it."""

    code = "budget_name_taken"


class BudgetFixed(BudgetRefused):
    """Only a draft changes; of an active or retired version a new version is made."""

    code = "budget_fixed"


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """What is planned for an account (code or id) in a month, by its first day; `value` is one of the dimension."""

    account: str | UUID
    month: datetime.date
    amount: Decimal
    value: str = ""


@transaction.atomic
def create_budget(
    *, name: str, start: datetime.date, end: datetime.date, control: str = Budget.Control.NONE,
    basis: str = Budget.Basis.YEAR_TO_DATE, dimension: str = "", budget_id: UUID | None = None,
) -> Budget:  # fmt: skip
    """Begin a budget over whole months, as the first version of its name and a draft.

    `dimension` is the code of the one that accounts may be planned by. With a `budget_id` of the caller's own it is
    begun once, however often it is asked.
    Refused: `invalid_budget`, `budget_name_taken`, `unknown_dimension`, `saved_before`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    check_text(name, "name", 100)
    made = Budget(
        company=scope.company, name=name.strip(), number=1, start=start, end=end, control=control, basis=basis,
        dimension_id=_dimension(dimension), created_by=scope.actor.name[:200],
    )  # fmt: skip
    made.pk = budget_id or made.pk
    if budget_id and (kept := kept_before(made, _SAID)):
        return kept
    _check(made)
    taken = BudgetNameTaken(_("There is a budget “%s”: make a new version of it.") % made.name, place="name")
    if Budget.objects.for_company(scope.company).filter(name=made.name).exists():
        raise taken
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise taken from error
    return made


@transaction.atomic
def change_budget(
    budget_id: UUID, *, control: str | None = None, basis: str | None = None, dimension: str | None = None,
    version: int | None = None,
) -> Budget:  # fmt: skip
    """Change how a draft is kept (`control`, `basis`) and which dimension its lines are planned by.

    Refused: `budget_fixed`, `invalid_budget` (also a dimension that lines stand in the way of), `unknown_dimension`,
    `conflict`, `not_found`.
    """
    budget = held_draft(budget_id, version)
    budget.control = budget.control if control is None else control
    budget.basis = budget.basis if basis is None else basis
    wanted = budget.dimension_id if dimension is None else _dimension(dimension)
    if wanted != budget.dimension_id and _lines(budget).exclude(value=None).exists():
        raise BudgetRefused(_("Lines are planned by the dimension: take them out first."), place="dimension")
    budget.dimension_id, budget.version = wanted, budget.version + 1
    _check(budget)
    budget.save(update_fields=["control", "basis", "dimension", "version"])
    return budget


@transaction.atomic
def set_lines(budget_id: UUID, lines: Sequence[PlannedLine], *, version: int | None = None) -> Budget:
    """Plan a draft as a whole: amounts of its months in base currency, on each account's normal side.

    What is not named is planned no more; a plan of nothing (0.00) is one too.
    Refused, with the place of the line: `unknown_account`, `account_is_heading`, `invalid_budget`, `too_precise`,
    `bad_amount`, `unknown_dimension`; `budget_fixed`, `conflict`, `not_found`.
    """
    budget = held_draft(budget_id, version)
    chart = chart_of(budget.company)
    values = values_of(budget)
    wanted: dict[Place, Decimal] = {}
    for number, line in enumerate(lines):
        place = place_of(budget, chart, values, line, f"lines[{number}].")
        if place in wanted:
            raise BudgetRefused(_("The account is planned twice for this month."), place=f"lines[{number}]")
        wanted[place] = line.amount
    _plan(budget, wanted)
    budget.version += 1
    budget.save(update_fields=["version"])
    return budget


@transaction.atomic
def delete_budget(budget_id: UUID, *, version: int | None = None) -> None:
    """Throw a draft away. Refused: `budget_fixed`, `conflict`, `not_found`."""
    budget = held_draft(budget_id, version)
    _lines(budget).delete()
    budget.delete()


def held_draft(budget_id: UUID, version: int | None = None) -> Budget:
    """The draft, locked until the transaction ends. Refused: `budget_fixed`, and as `held_budget`."""
    budget = held_budget(budget_id, version)
    if not budget.is_draft:
        raise BudgetFixed(_("Only a draft changes: make a new version."), place="state")
    return budget


def held_budget(budget_id: UUID, version: int | None = None) -> Budget:
    """The budget, locked until the transaction ends. Refused: `conflict`, `not_found`, `not_permitted`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    rows = Budget.objects.for_company(scope.company).select_for_update(of=("self",)).select_related("company")
    budget: Budget | None = rows.filter(pk=budget_id).first()
    if budget is None:
        raise BudgetNotFound(_("There is no such budget."))
    if version is not None and budget.version != version:
        raise Conflict(_("The budget was changed meanwhile: look at it again."))
    return budget


def months_of(budget: Budget) -> list[datetime.date]:
    """The first days of the months that the budget is for."""
    months, month = [], budget.start
    while month <= budget.end:
        months.append(month)
        month = (month.replace(day=28) + 4 * _DAY).replace(day=1)
    return months


def values_of(budget: Budget) -> dict[str, UUID]:
    """The values that its accounts may be planned by: code -> id."""
    rows = DimensionValue.objects.for_company(budget.company_id).filter(dimension=budget.dimension_id)
    return dict(rows.order_by("code").values_list("code", "id")) if budget.dimension_id else {}


def budgeted_account(chart: Chart, account: str | UUID, place: str) -> ChartAccount:
    """An account that can be planned for. Refused: `unknown_account`, `account_is_heading`, `invalid_budget`."""
    found = chart.account(account, place)
    if found.is_heading:
        raise refusals.AccountIsHeading(_("%s is a heading: plan the accounts below it.") % found.code, place=place)
    if found.type == AccountType.STATISTICAL:
        raise BudgetRefused(_("%s counts no money.") % found.code, place=place)
    return found


def planned_lines(budget: Budget) -> dict[Place, PlannedLine]:
    """What the budget plans now, by place."""
    rows = _lines(budget).select_related("account", "value").order_by("account__code", "value__code", "month")
    return {
        (row.account_id, row.value_id, row.month): PlannedLine(
            row.account_id, row.month, row.amount, row.value.code if row.value else ""
        )
        for row in rows
    }


def place_of(
    budget: Budget, chart: Chart, values: Mapping[str, UUID], line: PlannedLine, at: str = ""
) -> Place:  # fmt: skip
    """Where the line stands in the budget. Refused as `set_lines` refuses it, with the place after `at`."""
    account = budgeted_account(chart, line.account, f"{at}account")
    if line.month.day != 1 or not budget.start <= line.month <= budget.end:
        raise BudgetRefused(_("%s is no first day of a month of the budget.") % line.month, place=f"{at}month")
    if line.value and line.value not in values:
        raise refusals.UnknownDimension(_("The budget's dimension has no value “%s”.") % line.value, place=f"{at}value")
    check_amount(line.amount, chart.units[budget.company.base_currency], f"{at}amount", zero=True)
    return account.id, values.get(line.value), line.month


def _plan(budget: Budget, wanted: Mapping[Place, Decimal]) -> None:
    """Write only what differs: the trail tells of what changed."""
    kept = {(row.account_id, row.value_id, row.month): row for row in _lines(budget)}
    gone = [row.pk for place, row in kept.items() if place not in wanted]
    if gone:
        _lines(budget).filter(pk__in=gone).delete()
    changed, made = [], []
    for place, amount in wanted.items():
        row = kept.get(place)
        if row is None:
            account, value, month = place
            made.append(BudgetLine(company_id=budget.company_id, budget=budget, account_id=account, value_id=value,
                                   month=month, amount=amount))  # fmt: skip
        elif row.amount != amount:
            row.amount = amount
            changed.append(row)
    BudgetLine.objects.for_company(budget.company_id).bulk_update(changed, ["amount"], batch_size=500)
    BudgetLine.objects.bulk_create(made, batch_size=1000)


def _lines(budget: Budget) -> Any:
    return BudgetLine.objects.for_company(budget.company_id).filter(budget=budget)


def _dimension(code: str) -> UUID | None:
    if not code:
        return None
    found: UUID | None = (
        Dimension.objects.for_company(current_scope().company).filter(code=code).values_list("id", flat=True).first()
    )
    if found is None:
        raise refusals.UnknownDimension(_("There is no dimension “%s”.") % code, place="dimension")
    return found


def _check(budget: Budget) -> None:
    if not budget.name:
        raise BudgetRefused(_("Give it a name."), place="name")
    if budget.control not in Budget.Control.values:
        raise BudgetRefused(_("A control is one of %s.") % ", ".join(Budget.Control.values), place="control")
    if budget.basis not in Budget.Basis.values:
        raise BudgetRefused(_("A basis is one of %s.") % ", ".join(Budget.Basis.values), place="basis")
    if budget.start.day != 1:
        raise BudgetRefused(_("A budget starts on the first day of a month."), place="start")
    if budget.end < budget.start or (budget.end + _DAY).day != 1:
        raise BudgetRefused(_("A budget ends on the last day of a month."), place="end")
    if len(months_of(budget)) > MOST_MONTHS:
        raise BudgetRefused(_("A budget has at most %d months.") % MOST_MONTHS, place="end")
