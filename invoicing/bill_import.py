"""From a received electronic invoice to the draft of a bill, or of a supplier's credit note."""

import contextlib
import re
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from accounting.models import Contact
from accounting.named_rows import UnknownTax
from accounting.tax_lookup import NoTaxRate, Tax, taxes_of
from invoicing.document_attachments import attach_to_document
from invoicing.document_content import ContentLine, DocumentContent
from invoicing.documents import save_document
from invoicing.einvoice.reading import ReceivedInvoice, ReceivedLine, read_invoice
from invoicing.einvoice.refusals import TotalsDiffer, UnknownSupplier
from invoicing.models import Document, InvoicingSettings
from invoicing.totals import rounded, to_step
from tenants.models import Company
from tenants.scope import current_scope

CREDIT_NOTES = frozenset({"381", "261", "396"})
# Coins that a payable amount may have been rounded to.
STEPS = ("0.05", "0.10", "0.20", "0.50", "1")
PRICE_DECIMALS, PERCENT_DECIMALS, QUANTITY_DECIMALS = 12, 6, 6
OUTSIDE = "O"
UNROUNDED = Decimal("0.0001")


@transaction.atomic
def receive_bill(name: str, content: bytes) -> Document:
    """Draft the bill of an e-invoice as it came, and keep the file with it. Refused as `read_invoice`, `import_bill`
    and `attach_to_document` are."""
    document = import_bill(read_invoice(content))
    attach_to_document(document.pk, name, content)
    return document


@transaction.atomic
def import_bill(received: ReceivedInvoice, *, document_id: UUID | None = None) -> Document:
    """Keep the invoice as a draft, with the taxes as the supplier stated them.

    Refused: `unknown_supplier`, `unknown_tax` (with the line), `totals_differ`, and as `save_document`.
    """
    document = save_document(bill_content(current_scope().company, received), document_id=document_id)
    if document.total != received.payable:
        message = _("The lines come to %(total)s, and the file says that %(payable)s is to be paid.")
        raise TotalsDiffer(
            message % {"total": f"{document.total:f}", "payable": f"{received.payable:f}"}, place="total",
            total=f"{document.total:f}", payable=f"{received.payable:f}",
        )  # fmt: skip
    return document


def bill_content(company: Company, received: ReceivedInvoice) -> DocumentContent:
    """What is written on the bill. Refused: `unknown_supplier`, `unknown_tax`."""
    contact = supplier_of(company, received)
    units = chart_of(company).units
    decimals = units[received.currency].decimals if received.currency in units else 2
    codes = [_tax_code(company, contact, received, number) for number in range(len(received.lines))]
    overdue = received.due_date is not None and received.due_date < received.date
    return DocumentContent(
        kind="supplier_credit" if received.type_code in CREDIT_NOTES else "bill", contact=contact.pk,
        date=received.date, tax_date=received.delivery_date or received.date,
        due_date=None if overdue else received.due_date, reference=received.number, currency=received.currency,
        prices_include_tax=False, tax_rounding="document", cash_step=_coin(company, received),
        stated_taxes=_stated(company, received, codes), notes="\n".join(received.notes)[:10_000],
        lines=[_content_line(line, code, decimals) for line, code in zip(received.lines, codes, strict=True)],
    )  # fmt: skip


def supplier_of(company: Company, received: ReceivedInvoice) -> Contact:
    """Who sent it: by tax number, then by bank account, then by name. Refused: `unknown_supplier`."""
    rows = Contact.objects.for_company(company).filter(is_supplier=True, is_active=True, merged_into=None)
    for wanted in (_with_tax_number(received), _with_account(received), _with_name(received)):
        found = list(rows.filter(wanted).distinct()[:2]) if wanted else []
        if len(found) > 1:
            found = _only(rows.filter(wanted).distinct(), received)
        if len(found) == 1:
            return found[0]
    message = _("No supplier has this tax number, bank account or name: %s.")
    read = [received.seller_name, *received.seller_tax_numbers, received.seller_iban]
    raise UnknownSupplier(
        message % ", ".join(text for text in read if text), place="seller", name=received.seller_name,
        tax_numbers=list(received.seller_tax_numbers), iban=received.seller_iban,
    )  # fmt: skip


def _with_tax_number(received: ReceivedInvoice) -> Q:
    """As it is written, or without the prefix of the supplier's country: contacts keep it either way."""
    wanted = Q()
    for number in received.seller_tax_numbers:
        plain = re.sub(r"[^0-9A-Z]", "", number.upper())
        if not plain:
            continue
        wanted |= Q(tax_number__in=[number, plain])
        if re.match("[A-Z]{2}", plain):
            country = {"EL": "GR"}.get(plain[:2], plain[:2])
            wanted |= Q(tax_number=plain[2:], country=country)
    return wanted


