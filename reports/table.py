"""What every report is: a table of typed cells with links, made by a pure function, shown by any renderer."""

import datetime
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple

from ledger.balances import KnownAt
from tenants.models import Company

Value = str | int | Decimal | datetime.date | None


class Kind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount"
    COUNT = "count"
    PERCENT = "percent"


NUMBERS = (Kind.AMOUNT, Kind.COUNT, Kind.PERCENT)


class Standing(StrEnum):
    """How a row stands among the others."""

    HEADING = "heading"
    LINE = "line"
    SUBTOTAL = "subtotal"
    TOTAL = "total"


class Link(NamedTuple):
    """The page behind a cell: its name, its arguments besides the company, and its query."""

    page: str
    args: tuple[Any, ...] = ()
    query: Mapping[str, str] = {}


class Cell(NamedTuple):
    """A value, and what is behind it."""

    value: Value
    link: Link | None = None


EMPTY = Cell(None)


@dataclass(frozen=True, slots=True)
class Column:
    """One column; amounts have so many decimals. `is_wide` ones are left out on a narrow screen, `is_past` ones stand
    back; neighbours with the same `over` share that as a second head."""

    key: str
    label: Any
    kind: Kind = Kind.TEXT
    decimals: int = 0
    is_wide: bool = False
    is_past: bool = False
    over: Any = ""


class HeadOver(NamedTuple):
    """What stands over neighbouring columns, and over how many of them."""

    text: str
    columns: Sequence[Column]

    @property
    def span(self) -> int:
        return len(self.columns)


def heads_over(columns: Sequence[Column]) -> list[HeadOver]:
    """The second head over the columns; none where no column has any."""
    if not any(column.over for column in columns):
        return []
    return [HeadOver(over, list(own)) for over, own in groupby(columns, key=lambda one: str(one.over))]


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with a cell for each column; `anchor` is the place on the page that others lead to."""

    cells: Sequence[Cell]
    standing: Standing = Standing.LINE
    level: int = 0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a report; the catalogue says which of it a report heeds.

    It stands at the end of `date` or covers the days from `start` to it, as the books are believed at `known_at` (a
    moment, a block, or today). Columns are cut `by` month, quarter or year, or `across` the values of a dimension;
    `compare` puts the year or the period before beside them. `basis` is accrual or cash. The others narrow or lay out:
    `accounts` (codes and ranges: “4000-4999, 6100”), a `contact` by its number, a `box` of the tax return, a `layout`,
    a `method`, a `budget`, `only` the entries of a condition, the lines with a `value` of a dimension (“project:ALPHA”,
    or “project:” for those with none).
    """

    date: datetime.date
    start: datetime.date | None = None
    known_at: KnownAt = None
    by: str = ""
    compare: str = ""
    across: str = ""
    basis: str = ""
    accounts: str = ""
    contact: str = ""
    box: str = ""
    layout: str = ""
    method: str = ""
    budget: str = ""
    only: str = ""
    value: str = ""


@dataclass(slots=True)
class Report:
    """A report that was made. `rows` may be read once: a long report is never held whole.

    `problems` are what a reader has to know before trusting it, `notes` what helps to read it.
    """

    name: str
    title: Any
    company: Company
    asked: Asked
    columns: Sequence[Column]
    rows: Iterable[Row]
    problems: list[Any] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)

    def close(self) -> None:
        """Let go of what the rows are read from, where they are not read to their end."""
        if isinstance(self.rows, Generator):
            self.rows.close()
