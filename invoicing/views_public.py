"""What whoever has the link of a document sees, without signing in: the document, its files, and nothing else."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import override
from django.views.decorators.http import require_safe

from accounting.business_day import business_day
from invoicing.document_downloads import as_download
from invoicing.document_files import file_of
from invoicing.document_listing import status_of
from invoicing.logo import logo_of
from invoicing.models import Document
from invoicing.pdf.pictures import picture_type
from invoicing.public_links import opened
from invoicing.shown_document import shown_document
from tenants.audit_trail import note_read
from tenants.models import Company
from tenants.refusal import Refused
from tenants.scope import company_scope
from tenants.visitor import visitor

FORMS = ("pdf", "facturx")


@require_safe
def public_document(request: Any, seller: str, secret: str) -> HttpResponse:
    """The document: what is due, how it is paid, and its files."""
    with _opened(request, seller, secret) as document:
        company = document.company
        shown = shown_document(company, document.pk)
        with override(document.party.get("language") or company.language):
            context = {
                "shown": shown, "document": shown.document, "seller": company, "secret": secret,
                "status": status_of(shown.document), "today": business_day(company), "logo": bool(logo_of(company)),
                "forms": FORMS if document.state == Document.State.POSTED else FORMS[:1],
            }  # fmt: skip
            return _unlisted(render(request, "invoicing/public_document.html", context))


@require_safe
def public_file(request: Any, seller: str, secret: str, form: str) -> HttpResponse:
    """The document as PDF, alone or with its e-invoice; the reading is noted."""
    with _opened(request, seller, secret) as document:
        if form not in FORMS:
            raise Http404
        file = file_of(document, form)
        note_read("invoicing_document", document.pk, {"file": form, "by": "public link"})
        return _unlisted(as_download(file))


@require_safe
def public_logo(request: Any, seller: str, secret: str) -> HttpResponse:
    """The logo of whose document it is."""
    with _opened(request, seller, secret) as document:
        content = logo_of(document.company)
        if not content:
            raise Http404
        return _unlisted(HttpResponse(content, content_type=picture_type(content)))


@contextmanager
def _opened(request: Any, seller: str, secret: str) -> Iterator[Document]:
    """The document in the scope of its company, for a visitor who may do nothing; a dead link is no page."""
    company = get_object_or_404(Company, slug=seller, is_active=True)
    actor = dataclasses.replace(visitor(request), name="public link")
    try:
        with company_scope(company, actor=actor, act="open public link"):
            yield opened(secret)
    except Refused as refusal:
        raise Http404 from refusal


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Nobody keeps it, lists it, or learns its address from it."""
    add_never_cache_headers(response)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
