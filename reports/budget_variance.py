"""A budget beside what was posted: planned, actual and the difference, by the rows of the profit and loss."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.business_day import fiscal_year_start
from accounting.chart import ChartAccount, chart_of
from accounting.models import DimensionValue
from ledger.budget_figures import active_budget, budget_amounts, budget_amounts_by_value
from ledger.models import Budget
from reports.closed_results import LEFT_OUT, closed_results, without_closing
from reports.comparison import percent_of
from reports.links import ledgers_of
from reports.periods import Period, label_of, periods_of
from reports.statement_amounts import Amounts, across_values, movements, summed
from reports.statement_layout import Layout, placed
from reports.statement_layouts import AT, layout_of
from reports.statement_table import Filled
from reports.statements import MOST_VALUES, NotTogether
from reports.table import EMPTY, Asked, Cell, Column, Kind, Link, Report, Row, Standing
from tenants.models import Company

ZERO = Decimal(0)
RESULT = ("income", "expense")


@dataclass(frozen=True, slots=True)
class Compared:
    """A group of columns: what it is called, its days, what is planned and what was posted, debits above zero; and how
    the ledgers behind it are narrowed."""

    label: str
    period: Period
    planned: Amounts
    actual: Amounts
    narrowed: Mapping[str, str]


def budget_variance(company: Company, asked: Asked) -> Report:
    """What the active version of a budget plans beside what was posted, from a day (of the fiscal year, where none is
    named) to another; by month, quarter or year, or across the values of a dimension. Above zero is more than planned.

    Without a name the first active budget of these days is taken. Refused: `not_found` (no such budget is active),
    `too_many_columns`.
    """
    asked = dataclasses.replace(asked, start=asked.start or fiscal_year_start(company, asked.date))
    budget = _budget(company, asked)
    if budget is None:
        report = Report("budget-variance", gettext_lazy("Budget variance"), company, asked, _columns(company, []), [])
        report.notes.append(_("No budget of these days is active."))
        return report
    asked = dataclasses.replace(asked, budget=f"{budget.name}{AT}{budget.number}")
    groups = _across(company, budget, asked) if asked.across else _by_period(company, budget, asked)
    layout = layout_of(company, "profit-and-loss", asked.layout)
    rows = list(_rows(company, layout, groups, budget, asked))
    report = Report("budget-variance", gettext_lazy("Budget variance"), company, asked, _columns(company, groups), rows)
    report.notes.append(_("Budget “%(name)s”, version %(number)d.") % {"name": budget.name, "number": budget.number})
    return report


def _budget(company: Company, asked: Asked) -> Budget | None:
    name, _at, number = asked.budget.rpartition(AT)
    if name and number.isdecimal() and len(number) < 9:
        version: Budget | None = Budget.objects.for_company(company).filter(name=name, number=int(number)).first()
        return version or active_budget(company, asked.budget)
    if asked.budget:
        return active_budget(company, asked.budget)
    rows = Budget.objects.for_company(company).filter(state=Budget.State.ACTIVE)
    found: Budget | None = rows.filter(start__lte=asked.date, end__gte=asked.start).order_by("name").first()
    return found


def budget_exactly(company: Company, asked: Asked) -> str:
    """The name by which the budget of a report is the same for ever: “Plan@2”; none where none is active."""
    start = asked.start or fiscal_year_start(company, asked.date)
    found = _budget(company, dataclasses.replace(asked, start=start))
    return f"{found.name}{AT}{found.number}" if found else ""


def _by_period(company: Company, budget: Budget, asked: Asked) -> list[Compared]:
    assert asked.start is not None
    periods = periods_of(asked.start, asked.date, asked.by)
    days = [(one.start or one.end, one.end) for one in periods]
    planned, actual = budget_amounts(company, budget, days), movements(company, periods, asked)
    closed = closed_results(company, periods, known_at=asked.known_at)
    return [
        Compared(label_of(period), period, plan, posted, without_closing(by_closing))
        for period, plan, posted, by_closing in zip(periods, planned, actual, closed, strict=True)
    ]


def _across(company: Company, budget: Budget, asked: Asked) -> list[Compared]:
    """The values of the dimension that the budget plans for or that moved, what has none, and all together."""
    assert asked.start is not None
    period = Period(asked.start, asked.date)
    planned = budget_amounts_by_value(company, budget, asked.across, (asked.start, asked.date))
    others = {account for own in planned.values() for account in own}
    actual = across_values(company, period, asked.across, others=others, known_at=asked.known_at)
    used = {*actual, *planned}
    if len(used) > MOST_VALUES:
        raise NotTogether(_("More than %d values moved: choose fewer days.") % MOST_VALUES, place="across")
    values = DimensionValue.objects.for_company(company).filter(dimension__code=asked.across, code__in=used)
    names = dict(values.values_list("code", "name")) | {"": _("Without")}
    found = [
        Compared(names.get(code, code), period, planned.get(code, {}), actual.get(code, {}),
                 LEFT_OUT | {"value": f"{asked.across}:{code}"})
        for code in sorted(used, key=lambda one: (not one, one))
    ]  # fmt: skip
    plan, posted = (summed(pair for one in side.values() for pair in one.items()) for side in (planned, actual))
    return [*found, Compared(_("Total"), period, plan, posted, LEFT_OUT)]


def _columns(company: Company, groups: Sequence[Compared]) -> list[Column]:
    decimals = chart_of(company).units[company.base_currency].decimals
    money: dict[str, Any] = {"kind": Kind.AMOUNT, "decimals": decimals}
    columns = [Column("label", _("Position"))]
    for number, one in enumerate(groups):
        how: dict[str, Any] = {"over": one.label, "is_wide": 0 < number < len(groups) - 1}
        columns += [
            Column(f"planned_{number}", _("Budget"), **money, **how),
            Column(f"actual_{number}", _("Actual"), **money, **how),
            Column(f"variance_{number}", _("Variance"), **money, **how),
            Column(f"percent_{number}", "%", Kind.PERCENT, 1, **how),
        ]  # fmt: skip
    return columns


def _rows(
    company: Company, layout: Layout, groups: Sequence[Compared], budget: Budget, asked: Asked
) -> Iterator[Row]:  # fmt: skip
    chart = chart_of(company)
    planned = {account for one in groups for account in one.planned}
    used = {account for one in groups for account, amount in one.actual.items()
            if amount and chart.by_id[account].type in RESULT}  # fmt: skip
    accounts, left = placed(layout, (chart.by_id[one] for one in planned | used))
    amounts = [side for one in groups for side in (one.planned, one.actual)]
    filled = Filled(layout, accounts, left, amounts, [])
    for row in layout.rows:
        if row.is_heading:
            yield Row([Cell(row.label), *[EMPTY] * (4 * len(groups))], Standing.HEADING)
        elif row.formula or accounts[row.key]:
            standing = Standing.TOTAL if row.is_total else Standing.SUBTOTAL if row.formula else Standing.HEADING
            sums = [one[row.key] for one in filled.sums]
            cells = _beside(groups, (sums[::2], sums[1::2]), filled.behind[row.key], budget, asked)
            yield Row([Cell(row.label), *cells], standing)
            yield from (_account(one, row.side, groups, budget, asked) for one in accounts.get(row.key, ()))
    others = [*left, *(chart.by_id[one] for one in planned if chart.by_id[one].type not in RESULT)]
    if others:
        yield Row([Cell(_("On other accounts")), *[EMPTY] * (4 * len(groups))], Standing.HEADING)
        for account in sorted(others, key=lambda one: one.code):
            yield _account(account, account.normal_side, groups, budget, asked)


def _account(account: ChartAccount, side: int, groups: Sequence[Compared], budget: Budget, asked: Asked) -> Row:
    planned = [side * one.planned.get(account.id, ZERO) for one in groups]
    actual = [side * one.actual.get(account.id, ZERO) for one in groups]
    cells = _beside(groups, (planned, actual), [account], budget, asked)
    return Row([Cell(f"{account.code} {account.name}", cells[1].link), *cells], level=1)


def _beside(
    groups: Sequence[Compared], amounts: tuple[Sequence[Decimal], Sequence[Decimal]], behind: Collection[ChartAccount],
    budget: Budget, asked: Asked,
) -> list[Cell]:  # fmt: skip
    """By group what is planned, what was posted, how much more that is, in per cent; each with what is behind it."""
    plan = Link("ledger:budget-detail", (budget.pk,))
    cells = []
    for one, wanted, real in zip(groups, *amounts, strict=True):
        moved = [account for account in behind if one.actual.get(account.id)] or list(behind)
        ledgers = ledgers_of(moved, *one.period, asked, chart=chart_of(budget.company), narrowed=one.narrowed)
        percent = percent_of(real - wanted, wanted)
        cells += [Cell(wanted, plan), Cell(real, ledgers), Cell(real - wanted, ledgers),
                  EMPTY if percent is None else Cell(percent)]  # fmt: skip
    return cells
