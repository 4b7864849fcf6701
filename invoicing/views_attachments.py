"""Files of a document by its page: handed in, and taken away while it is a draft."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from invoicing.document_attachments import attach_to_document, remove_from_document, shown_files
from invoicing.shown_document import shown_document
from ledger.views_attachments import attach_each
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def document_attach(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Keep the chosen files with a document."""
    shown_document(request.company, pk)
    return _shown(request, pk, attach_each(request, lambda name, content: attach_to_document(pk, name, content)))


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def document_detach(request: Any, company: str, pk: UUID, file: UUID) -> HttpResponse:
    """Take a file of a draft away."""
    problems: list[str] = []
    with refusals_to(lambda refusal: problems.append(refusal.message)):
        remove_from_document(pk, file)
        if not request.htmx:
            messages.success(request, _("The file is removed."))
    return _shown(request, pk, problems)


def _shown(request: Any, pk: UUID, problems: list[str]) -> HttpResponse:
    """The block alone for a page that stays as it is; else the page again, with what was refused."""
    if request.htmx:
        block = shown_files(request.scope, shown_document(request.company, pk).document)
        return render(request, "ledger/attachments.html", {"block": block, "problems": problems})
    for problem in problems:
        messages.error(request, problem)
    return redirect("invoicing:document-detail", company=request.company.slug, pk=pk)