def _with_account(received: ReceivedInvoice) -> Q:
    if not received.seller_iban:
        return Q()
    return Q(bank_accounts__iban=received.seller_iban.upper(), bank_accounts__state="approved")


def _with_name(received: ReceivedInvoice) -> Q:
    return Q(name__iexact=received.seller_name.strip()) if received.seller_name.strip() else Q()


def _only(rows: "QuerySet[Contact]", received: ReceivedInvoice) -> list[Contact]:
    """Of several, the one that has the name as well."""
    return [one for one in rows if one.name.casefold() == received.seller_name.strip().casefold()]


def _tax_code(company: Company, contact: Contact, received: ReceivedInvoice, number: int) -> str:
    """The tax on purchases of this category and rate; empty for what is outside the scope of tax and has none."""
    line = received.lines[number]
    fitting = [tax for tax in taxes_of(company).by_id.values() if _fits(tax, line, received)]
    if not fitting:
        if line.category == OUTSIDE and not line.percent:
            return ""
        message = _("No tax on purchases has category %(category)s and %(percent)s %%.")
        raise UnknownTax(
            message % {"category": line.category, "percent": f"{line.percent:f}"}, place=f"lines[{number}].tax"
        )
    fitting.sort(key=lambda tax: (tax.id != contact.purchase_tax_id, tax.code))
    return fitting[0].code


def _fits(tax: Tax, line: ReceivedLine, received: ReceivedInvoice) -> bool:
    """Under reverse charge the supplier states no tax; the rate is that of the buyer's own code."""
    if tax.use != "purchases" or not tax.is_active or tax.category != line.category:
        return False
    if tax.kind == "reverse_charge":
        return not line.percent
    with contextlib.suppress(NoTaxRate):
        return tax.kind == "charged" and tax.percent_on(received.delivery_date or received.date) == line.percent
    return False


def _stated(company: Company, received: ReceivedInvoice, codes: list[str]) -> dict[str, Decimal]:
    """What the supplier reckoned, by our codes; nothing for a reverse charge, which the supplier does not reckon."""
    taxes = taxes_of(company)
    code_of = {(line.category, line.percent): code for line, code in zip(received.lines, codes, strict=True)}
    stated: dict[str, Decimal] = {}
    for row in received.taxes:
        code = code_of.get((row.category, row.percent))
        if code and taxes.by_code[code].kind == "charged":
            stated[code] = stated.get(code, Decimal(0)) + row.amount
    return stated


def _content_line(line: ReceivedLine, code: str, decimals: int) -> ContentLine:
    """The line as the supplier wrote it, where that comes to its amount; otherwise a price that does."""
    unit = line.unit if len(line.unit) <= 3 else ""
    quantity, price, discount = _priced(line, decimals)
    return ContentLine(
        description=line.description[:2000], quantity=quantity, unit_price=price, unit=unit, tax=code,
        discount_percent=discount,
    )  # fmt: skip


def _priced(line: ReceivedLine, decimals: int) -> tuple[Decimal, Decimal, Decimal]:
    """Quantity, unit price and discount in percent that come to the amount of the line."""
    nothing, full = Decimal(0), Fraction(line.quantity) * line.price
    share = Fraction(line.discount) / full * 100 if full else Fraction(0)
    attempts = [(line.quantity, rounded(line.price, PRICE_DECIMALS), rounded(share, PERCENT_DECIMALS))]
    if line.quantity:
        each = rounded(Fraction(line.net) / Fraction(line.quantity), PRICE_DECIMALS)
        attempts.append((line.quantity, each, nothing))
    for quantity, price, percent in attempts:
        net = Fraction(quantity) * Fraction(price) * (1 - Fraction(percent) / 100)
        kept = quantity == round(quantity, QUANTITY_DECIMALS) and 0 <= percent <= 100
        if kept and rounded(net, decimals) == line.net:
            return quantity, price, percent
    return Decimal(1), line.net, nothing


def _coin(company: Company, received: ReceivedInvoice) -> Decimal | None:
    """The coin that the amount to be paid was rounded to; next to nothing, where only our own documents have one."""
    if not received.rounding:
        own = InvoicingSettings.objects.for_company(company).filter(cash_step__isnull=False)
        return UNROUNDED if own.exists() else None
    due = received.gross + received.rounding
    return next((Decimal(step) for step in STEPS if to_step(received.gross, Decimal(step)) == due), None)
