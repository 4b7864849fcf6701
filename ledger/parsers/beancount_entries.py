"""Beancount directives as written, before lots are booked and missing amounts are filled in."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from ledger.parsers.numerals import ZERO

BOOKING_METHODS = frozenset({"STRICT", "STRICT_WITH_SIZE", "NONE", "FIFO", "LIFO", "HIFO", "AVERAGE"})


@dataclass(slots=True)
class Cost:
    """What stands between braces. `per` or `total` None: to be found out; `has_total` says a total takes part."""

    per: Decimal | None = None
    total: Decimal | None = None
    has_total: bool = False
    currency: str | None = None
    date: datetime.date | None = None
    label: str | None = None


@dataclass(slots=True)
class Price:
    """What stands behind @ (of one unit) or @@ (of the whole line). A number None is to be found out."""

    number: Decimal | None
    currency: str | None
    of_whole: bool


@dataclass(frozen=True, slots=True)
class Lot:
    """Units held at the same cost, from the same day, under the same label."""

    unit_cost: Decimal
    currency: str
    date: datetime.date
    label: str | None


@dataclass(slots=True)
class Leg:
    """One posting, from what was written to what was booked."""

    place: int
    account: str
    number: Decimal | None = None
    commodity: str | None = None
    cost: Cost | None = None
    price: Price | None = None
    lot: Lot | None = None
    cost_weight: Decimal = ZERO
    elided: bool = False
    inferred: bool = False
    memo: str = ""
    sub_account: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Transaction:
    place: int
    date: datetime.date
    flag: str
    payee: str
    memo: str
    tags: tuple[str, ...]
    reference: str
    journal: str
    legs: list[Leg]


@dataclass(frozen=True, slots=True)
class Pad:
    place: int
    date: datetime.date
    account: str
    source: str


@dataclass(frozen=True, slots=True)
class Check:
    """A balance asserted at the start of a day; tolerance None: beancount's own."""

    place: int
    date: datetime.date
    account: str
    quantity: Decimal
    commodity: str
    tolerance: Decimal | None


@dataclass(frozen=True, slots=True)
class Opening:
    place: int
    date: datetime.date
    account: str
    commodities: tuple[str, ...]
    booking: str


@dataclass(frozen=True, slots=True)
class Closing:
    place: int
    date: datetime.date
    account: str


@dataclass(slots=True)
class Rules:
    """The options that decide how transactions are booked and balanced."""

    multiplier: Decimal = Decimal("0.5")
    default_tolerances: dict[str, Decimal] = field(default_factory=dict)
    tolerance_from_cost: bool = False
    precise_interpolation: bool = False
    booking: str = "STRICT"
    booking_of: dict[str, str] = field(default_factory=dict)
    roots: dict[str, str] = field(
        default_factory=lambda: {
            "Assets": "asset",
            "Liabilities": "liability",
            "Equity": "equity",
            "Income": "income",
            "Expenses": "expense",
        }
    )
    opens_accounts: bool = False
