"""The files of a document: as PDF, as an electronic invoice, and as both in one."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from invoicing.einvoice.cii import cii_of
from invoicing.einvoice.facturx import facturx_of
from invoicing.einvoice.missing import einvoice_problems
from invoicing.einvoice.refusals import EInvoiceNotPossible
from invoicing.einvoice.rules import findings_of
from invoicing.einvoice.ubl import ubl_of
from invoicing.logo import logo_of
from invoicing.models import Document
from invoicing.pdf import LAYOUTS, pdf_of
from invoicing.printed import printed_document
from invoicing.refusals import DocumentRefused
from tenants.models import Company

SYNTAXES = {"ubl": ubl_of, "cii": cii_of}
# Form of the file -> its ending and type.
FORMS = {
    "pdf": ("pdf", "application/pdf"), "facturx": ("pdf", "application/pdf"), "ubl": ("xml", "application/xml"),
    "cii": ("xml", "application/xml"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A document as a file, under the name that its readers save it by."""

    name: str
    content_type: str
    content: bytes


def file_of(document: Document, form: str, layout: str = "") -> DocumentFile:
    """The document as a file, with the company's logo. Drafts have a PDF alone, quotes and orders too.

    Refused: `invalid_document` (no such form or layout, not posted), `einvoice_not_possible`, `cannot_be_printed`,
    `bad_logo`.
    """
    if form not in FORMS or (layout and layout not in LAYOUTS):
        raise DocumentRefused(_("There is no such form or layout."), place="layout" if form in FORMS else "form")
    if form != "pdf" and document.state != Document.State.POSTED:
        raise DocumentRefused(_("Only what is posted is an e-invoice."), place="state")
    ending, content_type = FORMS[form]
    name = f"{document.number or document.kind}{'-' + form if form != 'pdf' else ''}.{ending}"
    return DocumentFile(name, content_type, _content(document, form, layout or LAYOUTS[0]))


def _content(document: Document, form: str, layout: str) -> bytes:
    company = document.company
    if form in SYNTAXES:
        return document_xml(company, document, form)
    logo = logo_of(company)
    if form == "pdf":
        return document_pdf(company, document, layout, logo)
    return document_facturx(company, document, layout, logo)


def document_pdf(company: Company, document: Document, layout: str = "classic", logo: bytes | None = None) -> bytes:
    """The document on paper. Refused: `cannot_be_printed`."""
    return pdf_of(printed_document(company, document), layout=layout, logo=logo)


def document_xml(company: Company, document: Document, syntax: str) -> bytes:
    """The document as an electronic invoice in UBL (`ubl`) or CII (`cii`), checked by the rules of EN 16931.

    Refused: `einvoice_not_possible`, with what is in the way.
    """
    if syntax not in SYNTAXES:
        raise EInvoiceNotPossible(_("E-invoices are written as UBL or CII."), place="syntax")
    return _checked(SYNTAXES[syntax](printed_document(company, document)))


def document_facturx(
    company: Company, document: Document, layout: str = "classic", logo: bytes | None = None
) -> bytes:  # fmt: skip
    """The document as a PDF that carries its electronic invoice. Refused as `document_xml` is."""
    return _checked(facturx_of(printed_document(company, document), layout=layout, logo=logo))


def document_einvoice_problems(company: Company, document: Document) -> list[tuple[str, str]]:
    """What is in the way of an electronic invoice, each with its place; empty where nothing is."""
    return einvoice_problems(printed_document(company, document))


def _checked(file: bytes) -> bytes:
    """The file, if no rule has anything to say against it."""
    if found := findings_of(file):
        message = _("EN 16931 does not allow it (%(rule)s): %(message)s")
        raise EInvoiceNotPossible(message % {"rule": found[0].rule, "message": found[0].message}, place=found[0].place)
    return file
