"""Numbers as journals write them: decimal, bounded, and never rounded on the way in."""

import re
from decimal import Context, Decimal

from ledger.parsers.journal import Unreadable

MOST_DIGITS = 30
# The context every parser computes in: wide enough that the product of two written numbers, summed over a
# journal, is still exact.
EXACT = Context(prec=120)
# A quotient has no exact form. 28 digits is what beancount keeps, so both find the same lots.
QUOTIENT = Context(prec=28)
ZERO = Decimal(0)
# What a 28-digit quotient leaves when it is multiplied back. No commodity is counted this finely.
DUST = Decimal("1E-18")

_COMMA_GROUPS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?", re.ASCII)
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+", re.ASCII)


def written_number(text: str) -> Decimal:
    """Read an unsigned number with a decimal point and, if any, well-formed thousands commas."""
    if "," in text:
        if not _COMMA_GROUPS.fullmatch(text):
            raise Unreadable("bad_amount", f"“{text[:40]}” has misplaced thousands commas.")
        text = text.replace(",", "")
    elif not _PLAIN.fullmatch(text):
        raise Unreadable("bad_amount", f"“{text[:40]}” is not a number.")
    if len(text) > MOST_DIGITS:
        raise Unreadable("bad_amount", f"A number of {len(text)} characters is too long.")
    return Decimal(text)


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
