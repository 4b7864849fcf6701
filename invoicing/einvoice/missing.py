"""What of a document is missing, or in the way, before it can be an electronic invoice."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from invoicing.einvoice.refusals import EInvoiceNotPossible
from invoicing.einvoice.traders import vat_number
from invoicing.printed import PrintedDocument

Problem = tuple[str, str]
KINDS = ("invoice", "credit_note", "debit_note")
NEEDS_REASON = {"E", "AE", "K", "G"}
BOTH_NUMBERS = {"AE", "K"}
WITHOUT_TAX = {"Z", "E", "AE", "K", "G", "O"}


def einvoice_problems(document: PrintedDocument) -> list[Problem]:
    """What is in the way, each with its place; nothing where the document can be sent."""
    return [*_of_kind(document), *_of_parties(document), *_of_amounts(document), *_of_lines(document),
            *_of_taxes(document)]  # fmt: skip


def refuse_impossible(document: PrintedDocument) -> None:
    """Refused: `einvoice_not_possible`, with the first place and all that is in the way."""
    if problems := einvoice_problems(document):
        message = " ".join(dict.fromkeys(message for _place, message in problems))
        raise EInvoiceNotPossible(message, place=problems[0][0], problems=[place for place, _message in problems])


def _of_kind(document: PrintedDocument) -> Iterator[Problem]:
    if document.kind not in KINDS:
        yield "kind", _("Only invoices, credit notes and debit notes are sent as e-invoices.")
    if not document.number:
        yield "number", _("A draft is no e-invoice: post it first.")
    if not document.lines:
        yield "lines", _("An e-invoice has at least one line.")


def _of_parties(document: PrintedDocument) -> Iterator[Problem]:
    seller, buyer = document.seller, document.buyer
    for place, party, named in (("seller", seller, _("seller")), ("buyer", buyer, _("buyer"))):
        if not party.name.strip():
            yield f"{place}.name", _("The name of the %s is missing.") % named
        if not party.country:
            yield f"{place}.country", _("The country of the %s is missing.") % named
    if not seller.street and not seller.city:
        yield "seller.address", _("The seller's own address is missing: see the settings of invoicing.")
    categories = {line.category for line in document.lines}
    if not seller.tax_number and (categories - {"O"} or not seller.registration):
        yield "seller.tax_number", _("The seller's tax number is missing.")
    elif categories & (BOTH_NUMBERS | {"G"}) and not vat_number(seller):
        yield "seller.tax_number", _("The seller's VAT number is missing.")
    if categories & BOTH_NUMBERS and not vat_number(buyer):
        yield "buyer.tax_number", _("The buyer's VAT number is missing: under reverse charge and for supplies within "
                                    "the EU both are named.")  # fmt: skip


def _of_amounts(document: PrintedDocument) -> Iterator[Problem]:
    if len(document.currency) != 3 or not document.currency.isalpha():
        yield "currency", _("An e-invoice is in a currency of ISO 4217.")
    amounts = [document.net, document.tax, document.withheld, document.rounding, document.total]
    amounts += [line.net for line in document.lines]
    if any(amount != round(amount, 2) for amount in amounts):
        yield "currency", _("Amounts in %s need more than the 2 decimals that EN 16931 allows.") % document.currency


def _of_lines(document: PrintedDocument) -> Iterator[Problem]:
    for number, line in enumerate(document.lines):
        if not line.description.strip() and not line.item_code:
            yield f"lines[{number}].description", _("Line %d has neither description nor item.") % line.number
    categories = {line.category for line in document.lines}
    if "O" in categories and len(categories) > 1:
        untaxed = next(number for number, line in enumerate(document.lines) if line.category == "O")
        yield (
            f"lines[{untaxed}].tax",
            _(
                "A line without tax, or outside its scope, cannot stand beside taxed ones: give it a tax of its own, "
                "such as an exempt one."
            ),
        )
    grouped: dict[tuple[str, Decimal], Decimal] = {}
    for line in document.lines:
        if line.tax_code and (line.category != "O" or line.gross != line.net):
            grouped[line.category, line.percent] = grouped.get((line.category, line.percent), Decimal(0)) + line.net
    stated: dict[tuple[str, Decimal], Decimal] = {}
    for row in document.taxes:
        if row.kind == "charged" and row.category != "O":
            key = row.category, row.percent
            stated[key] = stated.get(key, Decimal(0)) + row.base
    if grouped != stated:
        yield "lines", _("A line of an e-invoice has one tax: several on the same line have no place in EN 16931.")


def _of_taxes(document: PrintedDocument) -> Iterator[Problem]:
    for row in document.taxes:
        if row.kind != "charged":
            continue
        if row.category in NEEDS_REASON and not (row.exemption_reason or row.exemption_code):
            yield "taxes", _("The tax “%s” charges nothing: say why, with a reason or a code.") % row.name
        if row.category in WITHOUT_TAX and (row.percent or row.amount):
            yield "taxes", _("The tax “%s” is of a category that is not charged, and has a rate.") % row.name
        if row.category == "S" and not row.percent:
            yield "taxes", _("The tax “%s” is of the standard category and has no rate: zero-rated is Z.") % row.name
