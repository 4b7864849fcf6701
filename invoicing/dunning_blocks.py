"""Spare a customer, or one invoice, from dunning: because it is disputed, or agreed otherwise."""

import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import Contact
from invoicing.models import Document, DunningBlock
from invoicing.refusals import DocumentNotFound, WrongContact
from ledger.reversal import ReasonNeeded
from tenants.permissions import Permission
from tenants.refusal import NotFound
from tenants.scope import current_scope, explain


class DunningBlockNotFound(NotFound):
    """No such block."""


@transaction.atomic
def block_dunning(
    *, contact_id: UUID | None = None, document_id: UUID | None = None, reason: str, until: datetime.date | None = None
) -> DunningBlock:
    """Send nothing about a document, or to a customer, up to a day or for good; said again, the last word counts.

    Refused: `not_found`, `wrong_contact`, `reason_needed`, `not_permitted`.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    if not reason.strip():
        raise ReasonNeeded(_("Say why it is not dunned."), place="reason")
    document = Document.objects.for_company(scope.company).filter(pk=document_id).first() if document_id else None
    if document_id and document is None:
        raise DocumentNotFound(_("There is no such document."))
    contact = Contact.objects.for_company(scope.company).filter(pk=document.contact_id if document else contact_id)
    if (customer := contact.filter(is_customer=True).first()) is None:
        raise WrongContact(_("Customers are dunned."), place="contact")
    rows = DunningBlock.objects.for_company(scope.company).filter(contact=customer, document=document)
    made = DunningBlock(
        company=scope.company, contact=customer, document=document, reason=reason.strip(), until=until,
        created_by=scope.actor.name[:200],
    )  # fmt: skip
    DunningBlock.objects.bulk_create([made], ignore_conflicts=True)
    found: DunningBlock = rows.select_for_update().get()
    if found.pk != made.pk:
        found.reason, found.until, found.created_by = made.reason, until, made.created_by
        found.save(update_fields=["reason", "until", "created_by"])
    return found


@transaction.atomic
def lift_block(block_id: UUID, *, reason: str = "") -> None:
    """Dun again. Refused: `not_found`, `not_permitted`."""
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    if reason:
        explain(reason)
    if not DunningBlock.objects.for_company(scope.company).filter(pk=block_id).delete()[0]:
        raise DunningBlockNotFound(_("There is no such block."))
