"""What a payment may be for: the open documents of a contact, and what they are owed back."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from accounting.business_day import business_day
from accounting.chart import chart_of
from invoicing.document_listing import documents_of
from invoicing.forms_payments import PartRow
from invoicing.models import Payment, PaymentPart
from invoicing.payment_listing import payments_of
from invoicing.payments import PAYS
from tenants.models import Company

OFFERED = 500


def payable(company: Company, contact: UUID, direction: str, role: str) -> list[PartRow]:
    """The contact's open documents that such a payment settles, the first due first; as a refund also payments that
    are for nothing yet."""
    today, units = business_day(company), chart_of(company).units
    rows = documents_of(company, sorted(PAYS[direction, role]), today).filter(contact=contact, open_amount__gt=0)
    found = []
    for document in rows.order_by("due_date", "date", "id")[:OFFERED]:
        decimals = units[document.currency].decimals
        row = PartRow(document, document.open_amount, decimals)
        if document.discount_until and today <= document.discount_until and document.open_amount == document.total:
            step = Decimal(1).scaleb(-decimals)
            row.offered_discount = (document.total * document.discount_percent / 100).quantize(step)
        found.append(row)
    back = payments_of(company).filter(contact=contact, role=role, open_amount__gt=0, is_reversed=False)
    back = back.exclude(direction=direction).order_by("date", "id")
    refunding = (direction, role) in (("out", "customer"), ("in", "supplier"))
    for payment in back[:OFFERED] if refunding else []:
        other: Any = payment
        found.append(PartRow(other, other.open_amount, units[other.currency].decimals, is_payment=True))
    return found


def with_kept_parts(rows: list[PartRow], payment: Payment) -> list[PartRow]:
    """The rows with what a draft says of each already."""
    kept = {part.document_id or part.refunds_id: part for part in PaymentPart.objects.for_company(
        payment.company_id).filter(payment=payment)}  # fmt: skip
    for row in rows:
        if part := kept.get(row.target.pk):
            for name in ("amount", "discount", "write_off"):
                value: Decimal = getattr(part, name)
                setattr(row, name, f"{value:.{row.decimals}f}" if value else "")
            row.spent = f"{part.spent:f}" if part.spent != part.amount else ""
    return rows
