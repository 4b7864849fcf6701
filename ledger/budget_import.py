"""Import budgets from a table: the rows of one name become a new version, a draft, and the first one where there is
none; with `update` they change the draft that is there."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.amounts import amount_text
from accounting.business_day import business_day
from accounting.models import FiscalYear
from accounting.table_columns import TableRow
from accounting.table_kinds import UPDATE, TableKind, Undoing, Wanted
from accounting.table_outcome import CHANGED, NEW, REFUSED, Outcome, tried
from accounting.table_rows import RowProblem
from ledger.budget_columns import COLUMNS, BudgetShape, lines_of
from ledger.budget_versions import new_version, retire_budget
from ledger.budgets import (
    BudgetRefused,
    Place,
    PlannedLine,
    change_budget,
    create_budget,
    delete_budget,
    planned_lines,
    set_lines,
)
from ledger.models import Budget
from tenants.permissions import Permission
from tenants.scope import current_scope


@dataclass(slots=True)
class _Group:
    """The rows of one budget."""

    name: str
    rows: list[TableRow] = field(default_factory=list)

    def said(self, column: str) -> str:
        """What the first row says that says anything."""
        return next((str(row.values[column]) for row in self.rows if row.values.get(column)), "")


def keep_budgets(wanted: Wanted) -> list[Outcome]:
    """A version of each budget that the rows name."""
    groups: dict[str, _Group] = {}
    for row in wanted.table.rows:
        name = str(row.values.get("budget", "")).strip()
        groups.setdefault(name, _Group(name)).rows.append(row)
    outcomes = []
    for number, group in enumerate(groups.values()):
        wanted.progress(number, len(groups), _("Importing"))
        outcomes.append(_kept(wanted, group))
    return outcomes


def _kept(wanted: Wanted, group: _Group) -> Outcome:
    outcome = Outcome(group.rows[0].place, group.name, REFUSED)
    outcome.problems = [problem for row in group.rows for problem in row.problems]
    if outcome.problems:
        return outcome
    placed = partial(_placed, outcome.row)
    begun, outcome.problems = tried(partial(_begun, wanted, group), placed)
    if begun is None:
        return outcome
    budget, became = begun
    lines, outcome.problems = _read(budget, group)
    if not outcome.problems:
        whole = {**(planned_lines(budget) if became == CHANGED else {}), **lines}
        _done, outcome.problems = tried(partial(set_lines, budget.pk, list(whole.values())), placed)
    if not outcome.problems:
        outcome.name, outcome.became, outcome.id = str(budget), became, str(budget.pk)
        total = amount_text(sum((line.amount for line in lines.values()), Decimal(0)), 2)
        outcome.about = _("%(number)d amounts, %(total)s together") % {"number": len(lines), "total": total}
    return outcome


def _begun(wanted: Wanted, group: _Group) -> tuple[Budget, str]:
    """The version that the rows go to: the draft that is to be changed, a new one of its name, or the first."""
    versions = Budget.objects.for_company(current_scope().company).filter(name=group.name).order_by("-number")
    dimension, latest, made = group.said("dimension"), versions.first(), wanted.id_of(group.name)
    if latest is None:
        year = _year(group.said("year"))
        begun = create_budget(name=group.name, start=year.start, end=year.end, dimension=dimension, budget_id=made)
        return begun, NEW
    if group.said("year"):
        year = _year(group.said("year"))
        if (year.start, year.end) != (latest.start, latest.end):
            raise BudgetRefused(_("The budget is for other months: give another year another name."), place="year")
    draft = versions.filter(state=Budget.State.DRAFT).first() if wanted.chosen(UPDATE) else None
    version = draft or new_version(latest.pk, version_id=made, with_lines=False)
    return change_budget(version.pk, dimension=dimension or None), CHANGED if draft else NEW


def _year(name: str) -> FiscalYear:
    """The fiscal year of the name; the present one where none is named."""
    company = current_scope().company
    today = business_day(company)
    years = FiscalYear.objects.for_company(company)
    meant = years.filter(name=name) if name else years.filter(start__lte=today, end__gte=today)
    found: FiscalYear | None = meant.first()
    if found is None:
        raise BudgetRefused(_("There is no such fiscal year."), place="year")
    return found


def _read(budget: Budget, group: _Group) -> tuple[dict[Place, PlannedLine], list[RowProblem]]:
    """What the rows plan, each looked at by itself, and everything that is wrong with them."""
    shape = BudgetShape.of(budget)
    lines: dict[Place, PlannedLine] = {}
    problems: list[RowProblem] = []
    for row in group.rows:
        found, wrong = tried(partial(lines_of, row, shape), partial(_placed, row.place))
        problems += wrong
        if found and not lines.keys().isdisjoint(found):
            message = _("An earlier row plans this account for the same month.")
            problems.append(RowProblem(row.place, "account", "twice_in_file", message))
        lines |= found or {}
    return lines, problems


def _placed(row: int, place: str) -> tuple[int, str]:
    name = "budget" if place == "name" else place
    return row, name if any(column.name == name for column in COLUMNS) else ""


def take_budgets_back(undoing: Undoing) -> dict[str, int]:
    """Throw away the drafts that an import made; a version that is active by now retires."""
    company = current_scope().company
    rows: list[Any] = list(Budget.objects.for_company(company).filter(pk__in=list(undoing.made)))
    deleted = retired = 0
    for number, budget in enumerate(rows):
        undoing.progress(number, len(rows), _("Undoing"))
        if budget.is_draft:
            delete_budget(budget.pk)
            deleted += 1
        elif budget.state == Budget.State.ACTIVE:
            retire_budget(budget.pk)
            retired += 1
    return {"deleted": deleted, "retired": retired, "gone": len(undoing.made) - deleted - retired}


BUDGETS = TableKind(
    name="budgets", title=gettext_lazy("Budgets"), columns=COLUMNS, option=UPDATE, keep=keep_budgets,
    undo=take_budgets_back, needed=(Permission.MANAGE_ACCOUNTS,), page="ledger:budget-detail",
    undone=gettext_lazy("Drafts that it made are thrown away; a version that is active by now retires. A draft that it "
                        "changed stays changed."),
)  # fmt: skip
