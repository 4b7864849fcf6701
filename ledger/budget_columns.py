"""The columns of a budget as a table: what a row says, read as planned lines; and a version written as rows."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.chart import Chart, chart_of
from accounting.table_columns import DAY, NUMBER, Column, TableRow
from ledger.budget_spread import spread_months
from ledger.budgets import BudgetRefused, Place, PlannedLine, months_of, place_of, planned_lines, values_of
from ledger.models import Budget
from tenants.refusal import Refused

MONTHS = tuple(f"month_{number}" for number in range(1, 13))
COLUMNS = (
    Column("budget", "Name", "Plan", called=("budget name",), required=True),
    Column("year", "Fiscal year of a new budget; blank: the present one", called=("fiscal year", "Jahr")),
    Column("account", "Code", "5000", called=("account number", "Konto"), required=True),
    Column("dimension", "Code; the same in the whole budget", called=("Dimension code",)),
    Column("value", "Code of a value of the dimension; blank: the rest of the account",
           called=("cost centre", "Kostenstelle")),
    Column("month", "First day of the month of `amount`; blank: spread over all months", "", DAY, ("Monat",)),
    Column("amount", "On the account's normal side", "12000.00", NUMBER, ("Betrag",)),
    *(Column(name, f"Amount of month {number} of the budget", "", NUMBER) for number, name in enumerate(MONTHS, 1)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BudgetShape:
    """What the rows of a budget are read with: its months, its accounts, and the values of its dimension."""

    budget: Budget
    chart: Chart
    values: Mapping[str, UUID]
    months: list[datetime.date]

    @classmethod
    def of(cls, budget: Budget) -> "BudgetShape":
        """That of a version."""
        return cls(budget, chart_of(budget.company), values_of(budget), months_of(budget))

    @property
    def decimals(self) -> int:
        """Those of the base currency."""
        return self.chart.units[self.budget.company.base_currency].decimals


def lines_of(row: TableRow, shape: BudgetShape) -> dict[Place, PlannedLine]:
    """What a row plans. Refused at its column, as `set_lines` refuses it; `invalid_budget` without an amount, or with
    one beside those of months."""
    lines = {}
    for month, amount, column in _amounts(row, shape):
        line = PlannedLine(str(row.values.get("account", "")), month, amount, str(row.values.get("value", "")))
        try:
            lines[place_of(shape.budget, shape.chart, shape.values, line)] = line
        except Refused as refusal:
            refusal.place = column if refusal.place == "amount" else refusal.place
            raise
    return lines


def _amounts(row: TableRow, shape: BudgetShape) -> list[tuple[datetime.date, Decimal, str]]:
    """Each amount with its month, and the column where it stands."""
    said: Mapping[str, Any] = row.values
    cells = [name for name in MONTHS if name in said]
    if bool(cells) == ("amount" in said):
        raise BudgetRefused(_("A row has an amount, or amounts of months."), place="amount")
    if late := [name for name in cells if MONTHS.index(name) >= len(shape.months)]:
        raise BudgetRefused(_("The budget has only %d months.") % len(shape.months), place=late[0])
    if cells:
        return [(shape.months[MONTHS.index(name)], Decimal(said[name]), name) for name in cells]
    amount = Decimal(said["amount"])
    if "month" in said:
        return [(datetime.date.fromisoformat(said["month"]), amount, "amount")]
    parts = spread_months(amount, len(shape.months), shape.decimals)
    return [(month, part, "amount") for month, part in zip(shape.months, parts, strict=True)]


def budget_rows(budget: Budget) -> Iterator[list[Any]]:
    """A version for a file: a row for each account and value, its months side by side; or, where it has more than
    twelve, a row for each month."""
    shape = BudgetShape.of(budget)
    wide = len(shape.months) <= len(MONTHS)
    months = MONTHS[: len(shape.months)] if wide else ("month", "amount")
    yield ["budget", "account", "account_name", "dimension", "value", "whole", *months]
    dimension = budget.dimension.code if budget.dimension else ""
    by_row: dict[tuple[Any, str], dict[datetime.date, Decimal]] = {}
    for line in planned_lines(budget).values():
        by_row.setdefault((line.account, line.value), {})[line.month] = line.amount
    for (account_id, value), amounts in by_row.items():
        account = shape.chart.by_id[account_id]
        head: list[Any] = [budget.name, account.code, account.name, dimension, value]
        head.append(round(sum(amounts.values(), Decimal(0)), shape.decimals))
        exact = {month: round(amount, shape.decimals) for month, amount in amounts.items()}
        if wide:
            yield [*head, *(exact.get(month, "") for month in shape.months)]
        else:
            yield from ([*head, month, amount] for month, amount in exact.items())
