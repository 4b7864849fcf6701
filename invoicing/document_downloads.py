"""The files of a document to download: PDF in a layout, Factur-X, UBL, CII; each reading is in the trail."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from invoicing.document_files import document_facturx, document_pdf, document_xml
from invoicing.models import Document
from invoicing.pdf import LAYOUTS
from invoicing.refusals import DocumentNotFound, DocumentRefused
from tenants.audit_trail import note_read
from tenants.models import Company
from tenants.permissions import Permission
from tenants.scope import current_scope

# Address of the file -> its ending and type.
FORMS = {
    "pdf": ("pdf", "application/pdf"), "facturx": ("pdf", "application/pdf"), "ubl": ("xml", "application/xml"),
    "cii": ("xml", "application/xml"),
}  # fmt: skip


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
    if form not in FORMS or (layout and layout not in LAYOUTS):
        raise DocumentRefused(_("There is no such form or layout."), place="layout" if form in FORMS else "form")
    if form != "pdf" and document.state != Document.State.POSTED:
        raise DocumentRefused(_("Only what is posted is an e-invoice."), place="state")
    content = _content(scope.company, document, form, layout or LAYOUTS[0])
    note_read("invoicing_document", document.pk, {"file": form})
    ending, kind = FORMS[form]
    response = HttpResponse(content, content_type=kind)
    name = f"{document.number or document.kind}{'-' + form if form != 'pdf' else ''}.{ending}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _content(company: Company, document: Document, form: str, layout: str) -> bytes:
    if form == "pdf":
        return document_pdf(company, document, layout)
    if form == "facturx":
        return document_facturx(company, document, layout)
    return document_xml(company, document, form)
