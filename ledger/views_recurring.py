"""The pages of recurring entries: what comes again and when, and what is done where it could not be posted."""

import datetime
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as address
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.csv_download import csv_download
from ledger.forms_drafts import LastDateForm, RecurringFilterForm, RecurringForm, RetryForm
from ledger.kept_once import SavedBefore
from ledger.models import EntryTemplate, RecurringEntry
from ledger.recurring import change_recurring, occurrences_of, retry_occurrence, skip_occurrence, start_recurring
from ledger.shown_recurring import in_state, list_recurring, recurring_register, rule_text, state_of, upcoming
from ledger.views_new_entry import new_key
from tenants.forms import ReasonForm, RefusableForm
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def recurring_list(request: Any, company: str) -> HttpResponseBase:
    """What comes again, the next first; the address is the filter. On screen or as CSV."""
    form = RecurringFilterForm(request.GET)
    valid = form.is_valid()
    found = in_state(list_recurring(request.company), form.cleaned_data["state"]) if valid else []
    if valid and request.GET.get("format") == "csv":
        return csv_download("recurring-entries", recurring_register(found), subject="ledger_recurringentry")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    for recurring in page:
        recurring.rule, recurring.state = rule_text(recurring), state_of(recurring)
    context = {"form": form, "page": page, "narrowed": bool(request.GET.get("state"))}
    return render(request, "ledger/recurring_list.html", context, status=200 if valid else 422)


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def recurring_new(request: Any, company: str) -> HttpResponse:
    """Let a template come again."""
    may_post = request.scope.allows(Permission.POST_ENTRIES)
    initial = {
        "start": business_day(request.company), "template": request.GET.get("template", ""), "recurring_id": new_key(),
    }  # fmt: skip
    if not may_post:
        initial["outcome"] = "draft"
    form = RecurringForm(request.company, request.POST or None, initial=initial, may_post=may_post)
    if request.method == "POST" and form.is_valid():
        with refusals_to(lambda refusal: _show(request, form, refusal)):
            made = start_recurring(UUID(form.cleaned_data["template"]), **form.asked())
            messages.success(request, _("It comes again from %s on.") % (made.next_date or made.start))
            return redirect("ledger:recurring-detail", company=company, pk=made.pk)
    any_template = EntryTemplate.objects.for_company(request.company).filter(is_active=True).exists()
    context = {"form": form, "any_template": any_template}
    return render(request, "ledger/recurring_new.html", context, status=form.status)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def recurring_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One recurring entry: its rule, the dates that come, and what became of those that came."""
    return _detail(request, pk)


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def recurring_change(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Pause it, let it go on, or set its last date."""
    act = request.POST.get("act")
    if act == "end":
        return _end(request, pk)
    if act in ("pause", "resume"):
        with refusals_to(flashed(request)):
            change_recurring(pk, version=_version(request), is_active=act == "resume")
            messages.success(request, _("It is paused.") if act == "pause" else _("It goes on."))
    return redirect("ledger:recurring-detail", company=company, pk=pk)


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def occurrence_act(request: Any, company: str, pk: UUID, date: str) -> HttpResponse:
    """Try an occurrence again, on its day or another one, or leave it out."""
    page = address("ledger:recurring-detail", args=[company, pk])
    act = occurrence_decided(request, pk, date, page, (retry_occurrence, skip_occurrence))
    return _detail(request, pk, occurring=act) if act else redirect(page)


def occurrence_decided(
    request: Any, pk: UUID, date: str, page: str, acts: tuple[Callable[..., Any], Callable[..., Any]]
) -> PageAct | None:
    """Try an occurrence of what recurs again, or leave it out; its form, where that is refused. `acts` do the two."""
    try:
        day = datetime.date.fromisoformat(date)
    except ValueError:
        return None
    skips = request.POST.get("act") == "skip"
    form: RefusableForm = ReasonForm(request.POST) if skips else RetryForm(request.POST)
    if form.is_valid():
        with refusals_to(form.show):
            acts[skips](pk, day, **form.cleaned_data)
            done = _("The occurrence is left out.") if skips else _("The occurrence is made now.")
            messages.success(request, done)
            return None
    shown = date_format(day, "j M Y")
    texts = {"title": _("Leave %s out"), "button": _("Leave out")} if skips else {
        "title": _("Try %s again"), "button": _("Try again")}  # fmt: skip
    return PageAct(
        "occurrence", request.path, form, page=page, value="skip" if skips else "retry",
        title=texts["title"] % shown, button=texts["button"],
    )  # fmt: skip


def _end(request: Any, pk: UUID) -> HttpResponse:
    form = LastDateForm(request.POST)
    if form.is_valid():
        with refusals_to(form.show):
            change_recurring(pk, version=_version(request), end=form.cleaned_data["end"])
            messages.success(request, _("The last date is set."))
            return redirect("ledger:recurring-detail", company=request.company.slug, pk=pk)
    return _detail(request, pk, ending=form)


def _detail(
    request: Any, pk: UUID, *, ending: LastDateForm | None = None, occurring: PageAct | None = None
) -> HttpResponse:  # fmt: skip
    rows = RecurringEntry.objects.for_company(request.company).select_related("template__journal")
    recurring: RecurringEntry = get_object_or_404(rows, pk=pk)
    may_change = request.scope.allows(Permission.DRAFT_ENTRIES if recurring.as_draft else Permission.POST_ENTRIES)
    context = {
        "recurring": recurring, "rule": rule_text(recurring), "state": state_of(recurring),
        "upcoming": upcoming(recurring), "occurrences": occurrences_of([recurring]).get(recurring.pk, []),
        "ending": _ending(request, recurring, ending) if may_change or ending else None, "occurring": occurring,
        "may_change": may_change, "may_draft": request.scope.allows(Permission.DRAFT_ENTRIES),
    }  # fmt: skip
    return render(request, "ledger/recurring_detail.html", context, status=422 if ending or occurring else 200)


def _ending(request: Any, recurring: RecurringEntry, refused: LastDateForm | None) -> PageAct:
    day = recurring.end or max(business_day(request.company), recurring.start)
    url, page = (
        address(f"ledger:recurring-{name}", args=[request.company.slug, recurring.pk]) for name in ("change", "detail")
    )
    return PageAct(
        "end", url, refused or LastDateForm(initial={"end": day}), page=page, value="end", version=recurring.version,
        title=_("Set the last date"), button=_("Set"), label=_("Last date"),
        hint=_("After this day nothing is made any more."),
    )  # fmt: skip


def _show(request: Any, form: RecurringForm, refusal: Refused) -> None:
    """What the template lacks is about the template; what is said under a new id is another recurring entry."""
    if refusal.place.startswith("lines"):
        form.add_error("template", refusal.message)
    else:
        form.show(refusal)
    if isinstance(refusal, SavedBefore):
        form.data = {**request.POST.dict(), "recurring_id": new_key()}


def _version(request: Any) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
