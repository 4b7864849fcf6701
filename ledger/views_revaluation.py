"""The page of revaluations: what closing rates would change on a day, the run itself, and the earlier ones."""

import calendar
import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.forms_revaluation import ClosingDayForm
from ledger.revaluation import missing_rates, revalue
from ledger.shown_revaluation import (
    ShownRevaluation,
    name_runs,
    past_revaluations,
    revaluation_register,
    shown_revaluations,
)
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

PAGE = 24


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def revaluation(request: Any, company: str) -> HttpResponseBase:
    """What a revaluation of the day would change, on screen or as CSV, and the earlier runs."""
    data = request.GET.copy()
    data.setdefault("date", last_month_end(business_day(request.company)).isoformat())
    form = ClosingDayForm(data)
    return _page(request, form)


@require_POST
@needs(Permission.POST_ENTRIES)
def revaluation_run(request: Any, company: str) -> HttpResponseBase:
    """Post the differences of the day; they reverse themselves on the next."""
    form = ClosingDayForm(request.POST)
    if form.is_valid():
        with refusals_to(form.show):
            posted = revalue(form.cleaned_data["date"])
            messages.success(request, _("The balances are revalued. The entry reverses itself on the next day."))
            return redirect("ledger:entry-detail", company=company, pk=posted.id)
    return _page(request, form)


def last_month_end(today: datetime.date) -> datetime.date:
    """The last day of the month that ended last; today where the month ends today."""
    if today.day == calendar.monthrange(today.year, today.month)[1]:
        return today
    return today.replace(day=1) - datetime.timedelta(days=1)


def _page(request: Any, form: ClosingDayForm) -> HttpResponseBase:
    refused = bool(form.is_bound and not form.is_valid())
    date = form.cleaned_data.get("date") or _typed(form.data.get("date", ""))
    rows: list[ShownRevaluation] = []
    missing = missing_rates(request.company, date) if date else []
    if date and not missing:
        rows = shown_revaluations(request.company, date)
    if request.method == "GET" and not refused and request.GET.get("format") == "csv":
        return csv_download(f"revaluation-{date}", revaluation_register(request.company, rows), subject="ledger_line")
    page = Paginator(past_revaluations(request.company), PAGE).get_page(request.GET.get("page"))
    name_runs(request.company, list(page))
    differences = [row.difference for row in rows]
    context = {
        "form": form, "date": date, "missing": missing, "rows": rows, "page": page,
        "gain": sum(one for one in differences if one > 0), "loss": -sum(one for one in differences if one < 0),
        "changed": any(differences), "total": sum(differences),
        "carried": sum(row.carried for row in rows), "worth": sum(row.worth for row in rows),
        "next_day": date + datetime.timedelta(days=1) if date and date < datetime.date.max else None,
        "decimals": chart_of(request.company).units[request.company.base_currency].decimals,
        "may_run": request.scope.allows(Permission.POST_ENTRIES),
    }  # fmt: skip
    answer: HttpResponse = render(request, "ledger/revaluation.html", context, status=422 if refused else 200)
    return answer


def _typed(text: str) -> datetime.date | None:
    """A refused date is still the day that the page is about."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
