"""Files of documents: the supplier's own bill, a contract, a delivery note. What is posted keeps its files."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from invoicing.documents import held_document
from invoicing.models import Document
from invoicing.models.documents import ATTACHED
from invoicing.refusals import DocumentSettled
from ledger.attached_files import files_block
from ledger.attachments import AttachmentNotFound, attachments_of, drop_file, keep_file
from ledger.models import Attachment
from tenants.permissions import Permission
from tenants.scope import Scope, current_scope


@transaction.atomic
def attach_to_document(document_id: UUID, name: str, content: bytes) -> Attachment:
    """Keep a file with a document; with a posted one, for who may post, it stays.

    Refused: `not_found`, `bad_attachment`.
    """
    document = held_document(document_id)
    current_scope().require(_adding(document))
    return keep_file(name, content, source=ATTACHED, source_id=document.pk)


@transaction.atomic
def remove_from_document(document_id: UUID, attachment_id: UUID) -> None:
    """Take a file of a draft away. Refused: `not_found`, `document_settled` (handed over, or posted)."""
    current_scope().require(Permission.DRAFT_ENTRIES)
    document = held_document(document_id)
    found = files_of_document(document.pk).filter(pk=attachment_id).first()
    if found is None:
        raise AttachmentNotFound(_("There is no such file."))
    if not document.is_editable:
        raise DocumentSettled(_("The document is handed over or posted: it keeps its files."))
    drop_file(found)


def files_of_document(document_id: UUID) -> Any:
    """The files of a document."""
    return attachments_of(source=ATTACHED, source_id=document_id)


def shown_files(scope: Scope, document: Document) -> dict[str, Any]:
    """What the block of files says on the page of a document."""
    place, posted = [scope.company.slug, document.pk], document.state == Document.State.POSTED
    add = reverse("invoicing:document-attach", args=place) if scope.allows(_adding(document)) else ""
    removable = document.is_editable and scope.allows(Permission.DRAFT_ENTRIES)

    def remove(file: UUID) -> str:
        return reverse("invoicing:document-detach", args=[*place, file])

    block = {"source": ATTACHED, "source_id": document.pk}
    return files_block(add, remove if removable else None, stay=posted, **block)


def _adding(document: Document) -> Permission:
    return Permission.POST_ENTRIES if document.state == Document.State.POSTED else Permission.DRAFT_ENTRIES
