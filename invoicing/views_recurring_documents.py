"""The pages of recurring documents: what comes again and when, and what is done where it could not be made or sent."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as address
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.csv_download import csv_download
from invoicing.forms_recurring_documents import (
    RecurringDocumentChangeForm,
    RecurringDocumentFilterForm,
    RecurringDocumentForm,
)
from invoicing.models import REPEATED, Document, RecurringDocument
from invoicing.recurring_documents import (
    change_recurring_document,
    occurrences_of_documents,
    retry_document_occurrence,
    skip_document_occurrence,
    start_recurring_document,
)
from invoicing.shown_recurring_documents import (
    as_shown,
    list_recurring_documents,
    recurring_document_register,
    with_statuses,
)
from invoicing.views_approving import seen_version
from ledger.kept_once import SavedBefore
from ledger.recurrence import occurrence
from ledger.shown_recurring import in_state, upcoming
from ledger.views_new_entry import new_key
from ledger.views_recurring import occurrence_decided
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused

PAGE = 50
DETAIL = "invoicing:recurring-detail"


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def recurring_list(request: Any, company: str) -> HttpResponseBase:
    """What comes again, the next first; the address is the filter. On screen or as CSV."""
    form = RecurringDocumentFilterForm(request.GET)
    valid = form.is_valid()
    found = _matching(request, form) if valid else []
    if valid and request.GET.get("format") == "csv":
        return csv_download(
            "recurring-documents", recurring_document_register(found), subject="invoicing_recurringdocument"
        )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    as_shown(request.company, list(page))
    narrowed = any(request.GET.get(name) for name in form.fields)
    context = {"form": form, "page": page, "narrowed": narrowed}
    return render(request, "invoicing/recurring_list.html", context, status=200 if valid else 422)


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def recurring_new(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Let a document come again."""
    rows = Document.objects.for_company(request.company).select_related("contact").filter(kind__in=REPEATED)
    pattern: Document = get_object_or_404(rows, pk=pk)
    form = RecurringDocumentForm(
        pattern, request.POST or None, may_post=request.scope.allows(Permission.POST_ENTRIES),
        initial={"start": _first_day(pattern), "recurring_id": new_key()},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with refusals_to(lambda refusal: _show(request, form, refusal)):
            made = start_recurring_document(pk, **form.cleaned_data)
            messages.success(request, _("It comes again from %s on.") % (made.next_date or made.start))
            return redirect(DETAIL, company=company, pk=made.pk)
    before = list(RecurringDocument.objects.for_company(request.company).filter(pattern=pattern).order_by("start"))
    for one in before:
        one.pattern = pattern
    as_shown(request.company, before)
    context = {"form": form, "pattern": pattern, "before": before}
    return render(request, "invoicing/recurring_new.html", context, status=form.status)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def recurring_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One recurring document: its rule, the dates that come, and what became of those that came."""
    return _detail(request, pk)


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def recurring_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change what it is made like, what is done with it, and until when."""
    recurring = _recurring(request, pk)
    now = {"pattern": recurring.pattern_id, "does": recurring.does, "end": recurring.end, "version": recurring.version}
    form = RecurringDocumentChangeForm(
        recurring, request.POST or None, initial=now, may_post=request.scope.allows(Permission.POST_ENTRIES)
    )
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            change_recurring_document(pk, **form.asked())
            messages.success(request, _("It is changed, from the next date on."))
            return redirect(DETAIL, company=company, pk=pk)
    context = {"form": form, "recurring": recurring}
    return render(request, "invoicing/recurring_edit.html", context, status=form.status)


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def recurring_change(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Pause it, or let it go on."""
    act = request.POST.get("act")
    if act in ("pause", "resume"):
        with refusals_to(flashed(request)):
            change_recurring_document(pk, version=seen_version(request), is_active=act == "resume")
            messages.success(request, _("It is paused.") if act == "pause" else _("It goes on."))
    return redirect(DETAIL, company=company, pk=pk)


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def occurrence_act(request: Any, company: str, pk: UUID, date: str) -> HttpResponse:
    """Try an occurrence again, on its day or another one, or leave it out."""
    page = address(DETAIL, args=[company, pk])
    act = occurrence_decided(request, pk, date, page, (retry_document_occurrence, skip_document_occurrence))
    return _detail(request, pk, occurring=act) if act else redirect(page)


def _detail(request: Any, pk: UUID, *, occurring: PageAct | None = None) -> HttpResponse:
    recurring = _recurring(request, pk)
    as_shown(request.company, [recurring])
    drafts = recurring.does == RecurringDocument.Does.DRAFT
    occurrences = occurrences_of_documents([recurring]).get(recurring.pk, [])
    context = {
        "recurring": recurring, "upcoming": upcoming(recurring), "occurring": occurring,
        "occurrences": with_statuses(request.company, occurrences),
        "may_change": request.scope.allows(Permission.DRAFT_ENTRIES if drafts else Permission.POST_ENTRIES),
        "may_draft": request.scope.allows(Permission.DRAFT_ENTRIES),
    }  # fmt: skip
    return render(request, "invoicing/recurring_detail.html", context, status=422 if occurring else 200)


def _recurring(request: Any, pk: UUID) -> RecurringDocument:
    rows = RecurringDocument.objects.for_company(request.company).select_related("pattern__contact")
    found: RecurringDocument = get_object_or_404(rows, pk=pk)
    return found


def _matching(request: Any, form: RecurringDocumentFilterForm) -> Any:
    rows = in_state(list_recurring_documents(request.company), form.cleaned_data["state"])
    kind = form.cleaned_data["kind"]
    return rows.filter(pattern__kind=kind) if kind else rows


def _first_day(pattern: Document) -> Any:
    """A month after what is out already; a draft may be the first itself."""
    if pattern.state == Document.State.POSTED:
        return occurrence(pattern.date, "month", 1, 1)
    return pattern.date


def _show(request: Any, form: RecurringDocumentForm, refusal: Refused) -> None:
    """What is said under a new id is another recurring document."""
    form.show(refusal)
    if isinstance(refusal, SavedBefore):
        form.data = {**request.POST.dict(), "recurring_id": new_key()}
