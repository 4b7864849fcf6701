"""Send documents by e-mail: the file made and stored, the mail in the outbox, in one transaction."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounting.business_day import business_day
from accounting.chart import chart_of
from invoicing.document_files import DocumentFile, file_of
from invoicing.document_listing import documents_of
from invoicing.documents import held_document
from invoicing.invoicing_settings import settings_of
from invoicing.mail_templates import PLACES, Words, words_for
from invoicing.mail_words import check_words, filled, filled_line
from invoicing.models import Document
from invoicing.pdf.formats import formats_of
from invoicing.public_links import address_of, share_document
from invoicing.refusals import DocumentRefused
from jobs.mail import StoredFile, send_mail_later
from jobs.models import OutboundMail
from tenants.fields import new_id
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import current_scope

FORMS = ("pdf", "facturx")


class NoMailAddress(Refused):
    """Nobody is named, and the contact has no e-mail address."""

    code = "no_mail_address"


@transaction.atomic
def mail_document(
    document_id: UUID, *, key: str, to: Sequence[str] = (), cc: Sequence[str] = (), subject: str = "", body: str = "",
    form: str = "pdf", layout: str = "",
) -> OutboundMail:  # fmt: skip
    """Send a document to its contact, or to who is named; without words of its own in those of the template.

    The same key sends it once. Refused: `not_found`, `invalid_document`, `no_mail_address`, `invalid_mail`,
    `invalid_template`, `einvoice_not_possible`, `cannot_be_printed`, `not_permitted`.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    document = held_document(document_id)
    own_key = f"document:{uuid5(document.pk, key)}"
    # Twins wait at the document, so that the second finds the mail of the first.
    if sent := OutboundMail.objects.for_company(scope.company).filter(key=own_key).first():
        found: OutboundMail = sent
        return found
    _check(document, form)
    people = list(to) or ([document.contact.email] if document.contact.email else [])
    if not people:
        raise NoMailAddress(_("%s has no e-mail address: say where it goes.") % document.contact.name, place="to")
    template = mail_words_of(document)
    words = Words(subject or template.subject, body or template.body)
    check_words(words.subject, words.body, PLACES["document"])
    values = mail_values(document)
    if "{link}" in words.subject + words.body:
        values["link"] = _link(document)
    file = kept_file(file_of(document, form, layout))
    return send_mail_later(
        key=own_key, to=people, cc=cc, reply_to=settings_of(scope.company).email,
        subject=filled_line(words.subject, values), body_text=_text(words.body, values), attachments=[file],
        about="invoicing_document", about_id=document.pk,
    )  # fmt: skip


def mail_words_of(document: Document) -> Words:
    """What the mail of this document would say, in the language of its contact."""
    return words_for(document.company, "document", language_of(document))


def mail_values(document: Document) -> dict[str, str]:
    """What fills the places of the words but for the link: amounts and dates as the reader writes them."""
    company = document.company
    known = documents_of(company, [document.kind], business_day(company)).get(pk=document.pk)
    language = language_of(document) or company.language
    formats = formats_of(language, chart_of(company).units[document.currency].decimals)
    with override(language):
        kind = str(document.get_kind_display())
    return {
        "kind": kind, "number": document.number, "date": formats.day(document.date),
        "due_date": formats.day(document.due_date), "total": formats.money(document.total),
        "open": formats.money(known.open_amount), "currency": document.currency, "reference": document.reference,
        "contact": document.contact.name, "company": company.name,
    }  # fmt: skip


def language_of(document: Document) -> str:
    """The language that the document was made in, or that of its contact; empty where neither says."""
    return document.party.get("language") or document.contact.language


def kept_file(file: DocumentFile) -> StoredFile:
    """The file in the storage, where the mail finds it. Without the mail it is a file that nothing names."""
    company = current_scope().company
    path = default_storage.save(f"{company.pk}/mails/{new_id()}", ContentFile(file.content))
    return StoredFile(file.name, file.content_type, path)


def _check(document: Document, form: str) -> None:
    if form not in FORMS:
        raise DocumentRefused(_("A mail carries a PDF, with or without its e-invoice."), place="form")
    if document.kind in ("quote", "purchase_order"):
        return
    if not document.is_sale or document.state != Document.State.POSTED:
        raise DocumentRefused(_("What is sent is posted, and goes to customers; or it is a quote or an order."))


def _link(document: Document) -> str:
    """The address where the reader finds it; none of what is not shared, or where nobody knows our own address."""
    if not settings.PUBLIC_URL or not document.is_sale:
        return ""
    return address_of(share_document(document.pk))


def _text(body: str, values: dict[str, str]) -> str:
    """The text without the gap that an empty place on a line of its own leaves."""
    text = filled(body, values)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text
