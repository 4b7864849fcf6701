"""Which lots a sale takes from: holdings by account, and the booking methods that choose among lots."""

import datetime
from collections.abc import Callable, Iterable
from copy import copy
from decimal import Decimal

from accounting.written_numbers import Unreadable
from ledger.parsers.beancount_entries import Cost, Leg, Lot
from ledger.parsers.numerals import ZERO, quotient, without_dust

Lots = dict[Lot | None, Decimal]


class Holdings:
    """What every account holds, lot by lot (the lot None: units without a cost)."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, Lots]] = {}

    def add(self, leg: Leg) -> None:
        """Put a booked leg into its account."""
        assert leg.number is not None
        assert leg.commodity is not None
        lots = self._held.setdefault(leg.account, {}).setdefault(leg.commodity, {})
        total = lots.get(leg.lot, ZERO) + leg.number
        if total:
            lots[leg.lot] = total
        else:
            lots.pop(leg.lot, None)

    def lots(self, account: str, commodity: str | None) -> Lots:
        """The lots of a commodity in an account, oldest entry first."""
        return self._held.get(account, {}).get(commodity or "", {})

    def only_commodity(self, account: str) -> str | None:
        """The commodity of an account that holds just one."""
        held = [commodity for commodity, lots in self._held.get(account, {}).items() if lots]
        return held[0] if len(held) == 1 else None

    def only_cost_currency(self, account: str) -> str | None:
        """The currency of all the lots of an account, when it is one."""
        held = self._held.get(account, {}).values()
        currencies = {lot.currency for lots in held for lot in lots if lot is not None}
        return currencies.pop() if len(currencies) == 1 else None


def book_legs(
    legs: Iterable[Leg], date: datetime.date, holdings: Holdings, method_of: Callable[[str], str]
) -> list[Leg]:
    """Match every leg at cost that reduces its account to the lots it takes; a leg may become several.

    Legs that add units keep their cost as written, dated, for the balance to fill in.
    """
    booked: list[Leg] = []
    working: dict[tuple[str, str], Lots] = {}
    for leg in legs:
        if leg.cost is None:
            booked.append(leg)
            continue
        key = (leg.account, leg.commodity or "")
        lots = working.get(key, holdings.lots(*key))
        method = method_of(leg.account)
        if leg.number is None or method == "NONE" or not _reduces(leg.number, lots):
            leg.cost.date = leg.cost.date or date
            booked.append(leg)
            continue
        taken = _reduce(leg, leg.number, lots, method)
        booked.extend(taken)
        # The second sale of one transaction must not find the lots the first has taken.
        working[key] = _less(lots, taken)
    return booked


def unit_cost(cost: Cost, number: Decimal) -> Decimal | None:
    """The cost of one unit, or None while a part of it is unknown."""
    if cost.per is None or (cost.has_total and cost.total is None):
        return None
    if cost.total is None:
        return cost.per
    return quotient(cost.total + cost.per * abs(number), abs(number))


def settle_cost(leg: Leg) -> None:
    """Turn a complete cost as written into the lot it makes, with its exact weight."""
    cost, number = leg.cost, leg.number
    if cost is None or leg.lot is not None or number is None:
        return
    if not number:
        raise Unreadable("zero_quantity", "A line at cost has no units.", leg.place)
    per = unit_cost(cost, number)
    if per is None or cost.currency is None or cost.date is None:
        raise Unreadable("bad_cost", "A cost is incomplete.", leg.place)
    if without_dust(per) < 0:
        raise Unreadable("negative_cost", f"A cost of {per} {cost.currency} is negative.", leg.place)
    leg.lot = Lot(per, cost.currency, cost.date, cost.label)
    if cost.total is None or cost.per is None:
        leg.cost_weight = number * per
    else:
        whole = cost.total + cost.per * abs(number)
        leg.cost_weight = whole.copy_sign(number) if whole else ZERO


def _reduces(number: Decimal, lots: Lots) -> bool:
    return bool(number) and any((held < 0) != (number < 0) for held in lots.values())


def _reduce(leg: Leg, number: Decimal, lots: Lots, method: str) -> list[Leg]:
    assert leg.cost is not None
    matching = [(lot, held) for lot, held in lots.items() if lot is not None and _fits(leg.cost, number, lot)]
    if not matching:
        raise Unreadable("lot_not_found", f"{leg.account} holds no lot of {leg.commodity} like this.", leg.place)
    if method in ("STRICT", "STRICT_WITH_SIZE"):
        matching = _strictly(leg, number, matching, method == "STRICT_WITH_SIZE")
    elif method == "AVERAGE":
        raise Unreadable("booking_unsupported", "AVERAGE booking is not supported, as in beancount.", leg.place)
    elif method == "HIFO":
        matching.sort(key=lambda pair: pair[0].unit_cost, reverse=True)
    else:
        matching.sort(key=lambda pair: pair[0].date, reverse=method == "LIFO")
    return _take(leg, number, matching)


def _fits(cost: Cost, number: Decimal, lot: Lot) -> bool:
    wanted = unit_cost(cost, number)
    return (
        (wanted is None or wanted == lot.unit_cost)
        and (cost.currency is None or cost.currency == lot.currency)
        and (cost.date is None or cost.date == lot.date)
        and (not cost.label or cost.label == lot.label)
    )


def _strictly(
    leg: Leg, number: Decimal, matching: list[tuple[Lot, Decimal]], by_size: bool
) -> list[tuple[Lot, Decimal]]:
    """One lot, or all of them when the sale empties them together, or (by size) the oldest of just this size."""
    whole = sum((held for _, held in matching), ZERO)
    if len(matching) == 1 or whole == -number:
        return matching
    same_size = [pair for pair in matching if pair[1] == -number]
    if by_size and same_size:
        return [min(same_size, key=lambda pair: pair[0].date)]
    raise Unreadable("ambiguous_lots", f"{len(matching)} lots of {leg.commodity} in {leg.account} match.", leg.place)


def _take(leg: Leg, number: Decimal, matching: list[tuple[Lot, Decimal]]) -> list[Leg]:
    taken: list[Leg] = []
    left = abs(number)
    for lot, held in matching:
        if not left:
            break
        if (held < 0) == (number < 0):
            continue
        size = min(abs(held), left)
        part = copy(leg)
        part.number, part.lot = size.copy_sign(number), lot
        part.cost_weight = part.number * lot.unit_cost
        taken.append(part)
        left = left - size
    if left:
        raise Unreadable("not_enough_lots", f"{leg.account} is short of {left} {leg.commodity}.", leg.place)
    return taken


def _less(lots: Lots, taken: list[Leg]) -> Lots:
    rest = dict(lots)
    for part in taken:
        assert part.number is not None
        rest[part.lot] = rest[part.lot] + part.number
        if not rest[part.lot]:
            del rest[part.lot]
    return rest
