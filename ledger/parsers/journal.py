"""What any plain-text or CSV journal says, in one neutral form that knows no file format."""

import codecs
import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from accounting.written_numbers import Unreadable

# Beyond this, decimals are what a division left behind, not what a commodity is counted in.
MOST_DECIMALS = 18


class BadEncoding(Unreadable):
    """The file is not UTF-8 text; `offset` is the first wrong byte, `place` its line."""

    def __init__(self, message: str, offset: int, place: int) -> None:
        super().__init__("bad_encoding", message, place)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """One side of a transaction.

    `weight` is what the line carries into the balance when it has a cost or a price (cost beats price):
    exact, never rounded to a commodity. It is None when the line stands for itself.
    """

    account: str
    quantity: Decimal
    commodity: str
    weight: Decimal | None = None
    weight_commodity: str | None = None
    memo: str = ""
    place: int = 0
    sub_account: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ParsedTransaction:
    """A balanced entry. `residue` is what the source's own tolerance let pass, by commodity; empty when exact."""

    date: datetime.date
    memo: str
    payee: str
    reference: str
    tags: tuple[str, ...]
    lines: tuple[ParsedLine, ...]
    residue: dict[str, Decimal]
    place: int
    journal: str = ""


@dataclass(frozen=True, slots=True)
class ParsedAccount:
    """An account the source declares; `type` is asset, liability, equity, income, expense or "" when not said."""

    name: str
    opened: datetime.date | None
    closed: datetime.date | None
    commodities: tuple[str, ...]
    place: int
    type: str = ""


@dataclass(frozen=True, slots=True)
class ParsedPrice:
    """What one unit of a commodity was worth on a day."""

    date: datetime.date
    commodity: str
    price: Decimal
    currency: str
    place: int


@dataclass(frozen=True, slots=True)
class ParsedBalance:
    """A balance the source asserts.

    beancount asserts at the start of the day (before its transactions) and counts sub-accounts.
    hledger asserts right after the line at `place`, and counts sub-accounts only for `=*` and `==*`.
    """

    date: datetime.date
    account: str
    quantity: Decimal
    commodity: str
    place: int
    at_start: bool = True
    with_children: bool = True
    tolerance: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one place of the source was not taken: `place` is its line (or CSV row), 0 for the whole file."""

    place: int
    code: str
    message: str


@dataclass(slots=True)
class ParsedJournal:
    """Everything a source says: transactions by date, then by place; problems by place."""

    transactions: list[ParsedTransaction] = field(default_factory=list)
    accounts: list[ParsedAccount] = field(default_factory=list)
    commodities: dict[str, int] = field(default_factory=dict)
    prices: list[ParsedPrice] = field(default_factory=list)
    balances: list[ParsedBalance] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    operating_currencies: tuple[str, ...] = ()
    title: str = ""

    def ignore(self, kind: str, count: int = 1) -> None:
        """Count something that was understood and left out, so that the import report can name it."""
        self.ignored[kind] = self.ignored.get(kind, 0) + count

    def refuse(self, place: int, code: str, message: str) -> None:
        """Note why one place of the source was not taken."""
        self.problems.append(Problem(place, code, message))


def count_decimals(journal: ParsedJournal) -> None:
    """Note for every commodity the most decimals one of its quantities was written with."""
    seen = journal.commodities
    for transaction in journal.transactions:
        for line in transaction.lines:
            exponent = line.quantity.as_tuple().exponent
            decimals = max(0, -exponent) if isinstance(exponent, int) else 0
            if decimals > MOST_DECIMALS:
                decimals = 0
            if decimals >= seen.get(line.commodity, 0):
                seen[line.commodity] = decimals
            if line.weight_commodity is not None:
                seen.setdefault(line.weight_commodity, 0)
    for price in journal.prices:
        seen.setdefault(price.commodity, 0)
        seen.setdefault(price.currency, 0)


def decode(data: bytes) -> str:
    """Read an uploaded file as UTF-8 text (a byte order mark is dropped), or say where it is not."""
    start = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    if (nul := data.find(b"\0")) >= 0:
        line = _line_of(data, nul)
        raise BadEncoding(f"Byte {nul} (line {line}) is NUL: this is not a text file.", nul, line)
    try:
        # Strict UTF-8 also refuses encoded surrogates, which PostgreSQL could not store.
        return data[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        offset = start + error.start
        line = _line_of(data, offset)
        raise BadEncoding(f"Byte {offset} (line {line}) is not UTF-8.", offset, line) from error


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
