"""What a ledger hands to a renderer: plain rows, so that an export streams."""

import datetime
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ExportJournal:
    """The head of an exported journal."""

    company: str
    base_currency: str


@dataclass(frozen=True, slots=True)
class ExportAccount:
    """An account, `opened` not after its first use.

    `type` is asset, liability, equity, income, expense or statistical.
    """

    code: str
    name: str
    type: str
    opened: datetime.date


@dataclass(frozen=True, slots=True)
class ExportUnit:
    """A currency or another unit lines are counted in."""

    code: str
    decimals: int
    is_currency: bool


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One line: `quantity` in `currency`, worth `amount` (signed) in the base currency; nothing when statistical."""

    account_code: str
    quantity: Decimal
    currency: str
    amount: Decimal
    statistical: bool = False
    memo: str = ""
    sub_account: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ExportEntry:
    """A posted entry with its lines."""

    date: datetime.date
    number: str
    journal: str
    memo: str
    reference: str
    key: str
    lines: tuple[ExportLine, ...]
