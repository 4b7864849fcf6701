"""The year end: what closing a fiscal year would post, the closing, and taking it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.chart import chart_of
from accounting.models import FiscalYear
from ledger.forms_closing import YearCloseForm, YearReopenForm
from ledger.shown_year import closing_preview, last_period, posted_closings
from ledger.year_closing import close_year, reopen_year
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import NotFound, NotPermitted, Refused


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def year_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """What is left of the year's income and expenses, and what has closed it."""
    return _page(request, _year(request, pk))


@require_POST
@needs(Permission.MANAGE_PERIODS)
def year_close(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Post what is left to retained earnings."""
    year, form = _year(request, pk), YearCloseForm(request.POST)
    if form.is_valid():
        try:
            posted = close_year(year.pk, **form.cleaned_data)
            sentence = ngettext(
                "%(year)s is closed by %(count)d entry.", "%(year)s is closed by %(count)d entries.", len(posted)
            )
            messages.success(request, sentence % {"year": year, "count": len(posted)})
            return redirect("ledger:year-detail", company=company, pk=pk)
        except (NotFound, NotPermitted):
            raise
        except Refused as refusal:
            form.show(refusal)
    return _page(request, year, closing=form)


@require_POST
@needs(Permission.MANAGE_PERIODS)
def year_reopen(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Take the closing back by reversal."""
    year, form = _year(request, pk), YearReopenForm(request.POST)
    if form.is_valid():
        try:
            reopen_year(year.pk, **form.cleaned_data)
            messages.success(request, _("The closing of %s is taken back.") % year)
            return redirect("ledger:year-detail", company=company, pk=pk)
        except (NotFound, NotPermitted):
            raise
        except Refused as refusal:
            form.show(refusal)
    return _page(request, year, reopening=form)


def _page(
    request: Any, year: FiscalYear, closing: YearCloseForm | None = None, reopening: YearReopenForm | None = None
) -> HttpResponse:
    chart = chart_of(request.company)
    closings = posted_closings(request.company, year)
    refused = closing or reopening
    years = FiscalYear.objects.for_company(request.company)
    context = {
        "year": year, "preview": closing_preview(chart, year), "closings": closings,
        "standing": [one for one in closings if one["reversal"] is None],
        "last_period": last_period(request.company, year),
        "decimals": chart.units[request.company.base_currency].decimals, "refused": refused,
        "closing": closing or YearCloseForm(auto_id="id_close_%s"),
        "reopening": reopening or YearReopenForm(auto_id="id_reopen_%s"), "reopening_refused": reopening is not None,
        "may_close": request.scope.allows(Permission.MANAGE_PERIODS) and request.scope.allows(Permission.POST_ENTRIES),
        "before": years.filter(end__lt=year.start).order_by("-end").first(),
        "after": years.filter(start__gt=year.end).order_by("start").first(),
    }  # fmt: skip
    return render(request, "ledger/year_detail.html", context, status=refused.status if refused else 200)


def _year(request: Any, pk: UUID) -> FiscalYear:
    year: FiscalYear = get_object_or_404(FiscalYear.objects.for_company(request.company), pk=pk)
    return year
