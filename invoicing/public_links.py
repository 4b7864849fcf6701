"""Addresses that show one document to whoever has them: unguessable, revocable, without signing in.

An address carries the id of a row and its signature (HMAC-SHA-256 under SECRET_KEY): who reads the database can make
none, and a row that is revoked opens nothing.
"""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from invoicing.documents import held_document
from invoicing.models import Document, DocumentLink
from invoicing.refusals import DocumentRefused
from tenants.permissions import Permission
from tenants.refusal import NotFound
from tenants.scope import current_scope

SALT = "invoicing.document-link"


class LinkNotFound(NotFound):
    """There is no such link, or it is revoked."""


@transaction.atomic
def share_document(document_id: UUID) -> DocumentLink:
    """The link of a document of sales that is posted, or of a quote; asked again, it is the same until it is revoked.

    Refused: `not_found`, `invalid_document`, `not_permitted`.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    document = held_document(document_id)
    if not document.is_sale or (document.state != Document.State.POSTED and document.kind != Document.Kind.QUOTE):
        raise DocumentRefused(_("Only what customers get is shared: what is posted, and quotes."), place="state")
    if found := live_link(document):
        return found
    made: DocumentLink = DocumentLink.objects.create(
        company=scope.company, document=document, created_by=scope.actor.name[:200]
    )
    return made


@transaction.atomic
def revoke_link(document_id: UUID) -> None:
    """Close the link of a document for good; a new one has another address. Refused: `not_found`, `not_permitted`."""
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    link = live_link(held_document(document_id))
    if link is None:
        raise LinkNotFound(_("The document has no link."))
    link.revoked_at, link.revoked_by = timezone.now(), scope.actor.name[:200]
    link.save(update_fields=["revoked_at", "revoked_by"])


def live_link(document: Document) -> DocumentLink | None:
    """The link of the document that is not revoked."""
    found: DocumentLink | None = (
        DocumentLink.objects.for_company(document.company_id).filter(document=document, revoked_at=None).first()
    )
    return found


def address_of(link: DocumentLink) -> str:
    """The whole address, from settings.PUBLIC_URL."""
    path = reverse("public-document", args=[link.company.slug, Signer(salt=SALT).sign(str(link.pk))])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def opened(secret: str) -> Document:
    """The document behind an address of the current company; its first opening is noted. Refused: `not_found`."""
    try:
        pk = UUID(Signer(salt=SALT).unsign(secret))
    except (BadSignature, ValueError) as error:
        raise LinkNotFound(_("There is no such link.")) from error
    links = DocumentLink.objects.for_company(current_scope().company).filter(pk=pk, revoked_at=None)
    link = links.select_related("document__contact").first()
    if link is None:
        raise LinkNotFound(_("There is no such link."))
    links.filter(first_seen_at=None).update(first_seen_at=timezone.now())
    document: Document = link.document
    return document
