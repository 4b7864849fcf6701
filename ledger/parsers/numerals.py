"""Numbers as journals write them: decimal, bounded, and never rounded on the way in."""

from decimal import Context, Decimal

from accounting.written_numbers import MOST_DIGITS, Unreadable

# The context every parser computes in: wide enough that the product of two written numbers, summed over a
# journal, is still exact.
EXACT = Context(prec=120)
# A quotient has no exact form. 28 digits is what beancount keeps, so both find the same lots.
QUOTIENT = Context(prec=28)
ZERO = Decimal(0)
# What a 28-digit quotient leaves when it is multiplied back. No commodity is counted this finely.
DUST = Decimal("1E-18")


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Divide to 28 digits; a division by zero is a bad amount, not a crash."""
    if not divisor:
        raise Unreadable("bad_amount", "A number is divided by zero.")
    return QUOTIENT.divide(dividend, divisor)


def bounded(number: Decimal) -> Decimal:
    """Refuse a computed number that no account could hold."""
    if number and not -60 < number.adjusted() < MOST_DIGITS:
        raise Unreadable("bad_amount", "A computed number is out of range.")
    return number


def without_dust(number: Decimal) -> Decimal:
    """Take what a division left behind for the zero it stands for."""
    return ZERO if abs(number) < DUST else number
