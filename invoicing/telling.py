"""Tell other systems of documents and payments by webhook: in the transaction of the act, delivered after it."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from accounting.business_day import business_day
from invoicing.document_listing import documents_of
from invoicing.models import BOOKED, Document, Payment
from jobs.webhooks import NewEvent, emit_many
from tenants.models import Company

POSTED = {
    "invoice": "invoice.posted", "debit_note": "invoice.posted", "bill": "bill.posted",
    "credit_note": "credit_note.posted", "supplier_credit": "credit_note.posted",
}  # fmt: skip
PAID = {"invoice": "invoice.paid", "debit_note": "invoice.paid", "bill": "bill.paid"}


def tell_posted(documents: Sequence[Document]) -> None:
    """Documents have got their number and entry."""
    emit_many([_of_document(POSTED[one.kind], one, "post") for one in documents])


def tell_approved(document: Document) -> None:
    """A bill is approved, and may be posted."""
    if document.kind == Document.Kind.BILL:
        emit_many([_of_document("bill.approved", document, f"approve:{document.version}")])


def tell_payment(payment: Payment, *, reversed_by: UUID | None = None) -> None:
    """A payment is posted, or taken back."""
    happened = "payment.reversed" if reversed_by else "payment.posted"
    payload = {
        "id": payment.pk, "number": payment.number, "direction": payment.direction, "contact": payment.contact_id,
        "date": payment.date, "amount": payment.amount, "currency": payment.currency,
    }  # fmt: skip
    emit_many([NewEvent(happened, f"{happened}:{payment.pk}", "invoicing_payment", payment.pk, payload)])


def tell_paid(company: Company, documents: Collection[UUID], cause: UUID) -> None:
    """Of these documents, those of which nothing is open any more; `cause` is what settled them."""
    if not documents:
        return
    rows = documents_of(company, sorted(BOOKED), business_day(company)).filter(pk__in=documents, open_amount=0)
    emit_many([_of_document(PAID[one.kind], one, f"paid:{cause}") for one in rows if one.kind in PAID])


def tell_overdue(documents: Sequence[Document]) -> int:
    """Invoices are not paid though they were due; each is told of once. Answers with how many."""
    return emit_many([_of_document("invoice.overdue", one, "overdue") for one in documents])


def _of_document(happened: str, document: Any, act: str) -> NewEvent:
    payload = {
        "id": document.pk, "kind": document.kind, "number": document.number, "contact": document.contact_id,
        "date": document.date, "due_date": document.due_date, "currency": document.currency, "net": document.net,
        "tax": document.tax, "total": document.total, "credits": document.credits_id,
    }  # fmt: skip
    return NewEvent(happened, f"document:{document.pk}:{act}", "invoicing_document", document.pk, payload)
