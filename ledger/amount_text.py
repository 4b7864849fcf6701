"""Amounts as people type them: 1,234.50, or a sum such as 1200/12*3; exact, and refused where it cannot be read."""

from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.written_numbers import Unreadable
from ledger.parsers.amount_expression import read_number
from ledger.parsers.beancount_tokens import Cursor
from ledger.refusals import BadAmount

LONGEST = 200


def read_amount(text: str, place: str) -> Decimal | None:
    """The number that the text stands for; None where nothing was typed; refused (`bad_amount`) where it is none."""
    plain = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("−", "-").lstrip("+")
    if not plain:
        return None
    try:
        if len(plain) > LONGEST:
            raise Unreadable("bad_amount", "too long")
        cursor = Cursor(plain)
        amount = read_number(cursor)
        if cursor.kind:
            raise Unreadable("bad_amount", "more than a number")
    except (Unreadable, ArithmeticError, IndexError) as error:
        raise BadAmount(_("“%s” is not an amount. Write 1234.50 or 1,234.50.") % text[:40], place=place) from error
    return amount
