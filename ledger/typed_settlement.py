"""A settlement as it is typed: pairs of lines with part amounts, kept as typed until they can be settled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from ledger.allocation_plan import Pair
from ledger.amount_text import read_amount
from ledger.open_items import OpenItem
from ledger.refusals import CannotAllocate
from tenants.refusal import Refused

BLANK_ROWS = 2
MOST_PAIRS = 1000
_FIELDS = ("debit", "credit", "debit_amount", "credit_amount")


@dataclass(slots=True)
class TypedPair:
    """One row: the two lines and the amount of each, as text; `error` says what is wrong with it."""

    debit: str = ""
    credit: str = ""
    debit_amount: str = ""
    credit_amount: str = ""
    error: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.debit or self.credit or self.debit_amount.strip() or self.credit_amount.strip())


def typed_pairs(data: Any) -> list[TypedPair]:
    """The rows that a form sent, blank ones left out."""
    columns = [data.getlist(name)[:MOST_PAIRS] for name in _FIELDS]
    count = max(map(len, columns))
    rows = [TypedPair(*(column[n] if n < len(column) else "" for column in columns)) for n in range(count)]
    return [row for row in rows if not row.is_blank]


def shown_pairs(pairs: Iterable[Pair], found: Mapping[UUID, OpenItem], decimals: Mapping[str, int]) -> list[TypedPair]:
    """Pairs as the form shows them."""
    rows = []
    for pair in pairs:
        units = [decimals[found[line].currency] for line in (pair.debit, pair.credit)]
        same = found[pair.debit].currency == found[pair.credit].currency
        rows.append(TypedPair(
            str(pair.debit), str(pair.credit), _text(pair.debit_amount, units[0]),
            "" if same else _text(pair.credit_amount, units[1]),
        ))  # fmt: skip
    return rows


def read_pairs(rows: list[TypedPair], found: Mapping[UUID, OpenItem]) -> list[Pair]:
    """The pairs that the rows stand for. Refused where a row cannot be read; its `place` says which."""
    pairs = []
    for number, row in enumerate(rows):
        place = f"pairs[{number}]"
        lines = [_line(text, found) for text in (row.debit, row.credit)]
        if None in lines:
            raise CannotAllocate(_("Choose a debit and a credit."), place=place)
        amounts = [read_amount(getattr(row, name), f"{place}.{name}") for name in _FIELDS[2:]]
        pairs.append(Pair(lines[0], lines[1], *amounts))  # type: ignore[arg-type]
    return pairs


def show_at_row(refusal: Refused, rows: list[TypedPair]) -> bool:
    """Say the refusal at the row that it is about; False where it is about none."""
    head, _dot, _field = refusal.place.partition(".")
    if not (head.startswith("pairs[") and head[6:-1].isdecimal() and int(head[6:-1]) < len(rows)):
        return False
    rows[int(head[6:-1])].error = refusal.message
    return True


def _line(text: str, found: Mapping[UUID, OpenItem]) -> UUID | None:
    return next((line for line in found if str(line) == text), None)


def _text(amount: Decimal | None, decimals: int) -> str:
    return "" if amount is None else f"{amount:.{decimals}f}"
