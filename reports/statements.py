"""Profit and loss and the balance sheet: layouts filled with balances, for several periods or values side by side."""

import dataclasses
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.business_day import fiscal_year_start
from accounting.chart import chart_of
from accounting.models import DimensionValue
from reports.closed_results import LEFT_OUT, closed_results
from reports.periods import Period, earlier, periods_of
from reports.statement_amounts import CASH, Amounts, across_values, balances_on, less, movements
from reports.statement_layout import Layout, differing, placed
from reports.statement_layouts import layout_of
from reports.statement_table import Filled, Head, heads_of, statement_columns, statement_rows
from reports.table import Asked, Report
from tenants.models import Company
from tenants.refusal import Refused

TITLES = {"profit-and-loss": gettext_lazy("Profit and loss"), "balance-sheet": gettext_lazy("Balance sheet")}
MOST_VALUES = 30


class NotTogether(Refused):
    """Two choices of a report cannot be had together."""

    code = "not_together"


def profit_and_loss(company: Company, asked: Asked) -> Report:
    """What was earned and spent from a day (of the fiscal year, where none is named) to another, the closing of years
    left out. Columns by month, quarter or year, beside the year or the period before; or one for each value of a
    dimension. On accrual or cash basis. Refused: `too_many_columns`, `not_together`, `unknown_layout`."""
    start = asked.start or fiscal_year_start(company, asked.date)
    wanted = dataclasses.replace(asked, start=start)
    if asked.across:
        return _across(company, wanted, Period(start, asked.date))
    columns = periods_of(start, asked.date, asked.by, compare=asked.compare)
    closed = closed_results(company, columns, known_at=asked.known_at)
    heads = heads_of(columns, compared=len(columns) // 2 if asked.compare else 0, closed=closed)
    return _statement(company, wanted, "profit-and-loss", heads, movements(company, columns, asked))


def balance_sheet(company: Company, asked: Asked) -> Report:
    """What is owned and owed at the end of a day, or of each month, quarter or year of its fiscal year; beside the same
    a year or a period before; on accrual or cash basis. Refused: `too_many_columns`, `unknown_layout`."""
    cut = periods_of(fiscal_year_start(company, asked.date), asked.date, asked.by) if asked.by else []
    columns = [Period(None, one.end) for one in cut or [Period(None, asked.date)]]
    compared = [earlier(one, asked.compare) for one in columns] if asked.compare else []
    heads = heads_of([*columns, *compared], compared=len(compared))
    amounts = balances_on(company, [one.period.end for one in heads], asked)
    return _statement(company, dataclasses.replace(asked, start=None), "balance-sheet", heads, amounts)


def _across(company: Company, asked: Asked, period: Period) -> Report:
    """One column for each value of the dimension that earned or spent, one for what has none, and their sum."""
    if asked.by or asked.compare or asked.basis == CASH:
        raise NotTogether(_("Columns of a dimension stand by themselves: one range of days, accrual."), place="across")
    found = across_values(company, period, asked.across, known_at=asked.known_at)
    if len(found) > MOST_VALUES:
        raise NotTogether(_("More than %d values moved: choose fewer days.") % MOST_VALUES, place="across")
    values = DimensionValue.objects.for_company(company).filter(dimension__code=asked.across)
    names = dict(values.values_list("code", "name"))
    keys = sorted(found, key=lambda one: (not one, one))
    total: Amounts = {}
    for one in found.values():
        total = less(total, {account: -amount for account, amount in one.items()})
    names[""] = _("Without")
    heads = [
        Head(names.get(one, one), period, narrowed=LEFT_OUT | {"value": f"{asked.across}:{one}"}) for one in keys
    ]  # fmt: skip
    heads.append(Head(_("Total"), period, narrowed=LEFT_OUT))
    return _statement(company, asked, "profit-and-loss", heads, [*(found[one] for one in keys), total])


def _statement(company: Company, asked: Asked, name: str, heads: Sequence[Head], amounts: Sequence[Amounts]) -> Report:
    layout = layout_of(company, name, asked.layout)
    filled = filled_with(company, layout, heads, amounts)
    rows = list(statement_rows(filled, asked, company))
    report = Report(name, TITLES[name], company, asked, statement_columns(company, heads), rows)
    report.problems += [_("Account %s stands in no row.") % f"{one.code} {one.name}" for one in filled.left]
    for head, apart in zip(heads, differing(layout, filled.sums), strict=False):
        if apart:
            said = _("%(column)s: the two sides differ by %(apart)s.")
            report.problems.append(said % {"column": head.label, "apart": apart})
    if asked.basis == CASH:
        report.notes.append(
            _("On cash basis: a document counts when it is paid; the ledgers behind show it when it was posted.")
        )
    return report


def filled_with(company: Company, layout: Layout, heads: Sequence[Head], amounts: Sequence[Amounts]) -> Filled:
    """The layout with the accounts of its rows and what they come to in each column."""
    chart = chart_of(company)
    used = {account for column in amounts for account, amount in column.items() if amount}
    rows, left = placed(layout, (chart.by_id[account] for account in used))
    return Filled(layout, rows, left, amounts, heads)
