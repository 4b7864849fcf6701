"""The net price of a line, so that price times quantity less the allowance is its net amount to the cent.

What a document says of a line may be a price that includes tax, or a rounded share of a total. EN 16931 wants a price
without tax from which everybody comes to the same amount (BR-CO-10, PEPPOL-R120), and none below zero (BR-27).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from invoicing.printed import PrintedLine
from invoicing.totals import rounded

CENTS = 2
# A unit price has up to 12 decimals in the books.
MOST_DECIMALS = 12
# PEPPOL-R040 compares an allowance with its percentage of the base, and lets pass so much.
SLACK = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class NetPrice:
    """Quantity and price for so many of them, and the discount of the line as an amount, with its base and percentage
    where they say the same."""

    quantity: Decimal
    price: Decimal
    base_quantity: Decimal | None = None
    allowance: Decimal = Decimal(0)
    allowance_base: Decimal | None = None
    allowance_percent: Decimal | None = None


def net_price(line: PrintedLine, *, inclusive: bool) -> NetPrice:
    """The line with a net price that is not below zero."""
    quantity, price = line.quantity, line.unit_price
    if price < 0:
        quantity, price = -quantity, -price
    exact = Fraction(price) / (1 + Fraction(line.percent) / 100) if inclusive else Fraction(price)
    if line.discount_percent and quantity > 0 and (found := _discounted(line, quantity, exact)):
        return found
    if not quantity:
        return NetPrice(quantity, rounded(exact, MOST_DECIMALS))
    each = exact if _comes_to(quantity, exact, line.net) else Fraction(line.net) / Fraction(quantity)
    if each < 0:
        quantity, each = -quantity, -each
    for decimals in range(CENTS, MOST_DECIMALS + 1):
        short = rounded(each, decimals)
        if _comes_to(quantity, Fraction(short), line.net) and (inclusive or line.discount_percent or short == each):
            return NetPrice(quantity, short)
    return NetPrice(quantity, abs(line.net), base_quantity=abs(quantity))


def _discounted(line: PrintedLine, quantity: Decimal, exact: Fraction) -> NetPrice | None:
    """Full price and allowance; None where rounding leaves nothing to allow."""
    short = next(rounded(exact, places) for places in range(4, MOST_DECIMALS + 1)
                 if places == MOST_DECIMALS or rounded(exact, places) == exact)  # fmt: skip
    full = rounded(Fraction(quantity) * Fraction(short), CENTS)
    allowance = full - line.net
    if allowance <= 0:
        return None
    said = abs(Fraction(full) * Fraction(line.discount_percent) / 100 - Fraction(allowance)) <= Fraction(SLACK)
    if not said:
        return NetPrice(quantity, short, None, allowance)
    return NetPrice(quantity, short, None, allowance, full, line.discount_percent)


def _comes_to(quantity: Decimal, price: Fraction, net: Decimal) -> bool:
    return rounded(Fraction(quantity) * price, CENTS) == net
