"""A budget as a grid of accounts and months: shown with its totals, and read back as a person typed it."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounting.account_ranking import meant
from accounting.amounts import amount_text
from accounting.chart import ChartAccount
from accounting.models import AccountType
from ledger.amount_text import read_amount
from ledger.budget_columns import BudgetShape
from ledger.budget_spread import spread_months
from ledger.budgets import Place, PlannedLine, place_of
from ledger.resolving import check_amount
from tenants.refusal import Refused

MOST_ROWS, BLANK_ROWS = 100, 3
# A row of the grid: an account, and a value of the budget's dimension or none.
Key = tuple[UUID, str]
Planned = Mapping[Place, PlannedLine]


@dataclass(slots=True)
class Cell:
    """What is planned, or was typed, for a month."""

    name: str
    month: datetime.date
    amount: Decimal | None = None
    text: str = ""
    error: str = ""


@dataclass(slots=True)
class GridRow:
    """An account with its months; one without an account is to be filled in. `whole` spreads an amount over them."""

    name: str
    cells: list[Cell]
    account: ChartAccount | None = None
    typed: str = ""
    value: str = ""
    whole: Cell | None = None
    error: str = ""

    @property
    def total(self) -> Decimal:
        """What is planned for all months."""
        return sum((cell.amount for cell in self.cells if cell.amount is not None), Decimal(0))

    @property
    def key(self) -> str:
        """How the form names a row that is there already."""
        return f"{self.account.id}:{self.value}" if self.account else ""


@dataclass(frozen=True, slots=True)
class Total:
    """What is planned for all accounts of a type, by month and together."""

    label: Any
    amounts: list[Decimal]
    total: Decimal


@dataclass(slots=True)
class Grid:
    """The rows of one page of the budget, with the totals of the whole."""

    shape: BudgetShape
    rows: list[GridRow]
    totals: list[Total] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        """Whether anything that was typed cannot be kept."""
        return bool(self.problems)

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Everything that is wrong: the field, its account and month, and why."""
        found = []
        for row in self.rows:
            account = row.account.code if row.account else row.typed
            if row.error:
                found.append((f"account-{row.name}", account, row.error))
            for cell in _cells(row):
                if cell.error:
                    month = _("all months") if cell is row.whole else date_format(cell.month, "M Y")
                    found.append((cell.name, f"{account} {month}", cell.error))
        return found


def keys_of(shape: BudgetShape, planned: Planned) -> list[Key]:
    """The rows of the whole grid, by account and value."""
    found = {(line.account, line.value) for line in planned.values() if isinstance(line.account, UUID)}
    return sorted(found, key=lambda key: (shape.chart.by_id[key[0]].code, key[1]))


def shown_grid(shape: BudgetShape, planned: Planned, keys: Iterable[Key], *, blank: int = 0) -> Grid:
    """The rows of these keys as they are planned, and as many blank ones to fill in."""
    by_key: dict[Key, dict[datetime.date, Decimal]] = {}
    for (account_id, _value, month), line in planned.items():
        by_key.setdefault((account_id, line.value), {})[month] = line.amount
    rows = []
    for number, (account_id, value) in enumerate(keys):
        row = _row(shape, str(number))
        row.account, row.value = shape.chart.by_id[account_id], value
        for cell in row.cells:
            cell.amount = by_key[account_id, value].get(cell.month)
            cell.text = "" if cell.amount is None else amount_text(cell.amount, shape.decimals)
        rows.append(row)
    rows += [_row(shape, str(len(rows) + number)) for number in range(blank)]
    return Grid(shape, rows, totals_of(shape, planned))


def totals_of(shape: BudgetShape, planned: Planned) -> list[Total]:
    """What is planned for each type of account that is planned."""
    by_type: dict[str, dict[datetime.date, Decimal]] = {}
    for (account_id, _value, month), line in planned.items():
        months = by_type.setdefault(shape.chart.by_id[account_id].type, {})
        months[month] = months.get(month, Decimal(0)) + line.amount
    return [
        Total(
            kind.label, [by_type[kind].get(month, Decimal(0)) for month in shape.months],
            sum(by_type[kind].values(), Decimal(0)),
        )
        for kind in AccountType
        if kind in by_type
    ]  # fmt: skip


def typed_grid(shape: BudgetShape, data: Mapping[str, str]) -> tuple[Grid, dict[Place, PlannedLine]]:
    """The grid as it was typed, what is wrong noted at its cell; and what it plans."""
    rows: list[GridRow] = []
    lines: dict[Place, PlannedLine] = {}
    number = 0
    while f"value-{number}" in data:
        row = _typed_row(shape, str(number), data)
        planned = _planned(shape, row)
        if not lines.keys().isdisjoint(planned):
            row.error = _("This account stands in the grid twice.")
        lines |= planned
        rows.append(row)
        number += 1
    return Grid(shape, rows), lines


def keys_posted(data: Mapping[str, str]) -> set[tuple[str, str]]:
    """The rows that the form was opened with: account id and value."""
    found = set()
    number = 0
    while f"value-{number}" in data:
        account, _colon, value = data.get(f"key-{number}", "").partition(":")
        found.add((account, value))
        number += 1
    return found


def _row(shape: BudgetShape, name: str) -> GridRow:
    cells = [Cell(f"cell-{name}-{n}", month) for n, month in enumerate(shape.months)]
    return GridRow(name, cells, whole=Cell(f"whole-{name}", shape.months[0]))


def _cells(row: GridRow) -> list[Cell]:
    return [*row.cells, *([row.whole] if row.whole else [])]


def _typed_row(shape: BudgetShape, name: str, data: Mapping[str, str]) -> GridRow:
    row = _row(shape, name)
    row.typed, row.value = data.get(f"account-{name}", "").strip(), data.get(f"value-{name}", "").strip()
    known = data.get(f"key-{name}", "").partition(":")[0]
    row.account = next((one for one in shape.chart.by_id.values() if str(one.id) == known), None) if known else (
        meant(row.typed, shape.chart.by_code.values()) if row.typed else None
    )  # fmt: skip
    for cell in _cells(row):
        cell.text = data.get(cell.name, "").strip()
    return row


def _planned(shape: BudgetShape, row: GridRow) -> dict[Place, PlannedLine]:
    """The lines of a row; an amount for the whole takes the place of its months."""
    for cell in _cells(row):
        _read(shape, cell)
    filled = [cell for cell in _cells(row) if cell.text]
    if row.account is None:
        if filled or row.typed:
            row.error = _("There is no account “%s”.") % row.typed if row.typed else _("Which account is it?")
        return {}
    if row.whole and row.whole.amount is not None:
        parts = spread_months(row.whole.amount, len(row.cells), shape.decimals)
        for cell, part in zip(row.cells, parts, strict=True):
            cell.amount, cell.text, cell.error = part, amount_text(part, shape.decimals), ""
        row.whole.text = ""
    lines = {}
    for cell in row.cells:
        if cell.amount is not None:
            line = PlannedLine(row.account.id, cell.month, cell.amount, row.value)
            try:
                lines[place_of(shape.budget, shape.chart, shape.values, line)] = line
            except Refused as refusal:
                row.error = refusal.message
    return lines


def _read(shape: BudgetShape, cell: Cell) -> None:
    try:
        cell.amount = read_amount(cell.text, cell.name)
        if cell.amount is not None:
            check_amount(cell.amount, shape.chart.units[shape.budget.company.base_currency], cell.name, zero=True)
    except Refused as refusal:
        cell.amount, cell.error = None, refusal.message
