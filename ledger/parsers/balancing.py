"""Beancount transactions completed: lots booked, missing amounts found, and the balance checked."""

from decimal import Decimal

from accounting.written_numbers import Unreadable
from ledger.parsers.beancount_entries import Leg, Rules, Transaction
from ledger.parsers.booking import Holdings, book_legs, settle_cost
from ledger.parsers.currency_groups import group_by_currency
from ledger.parsers.journal import ParsedLine, ParsedTransaction
from ledger.parsers.numerals import ZERO, quotient, without_dust
from ledger.parsers.tolerance import Tolerances, infer_tolerances


def complete(transaction: Transaction, holdings: Holdings, rules: Rules) -> ParsedTransaction:
    """Book one transaction against the holdings before it, and return it whole and balanced."""
    legs = _without_gaps(transaction, holdings, rules)
    for leg in legs:
        holdings.add(leg)
    lines = tuple(_line(leg) for leg in legs)
    return ParsedTransaction(
        date=transaction.date,
        memo=transaction.memo,
        payee=transaction.payee,
        reference=transaction.reference,
        tags=transaction.tags,
        lines=lines,
        residue=_residue(legs, lines, rules),
        place=transaction.place,
        journal=transaction.journal,
    )


def _without_gaps(transaction: Transaction, holdings: Holdings, rules: Rules) -> list[Leg]:
    legs = transaction.legs
    if all(leg.number is not None and leg.commodity and not leg.cost and not leg.price for leg in legs):
        return legs
    # Before the groups: an amount written without its currency says nothing about the precision of one.
    tolerances = infer_tolerances(legs, rules, precise=rules.precise_interpolation)
    groups = group_by_currency(legs, holdings)

    def method_of(account: str) -> str:
        return rules.booking_of.get(account, rules.booking)

    done: list[Leg] = []
    for currency, group in groups.items():
        booked = book_legs(group, transaction.date, holdings, method_of)
        done.extend(_filled_in(booked, currency, tolerances))
    # Groups come one after the other; the journal is read back in the order it was written.
    return sorted(done, key=lambda leg: leg.place)


def _filled_in(legs: list[Leg], currency: str, tolerances: Tolerances) -> list[Leg]:
    """Find the one number a currency's legs may leave out; a leg that comes out as nothing is dropped."""
    gaps = [(leg, part) for leg in legs for part in _missing_parts(leg)]
    if len(gaps) > 1:
        message = f"More than one number is left out in {currency}."
        raise Unreadable("ambiguous_elided_amount", message, gaps[1][0].place)
    if not gaps:
        for leg in legs:
            settle_cost(leg)
        return legs
    open_leg, part = gaps[0]
    others = [leg for leg in legs if leg is not open_leg]
    for leg in others:
        settle_cost(leg)
    weight = -sum((weight_of(leg)[0] for leg in others), ZERO)
    if part == "units" and not weight:
        return others
    _fill(open_leg, part, weight, tolerances)
    open_leg.inferred = True
    settle_cost(open_leg)
    return legs


def _missing_parts(leg: Leg) -> list[str]:
    missing = ["units"] if leg.number is None else []
    if leg.cost and leg.lot is None:
        missing += ["cost"] if leg.cost.per is None else []
        missing += ["total cost"] if leg.cost.has_total and leg.cost.total is None else []
    if leg.price and leg.price.number is None:
        missing.append("price")
    return missing


def _fill(leg: Leg, part: str, weight: Decimal, tolerances: Tolerances) -> None:
    cost, price = leg.cost, leg.price
    if part == "units":
        leg.number = tolerances.rounded(_units_for(leg, weight), leg.commodity or "")
    elif part == "cost" and cost and leg.number:
        cost.per = quotient(weight - (cost.total or ZERO), leg.number)
    elif part == "total cost" and cost and leg.number is not None:
        cost.total = weight - (cost.per or ZERO) * leg.number
    elif part == "price" and price and not cost and leg.number:
        price.number = abs(weight) if price.of_whole else abs(quotient(weight, leg.number))
    else:
        raise Unreadable("ambiguous_elided_amount", f"The {part} of {leg.account} cannot be found.", leg.place)


def _units_for(leg: Leg, weight: Decimal) -> Decimal:
    if leg.cost:
        if not leg.cost.per:
            raise Unreadable("ambiguous_elided_amount", "A total cost alone does not say how many units.", leg.place)
        return quotient(weight - (leg.cost.total or ZERO), leg.cost.per)
    if leg.price and leg.price.number is not None:
        return quotient(weight, leg.price.number)
    return weight


def weight_of(leg: Leg) -> tuple[Decimal, str]:
    """What a complete leg carries into the balance, and in which currency."""
    assert leg.number is not None
    assert leg.commodity is not None
    if leg.lot is not None:
        return leg.cost_weight, leg.lot.currency
    if leg.price is not None:
        assert leg.price.number is not None
        assert leg.price.currency is not None
        if not leg.price.of_whole:
            return leg.number * leg.price.number, leg.price.currency
        whole = leg.price.number.copy_sign(leg.number) if leg.number else ZERO
        return whole, leg.price.currency
    return leg.number, leg.commodity


def _line(leg: Leg) -> ParsedLine:
    assert leg.number is not None
    assert leg.commodity is not None
    weight: Decimal | None = None
    currency: str | None = None
    if leg.lot is not None or leg.price is not None:
        weight, currency = weight_of(leg)
    return ParsedLine(
        leg.account, leg.number, leg.commodity, weight, currency, leg.memo, leg.place, leg.sub_account, leg.dimensions
    )


def _residue(legs: list[Leg], lines: tuple[ParsedLine, ...], rules: Rules) -> dict[str, Decimal]:
    left: dict[str, Decimal] = {}
    for line in lines:
        weight = line.quantity if line.weight is None else line.weight
        currency = line.weight_commodity or line.commodity
        left[currency] = left.get(currency, ZERO) + weight
    residue = {currency: amount for currency, amount in left.items() if without_dust(amount)}
    if residue:
        tolerances = infer_tolerances(legs, rules)
        for currency, amount in residue.items():
            if abs(amount) > tolerances.of(currency):
                raise Unreadable("unbalanced", f"The transaction is out of balance by {amount:f} {currency}.")
    return residue
