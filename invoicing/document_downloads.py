"""The files of a document to download: PDF in a layout, Factur-X, UBL, CII; each reading is in the trail."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from invoicing.document_files import DocumentFile, file_of
from invoicing.models import Document
from invoicing.refusals import DocumentNotFound
from tenants.audit_trail import note_read
from tenants.permissions import Permission
from tenants.scope import current_scope


def document_download(document_id: UUID, form: str, layout: str = "") -> HttpResponse:
    """The document as a file to save. Drafts have a PDF alone, quotes and orders too.

    Refused: `not_found`, `invalid_document` (no such form or layout, not posted), `einvoice_not_possible`,
    `cannot_be_printed`, `not_permitted`.
    """
    scope = current_scope()
    scope.require(Permission.EXPORT)
    rows = Document.objects.for_company(scope.company).select_related("contact", "terms", "position", "credits")
    document: Document | None = rows.filter(pk=document_id).first()
    if document is None:
        raise DocumentNotFound(_("There is no such document."))
    file = file_of(document, form, layout)
    note_read("invoicing_document", document.pk, {"file": form})
    return as_download(file)


def as_download(file: DocumentFile) -> HttpResponse:
    """The file as an answer that a browser saves."""
    response = HttpResponse(file.content, content_type=file.content_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
