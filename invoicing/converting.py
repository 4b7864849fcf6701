"""From a quote to an invoice, from a purchase order to a bill: a draft that says where it came from."""

import dataclasses
import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from invoicing.document_content import ContentLine
from invoicing.documents import content_line, content_of, save_document
from invoicing.invoicing_settings import settings_of
from invoicing.models import Document, InvoicingSettings
from invoicing.order_matching import standing_of
from invoicing.refusals import DocumentNotFound, DocumentRefused
from tenants.permissions import Permission
from tenants.scope import current_scope

BECOMES = {Document.Kind.QUOTE: "invoice", Document.Kind.PURCHASE_ORDER: "bill"}


@transaction.atomic
def convert_document(document_id: UUID, *, date: datetime.date) -> Document:
    """A draft of what the quote, or what is left to bill of the order, becomes, dated on this day; the original stays.

    Refused: `not_found`, `invalid_document` (neither quote nor order, or nothing is left to charge for).
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    original = Document.objects.for_company(scope.company).select_related("company").filter(pk=document_id).first()
    if original is None:
        raise DocumentNotFound(_("There is no such document."))
    if original.kind not in BECOMES:
        raise DocumentRefused(_("Only quotes and purchase orders become something else."), place="kind")
    content = content_of(
        original, kind=BECOMES[original.kind], date=date, tax_date=None, due_date=None, made_from=original.pk
    )
    if original.kind == Document.Kind.PURCHASE_ORDER:
        content = dataclasses.replace(content, lines=_still_to_bill(original), reference="")
    return save_document(content)


def _still_to_bill(order: Document) -> list[ContentLine]:
    """The lines of the order with what bills have not charged for yet, of what arrived where that is compared."""
    by_receipt = settings_of(order.company).match_bills == InvoicingSettings.Match.RECEIPT
    lines = []
    for one in standing_of(order.company, [order.pk]).values():
        left = (one.received if by_receipt else one.line.quantity) - one.billed
        if left > 0 or one.line.quantity < 0:
            quantity = left if left > 0 else one.line.quantity
            lines.append(content_line(one.line, quantity=quantity, order_line=one.line.pk))
    if not lines:
        raise DocumentRefused(_("Everything that was ordered, or arrived, is charged for."), place="lines")
    return lines
