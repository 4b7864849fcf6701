"""Use what is open in somebody's favour, a credit note or a payment on account, for documents that they owe."""

import datetime
from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from invoicing.cash_basis import tax_of_settled
from invoicing.credit_allocation import open_instalments, paired
from invoicing.document_entry import side_of
from invoicing.lookups import Lookups, posted_with
from invoicing.models import Document, Payment
from invoicing.refusals import DocumentNotFound, DocumentRefused, PaymentNotFound
from invoicing.telling import tell_paid
from ledger.allocation import Settled, allocate
from ledger.open_items import OpenItem, open_items
from tenants.models import Company
from tenants.permissions import Permission
from tenants.scope import current_scope


def apply_credit(credit_id: UUID, documents: Sequence[UUID], *, key: str, date: datetime.date | None = None) -> Settled:
    """Set a credit note or payment off against these documents in their order, as far as it goes, once under the key.

    Refused: `not_found`, `invalid_document` (somebody else's, the same side, another currency, nothing open), and as
    allocating is.
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    return posted_with(scope.company, lambda lookups: _apply(lookups, credit_id, documents, key, date))


def _apply(
    lookups: Lookups, credit_id: UUID, documents: Sequence[UUID], key: str, date: datetime.date | None
) -> Settled:
    company = lookups.company
    credit = _credit(company, credit_id)
    rows = Document.objects.for_company(company).filter(pk__in=documents, state=Document.State.POSTED)
    found = {row.pk: row for row in rows}
    for number, pk in enumerate(documents):
        if pk not in found:
            raise DocumentNotFound(_("There is no such posted document."), place=f"documents[{number}]")
        _check(credit, found[pk], f"documents[{number}]")
    given = _open_of(company, credit)
    owed = [item for pk in documents for item in open_instalments(company, pk)]
    pairs = paired(owed, given)
    if not pairs:
        raise DocumentRefused(_("There is nothing left to set off."), place="documents")
    day = date or max(item.date for item in (*given, *owed))
    settled = allocate(pairs, date=day, key=key, source="applied", source_id=credit.pk)
    touched = [*documents, *([credit.pk] if isinstance(credit, Document) else [])]
    tax_of_settled(lookups, touched, day, settled.id)
    tell_paid(company, documents, settled.id)
    return settled


def _credit(company: Company, credit_id: UUID) -> Document | Payment:
    note = Document.objects.for_company(company).filter(pk=credit_id, state=Document.State.POSTED).first()
    payment = Payment.objects.for_company(company).filter(pk=credit_id, state=Payment.State.POSTED).first()
    if (found := note or payment) is None:
        raise PaymentNotFound(_("There is no such posted credit note or payment."))
    return found


def _check(credit: Document | Payment, document: Document, place: str) -> None:
    side = side_of(credit.kind) if isinstance(credit, Document) else 1 if credit.direction == "out" else -1
    fits = side != side_of(document.kind) and credit.contact_id == document.contact_id
    if not fits or credit.currency != document.currency:
        raise DocumentRefused(_("%s is not settled by this.") % document, place=place)


def _open_of(company: Company, credit: Document | Payment) -> list[OpenItem]:
    if isinstance(credit, Document):
        return open_instalments(company, credit.pk)
    return open_items(company, datetime.date.max, lines=[credit.line_id]) if credit.line_id else []
