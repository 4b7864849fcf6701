"""What is asked of a statutory export, and what is counted while it is written."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from accounting.models import FiscalYear
from tenants.models import Company

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class AskedExport:
    """The days `start` to `end` of one fiscal year, as the books stand at a sealed block, and the parameters.

    A block never changes: whatever is posted meanwhile, everything that the file says is of one moment.
    """

    company: Company
    year: FiscalYear
    start: datetime.date
    end: datetime.date
    block: int
    made_at: datetime.datetime
    values: Mapping[str, str]


@dataclass(slots=True)
class Tally:
    """What has been written so far: entries, lines, debits and credits in base currency, and the characters that were
    replaced because the character set of the file has none like them."""

    entries: int = 0
    lines: int = 0
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    replaced: int = 0

    def add(self, amount: Decimal) -> None:
        """One more line, of this signed amount."""
        self.lines += 1
        if amount > 0:
            self.debit += amount
        else:
            self.credit -= amount


class StatutoryFile(NamedTuple):
    """A file that is being made: its name, its type, and its pieces, read once."""

    name: str
    content_type: str
    pieces: Iterator[bytes]
