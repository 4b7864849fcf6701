"""Which currency every leg balances in, so that what is missing can be found group by group."""

from copy import copy

from accounting.written_numbers import Unreadable
from ledger.parsers.beancount_entries import Leg
from ledger.parsers.booking import Holdings


def group_by_currency(legs: list[Leg], holdings: Holdings) -> dict[str, list[Leg]]:
    """Bucket the legs by the currency they weigh in; an elided leg joins every bucket.

    A missing currency is taken from the only other bucket, else from what the account holds.
    """
    groups: dict[str, list[Leg]] = {}
    elided: list[Leg] = []
    unknown: list[Leg] = []
    for leg in legs:
        _share_currency(leg)
        if leg.elided:
            elided.append(leg)
        elif currency := _weighs_in(leg):
            groups.setdefault(currency, []).append(leg)
        else:
            unknown.append(leg)
    if len(unknown) == 1 and len(groups) == 1:
        _adopt(unknown[0], next(iter(groups)))
    for leg in unknown:
        _adopt_from_holdings(leg, holdings)
        groups.setdefault(_weighs_in(leg) or _refuse(leg), []).append(leg)
    for group in groups.values():
        for leg in group:
            leg.commodity = leg.commodity or holdings.only_commodity(leg.account) or _refuse(leg)
    _spread_elided(elided, groups)
    return groups


def _share_currency(leg: Leg) -> None:
    """A cost and a price of one leg are in the same currency."""
    if leg.cost and leg.price:
        leg.cost.currency = leg.cost.currency or leg.price.currency
        leg.price.currency = leg.price.currency or leg.cost.currency


def _weighs_in(leg: Leg) -> str | None:
    if leg.cost:
        return leg.cost.currency
    return leg.price.currency if leg.price else leg.commodity


def _adopt(leg: Leg, currency: str) -> None:
    if leg.cost:
        leg.cost.currency = leg.cost.currency or currency
    if leg.price:
        leg.price.currency = leg.price.currency or currency
    if not leg.cost and not leg.price:
        leg.commodity = currency


def _adopt_from_holdings(leg: Leg, holdings: Holdings) -> None:
    leg.commodity = leg.commodity or holdings.only_commodity(leg.account)
    if (leg.cost or leg.price) and (currency := holdings.only_cost_currency(leg.account)):
        _adopt(leg, currency)


def _spread_elided(elided: list[Leg], groups: dict[str, list[Leg]]) -> None:
    if len(elided) > 1:
        raise Unreadable("ambiguous_elided_amount", "Two amounts are left out: only one can be found.", elided[1].place)
    for leg in elided:
        for currency, group in groups.items():
            part = copy(leg)
            part.commodity = currency
            group.append(part)


def _refuse(leg: Leg) -> str:
    raise Unreadable("ambiguous_elided_amount", f"No currency can be found for the line of {leg.account}.", leg.place)
