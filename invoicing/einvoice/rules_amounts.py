"""What the amounts of an electronic invoice add up to (BR-12 to BR-15, BR-CO-10 to BR-CO-16, PEPPOL-R120 and -R040)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from invoicing.einvoice.findings import Checks, Finding, broken
from invoicing.einvoice.semantic import AllowanceCharge, EInvoice, Line
from invoicing.totals import rounded

ZERO = Decimal(0)
# What PEPPOL lets an allowance differ from its percentage.
SLACK = Fraction("0.02")


def amount_rules(invoice: EInvoice) -> Iterator[Finding]:
    """Totals that are missing or do not add up, and lines that do not come to their amount."""
    yield from broken(_present(invoice))
    yield from broken(_totals(invoice))
    for number, line in enumerate(invoice.lines):
        yield from broken(_line(f"lines[{number}]", line))
    yield from broken(_percentages("allowances", invoice.allowances))


def _present(one: EInvoice) -> Checks:
    sums = one.sums
    yield "BR-12", "sums.lines", sums.lines is not None, _("The sum of the lines is there.")
    yield "BR-13", "sums.net", sums.net is not None, _("The total without tax is there.")
    yield "BR-14", "sums.gross", sums.gross is not None, _("The total with tax is there.")
    yield "BR-15", "sums.payable", sums.payable is not None, _("What is to be paid is there.")


def _totals(one: EInvoice) -> Checks:
    sums = one.sums
    lines = _sum(line.net for line in one.lines)
    allowances = _sum(each.amount for each in one.allowances if not each.is_charge)
    charges = _sum(each.amount for each in one.allowances if each.is_charge)
    taxes = _sum(row.amount for row in one.breakdowns)
    net = (sums.lines or ZERO) - (sums.allowances or ZERO) + (sums.charges or ZERO)
    gross = (sums.net or ZERO) + (sums.tax or ZERO)
    payable = (sums.gross or ZERO) - (sums.prepaid or ZERO) + (sums.rounding or ZERO)
    wanted = _("%(said)s is said and %(reckoned)s is right.")
    for rule, place, said, reckoned in (
        ("BR-CO-10", "sums.lines", sums.lines, lines), ("BR-CO-11", "sums.allowances", sums.allowances, allowances),
        ("BR-CO-12", "sums.charges", sums.charges, charges), ("BR-CO-13", "sums.net", sums.net, net),
        ("BR-CO-14", "sums.tax", sums.tax, taxes), ("BR-CO-15", "sums.gross", sums.gross, gross),
        ("BR-CO-16", "sums.payable", sums.payable, payable),
    ):  # fmt: skip
        yield rule, place, (said or ZERO) == reckoned, wanted % {"said": said, "reckoned": reckoned}


def _line(place: str, line: Line) -> Checks:
    """Quantity times price and charges less allowances is the amount of the line."""
    if line.quantity is not None and line.price is not None and line.net is not None:
        each = Fraction(line.price) / Fraction(line.base_quantity or 1)
        reckoned = rounded(Fraction(line.quantity) * each, 2)
        reckoned += _sum((one.amount or ZERO) * (1 if one.is_charge else -1) for one in line.allowances)
        wanted = _("%(said)s is said and %(reckoned)s is right.") % {"said": line.net, "reckoned": reckoned}
        yield "PEPPOL-R120", place, line.net == reckoned, wanted
    held = line.base_quantity is None or line.base_quantity > 0
    yield "PEPPOL-R121", place, held, _("The quantity that a price is for is above zero.")
    yield from _percentages(f"{place}.allowances", line.allowances)


def _percentages(place: str, allowances: Iterable[AllowanceCharge]) -> Checks:
    for number, one in enumerate(allowances):
        if one.base is not None and one.percent is not None and one.amount is not None:
            away = abs(Fraction(one.base) * Fraction(one.percent) / 100 - Fraction(one.amount))
            held, wanted = away <= SLACK, _("An allowance is its percentage of its base.")
            yield "PEPPOL-R040", f"{place}[{number}]", held, wanted


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount or ZERO for amount in amounts), ZERO)
