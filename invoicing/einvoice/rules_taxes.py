"""VAT in an electronic invoice: categories, rates, reasons, sums (BR-45 to BR-48, BR-CO-17, BR-CO-18, BR-S to BR-O)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from invoicing.einvoice.findings import Checks, Finding, broken
from invoicing.einvoice.semantic import EInvoice, TaxBreakdown
from invoicing.totals import rounded

# Category to the name that its rules have.
NAMES = {"S": "S", "Z": "Z", "E": "E", "AE": "AE", "K": "IC", "G": "G", "O": "O"}
EXPLAINED = {"E", "AE", "K", "G", "O"}
# What the rules of the standard let a tax differ from its rate: it may have been rounded by line.
SLACK = Decimal(1)


@dataclass(frozen=True, slots=True)
class Taxed:
    """A line, allowance or charge as far as its tax goes; an allowance counts below zero."""

    place: str
    kind: str
    category: str
    percent: Decimal | None
    amount: Decimal


def tax_rules(invoice: EInvoice) -> Iterator[Finding]:
    """What is wrong with the breakdown of VAT and with the categories that lead to it."""
    taxed = _taxed(invoice)
    yield from broken(_breakdowns(invoice))
    for category, name in NAMES.items():
        own = [one for one in taxed if one.category == category]
        rows = [(number, row) for number, row in enumerate(invoice.breakdowns) if row.category == category]
        if own or rows:
            yield from broken(_once(name, own, [row for _number, row in rows]))
            yield from broken(_parties(invoice, category, name, own))
            yield from broken(_rates(category, name, own))
            for number, row in rows:
                yield from broken(_row(f"breakdowns[{number}]", name, row, own))
    if any(one.category == "K" for one in taxed):
        yield from broken(_within_the_union(invoice))
    if any(row.category == "O" for row in invoice.breakdowns):
        yield from broken(_outside(invoice, taxed))


def _taxed(invoice: EInvoice) -> list[Taxed]:
    zero = Decimal(0)
    found = [Taxed(f"lines[{number}]", "line", line.category, line.percent, line.net or zero)
             for number, line in enumerate(invoice.lines)]  # fmt: skip
    for number, one in enumerate(invoice.allowances):
        amount = (one.amount or zero) * (1 if one.is_charge else -1)
        kind = "charge" if one.is_charge else "allowance"
        found.append(Taxed(f"allowances[{number}]", kind, one.category, one.tax_percent, amount))
    return found


def _breakdowns(invoice: EInvoice) -> Checks:
    yield "BR-CO-18", "breakdowns", invoice.breakdowns, _("An invoice has a breakdown of VAT.")
    for number, row in enumerate(invoice.breakdowns):
        place = f"breakdowns[{number}]"
        yield "BR-45", place, row.taxable is not None, _("A row of the breakdown has its taxable amount.")
        yield "BR-46", place, row.amount is not None, _("A row of the breakdown has its tax.")
        yield "BR-47", place, row.category in NAMES, _("A row of the breakdown has its category.")
        yield "BR-48", place, row.percent is not None or row.category == "O", _("A row of the breakdown has its rate.")
        if row.taxable is not None and row.amount is not None:
            reckoned = rounded(Fraction(row.taxable) * Fraction(row.percent or 0) / 100, 2)
            wanted = _("%(said)s is said and %(reckoned)s is right.") % {"said": row.amount, "reckoned": reckoned}
            yield "BR-CO-17", place, abs(row.amount - reckoned) < SLACK, wanted


def _once(name: str, own: Sequence[Taxed], rows: Sequence[TaxBreakdown]) -> Checks:
    """What the lines carry is in the breakdown: by rate for the standard one, once for each other."""
    if name == "S":
        held = {one.percent for one in own} <= {row.percent for row in rows}
    else:
        held = len(rows) == 1 if own else len(rows) <= 1
    yield f"BR-{name}-01", "breakdowns", held, _("What the lines carry is in the breakdown, once.")


def _parties(invoice: EInvoice, category: str, name: str, own: Sequence[Taxed]) -> Checks:
    """Which tax numbers a category needs, or may not have beside it."""
    seller, buyer = invoice.seller, invoice.buyer
    either = bool(seller.vat_number or seller.tax_registration)
    held = {
        "S": either, "Z": either, "E": either, "AE": either and bool(buyer.vat_number or buyer.registration),
        "K": bool(seller.vat_number and buyer.vat_number), "G": bool(seller.vat_number),
        "O": not (seller.vat_number or buyer.vat_number),
    }[category]  # fmt: skip
    wanted = _("This category needs the tax numbers of the parties.")
    if category == "O":
        wanted = _("Outside the scope of VAT nobody has a VAT number.")
    numbers = {"line": "02", "allowance": "03", "charge": "04"}
    for kind in dict.fromkeys(one.kind for one in own):
        yield f"BR-{name}-{numbers[kind]}", "seller", held, wanted


def _rates(category: str, name: str, own: Sequence[Taxed]) -> Checks:
    numbers = {"line": "05", "allowance": "06", "charge": "07"}
    for one in own:
        if category == "O":
            held, wanted = one.percent is None, _("Outside the scope of VAT there is no rate.")
        elif category == "S":
            held, wanted = bool(one.percent and one.percent > 0), _("The standard category has a rate above zero.")
        else:
            held, wanted = one.percent == 0, _("The rate of this category is zero.")
        yield f"BR-{name}-{numbers[one.kind]}", one.place, held, wanted


def _row(place: str, name: str, row: TaxBreakdown, own: Sequence[Taxed]) -> Checks:
    """Base, tax and reason of one row."""
    base = sum((one.amount for one in own if name != "S" or one.percent == row.percent), Decimal(0))
    wanted = _("%(said)s is said and %(reckoned)s is right.") % {"said": row.taxable, "reckoned": base}
    yield f"BR-{name}-08", place, row.taxable == base, wanted
    reason = bool(row.reason or row.reason_code)
    if row.category in EXPLAINED:
        yield f"BR-{name}-10", place, reason, _("It says why there is no tax.")
    else:
        yield f"BR-{name}-10", place, not reason, _("What is taxed has no reason why not.")
    if name == "S":
        reckoned = rounded(Fraction(base) * Fraction(row.percent or 0) / 100, 2)
        held = row.amount is not None and abs(row.amount - reckoned) < SLACK
    else:
        held = row.amount == 0
    yield f"BR-{name}-09", place, held, _("The tax is the base times its rate.")


def _within_the_union(invoice: EInvoice) -> Checks:
    supplied = invoice.delivery_date or invoice.period
    yield "BR-IC-11", "delivery_date", supplied, _("A supply within the EU has its date or period.")
    yield "BR-IC-12", "delivery_country", invoice.delivery_country, _("A supply within the EU has where it went.")


def _outside(invoice: EInvoice, taxed: Sequence[Taxed]) -> Checks:
    wanted = _("Outside the scope of VAT nothing else stands beside.")
    yield "BR-O-11", "breakdowns", len(invoice.breakdowns) == 1, wanted
    numbers = {"line": "12", "allowance": "13", "charge": "14"}
    for one in taxed:
        if one.category != "O":
            yield f"BR-O-{numbers[one.kind]}", one.place, False, wanted
