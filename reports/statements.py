"""Profit and loss and the balance sheet: layouts filled with balances, for several periods side by side."""

import calendar
import dataclasses
import datetime
import functools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounting.business_day import fiscal_year_start, year_before
from accounting.chart import ChartAccount, chart_of
from ledger.balances import balances_at
from reports.closed_results import closed_results
from reports.periods import Period, periods_of
from reports.statement_layout import Layout, LayoutRow, differing, layout_from, placed, reckoned
from reports.table import Asked, Cell, Column, Kind, Link, Report, Row, Standing
from tenants.models import Company

HERE = Path(__file__).resolve().parent / "layouts"
ZERO = Decimal(0)
ONE_DAY = datetime.timedelta(days=1)
Amounts = list[dict[UUID, Decimal]]


@dataclass(frozen=True, slots=True)
class Filled:
    """A layout with the accounts of its rows, and each account's amount in each column, debit above zero."""

    layout: Layout
    accounts: dict[str, list[ChartAccount]]
    amounts: Amounts
    columns: Sequence[Period]


def profit_and_loss(company: Company, asked: Asked) -> Report:
    """What was earned and spent from a day (of the fiscal year, where none is named) to another, the closing of years
    left out; with columns by month, quarter or year, beside the year before."""
    start = asked.start or fiscal_year_start(company, asked.date)
    columns = periods_of(start, asked.date, asked.by, compare=asked.compare)
    wanted = dataclasses.replace(asked, start=start)
    return _statement(company, wanted, "profit_and_loss", columns, _movements(company, columns, asked))


def balance_sheet(company: Company, asked: Asked) -> Report:
    """What is owned and owed at the end of a day, beside the same day a year before."""
    days = [asked.date, *([year_before(asked.date)] if asked.compare else [])]
    columns = [Period(None, day) for day in days]
    found = balances_at(company, days, known_at=asked.known_at)
    amounts: Amounts = [_by_account(rows) for rows in found]
    wanted = dataclasses.replace(asked, start=None, by="")
    return _statement(company, wanted, "balance_sheet", columns, amounts)


def _movements(company: Company, columns: Sequence[Period], asked: Asked) -> Amounts:
    """Between the balances before and after each column, in one statement, without what closed the years."""
    days = sorted({day for one in columns if one.start for day in (one.start - ONE_DAY, one.end)})
    found = dict(zip(days, balances_at(company, days, known_at=asked.known_at), strict=True))
    at = {day: _by_account(rows) for day, rows in found.items()}
    closed = closed_results(company, columns, known_at=asked.known_at)
    amounts: Amounts = []
    for one, emptied in zip(columns, closed, strict=True):
        assert one.start is not None
        before, after = at[one.start - ONE_DAY], at[one.end]
        amounts.append({
            account: after.get(account, ZERO) - before.get(account, ZERO) - emptied.get(account, ZERO)
            for account in {*before, *after, *emptied}
        })  # fmt: skip
    return amounts


def _by_account(rows: Sequence[Any]) -> dict[UUID, Decimal]:
    found: dict[UUID, Decimal] = {}
    for row in rows:
        found[row.account_id] = found.get(row.account_id, ZERO) + row.amount
    return found


TITLES = {"profit_and_loss": _("Profit and loss"), "balance_sheet": _("Balance sheet")}


def _statement(company: Company, asked: Asked, name: str, columns: Sequence[Period], amounts: Amounts) -> Report:
    layout, chart = shipped_layout(name), chart_of(company)
    decimals = chart.units[company.base_currency].decimals
    used = {account for column in amounts for account, amount in column.items() if amount}
    rows, left = placed(layout, (chart.by_id[account] for account in used))
    filled = Filled(layout, rows, amounts, columns)
    heads = [Column("label", _("Position")), *(
        Column(f"amount_{number}", label_of(one), Kind.AMOUNT, decimals, is_wide=0 < number < len(columns) - 1)
        for number, one in enumerate(columns)
    )]  # fmt: skip
    sums = [_sums(filled, number) for number in range(len(columns))]
    report = Report(name.replace("_", "-"), TITLES[name], company, asked, heads, list(_rows(filled, sums)))
    report.problems += [_("Account %s stands in no row.") % one for one in map(_called, left)]
    for one, apart in zip(columns, differing(layout, sums), strict=False):
        if apart:
            report.problems.append(_("%(day)s: the two sides differ by %(apart)s.") % {"day": one.end, "apart": apart})
    return report


@functools.cache
def shipped_layout(name: str) -> Layout:
    """One of the layouts that come with Daybook."""
    return layout_from(json.loads((HERE / f"{name}.json").read_text(encoding="utf-8")))


def label_of(period: Period) -> str:
    """What stands over a column: its last day, its month, quarter or year, or its first and last day."""
    start, end = period
    if start is None:
        return date_format(end, "j M Y")
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    if start.day == 1 and end.day == calendar.monthrange(end.year, end.month)[1]:
        if months == 1:
            return date_format(start, "M Y")
        if months == 3 and start.month % 3 == 1:
            return f"Q{start.month // 3 + 1} {start.year}"
        if months == 12 and start.month == 1:
            return str(start.year)
    return gettext("%(start)s to %(end)s") % {"start": date_format(start, "j M Y"), "end": date_format(end, "j M Y")}


def _called(account: ChartAccount) -> str:
    return f"{account.code} {account.name}"


def _sums(filled: Filled, column: int) -> dict[str, Decimal]:
    amounts = filled.amounts[column]
    own = {
        row.key: row.side * sum((amounts.get(one.id, ZERO) for one in filled.accounts[row.key]), ZERO)
        for row in filled.layout.rows
        if not row.formula
    }
    return reckoned(filled.layout, own)


def _rows(filled: Filled, sums: Sequence[dict[str, Decimal]]) -> Iterator[Row]:
    """Each row of accounts with its accounts under it, and its sum; those of formulas by themselves."""
    for row in filled.layout.rows:
        totals = [one[row.key] for one in sums]
        if row.formula:
            standing = Standing.TOTAL if row.is_total else Standing.SUBTOTAL
            yield Row([Cell(row.label), *map(Cell, totals)], standing)
        elif row.as_one or not filled.accounts[row.key]:
            if any(totals):
                yield Row([Cell(row.label), *map(Cell, totals)])
        else:
            yield Row([Cell(row.label), *map(Cell, totals)], Standing.HEADING)
            yield from (_account(filled, row, one) for one in filled.accounts[row.key])


def _account(filled: Filled, row: LayoutRow, account: ChartAccount) -> Row:
    cells = []
    for number, period in enumerate(filled.columns):
        days = {"to": period.end.isoformat()}
        if period.start:
            days["from"] = period.start.isoformat()
        link = Link("ledger:account-ledger", (account.code,), days)
        cells.append(Cell(row.side * filled.amounts[number].get(account.id, ZERO), link))
    return Row([Cell(_called(account), cells[0].link), *cells], level=1)
