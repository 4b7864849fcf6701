"""From a quote to an invoice, from a purchase order to a bill: a draft that says where it came from."""

import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from invoicing.documents import content_of, save_document
from invoicing.models import Document
from invoicing.refusals import DocumentNotFound, DocumentRefused
from tenants.permissions import Permission
from tenants.scope import current_scope

BECOMES = {Document.Kind.QUOTE: "invoice", Document.Kind.PURCHASE_ORDER: "bill"}


@transaction.atomic
def convert_document(document_id: UUID, *, date: datetime.date) -> Document:
    """A draft of what the quote or order becomes, dated on this day; the original stays as it is.

    Refused: `not_found`, `invalid_document` (neither quote nor order).
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    original = Document.objects.for_company(scope.company).filter(pk=document_id).first()
    if original is None:
        raise DocumentNotFound(_("There is no such document."))
    if original.kind not in BECOMES:
        raise DocumentRefused(_("Only quotes and purchase orders become something else."), place="kind")
    content = content_of(
        original, kind=BECOMES[original.kind], date=date, tax_date=None, due_date=None, made_from=original.pk
    )
    return save_document(content)
