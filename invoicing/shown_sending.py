"""What of a document has been sent and shared, as its page shows it."""

from typing import Any

from invoicing.models import Document, DocumentLink
from invoicing.public_links import address_of
from jobs.models import OutboundMail


def sending_of(document: Document) -> dict[str, Any]:
    """The e-mails that carried it, the latest first, and its link with its whole address."""
    mails = OutboundMail.objects.for_company(document.company_id).filter(
        about="invoicing_document", about_id=document.pk
    )
    links = DocumentLink.objects.for_company(document.company_id).select_related("company")
    link = links.filter(document=document, revoked_at=None).first()
    return {
        "mails": list(mails.defer("body_text", "body_html", "attachments").order_by("-id")[:50]), "link": link,
        "address": address_of(link) if link else "",
    }  # fmt: skip
