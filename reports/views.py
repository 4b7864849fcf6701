"""The pages of the dashboard and the trial balance."""

import datetime
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounting.business_day import business_day, fiscal_year_start, year_before
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.forms import LedgerFilterForm
from reports.charts import bar_chart
from reports.comparison import compare, trial_balance_lines
from reports.dashboard import dashboard
from tenants.audit_trail import note_read
from tenants.page_permissions import needs
from tenants.permissions import Permission

ONE_DAY = datetime.timedelta(days=1)


@require_safe
@needs(Permission.VIEW_BOOKS)
def dashboard_page(request: Any, company: str) -> HttpResponse:
    """The company at a glance; every figure leads to what is behind it."""
    board = dashboard(request.company, business_day(request.company))
    charts = [bar_chart("wide", board.months, 620, 220), bar_chart("narrow", board.months, 340, 200)]
    context = {"board": board, "charts": charts, "decimals": _decimals(request)}
    return render(request, "reports/dashboard.html", context)


@require_safe
@needs(Permission.VIEW_BOOKS)
def trial_balance_page(request: Any, company: str) -> HttpResponseBase:
    """Every account's balance at a date beside the year before, as known at any moment; on screen or as CSV."""
    today = business_day(request.company)
    data = request.GET.copy()
    if not data.get("to"):
        data["to"] = today.isoformat()
    form = LedgerFilterForm(data)
    form.fields["to"].label, form.fields["from"].label = _("As at"), _("Movements from")
    form.order_fields(["to", "from", "known"])
    valid = form.is_valid()
    start, date = form.cleaned_data.get("from"), form.cleaned_data.get("to") or today
    if start and start > date:
        form.add_error("from", _("The range ends before it begins."))
        start, valid = None, False
    report = compare(request.company, date, start=start, known_at=form.cleaned_data.get("known"))
    if valid and request.GET.get("format") == "csv":
        return csv_download(f"trial-balance-{date}", trial_balance_lines(report), subject="reports_trial_balance")
    note_read("reports_trial_balance", None, {"date": date, "from": start, "known": data.get("known", "")})
    context = {
        "form": form, "report": report, "start": start, "date": date, "decimals": _decimals(request),
        "known": data.get("known", ""), "year_start": start or fiscal_year_start(request.company, date),
        "date_before": report.before.date, "after_before": report.before.date + ONE_DAY,
        "before_start": start - ONE_DAY if start else None,
        "year_start_before": year_before(start) if start else fiscal_year_start(request.company, report.before.date),
    }  # fmt: skip
    return render(request, "reports/trial_balance.html", context, status=200 if valid else 422)


def _decimals(request: Any) -> int:
    return chart_of(request.company).units[request.company.base_currency].decimals
