"""Undo an import of documents: drafts are thrown away, what is posted is credited in full; all of them, or none."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounting.table_kinds import Undoing
from invoicing.approving import withdraw_document
from invoicing.crediting import credit_document
from invoicing.crediting_left import left_of
from invoicing.document_posting import post_documents
from invoicing.documents import delete_document
from invoicing.models import Document
from tenants.refusal import Refused
from tenants.scope import current_scope

BATCH = 200


def take_documents_back(undoing: Undoing) -> dict[str, int]:
    """Throw away or credit what an import made; what was thrown away or credited since is left as it is.

    Refused as crediting, posting and withdrawing are, with the document named.
    """
    rows = Document.objects.for_company(current_scope().company).filter(pk__in=list(undoing.made))
    documents: Sequence[Document] = list(rows.order_by("date", "id"))
    notes = []
    deleted = 0
    for number, document in enumerate(documents):
        undoing.progress(number, len(documents), _("Undoing"))
        try:
            if document.state == Document.State.POSTED:
                notes += _credited(document, undoing)
                continue
            if not document.is_editable:
                withdraw_document(document.pk, reason=undoing.reason)
            delete_document(document.pk)
            deleted += 1
        except Refused as refusal:
            refusal.message = f"{document}: {refusal.message}"
            raise
    for start in range(0, len(notes), BATCH):
        undoing.progress(start, len(notes), _("Posting credit notes"))
        post_documents([note.pk for note in notes[start : start + BATCH]])
    left = len(undoing.made) - deleted - len(notes)
    return {"deleted": deleted, "credited": len(notes), "gone": left}


def _credited(document: Document, undoing: Undoing) -> list[Document]:
    """The draft of a credit note over what is left; none where nothing is."""
    if left_of(current_scope().company, document).is_nothing:
        return []
    return [credit_document(document.pk, date=undoing.date, reason=undoing.reason)]
