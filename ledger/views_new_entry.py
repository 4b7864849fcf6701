"""The page of a new journal entry: posted or kept as a draft, once, however often the form is sent."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounting.business_day import business_day
from accounting.chart import Chart, chart_of
from ledger import refusals
from ledger.approval_rules import ApprovalNeeded
from ledger.draft_approval import submit_draft
from ledger.drafts import save_draft
from ledger.entry_grid import MOST_LINES, grid_context, show_refusal
from ledger.forms import EntryHeadForm
from ledger.kept_once import SavedBefore
from ledger.models import Draft, Entry, EntryTemplate
from ledger.posting import Posted, post
from ledger.told_budgets import tell_passed, tell_posted
from ledger.typed_entry import TypedRow, copied_rows, drafted, proposed, stored_rows, typed_rows
from tenants.fields import new_id
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import Refused

# The buttons that keep the entry instead of posting it.
DRAFTING = ("draft", "submit")
# What an entry may start from: how the address names it, and its own page.
STARTS: dict[str, tuple[Any, str]] = {
    "copy": (Entry, "ledger:entry-detail"), "draft": (Draft, "ledger:draft-detail"),
    "template": (EntryTemplate, "ledger:template-edit"),
}  # fmt: skip


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def entry_new(request: Any, company: str) -> HttpResponse:
    """Type an entry and post it, or keep it as a draft."""
    chart = chart_of(request.company)
    if request.method != "POST":
        return _opened(request, chart)
    rows = typed_rows(request.POST, sorted(chart.dimensions))
    head = EntryHeadForm(request.company, request.POST)
    if not head.is_valid():
        return entry_page(request, chart, head, rows)
    as_draft = request.POST.get("then") in DRAFTING
    try:
        if as_draft:
            return _kept(request, head, rows, chart)
        key = head.cleaned_data["key"]
        posted = post(proposed(head.cleaned_data, rows, chart, key=f"page:{key}"), manual=True)
    except Refused as refusal:
        _show(request, refusal, head, rows, as_draft=as_draft)
        return entry_page(request, chart, head, rows, refusal)
    return _posted(request, posted, head.cleaned_data)


def entry_page(
    request: Any, chart: Chart, head: EntryHeadForm, rows: list[TypedRow], refusal: Refused | None = None, **more: Any
) -> HttpResponse:
    """The form with its grid; `more` makes it the form of a draft."""
    code = getattr(refusal, "code", "")
    context = {
        **grid_context(request.company, chart, rows), "head": head,
        "approval_needed": refusal.message if refusal and code == ApprovalNeeded.code else "",
        "reason_wanted": bool(head["reason"].value()) or code == "period_soft_closed",
        "may_post": request.scope.allows(Permission.POST_ENTRIES), **more,
    }  # fmt: skip
    status = refusal.status if refusal else 422 if head.errors else 200
    return render(request, "ledger/entry_new.html", context, status=status)


def new_key() -> str:
    """The key of one form: whatever it makes, it makes once."""
    return str(new_id())


def draft_kept(request: Any, draft: Draft) -> HttpResponse:
    """To the draft's page, with a word on how far it is."""
    sentence = {
        Draft.State.SUBMITTED: _("The draft is submitted and waits for approval."),
        Draft.State.APPROVED: _("No approval is needed: the draft is ready to be posted."),
    }.get(Draft.State(draft.state), _("The draft is saved."))
    messages.success(request, sentence)
    tell_passed(request, draft.passed_budgets)
    return redirect("ledger:draft-detail", company=request.company.slug, pk=draft.pk)


