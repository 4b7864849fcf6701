"""Which things an electronic invoice has to say (BR-01 to BR-65, as far as documents have them)."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from invoicing.einvoice.findings import Checks, Finding, broken
from invoicing.einvoice.semantic import AllowanceCharge, EInvoice, Line

TRANSFERS = {"30", "58"}
# UNTDID 1001, those of it that EN 16931 lets stand for an invoice or a credit note and that documents are.
TYPE_CODES = {"71", "80", "81", "82", "83", "84", "102", "130", "202", "203", "204", "211", "218", "219", "261", "262",
              "295", "296", "308", "325", "326", "331", "380", "381", "382", "383", "384", "385", "386", "387", "388",
              "389", "390", "393", "394", "395", "396", "420", "456", "457", "458", "471", "472", "473", "500", "501",
              "502", "503", "527", "532", "553", "575", "623", "633", "751", "780", "817", "870", "875", "876", "877",
              "935"}  # fmt: skip


def content_rules(invoice: EInvoice) -> Iterator[Finding]:
    """What is missing, of the head, the parties, the payment, the lines and the allowances."""
    yield from broken(_head(invoice))
    yield from broken(_parties(invoice))
    yield from broken(_payment(invoice))
    for number, line in enumerate(invoice.lines):
        yield from broken(_line(f"lines[{number}]", line))
        for position, one in enumerate(line.allowances):
            yield from broken(_allowance(f"lines[{number}].allowances[{position}]", one, of_line=True))
    for number, one in enumerate(invoice.allowances):
        yield from broken(_allowance(f"allowances[{number}]", one, of_line=False))


def _head(one: EInvoice) -> Checks:
    yield "BR-01", "specification", one.specification, _("A specification is named.")
    yield "BR-02", "number", one.number, _("An invoice has a number.")
    yield "BR-03", "date", one.date, _("An invoice has a date.")
    yield "BR-04", "type_code", one.type_code, _("An invoice has a type code.")
    yield "BR-CL-01", "type_code", not one.type_code or one.type_code in TYPE_CODES, _("The type code is a known one.")
    yield "BR-05", "currency", one.currency, _("An invoice has a currency.")
    yield "BR-CL-04", "currency", re.fullmatch("[A-Z]{3}|", one.currency), _("The currency is a code of ISO 4217.")
    yield "BR-16", "lines", one.lines, _("An invoice has at least one line.")
    held = not one.tax_currency or one.sums.tax_in_accounting is not None
    yield "BR-53", "sums", held, _("With a currency for the tax goes the tax in it.")
    yield "BR-55", "preceding", one.preceding or not one.preceding_date, _("A preceding invoice has its number.")


def _parties(one: EInvoice) -> Checks:
    seller, buyer = one.seller, one.buyer
    yield "BR-06", "seller", seller.name, _("The seller has a name.")
    yield "BR-07", "buyer", buyer.name, _("The buyer has a name.")
    yield "BR-08", "seller", seller.has_address, _("The seller has an address.")
    yield "BR-09", "seller", seller.country, _("The seller's address has a country.")
    yield "BR-10", "buyer", buyer.has_address, _("The buyer has an address.")
    yield "BR-11", "buyer", buyer.country, _("The buyer's address has a country.")
    for rule, place, trader in (("BR-62", "seller", seller), ("BR-63", "buyer", buyer)):
        held = not trader.electronic_address or trader.electronic_scheme
        yield rule, place, held, _("An electronic address has its scheme.")
    for place, trader in (("seller", seller), ("buyer", buyer)):
        begun = re.match("[A-Z]{2}|$", trader.vat_number)
        yield "BR-CO-09", place, begun, _("A VAT number begins with the code of its country.")
    named = seller.identifier or seller.registration or seller.vat_number
    yield "BR-CO-26", "seller", named, _("The seller has an identifier, a registration or a VAT number.")


def _payment(one: EInvoice) -> Checks:
    payment, payable = one.payment, one.sums.payable
    yield "BR-49", "payment", payment.means or not payment.account, _("A payment has its means.")
    held = payment.means not in TRANSFERS or payment.account
    yield "BR-50", "payment", payment.account or not payment.holder, _("An account has its number.")
    yield "BR-61", "payment", held, _("A credit transfer has the account that it goes to.")
    dated = payable is None or payable <= 0 or one.due_date or one.terms
    yield "BR-CO-25", "due_date", dated, _("What is to be paid has a date or terms.")


def _line(place: str, line: Line) -> Checks:
    yield "BR-21", place, line.identifier, _("A line has a number.")
    yield "BR-22", place, line.quantity is not None, _("A line has a quantity.")
    yield "BR-23", place, line.unit, _("A quantity has a unit.")
    yield "BR-24", place, line.net is not None, _("A line has an amount.")
    yield "BR-25", place, line.name, _("What is sold has a name.")
    yield "BR-26", place, line.price is not None, _("A line has a price.")
    yield "BR-27", place, line.price is None or line.price >= 0, _("A price is not below zero.")
    yield "BR-28", place, line.gross_price is None or line.gross_price >= 0, _("A price is not below zero.")
    yield "BR-CO-04", place, line.category, _("A line has a VAT category.")


def _allowance(place: str, one: AllowanceCharge, *, of_line: bool) -> Checks:
    """Amount, category (of the whole document's) and reason."""
    names = {
        (True, False): ("BR-41", "", "BR-42"), (True, True): ("BR-43", "", "BR-44"),
        (False, False): ("BR-31", "BR-32", "BR-33"), (False, True): ("BR-36", "BR-37", "BR-38"),
    }  # fmt: skip
    amount, category, reason = names[of_line, one.is_charge]
    yield amount, place, one.amount is not None, _("An allowance or charge has an amount.")
    if not of_line:
        yield category, place, one.category, _("An allowance or charge of the whole has a VAT category.")
    yield reason, place, one.reason or one.reason_code, _("An allowance or charge has a reason.")
