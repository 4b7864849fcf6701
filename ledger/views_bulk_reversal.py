"""Reverse many entries of the journal: what was chosen, when and why; then how far it is and what was refused."""

import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as address
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from jobs.models import Job
from ledger.bulk_reversal import KIND, MOST, ask_to_reverse
from ledger.entry_listing import entries_with_figures, reversible_ids
from ledger.forms import EntryFilterForm
from ledger.forms_closing import BulkReversalForm
from ledger.models import Entry
from tenants.fields import new_id
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

SHOWN = 50
PAGE = 100


@require_POST
@needs(Permission.REVERSE_ENTRIES)
def bulk_reversal_choose(request: Any, company: str) -> HttpResponse:
    """The entries that were ticked in the journal, or all that its filter shows: asked for date and reason."""
    narrowed = request.POST.get("filter", "").removeprefix("?")
    everything = bool(request.POST.get("all"))
    ids = _matching(request, narrowed) if everything else _own(request, request.POST.getlist("entry"))
    if not ids or len(ids) > MOST:
        messages.error(request, _few_or_many(len(ids), everything=everything))
        return redirect(_journal(request, narrowed))
    initial = {
        "entries": " ".join(str(pk) for pk in ids), "key": str(new_id()), "dated": "own",
        "date": business_day(request.company),
    }  # fmt: skip
    return _confirm(request, BulkReversalForm(initial=initial), ids)


@require_POST
@needs(Permission.REVERSE_ENTRIES)
def bulk_reversal_start(request: Any, company: str) -> HttpResponse:
    """Start the reversals; the page then follows them."""
    form = BulkReversalForm(request.POST)
    ids = _ids(request.POST.get("entries", "").split())
    if form.is_valid():
        asked = form.cleaned_data
        with refusals_to(form.show):
            job = ask_to_reverse(ids, date=asked["date"], reason=asked["reason"], key=asked["key"])
            return redirect("ledger:bulk-reversal", company=company, pk=job.pk)
    return _confirm(request, form, ids)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def bulk_reversal_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """How far the reversals are, and what could not be reversed, with the reason."""
    job: Job = get_object_or_404(Job.objects.for_company(request.company).filter(kind=KIND), pk=pk)
    result = job.result or {}
    page = Paginator(result.get("refusals", []), PAGE).get_page(request.GET.get("page"))
    ids = _ids(one["entry"] for one in page)
    rows = {str(row.entry.pk): row for row in entries_with_figures(request.company, ids)}
    context = {
        "job": job, "result": result, "page": page, "refusals": [(one, rows.get(one["entry"])) for one in page],
        "asked": len(job.parameters["entries"]), "date": _day(job.parameters["date"]),
        "reason": job.parameters["reason"],
        "untold": result.get("refused", 0) - len(result.get("refusals", [])),
    }  # fmt: skip
    return render(request, "ledger/bulk_reversal_detail.html", context)


def _confirm(request: Any, form: BulkReversalForm, ids: list[UUID]) -> HttpResponse:
    """Asks for date and reason; what was chosen from is carried on."""
    narrowed = request.POST.get("filter", "").removeprefix("?")
    rows = entries_with_figures(request.company, ids[:SHOWN])
    context = {
        "form": form, "rows": rows, "count": len(ids), "more": len(ids) - len(rows),
        "everything": bool(request.POST.get("all")), "filter": narrowed, "came_from": _journal(request, narrowed),
        "reversed": Entry.objects.for_company(request.company).filter(reverses_id__in=ids).count(),
        "decimals": chart_of(request.company).units[request.company.base_currency].decimals,
    }  # fmt: skip
    return render(request, "ledger/bulk_reversal_new.html", context, status=form.status)


def _journal(request: Any, narrowed: str) -> str:
    url = address("ledger:entry-list", args=[request.company.slug])
    return f"{url}?{narrowed}" if narrowed else url


def _matching(request: Any, narrowed: str) -> list[UUID]:
    form = EntryFilterForm(request.company, chart_of(request.company), QueryDict(narrowed))
    return reversible_ids(request.company, form.wanted(), limit=MOST + 1) if form.is_valid() else []


def _own(request: Any, texts: list[str]) -> list[UUID]:
    """Those of the ids that are entries of the company."""
    rows = Entry.objects.for_company(request.company).filter(pk__in=_ids(texts))
    return list(rows.order_by("-date", "-id").values_list("pk", flat=True))


def _few_or_many(count: int, *, everything: bool) -> str:
    if count > MOST:
        return _("More than %s entries match: narrow the list first.") % f"{MOST:,}"
    return _("No entry of the list can be reversed.") if everything else _("Tick the entries to reverse first.")


def _ids(texts: Any) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(str(text)))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None
