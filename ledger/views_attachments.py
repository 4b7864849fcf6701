"""Files of drafts and entries by their pages: handed in, downloaded, and taken away while there is only a draft."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ledger.api_attachments import file_response
from ledger.attached_files import files_of_draft, files_of_entry
from ledger.attachments import attach, content_of, content_of_upload, remove_attachment
from ledger.models import Attachment, Draft, Entry
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def draft_attach(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Keep the chosen files with a draft."""
    get_object_or_404(Draft.objects.for_company(request.company), pk=pk)
    return _shown(request, attach_each(request, lambda name, content: attach(name, content, draft_id=pk)), draft=pk)


@require_POST
@needs(Permission.POST_ENTRIES)
def entry_attach(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Keep the chosen files with an entry, for ever."""
    get_object_or_404(Entry.objects.for_company(request.company), pk=pk)
    return _shown(request, attach_each(request, lambda name, content: attach(name, content, entry_id=pk)), entry=pk)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def attachment_download(request: Any, company: str, pk: UUID) -> HttpResponse:
    """A file as it was handed in, compared with its hash; the reading is in the trail."""
    return file_response(*content_of(pk))


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def attachment_remove(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Take a file of a draft away."""
    file: Attachment = get_object_or_404(Attachment.objects.for_company(request.company), pk=pk)
    problems: list[str] = []
    with refusals_to(lambda refusal: problems.append(refusal.message)):
        remove_attachment(pk)
        if not request.htmx:
            messages.success(request, _("The file “%s” is removed.") % file.name)
    if file.draft_id and not file.entry_id:
        return _shown(request, problems, draft=file.draft_id)
    return _shown(request, problems, entry=file.entry_id)


def attach_each(request: Any, keep: Callable[[str, bytes], Any]) -> list[str]:
    """Keep each file by itself: one that is refused does not keep the others out. Answers with what was refused."""
    problems, kept = [], 0
    files = request.FILES.getlist("files")
    if not files:
        problems.append(_("Choose a file."))
    for file in files:
        refused: list[Refused] = []
        with refusals_to(refused.append):
            keep(file.name, content_of_upload(file))
            kept += 1
        problems += [f"{file.name}: {refusal.message}" for refusal in refused]
    if kept and not request.htmx:
        text = ngettext("%d file is attached.", "%d files are attached.", kept)
        messages.success(request, text % kept)
    return problems


def _shown(request: Any, problems: list[str], *, draft: UUID | None = None, entry: UUID | None = None) -> HttpResponse:
    """The block alone for a page that stays as it is; else the page again, with what was refused."""
    if request.htmx:
        if draft:
            block = files_of_draft(get_object_or_404(Draft.objects.for_company(request.company), pk=draft))
        else:
            block = files_of_entry(entry)  # type: ignore[arg-type]
        return render(request, "ledger/attachments.html", {"block": block, "problems": problems})
    for problem in problems:
        messages.error(request, problem)
    if draft:
        return redirect("ledger:draft-detail", company=request.company.slug, pk=draft)
    return redirect("ledger:entry-detail", company=request.company.slug, pk=entry)
