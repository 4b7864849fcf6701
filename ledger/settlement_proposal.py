"""Which debit is settled by which credit, as it is proposed to people: oldest first, in one currency before across.

Across currencies a debit and a credit are taken whole where they are worth nearly the same (what rates have moved is
the exchange difference), and by the same worth where one of them is larger.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from ledger.allocation_plan import Item, Pair, by_line, match, settle_pair
from ledger.open_items import OpenItem

# Two amounts that differ by less than this share of the larger one are meant to settle each other whole.
NEARLY = Decimal("0.1")


def propose_pairs(found: Sequence[OpenItem], decimals: Mapping[str, int], base: str) -> list[Pair]:
    """The pairs that settle these open items as far as they go, in the order of their dates."""
    ordered = sorted(found, key=lambda one: (one.date, one.line_id))
    debits = [_item(one) for one in ordered if one.is_debit and not one.is_settled]
    others = [_item(one) for one in ordered if not one.is_debit and not one.is_settled]
    pairs: list[Pair] = []
    for currency in dict.fromkeys(one.currency for one in debits):
        mine, theirs = ([one for one in side if one.currency == currency] for side in (debits, others))
        left = by_line([*mine, *theirs])
        for step in match(mine, theirs, decimals[base]):
            pairs.append(Pair(step.debit, step.credit, step.debit_amount, step.credit_amount))
            settle_pair(left[step.debit], left[step.credit], pairs[-1], decimals[base])
    return [*pairs, *_across(debits, others, decimals, decimals[base])]


def _across(
    debits: Sequence[Item], others: Sequence[Item], decimals: Mapping[str, int], base_decimals: int
) -> list[Pair]:
    """What is left after that, in different currencies."""
    pairs = []
    for debit in debits:
        for credit in others:
            if not (debit.amount and credit.amount and debit.currency != credit.currency):
                continue
            amounts = _same_worth(debit, credit, decimals)
            if all(amounts):
                pairs.append(Pair(debit.line, credit.line, *amounts))
                settle_pair(debit, credit, pairs[-1], base_decimals)
    return pairs


def _same_worth(debit: Item, credit: Item, decimals: Mapping[str, int]) -> tuple[Decimal, Decimal]:
    larger, smaller = max(debit.base, credit.base), min(debit.base, credit.base)
    if larger - smaller <= larger * NEARLY or not smaller:
        return debit.amount, credit.amount
    if debit.base < credit.base:
        return debit.amount, _share(credit, smaller, decimals)
    return _share(debit, smaller, decimals), credit.amount


def _share(item: Item, worth: Decimal, decimals: Mapping[str, int]) -> Decimal:
    step = Decimal(1).scaleb(-decimals[item.currency])
    return min(item.amount, (item.amount * worth / item.base).quantize(step, ROUND_HALF_UP))


def _item(one: OpenItem) -> Item:
    return Item(one.line_id, one.currency, abs(one.residual), abs(one.base_residual))
