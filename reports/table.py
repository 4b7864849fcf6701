"""What every report is: a table of typed cells with links, made by a pure function, shown by any renderer."""

import datetime
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
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
    """One column; amounts have so many decimals. `is_wide` ones are left out on a narrow screen."""

    key: str
    label: Any
    kind: Kind = Kind.TEXT
    decimals: int = 0
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with a cell for each column."""

    cells: Sequence[Cell]
    standing: Standing = Standing.LINE
    level: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a report: the day at whose end it stands, the first day of a range, and the moment or block as
    of which the books are believed (today's knowledge where none is named); columns `by` month, quarter or year, and
    whether the year before stands beside."""

    date: datetime.date
    start: datetime.date | None = None
    known_at: KnownAt = None
    by: str = ""
    compare: bool = False


@dataclass(slots=True)
class Report:
    """A report that was made. `rows` may be read once: a long report is never held whole.

    `problems` are what a reader has to know before trusting it.
    """

    name: str
    title: Any
    company: Company
    asked: Asked
    columns: Sequence[Column]
    rows: Iterable[Row]
    problems: list[Any] = field(default_factory=list)

    def close(self) -> None:
        """Let go of what the rows are read from, where they are not read to their end."""
        if isinstance(self.rows, Generator):
            self.rows.close()
