"""From a printed document to the model of EN 16931."""

import re
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override

from invoicing.einvoice.line_prices import net_price
from invoicing.einvoice.missing import refuse_impossible
from invoicing.einvoice.semantic import AllowanceCharge, EInvoice, Line, Payment, Sums, TaxBreakdown
from invoicing.einvoice.traders import trader
from invoicing.pdf.formats import formats_of
from invoicing.pdf.shown import early_payment, notes_to_reader
from invoicing.printed import PrintedDocument, PrintedLine

SPECIFICATION = "urn:cen.eu:en16931:2017"
TYPE_CODES = {"invoice": "380", "credit_note": "381", "debit_note": "383"}
ONE = "C62"
SEPA, TRANSFER = "58", "30"
# UNCL 5189: a discount.
DISCOUNT = "95"
WITHOUT_REASON = frozenset({"S", "Z"})
OUTSIDE = "O"


def filled_in(document: PrintedDocument) -> EInvoice:
    """The document as an electronic invoice. Refused: `einvoice_not_possible`, with what is in the way."""
    refuse_impossible(document)
    taxed = any(line.category != OUTSIDE for line in document.lines)
    foreign = document.currency != document.base_currency and document.tax and document.base_decimals <= 2
    intra = any(line.category == "K" for line in document.lines)
    with override(document.language):
        return EInvoice(
            specification=SPECIFICATION, number=document.number, date=document.date,
            type_code=TYPE_CODES[document.kind], currency=document.currency,
            tax_currency=document.base_currency if foreign else "",
            due_date=None if document.kind == "credit_note" else document.due_date, order=document.reference,
            terms=_terms(document), notes=_notes(document), preceding=document.credited_number,
            preceding_date=document.credited_date, delivery_date=document.tax_date,
            delivery_country=document.buyer.country if intra else "",
            seller=trader(document.seller, taxed=taxed), buyer=trader(document.buyer, taxed=taxed),
            payment=_payment(document), sums=_sums(document, bool(foreign)), breakdowns=_breakdowns(document),
            lines=[_line(document, line) for line in document.lines],
        )  # fmt: skip


def _line(document: PrintedDocument, line: PrintedLine) -> Line:
    found = net_price(line, inclusive=document.prices_include_tax)
    name, _newline, more = line.description.strip().partition("\n")
    allowances = []
    if found.allowance:
        allowances.append(
            AllowanceCharge(
                is_charge=False, amount=found.allowance, base=found.allowance_base, percent=found.allowance_percent,
                reason=_("Discount"), reason_code=DISCOUNT,
            )
        )  # fmt: skip
    return Line(
        identifier=str(line.number), quantity=found.quantity, net=_cents(line.net), price=found.price,
        unit=line.unit if re.fullmatch("[A-Z0-9]{2,3}", line.unit) else ONE, base_quantity=found.base_quantity,
        category=line.category, percent=None if line.category == OUTSIDE else line.percent,
        name=name.strip() or line.item_code, description=more.strip(), item_code=line.item_code, allowances=allowances,
    )  # fmt: skip


def _breakdowns(document: PrintedDocument) -> list[TaxBreakdown]:
    """One row for each category and rate, with all reasons of the taxes in it."""
    found: dict[tuple[str, Decimal], list[Decimal]] = {}
    for line in document.lines:
        own = found.setdefault((line.category, line.percent), [Decimal(0), Decimal(0)])
        own[0] += line.net
        own[1] += line.gross - line.net
    rows = []
    for (category, percent), (base, amount) in found.items():
        reason, code = _reason(document, category)
        rows.append(
            TaxBreakdown(
                taxable=_cents(base), amount=_cents(amount), category=category, reason=reason, reason_code=code,
                percent=None if category == OUTSIDE else percent,
            )
        )  # fmt: skip
    return rows


def _reason(document: PrintedDocument, category: str) -> tuple[str, str]:
    """Why there is no tax, in words and as a code."""
    if category in WITHOUT_REASON:
        return "", ""
    rows = [row for row in document.taxes if row.kind == "charged" and row.category == category]
    words = dict.fromkeys(row.exemption_reason for row in rows if row.exemption_reason)
    codes = dict.fromkeys(row.exemption_code for row in rows if row.exemption_code)
    if not rows and category == OUTSIDE:
        return _("Not subject to VAT"), "VATEX-EU-O"
    return "; ".join(words), next(iter(codes), "") if len(codes) == 1 else ""


def _sums(document: PrintedDocument, foreign: bool) -> Sums:
    return Sums(
        lines=_cents(document.net), net=_cents(document.net), tax=_cents(document.tax),
        tax_in_accounting=_cents(document.base_tax) if foreign else None, gross=_cents(document.gross),
        prepaid=_cents(document.withheld) if document.withheld else None,
        rounding=_cents(document.rounding) if document.rounding else None, payable=_cents(document.total),
    )  # fmt: skip


def _payment(document: PrintedDocument) -> Payment:
    """To which account; a credit note is not paid to it."""
    if document.kind == "credit_note" or not document.iban:
        return Payment()
    return Payment(
        means=SEPA if document.currency == "EUR" else TRANSFER, remittance=document.number,
        account=document.iban.replace(" ", ""), holder=document.account_holder, bic=document.bic.replace(" ", ""),
    )  # fmt: skip


def _terms(document: PrintedDocument) -> str:
    """When to pay how much, in words."""
    if document.kind == "credit_note":
        return document.terms or _("Credited to your account.")
    formats = formats_of(document.language, document.decimals)
    parts = [document.terms]
    if len(document.instalments) > 1:
        parts += [
            _("%(amount)s %(currency)s due on %(date)s")
            % {"amount": formats.money(row.amount), "currency": document.currency, "date": formats.day(row.due_date)}
            for row in document.instalments
        ]
    parts.append(early_payment(document, formats))
    return "; ".join(part for part in parts if part).replace("\u00a0", " ")


def _notes(document: PrintedDocument) -> Sequence[str]:
    formats = formats_of(document.language, document.decimals)
    held = [
        _("%(tax)s of %(amount)s %(currency)s is withheld and counts as paid.")
        % {"tax": row.name, "amount": formats.money(row.amount), "currency": document.currency}
        for row in document.taxes
        if row.kind == "withheld"
    ]
    return [*notes_to_reader(document), *held]


def _cents(amount: Decimal) -> Decimal:
    """The amount with 2 decimals; that it has no more was asked before."""
    return amount.quantize(Decimal("0.01"))
