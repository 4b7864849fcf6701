"""No amount of an electronic invoice has more than 2 decimals (BR-DEC); prices may."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from invoicing.einvoice.findings import Finding
from invoicing.einvoice.semantic import AllowanceCharge, EInvoice

MOST = 2


def decimal_rules(invoice: EInvoice) -> Iterator[Finding]:
    """Every amount that is too precise."""
    for rule, place, amount in _amounts(invoice):
        exponent = amount.as_tuple().exponent if amount is not None else 0
        if isinstance(exponent, int) and -exponent > MOST:
            yield Finding(rule, place, _("%s has more than 2 decimals.") % amount)


def _amounts(invoice: EInvoice) -> Iterator[tuple[str, str, Decimal | None]]:
    sums = invoice.sums
    yield "BR-DEC-09", "sums.lines", sums.lines
    yield "BR-DEC-10", "sums.allowances", sums.allowances
    yield "BR-DEC-11", "sums.charges", sums.charges
    yield "BR-DEC-12", "sums.net", sums.net
    yield "BR-DEC-13", "sums.tax", sums.tax
    yield "BR-DEC-14", "sums.gross", sums.gross
    yield "BR-DEC-15", "sums.tax_in_accounting", sums.tax_in_accounting
    yield "BR-DEC-16", "sums.prepaid", sums.prepaid
    yield "BR-DEC-17", "sums.rounding", sums.rounding
    yield "BR-DEC-18", "sums.payable", sums.payable
    for number, row in enumerate(invoice.breakdowns):
        yield "BR-DEC-19", f"breakdowns[{number}].taxable", row.taxable
        yield "BR-DEC-20", f"breakdowns[{number}].amount", row.amount
    for number, line in enumerate(invoice.lines):
        yield "BR-DEC-23", f"lines[{number}].net", line.net
        for position, one in enumerate(line.allowances):
            yield from _allowance(f"lines[{number}].allowances[{position}]", one, ("24", "25"), ("27", "28"))
    for number, one in enumerate(invoice.allowances):
        yield from _allowance(f"allowances[{number}]", one, ("01", "02"), ("05", "06"))


def _allowance(
    place: str, one: AllowanceCharge, allowance: tuple[str, str], charge: tuple[str, str]
) -> Iterator[tuple[str, str, Decimal | None]]:
    amount, base = charge if one.is_charge else allowance
    yield f"BR-DEC-{amount}", f"{place}.amount", one.amount
    yield f"BR-DEC-{base}", f"{place}.base", one.base
