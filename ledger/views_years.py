"""The year end: what closing a fiscal year would post, the closing, and taking it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as address
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.chart import chart_of
from accounting.models import FiscalYear
from ledger.forms_closing import YearCloseForm
from ledger.shown_year import closing_preview, last_period, posted_closings
from ledger.year_closing import close_year, reopen_year
from tenants.forms import ReasonForm
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

# The forms of one page keep their fields apart.
CLOSE, REOPEN = "id_close_%s", "id_reopen_%s"


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
    year, form = _year(request, pk), YearCloseForm(request.POST, auto_id=CLOSE)
    if form.is_valid():
        with refusals_to(form.show):
            posted = close_year(year.pk, **form.cleaned_data)
            sentence = ngettext(
                "%(year)s is closed by %(count)d entry.", "%(year)s is closed by %(count)d entries.", len(posted)
            )
            messages.success(request, sentence % {"year": year, "count": len(posted)})
            return redirect("ledger:year-detail", company=company, pk=pk)
    return _page(request, year, closing=form)


@require_POST
@needs(Permission.MANAGE_PERIODS)
def year_reopen(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Take the closing back by reversal."""
    year, form = _year(request, pk), ReasonForm(request.POST, auto_id=REOPEN)
    if form.is_valid():
        with refusals_to(form.show):
            reopen_year(year.pk, **form.cleaned_data)
            messages.success(request, _("The closing of %s is taken back.") % year)
            return redirect("ledger:year-detail", company=company, pk=pk)
    return _page(request, year, reopening=form)


def _page(
    request: Any, year: FiscalYear, closing: YearCloseForm | None = None, reopening: ReasonForm | None = None
) -> HttpResponse:
    chart = chart_of(request.company)
    closings = posted_closings(request.company, year)
    refused = closing or reopening
    standing = [one for one in closings if one["reversal"] is None]
    manages = request.scope.allows(Permission.MANAGE_PERIODS) and request.scope.allows(Permission.POST_ENTRIES)
    years = FiscalYear.objects.for_company(request.company)
    context = {
        "year": year, "preview": closing_preview(chart, year), "closings": closings,
        "standing": standing,
        "last_period": last_period(request.company, year),
        "decimals": chart.units[request.company.base_currency].decimals,
        "closing": closing or YearCloseForm(auto_id=CLOSE), "may_close": manages,
        "reopening": _reopening(year, request, reopening) if reopening or (manages and standing) else None,
        "before": years.filter(end__lt=year.start).order_by("-end").first(),
        "after": years.filter(start__gt=year.end).order_by("start").first(),
    }  # fmt: skip
    return render(request, "ledger/year_detail.html", context, status=refused.status if refused else 200)


def _reopening(year: FiscalYear, request: Any, refused: ReasonForm | None) -> PageAct:
    url, page = (address(f"ledger:year-{one}", args=[request.company.slug, year.pk]) for one in ("reopen", "detail"))
    return PageAct(
        "reopen", url, refused or ReasonForm(auto_id=REOPEN), page=page, label=_("Take the closing back"),
        title=_("Take the closing of %s back") % year, button=_("Take back"),
        hint=_("Its entries are reversed on %s; both stay in the books.") % date_format(year.end, "j M Y"),
    )  # fmt: skip


def _year(request: Any, pk: UUID) -> FiscalYear:
    year: FiscalYear = get_object_or_404(FiscalYear.objects.for_company(request.company), pk=pk)
    return year
