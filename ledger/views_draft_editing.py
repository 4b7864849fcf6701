"""The page that changes a draft, on the grid of the new entry; what somebody else changed meanwhile is not undone."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounting.chart import Chart, chart_of
from ledger.approval_rules import ApprovalNeeded
from ledger.draft_approval import post_draft, submit_draft
from ledger.drafts import DraftNotFound, change_draft
from ledger.entry_grid import MOST_LINES, show_refusal
from ledger.forms import DraftHeadForm, EntryHeadForm
from ledger.models import Draft, DraftLine
from ledger.told_budgets import tell_posted
from ledger.typed_entry import TypedRow, drafted, stored_rows, typed_rows
from ledger.views_new_entry import draft_kept, entry_page, new_key
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import Conflict, Refused


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def draft_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change a draft as a whole: save it, submit it or post it."""
    drafts = Draft.objects.for_company(request.company).select_related("journal")
    if request.method != "POST":
        return _opened(request, get_object_or_404(drafts, pk=pk))
    chart = chart_of(request.company)
    rows = typed_rows(request.POST, sorted(chart.dimensions))
    draft = drafts.filter(pk=pk).first()
    if draft is None and rows:
        return _as_new(request, chart, rows)
    draft = draft or get_object_or_404(drafts, pk=pk)
    head = DraftHeadForm(request.company, request.POST)
    if not head.is_valid():
        return entry_page(request, chart, head, rows, draft=draft)
    try:
        return _saved(request, draft, head, rows, chart)
    except DraftNotFound:
        return _as_new(request, chart, rows)
    except Refused as refusal:
        draft.refresh_from_db()
        _show(request, draft, refusal, head, rows)
        return entry_page(request, chart, head, rows, refusal, draft=draft)


def _opened(request: Any, draft: Draft) -> HttpResponse:
    chart = chart_of(request.company)
    lines = DraftLine.objects.for_company(request.company).filter(draft=draft).select_related("sub_account")
    kept = list(lines.order_by("number")[: MOST_LINES + 1])
    if not draft.is_editable:
        messages.info(request, _("This draft does not change any more. Take it back to change it."))
        return redirect("ledger:draft-detail", company=request.company.slug, pk=draft.pk)
    if len(kept) > MOST_LINES:
        messages.warning(request, _("A draft of more than %d lines is changed through the API.") % MOST_LINES)
        return redirect("ledger:draft-detail", company=request.company.slug, pk=draft.pk)
    initial = {
        "date": draft.date, "journal": draft.journal.code, "memo": draft.memo, "reference": draft.reference,
        "reason": draft.reason, "auto_reverse": draft.auto_reverse, "reverse_on": draft.reverse_on,
        "version": draft.version,
    }  # fmt: skip
    rows = stored_rows(kept, chart, request.company.base_currency)
    return entry_page(request, chart, DraftHeadForm(request.company, initial=initial), rows, draft=draft)


def _saved(
    request: Any, draft: Draft, head: DraftHeadForm, rows: list[TypedRow], chart: Chart
) -> HttpResponse:  # fmt: skip
    """Change the draft and go on with it as the button says: all of it or nothing."""
    then = request.POST.get("then", "draft")
    content = drafted(head.cleaned_data, rows, chart)
    with transaction.atomic():
        changed = change_draft(draft.pk, content, version=head.cleaned_data["version"])
        if then == "submit":
            changed = submit_draft(draft.pk)
        if then == "show":
            posted = post_draft(draft.pk)
    if then == "show":
        messages.success(request, _("The entry is posted."))
        tell_posted(request, posted.id)
        return redirect("ledger:entry-detail", company=request.company.slug, pk=posted.id)
    return draft_kept(request, changed)


def _show(request: Any, draft: Draft, refusal: Refused, head: DraftHeadForm, rows: list[TypedRow]) -> None:
    if refusal.code == ApprovalNeeded.code:
        return
    if not isinstance(refusal, Conflict):
        show_refusal(refusal, head, rows, as_draft=True)
        return
    url = reverse("ledger:draft-detail", args=[request.company.slug, draft.pk])
    sentence = refusal.message
    if draft.is_editable:
        # The person sees the other version before this one takes its place.
        head.data = {**head.data.dict(), "version": str(draft.version)}  # type: ignore[attr-defined]
        sentence = _("The draft was changed meanwhile. Save again to put yours in its place.")
    link = format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', url, _("Look at the other version"))
    head.add_error(None, format_html("{} {}", sentence, link))


def _as_new(request: Any, chart: Chart, rows: list[TypedRow]) -> HttpResponse:
    """The draft is gone: what was typed is kept, to be saved as a new one."""
    head = EntryHeadForm(request.company, {**request.POST.dict(), "key": new_key()})
    head.add_error(None, _("The draft was deleted meanwhile. Save yours as a new draft."))
    action = reverse("ledger:entry-new", args=[request.company.slug])
    return entry_page(request, chart, head, rows, action=action)
