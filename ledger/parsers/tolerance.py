"""How far a transaction may be out of balance: beancount's inferred tolerances."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from ledger.parsers.beancount_entries import Leg, Rules
from ledger.parsers.numerals import ZERO

# A rounded quantity times a large cost must not hide a real difference.
_MOST_FROM_COST = Decimal("0.5")
_HALF_TO_WHOLE = 2
_LONGEST_QUANTUM = 5


class Tolerances:
    """The tolerance of every commodity in one transaction."""

    def __init__(self, of: dict[str, Decimal], default: Decimal) -> None:
        self._of = of
        self._default = default

    def of(self, commodity: str) -> Decimal:
        """How far a commodity may be out of balance."""
        return self._of.get(commodity, self._default)

    def rounded(self, number: Decimal, commodity: str) -> Decimal:
        """A computed amount, rounded to the precision its commodity shows in this transaction."""
        quantum = (self.of(commodity) * _HALF_TO_WHOLE).normalize()
        if quantum and len(quantum.as_tuple().digits) < _LONGEST_QUANTUM:
            return number.quantize(quantum)
        return number


def infer_tolerances(legs: Iterable[Leg], rules: Rules, *, precise: bool = False) -> Tolerances:
    """Half the last digit written for each commodity (the loosest wins, or the tightest when precise).

    Whole numbers say nothing about precision. With the cost option, the error a rounded quantity can cause
    at its cost or price is allowed as well.
    """
    legs = list(legs)
    pick: Callable[[Decimal, Decimal], Decimal] = min if precise else max
    seen = _currencies(legs)
    found = {commodity: given for commodity, given in rules.default_tolerances.items() if commodity in seen}
    from_cost: dict[str, Decimal] = {}
    for leg in legs:
        exponent = leg.number.as_tuple().exponent if leg.number is not None and not leg.inferred else 0
        if not isinstance(exponent, int) or exponent >= 0 or leg.commodity is None:
            continue
        tolerance = Decimal(1).scaleb(exponent) * rules.multiplier
        found[leg.commodity] = pick(tolerance, found.get(leg.commodity, tolerance))
        if rules.tolerance_from_cost:
            _add_cost_error(leg, tolerance, from_cost)
    for commodity, tolerance in from_cost.items():
        found[commodity] = pick(tolerance, found.get(commodity, tolerance))
    return Tolerances(found, rules.default_tolerances.get("*", ZERO))


def _currencies(legs: list[Leg]) -> set[str]:
    seen: set[str] = set()
    for leg in legs:
        named = leg.commodity, leg.cost and leg.cost.currency, leg.price and leg.price.currency
        seen.update(currency for currency in named if currency)
    return seen


def _add_cost_error(leg: Leg, tolerance: Decimal, from_cost: dict[str, Decimal]) -> None:
    if leg.lot is not None:
        error = min(tolerance * leg.lot.unit_cost, _MOST_FROM_COST)
        from_cost[leg.lot.currency] = from_cost.get(leg.lot.currency, ZERO) + error
    elif leg.cost is not None and leg.cost.currency:
        known = [number for number in (leg.cost.total, leg.cost.per) if number is not None]
        error = min([tolerance * number for number in known] + [_MOST_FROM_COST])
        from_cost[leg.cost.currency] = from_cost.get(leg.cost.currency, ZERO) + error
    if leg.price is not None and leg.price.number is not None and leg.price.currency:
        per = leg.price.number
        if leg.price.of_whole and leg.number:
            per = per / abs(leg.number)
        error = min(tolerance * per, _MOST_FROM_COST)
        from_cost[leg.price.currency] = from_cost.get(leg.price.currency, ZERO) + error
