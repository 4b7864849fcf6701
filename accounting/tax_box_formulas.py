"""Formulas of tax return boxes: read, kept in one spelling, free of circles, and reckoned."""

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from django.utils.translation import gettext as _

from tenants.refusal import Refused

SIGNS = {"+": 1, "-": -1}
_PIECES = re.compile(r"[+-]|[^+-]+")


class TaxBoxRefused(Refused):
    """The box of the tax return cannot be kept like this."""

    code = "invalid_tax_box"


def terms_of(formula: str, known: Collection[str]) -> list[tuple[int, str]]:
    """The boxes of a formula with the sign of each: “1 + 2 - 4”. Refused: `invalid_tax_box`."""
    terms: list[tuple[int, str]] = []
    sign: int | None = 1
    for piece in _pieces(formula, known):
        # A sign may stand before the first box; after that, signs and boxes take turns.
        if piece in SIGNS and (sign is None or (not terms and sign == 1)):
            sign = SIGNS[piece]
        elif piece in SIGNS or sign is None:
            raise _refused(_("Write boxes with + and - between them: 1 + 2 - 4."))
        elif piece not in known:
            raise _refused(_("There is no box “%s”.") % piece)
        else:
            terms.append((sign, piece))
            sign = None
    if formula.strip() and sign is not None:
        raise _refused(_("The formula ends with a sign."))
    return terms


def spelt(terms: list[tuple[int, str]]) -> str:
    """The formula as it is kept: boxes and signs with a space between them."""
    text = " ".join(f"{'-' if sign < 0 else '+'} {box}" for sign, box in terms)
    return text.removeprefix("+ ")


def reckoned(formulas: Mapping[str, str], filled: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What every box shows: what was added to it, or the sum that its formula asks for. Refused: `invalid_tax_box`."""
    amounts: dict[str, Decimal] = {}
    for box in boxes_in_order(formulas):
        terms = terms_of(formulas[box], formulas)
        added = sum((sign * amounts[other] for sign, other in terms), Decimal(0))
        amounts[box] = added if terms else filled.get(box, Decimal(0))
    return amounts


def boxes_in_order(formulas: Mapping[str, str]) -> list[str]:
    """The boxes, each after those that it is reckoned from. Refused (`invalid_tax_box`) where they go in a circle."""
    needs = {box: [other for _sign, other in terms_of(formula, formulas)] for box, formula in formulas.items()}
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise _refused(_("The boxes are reckoned from each other in a circle: %s.") % circle) from error


def _pieces(formula: str, known: Collection[str]) -> Iterator[str]:
    # A code may hold a hyphen: a word that is a box is one, whatever could be read into it.
    for word in formula.split():
        yield from [word] if word in known else _PIECES.findall(word)


def _refused(message: str) -> TaxBoxRefused:
    return TaxBoxRefused(message, place="formula")
