"""What a caller proposes to post: entries and lines as given, before accounts, units and rates are looked up."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

NEXT_PERIOD = "next_period"


@dataclass(frozen=True, slots=True)
class NewLine:
    """One line: a signed amount (debit above zero) in `currency`, or in the base currency where none is named.

    A line in another currency carries its `rate` (base per unit) or its whole `base_amount`; with neither, the
    exchange rate of the date is looked up. `splits` share it out by percent: dimension -> value -> percent, and it
    becomes one line for each value. `statistical` keeps a line out of the money: it balances in its own unit.
    """

    account: str | UUID
    amount: Decimal
    currency: str = ""
    rate: Decimal | None = None
    base_amount: Decimal | None = None
    rate_source: str = ""
    sub_account: str | UUID = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    splits: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    memo: str = ""
    statistical: bool = False


@dataclass(frozen=True, slots=True)
class NewEntry:
    """One entry to post under its key; posting the key again answers with the entry that it made.

    `reverse_on` has it reversed by itself: on a date, or on the first day of the `NEXT_PERIOD`. `derived` marks an act
    that follows from what is posted (a reversal, a closing): the dimensions of its lines are taken as they are, also
    where a value is no longer in use. `opened` are control accounts that the act opens to what is typed.
    """

    key: str
    date: datetime.date
    lines: Sequence[NewLine]
    memo: str = ""
    journal: str = "GEN"
    reference: str = ""
    reason: str = ""
    source: str = ""
    source_id: UUID | None = None
    reverses: UUID | None = None
    reverse_on: datetime.date | str | None = None
    derived: bool = False
    opened: frozenset[UUID] = frozenset()


def body_hash(entry: NewEntry) -> bytes:
    """SHA-256 of what the caller proposed, in a canonical form: 1000 and 1000.00 are the same body.

    Every field is written with its length, so that no two bodies share their text.
    """
    fields = [
        "daybook body 1", entry.date.isoformat(), entry.journal, entry.memo, entry.reference, entry.reason,
        entry.source, _id(entry.source_id), _id(entry.reverses), str(len(entry.lines)),
    ]  # fmt: skip
    if entry.reverse_on is not None:
        fields += ("reverse on", str(entry.reverse_on))
    for line in entry.lines:
        dimensions = [f"{name}={line.dimensions[name]}" for name in sorted(line.dimensions)]
        dimensions += [
            f"{name}={value} {canonical_number(percent)}%"
            for name in sorted(line.splits)
            for value, percent in line.splits[name].items()
        ]
        fields += (
            str(line.account), canonical_number(line.amount), line.currency, canonical_number(line.rate),
            canonical_number(line.base_amount), line.rate_source, str(line.sub_account), str(len(dimensions)),
            *dimensions, line.memo, "1" if line.statistical else "",
        )  # fmt: skip
    text = "".join(["-" if field is None else f"{len(field)}:{field}" for field in fields])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def batch_hashes(entries: Sequence[NewEntry]) -> list[bytes]:
    """The body hash of each entry of a batch; a changed batch is another body for every one of its keys."""
    own = [body_hash(entry) for entry in entries]
    whole = hashlib.sha256(b"daybook batch 1" + b"".join(own)).digest()
    return [hashlib.sha256(whole + hashed).digest() for hashed in own]


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def canonical_number(value: Decimal | None) -> str | None:
    """The number as text, the same for 1.5 and 1.50."""
    if value is None:
        return None
    return f"{value.normalize():f}" if value.is_finite() else str(value)
