"""Use what is open in somebody's favour, a credit note, a payment on account or in advance, for what they owe."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.business_day import business_day
from invoicing.advances import advance_of, use_advance
from invoicing.cash_basis import tax_of_settled
from invoicing.credit_allocation import hold_documents, hold_lines, open_instalments, paired
from invoicing.document_entry import side_of
from invoicing.document_listing import documents_of
from invoicing.lookups import Lookups, posted_with
from invoicing.models import BOOKED, Document, Payment
from invoicing.refusals import DocumentNotFound, DocumentRefused, PaymentNotFound
from invoicing.telling import tell_paid
from ledger.allocation import Settled, allocate
from ledger.open_items import OpenItem, open_items
from tenants.models import Company
from tenants.permissions import Permission
from tenants.scope import current_scope


@dataclass(slots=True)
class Usable:
    """Something in somebody's favour, what is left of it, and what it could settle, the first due first."""

    credit: Document | Payment
    left: Decimal = Decimal(0)
    documents: list[Any] = field(default_factory=list)


def apply_credit(credit_id: UUID, documents: Sequence[UUID], *, key: str, date: datetime.date | None = None) -> Settled:
    """Set a credit note or payment off against these documents in their order, as far as it goes, once under the key.
    What was paid in advance is moved to their account first.

    Refused: `not_found`, `invalid_document` (somebody else's, the same side, another currency, nothing open), and as
    allocating is.
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    return posted_with(scope.company, lambda lookups: _apply(lookups, credit_id, documents, key, date))


def usable(company: Company, credit_id: UUID) -> Usable:
    """What may be done with a posted credit note or payment. Refused: `not_found`."""
    credit = _credit(company, credit_id)
    found = Usable(credit, _left(company, credit))
    kinds = [kind for kind in sorted(BOOKED) if side_of(kind) != _side(credit)]
    rows = documents_of(company, kinds, business_day(company)).filter(
        contact=credit.contact_id, currency=credit.currency, open_amount__gt=0
    )
    found.documents = list(rows.order_by("due_date", "id")) if found.left else []
    return found


def _apply(
    lookups: Lookups, credit_id: UUID, documents: Sequence[UUID], key: str, date: datetime.date | None
) -> Settled:
    company = lookups.company
    credit = _credit(company, credit_id)
    _check_all(company, credit, documents)
    hold_documents(company, [*documents, credit.pk])
    if isinstance(credit, Payment) and credit.line_id:
        hold_lines(company, [credit.line_id])
    owed = [item for pk in documents for item in open_instalments(company, pk)]
    advance = advance_of(company, credit)
    day = date or max((item.date for item in (*_open_of(company, credit), *owed, *advance)), default=credit.date)
    due = sum((abs(item.residual) for item in owed), Decimal(0))
    moved = use_advance(credit, advance, due - _left(company, credit) + _sum(advance), key=key, date=day)
    given = [*_open_of(company, credit), *moved]
    pairs = paired(owed, given)
    if not pairs:
        raise DocumentRefused(_("There is nothing left to set off."), place="documents")
    settled = allocate(pairs, date=day, key=key, source="applied", source_id=credit.pk)
    touched = [*documents, *([credit.pk] if isinstance(credit, Document) else [])]
    tax_of_settled(lookups, touched, day, settled.id)
    tell_paid(company, documents, settled.id)
    return settled


def _check_all(company: Company, credit: Document | Payment, documents: Sequence[UUID]) -> None:
    rows = Document.objects.for_company(company).filter(pk__in=documents, state=Document.State.POSTED)
    found = {row.pk: row for row in rows}
    for number, pk in enumerate(documents):
        if pk not in found:
            raise DocumentNotFound(_("There is no such posted document."), place=f"documents[{number}]")
        document = found[pk]
        fits = _side(credit) != side_of(document.kind) and credit.contact_id == document.contact_id
        if not fits or credit.currency != document.currency:
            raise DocumentRefused(_("%s is not settled by this.") % document, place=f"documents[{number}]")


def _credit(company: Company, credit_id: UUID) -> Document | Payment:
    notes = Document.objects.for_company(company).filter(pk=credit_id, state=Document.State.POSTED)
    payments = Payment.objects.for_company(company).filter(pk=credit_id, state=Payment.State.POSTED)
    found = notes.select_related("contact").first() or payments.select_related("contact").first()
    if found is None:
        raise PaymentNotFound(_("There is no such posted credit note or payment."))
    return found


def _side(credit: Document | Payment) -> int:
    return side_of(credit.kind) if isinstance(credit, Document) else 1 if credit.direction == "out" else -1


def _left(company: Company, credit: Document | Payment) -> Decimal:
    return _sum(_open_of(company, credit)) + _sum(advance_of(company, credit))


def _sum(items: Sequence[OpenItem]) -> Decimal:
    return sum((abs(item.residual) for item in items), Decimal(0))


def _open_of(company: Company, credit: Document | Payment) -> list[OpenItem]:
    if isinstance(credit, Document):
        return open_instalments(company, credit.pk)
    return open_items(company, datetime.date.max, lines=[credit.line_id]) if credit.line_id else []