def _opened(request: Any, chart: Chart) -> HttpResponse:
    """An empty form, or one that starts from an entry, a draft or a template."""
    initial = {
        "date": request.GET.get("date") or business_day(request.company), "journal": request.GET.get("journal", "GEN"),
        "key": new_key(),
    }  # fmt: skip
    rows: list[TypedRow] = []
    for parameter, (model, page) in STARTS.items():
        started = _named(request, model, parameter)
        if started is None:
            continue
        lines = started.lines.filter(company_id=request.company.pk)
        if lines.count() > MOST_LINES:
            messages.warning(request, _("An entry of more than %d lines is made through the API.") % MOST_LINES)
            return redirect(page, company=request.company.slug, pk=started.pk)
        initial |= {"journal": started.journal.code, "memo": started.memo, "reference": started.reference}
        if parameter == "draft":
            initial |= {"auto_reverse": started.auto_reverse, "reverse_on": started.reverse_on}
        rows = _copied(request, started, lines, chart)
        break
    return entry_page(request, chart, EntryHeadForm(request.company, initial=initial), rows)


def _copied(request: Any, started: Any, lines: Any, chart: Chart) -> list[TypedRow]:
    if isinstance(started, Entry):
        return copied_rows(started, chart)
    return stored_rows(lines.select_related("sub_account").order_by("number"), chart, request.company.base_currency)


def _named(request: Any, model: Any, parameter: str) -> Any:
    """The row that the address names; None where it names none of the company's."""
    try:
        pk = uuid.UUID(request.GET.get(parameter, ""))
    except ValueError:
        return None
    return model.objects.for_company(request.company).select_related("journal", "company").filter(pk=pk).first()


def _kept(request: Any, head: EntryHeadForm, rows: list[TypedRow], chart: Chart) -> HttpResponse:
    """Keep the draft and, where asked, submit it: both or neither."""
    with transaction.atomic():
        draft = save_draft(drafted(head.cleaned_data, rows, chart), draft_id=_id_of(head.cleaned_data["key"]))
        if request.POST["then"] == "submit" and draft.state == Draft.State.DRAFT:
            draft = submit_draft(draft.pk)
    return draft_kept(request, draft)


def _id_of(key: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(key)
    except ValueError:
        return None


def _show(request: Any, refusal: Refused, head: EntryHeadForm, rows: list[TypedRow], *, as_draft: bool) -> None:
    """Put the refusal at its place, and mint a new key where the old one has its answer."""
    key = head.cleaned_data["key"]
    if refusal.code == refusals.KeyReused.code:
        head.add_error(None, _already_posted(request, key))
    elif isinstance(refusal, SavedBefore):
        head.add_error(None, _already_saved(request, refusal, key))
    elif refusal.code != ApprovalNeeded.code:
        show_refusal(refusal, head, rows, as_draft=as_draft)
    if refusal.frozen or isinstance(refusal, (refusals.KeyReused, refusals.RefusedBefore, SavedBefore)):
        head.data = {**head.data.dict(), "key": new_key()}  # type: ignore[attr-defined]


def _already_posted(request: Any, key: str) -> Any:
    entry = Entry.objects.for_company(request.company).filter(key=f"page:{key}").first()
    if entry is None:
        return _("This form was sent before, with other content. Check it and post again.")
    url = reverse("ledger:entry-detail", args=[request.company.slug, entry.pk])
    return format_html(
        '{} <a href="{}">{}</a>. {}', _("This form was posted before, as"), url, entry,
        _("Post again to make another entry."),
    )  # fmt: skip


def _already_saved(request: Any, refusal: Refused, key: str) -> Any:
    draft = Draft.objects.for_company(request.company).filter(pk=_id_of(key)).first()
    if draft is None:
        return refusal.message
    url = reverse("ledger:draft-detail", args=[request.company.slug, draft.pk])
    return format_html(
        '{} <a href="{}">{}</a>. {}', _("This form was saved before, as the draft"), url, draft,
        _("Save again to make another draft."),
    )  # fmt: skip


def _posted(request: Any, posted: Posted, head: dict[str, Any]) -> HttpResponse:
    company = request.company.slug
    if posted.replayed:
        messages.info(request, _("The entry was posted already."))
    else:
        messages.success(request, _("The entry is posted."))
        tell_posted(request, posted.id)
    if request.POST.get("then") == "new":
        query = f"?date={head['date'].isoformat()}&journal={head['journal']}"
        return redirect(reverse("ledger:entry-new", args=[company]) + query)
    return redirect("ledger:entry-detail", company=company, pk=posted.id)
