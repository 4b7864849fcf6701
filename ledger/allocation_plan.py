"""How debits and credits settle each other: pure, exact, in whole units of each currency.

Each step takes an amount off a debit and off a credit, each in its own currency, and the same worth off both in base
currency. Where the two are worth different amounts, the rest is the realised exchange difference (IAS 21.28).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from uuid import UUID

EXACT = 80
# Debit line, credit line, the amount of each, and what both lose in base currency.
Row = tuple[UUID, UUID, Decimal, Decimal, Decimal]


@dataclass(slots=True)
class Item:
    """What is left of a line: in its currency and in base currency, both without sign."""

    line: UUID
    currency: str
    amount: Decimal
    base: Decimal

    @property
    def is_settled(self) -> bool:
        return not self.amount and not self.base


@dataclass(frozen=True, slots=True)
class Pair:
    """So much of a debit against so much of a credit; amounts left out are as much as both have."""

    debit: UUID
    credit: UUID
    debit_amount: Decimal | None = None
    credit_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One allocation, and the exchange difference that it realises: above zero where the debit was worth more."""

    debit: UUID
    credit: UUID
    debit_amount: Decimal
    credit_amount: Decimal
    base: Decimal
    difference: Decimal


class Overdrawn(ValueError):
    """A pair takes more off a line than is left of it; `place` says which amount."""

    def __init__(self, place: str, left: Decimal) -> None:
        super().__init__(place)
        self.place = place
        self.left = left


def settle_pair(debit: Item, credit: Item, pair: Pair, decimals: int) -> Step:
    """Take one pair off both items; `decimals` are those of the base currency. Raises `Overdrawn`, `ValueError`."""
    with localcontext(prec=EXACT):
        taken_debit, taken_credit = _amounts(debit, credit, pair)
        worth_debit = _worth(debit, taken_debit, decimals)
        worth_credit = _worth(credit, taken_credit, decimals)
        base = min(worth_debit, worth_credit)
        debit.amount, debit.base = debit.amount - taken_debit, debit.base - worth_debit
        credit.amount, credit.base = credit.amount - taken_credit, credit.base - worth_credit
        return Step(pair.debit, pair.credit, taken_debit, taken_credit, base, worth_debit - worth_credit)


def match(debits: Sequence[Item], others: Sequence[Item], decimals: int) -> list[Step]:
    """Settle many debits against many credits in the order given, each as far as it goes; all of one currency."""
    steps = []
    left = [Item(one.line, one.currency, one.amount, one.base) for one in others]
    for given in debits:
        debit = Item(given.line, given.currency, given.amount, given.base)
        for credit in left:
            if not debit.amount:
                break
            if credit.amount:
                steps.append(settle_pair(debit, credit, Pair(debit.line, credit.line), decimals))
    return steps


def by_line(items: Iterable[Item]) -> dict[UUID, Item]:
    """The items by their line."""
    return {item.line: item for item in items}


def _amounts(debit: Item, credit: Item, pair: Pair) -> tuple[Decimal, Decimal]:
    """How much of each: the same of both in one currency, the whole of each where currencies differ."""
    if debit.currency == credit.currency:
        wanted = pair.debit_amount if pair.debit_amount is not None else pair.credit_amount
        taken = min(debit.amount, credit.amount) if wanted is None else wanted
        amounts = taken, taken
        if None not in (pair.debit_amount, pair.credit_amount) and pair.debit_amount != pair.credit_amount:
            raise ValueError("one currency, one amount")
    else:
        amounts = (
            debit.amount if pair.debit_amount is None else pair.debit_amount,
            credit.amount if pair.credit_amount is None else pair.credit_amount,
        )
    for taken, item, place in ((amounts[0], debit, "debit_amount"), (amounts[1], credit, "credit_amount")):
        if taken > item.amount:
            raise Overdrawn(place, item.amount)
        if taken <= 0:
            raise ValueError(place)
    return amounts


def _worth(item: Item, taken: Decimal, decimals: int) -> Decimal:
    """The share of the item's base amount; the last share is what is left, so that nothing is lost on the way."""
    if taken == item.amount:
        return item.base
    step = Decimal(1).scaleb(-decimals)
    share = (item.base * taken / item.amount).quantize(step, ROUND_HALF_UP)
    return min(share, item.base.quantize(step, ROUND_DOWN))
