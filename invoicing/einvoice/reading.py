"""Read a received electronic invoice: UBL, CII, or a PDF that carries one (Factur-X, ZUGFeRD)."""

import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from pypdf import PdfReader

from invoicing.einvoice import cii_reading, ubl_reading
from invoicing.einvoice.refusals import UnreadableEInvoice
from invoicing.einvoice.safe_xml import MOST_BYTES, parsed
from invoicing.einvoice.semantic import AllowanceCharge, EInvoice, Line

ATTACHED = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """A line, or an allowance or charge of the whole: `price` is for one, without tax; `net` is what it comes to."""

    description: str
    item_code: str
    quantity: Decimal
    unit: str
    price: Fraction
    discount: Decimal
    net: Decimal
    category: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class ReceivedTax:
    """What the supplier reckoned for one category and rate."""

    category: str
    percent: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ReceivedInvoice:
    """What a received invoice says, whatever it is written in."""

    type_code: str
    number: str
    date: datetime.date
    delivery_date: datetime.date | None
    due_date: datetime.date | None
    currency: str
    seller_name: str
    seller_tax_numbers: Sequence[str]
    seller_iban: str
    order: str
    preceding: str
    terms: str
    notes: Sequence[str]
    lines: Sequence[ReceivedLine]
    taxes: Sequence[ReceivedTax]
    net: Decimal
    tax: Decimal
    gross: Decimal
    prepaid: Decimal
    rounding: Decimal
    payable: Decimal


def read_einvoice(data: bytes) -> EInvoice:
    """The file in the model of EN 16931, as it is. Refused: `unreadable_einvoice`, with the place."""
    root = parsed(_embedded(data) if data[:1024].lstrip().startswith(b"%PDF") else data)
    if root.tag in ubl_reading.ROOTS:
        return ubl_reading.read_ubl(root)
    if root.tag == cii_reading.ROOT:
        return cii_reading.read_cii(root)
    raise UnreadableEInvoice(_("The file is neither UBL nor CII: it begins with %s.") % str(root.tag)[:100], place="/")


def read_invoice(data: bytes) -> ReceivedInvoice:
    """What a received invoice says. Refused: `unreadable_einvoice`, with what is missing."""
    return received(read_einvoice(data))


def received(invoice: EInvoice) -> ReceivedInvoice:
    """The same for an invoice that was read already."""
    sums = invoice.sums
    if not invoice.number or invoice.date is None or not invoice.currency or sums.payable is None:
        raise UnreadableEInvoice(_("Number, date, currency and the amount to be paid are not all there."), place="/")
    lines = [_line(number, line) for number, line in enumerate(invoice.lines)]
    lines += [_whole(number, one) for number, one in enumerate(invoice.allowances)]
    zero = Decimal(0)
    return ReceivedInvoice(
        type_code=invoice.type_code, number=invoice.number, date=invoice.date, due_date=invoice.due_date,
        delivery_date=invoice.delivery_date, currency=invoice.currency, seller_name=invoice.seller.name,
        seller_tax_numbers=[one for one in (invoice.seller.vat_number, invoice.seller.tax_registration) if one],
        seller_iban=invoice.payment.account.replace(" ", ""), order=invoice.order, preceding=invoice.preceding,
        terms=invoice.terms, notes=invoice.notes, lines=lines,
        taxes=[ReceivedTax(row.category, row.percent or zero, row.taxable or zero, row.amount or zero)
               for row in invoice.breakdowns],
        net=sums.net or zero, tax=sums.tax or zero, gross=sums.gross or zero, prepaid=sums.prepaid or zero,
        rounding=sums.rounding or zero, payable=sums.payable,
    )  # fmt: skip


def _line(number: int, line: Line) -> ReceivedLine:
    if line.quantity is None or line.net is None or line.price is None:
        message = _("Line %d lacks its quantity, its price or its amount.") % (number + 1)
        raise UnreadableEInvoice(message, place=f"lines[{number}]")
    amounts = [(one.amount or Decimal(0)) * (-1 if one.is_charge else 1) for one in line.allowances]
    text = "\n".join(part for part in (line.name, line.description) if part)
    return ReceivedLine(
        description=text, item_code=line.item_code, quantity=line.quantity, unit=line.unit,
        discount=sum(amounts, Decimal(0)),
        price=Fraction(line.price) / Fraction(line.base_quantity or 1), net=line.net, category=line.category or "O",
        percent=line.percent or Decimal(0),
    )  # fmt: skip


def _whole(number: int, one: AllowanceCharge) -> ReceivedLine:
    """An allowance or charge of the whole document as a line of its own."""
    if one.amount is None:
        raise UnreadableEInvoice(_("An allowance or charge has no amount."), place=f"allowances[{number}]")
    amount = one.amount if one.is_charge else -one.amount
    return ReceivedLine(
        description=one.reason or (_("Charge") if one.is_charge else _("Discount")), item_code="",
        quantity=Decimal(1), unit="", price=Fraction(amount), discount=Decimal(0), net=amount,
        category=one.category or "O", percent=one.tax_percent or Decimal(0),
    )  # fmt: skip


def _embedded(data: bytes) -> bytes:
    """The invoice that the PDF carries."""
    if len(data) > MOST_BYTES:
        raise UnreadableEInvoice(_("The file is larger than 10 MB."), place="file")
    try:
        found = {name.lower(): content for name, content in PdfReader(io.BytesIO(data)).attachments.items()}
        invoice = next((found[name] for name in ATTACHED if name in found), None)
    # A broken PDF breaks its reader in more ways than it has names for.
    except Exception as error:
        raise UnreadableEInvoice(_("The PDF cannot be read."), place="file") from error
    if not invoice:
        raise UnreadableEInvoice(_("The PDF carries no electronic invoice."), place="file")
    return bytes(invoice[0])
