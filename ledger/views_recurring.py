"""The pages of recurring entries: what comes again and when, and what is done where it could not be posted."""

import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from ledger.forms_drafts import LastDateForm, OccurrenceForm, RecurringForm
from ledger.kept_once import SavedBefore
from ledger.models import EntryTemplate, RecurringEntry
from ledger.recurring import change_recurring, occurrences_of, retry_occurrence, skip_occurrence, start_recurring
from ledger.shown_recurring import list_recurring, rule_text, state_of, upcoming
from ledger.views_new_entry import new_key
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import NotFound, NotPermitted, Refused

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def recurring_list(request: Any, company: str) -> HttpResponse:
    """What comes again, the next first."""
    page = Paginator(list_recurring(request.company), PAGE).get_page(request.GET.get("page"))
    for recurring in page:
        recurring.rule, recurring.state = rule_text(recurring), state_of(recurring)
    return render(request, "ledger/recurring_list.html", {"page": page})


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
        try:
            made = start_recurring(UUID(form.cleaned_data["template"]), **form.asked())
            messages.success(request, _("It comes again from %s on.") % (made.next_date or made.start))
            return redirect("ledger:recurring-detail", company=company, pk=made.pk)
        except Refused as refusal:
            _show(form, refusal)
            if isinstance(refusal, SavedBefore):
                form.data = {**request.POST.dict(), "recurring_id": new_key()}
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
    form = LastDateForm(request.POST) if act == "end" else None
    if form is not None and not form.is_valid():
        return _detail(request, pk, ending=form)
    try:
        if form is not None:
            change_recurring(pk, version=_version(request), end=form.cleaned_data["end"])
            messages.success(request, _("The last date is set."))
        elif act in ("pause", "resume"):
            change_recurring(pk, version=_version(request), is_active=act == "resume")
            messages.success(request, _("It is paused.") if act == "pause" else _("It goes on."))
    except (NotFound, NotPermitted):
        raise
    except Refused as refusal:
        if form is not None:
            form.show(refusal)
            return _detail(request, pk, ending=form)
        messages.error(request, refusal.message)
    return redirect("ledger:recurring-detail", company=company, pk=pk)


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def occurrence_act(request: Any, company: str, pk: UUID, date: str) -> HttpResponse:
    """Try an occurrence again, on its day or another one, or leave it out."""
    form = OccurrenceForm(request.POST)
    try:
        day = datetime.date.fromisoformat(date)
        if not form.is_valid():
            messages.error(request, " ".join(str(text) for texts in form.errors.values() for text in texts))
        elif form.cleaned_data["act"] == "skip":
            skip_occurrence(pk, day, reason=form.cleaned_data["reason"])
            messages.success(request, _("The occurrence is left out."))
        else:
            retry_occurrence(pk, day, on=form.cleaned_data["on"])
            messages.success(request, _("The occurrence is made now."))
    except ValueError:
        return redirect("ledger:recurring-detail", company=company, pk=pk)
    except (NotFound, NotPermitted):
        raise
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("ledger:recurring-detail", company=company, pk=pk)


def _detail(request: Any, pk: UUID, ending: LastDateForm | None = None) -> HttpResponse:
    rows = RecurringEntry.objects.for_company(request.company).select_related("template__journal")
    recurring: RecurringEntry = get_object_or_404(rows, pk=pk)
    today = business_day(request.company)
    context = {
        "recurring": recurring, "rule": rule_text(recurring), "state": state_of(recurring),
        "upcoming": upcoming(recurring), "occurrences": occurrences_of([recurring]).get(recurring.pk, []),
        "ending": ending or LastDateForm(initial={"end": recurring.end or max(today, recurring.start)}),
        "ending_refused": ending is not None,
        "may_change": request.scope.allows(
            Permission.DRAFT_ENTRIES if recurring.as_draft else Permission.POST_ENTRIES
        ),
        "may_draft": request.scope.allows(Permission.DRAFT_ENTRIES),
    }  # fmt: skip
    return render(request, "ledger/recurring_detail.html", context, status=ending.status if ending else 200)


def _show(form: RecurringForm, refusal: Refused) -> None:
    """What the template lacks is about the template."""
    if refusal.place.startswith("lines"):
        form.add_error("template", refusal.message)
    else:
        form.show(refusal)


def _version(request: Any) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
