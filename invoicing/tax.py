"""Taxes on documents: from the company's tax codes to what is reckoned with, and what of them may be deducted."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from accounting.tax_lookup import Tax, Taxes
from invoicing.totals import Levy, rounded, shared_out


def levies_of(taxes: Taxes, tax: Tax | None, day: datetime.date, *, place: str) -> tuple[Levy, ...]:
    """The taxes behind a code at the rates of the tax point. Refused: `no_tax_rate`."""
    if tax is None:
        return ()
    return tuple(Levy(one.id, one.percent_on(day, place=place), one.kind, one.compound) for one in taxes.single(tax))


def cost_shares(amount: Decimal, parts: Sequence[Decimal], percent: Decimal, decimals: int) -> list[Decimal]:
    """What of a tax is cost, because only so many percent may be deducted: in parts, as the tax itself is in parts."""
    if percent == 100:
        return [Decimal(0)] * len(parts)
    kept = 1 - Fraction(percent) / 100
    cost = amount - rounded(Fraction(amount) * Fraction(percent) / 100, decimals)
    return shared_out(cost, [Fraction(part) * kept for part in parts], decimals)
