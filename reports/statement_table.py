"""A statement as a table: a row for each row of its layout with its accounts under it, a column for each period.

Every figure leads to what is behind it: an account to its ledger, a sum to the ledgers of all its accounts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.business_day import fiscal_year_start
from accounting.chart import ChartAccount, chart_of
from reports.closed_results import without_closing
from reports.comparison import percent_of
from reports.links import ledger_of, ledgers_of
from reports.periods import Period, label_of
from reports.statement_layout import Layout, LayoutRow, reckoned
from reports.table import EMPTY, Asked, Cell, Column, Kind, Link, Row, Standing
from tenants.models import Company

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Head:
    """A column of amounts: what stands over it, its days, whether they are earlier ones set beside, and how the ledgers
    behind it are narrowed to what it counts."""

    label: str
    period: Period
    is_past: bool = False
    narrowed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Filled:
    """A layout with the accounts of its rows, those that it has no row for, and what each moved in each column."""

    layout: Layout
    accounts: Mapping[str, Sequence[ChartAccount]]
    left: Sequence[ChartAccount]
    amounts: Sequence[Mapping[UUID, Decimal]]
    heads: Sequence[Head]

    @cached_property
    def sums(self) -> list[dict[str, Decimal]]:
        """What each row comes to, by column."""
        found = []
        for amounts in self.amounts:
            own = {
                row.key: row.side * sum((amounts.get(one.id, ZERO) for one in self.accounts[row.key]), ZERO)
                for row in self.layout.rows
                if row.key and not row.formula
            }
            found.append(reckoned(self.layout, own))
        return found

    @cached_property
    def behind(self) -> dict[str, frozenset[ChartAccount]]:
        """Every account that a row is made of, whether it stands in it or in a row that it is reckoned from."""
        found: dict[str, frozenset[ChartAccount]] = {}
        for row in self.layout.rows:
            if row.key:
                others = (found[other] for _sign, other in row.formula)
                found[row.key] = frozenset(self.accounts.get(row.key, ())).union(*others)
        return found


def heads_of(
    columns: Sequence[Period], *, compared: int = 0, closed: Sequence[Mapping[UUID, Decimal]] = ()
) -> list[Head]:  # fmt: skip
    """The heads of periods; the last so many are earlier ones, set beside. What `closed` years in each is left out of
    the ledgers behind it, as it is of the figures."""
    narrowed = [without_closing(one) for one in closed] or [{} for _one in columns]
    return [
        Head(label_of(one), one, is_past=number >= len(columns) - compared, narrowed=own)
        for number, (one, own) in enumerate(zip(columns, narrowed, strict=True))
    ]


def shows_change(heads: Sequence[Head]) -> bool:
    """One period beside one earlier: the change between them is worth two columns."""
    return [one.is_past for one in heads] == [False, True]


def statement_columns(company: Company, heads: Sequence[Head]) -> list[Column]:
    """The position, the amounts, and the change where one period stands beside an earlier one."""
    decimals = chart_of(company).units[company.base_currency].decimals
    last = len(heads) - 1
    amounts = [
        Column(f"amount_{number}", one.label, Kind.AMOUNT, decimals, is_wide=0 < number < last, is_past=one.is_past)
        for number, one in enumerate(heads)
    ]
    if shows_change(heads):
        amounts.append(Column("change", _("Change"), Kind.AMOUNT, decimals, is_wide=True))
        amounts.append(Column("change_percent", "%", Kind.PERCENT, 1, is_wide=True))
    return [Column("label", _("Position")), *amounts]


def statement_rows(filled: Filled, asked: Asked, company: Company) -> Iterator[Row]:
    """Each row of accounts with its accounts under it, and its sum; those of formulas by themselves."""
    for row in filled.layout.rows:
        if row.is_heading:
            yield Row(
                [Cell(row.label), *[EMPTY] * (len(statement_columns(company, filled.heads)) - 1)], Standing.HEADING
            )
            continue
        totals = [one[row.key] for one in filled.sums]
        standing = Standing.TOTAL if row.is_total else Standing.SUBTOTAL if row.formula else Standing.HEADING
        accounts = filled.accounts.get(row.key, ())
        if row.as_one or (not row.formula and not accounts):
            if any(totals):
                yield Row(_cells(filled, Cell(row.label), totals, _sum_links(filled, row, asked, company)))
        else:
            yield Row(_cells(filled, Cell(row.label), totals, _sum_links(filled, row, asked, company)), standing)
            if not row.formula:
                yield from (_account(filled, row, one, asked, company) for one in accounts)


def _account(filled: Filled, row: LayoutRow, account: ChartAccount, asked: Asked, company: Company) -> Row:
    amounts = [row.side * column.get(account.id, ZERO) for column in filled.amounts]
    links = [ledger_of(account, *_days(one, company), asked, one.narrowed) for one in filled.heads]
    return Row(_cells(filled, Cell(f"{account.code} {account.name}", links[-1] or links[0]), amounts, links), level=1)


def _sum_links(filled: Filled, row: LayoutRow, asked: Asked, company: Company) -> list[Link | None]:
    behind, chart = filled.behind[row.key], chart_of(company)
    return [
        ledgers_of([account for account in behind if amounts.get(account.id)], *_days(head, company), asked,
                   chart=chart, narrowed=head.narrowed)
        for head, amounts in zip(filled.heads, filled.amounts, strict=True)
    ]  # fmt: skip


def _days(head: Head, company: Company) -> Period:
    """The days behind a figure; behind a balance the fiscal year up to it."""
    start, end = head.period
    return Period(start or fiscal_year_start(company, end), end)


def _cells(filled: Filled, label: Cell, amounts: Sequence[Decimal], links: Sequence[Link | None]) -> list[Cell]:
    cells = [label, *(Cell(amount, link) for amount, link in zip(amounts, links, strict=True))]
    if not shows_change(filled.heads):
        return cells
    now, before = amounts
    percent = percent_of(now - before, before)
    return [*cells, Cell(now - before, links[0]), Cell(percent) if percent is not None else EMPTY]
