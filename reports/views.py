"""The page of the dashboard."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from reports.charts import bar_chart
from reports.dashboard import dashboard
from tenants.inboxes import inboxes_of
from tenants.page_permissions import needs
from tenants.permissions import Permission


@require_safe
@needs(Permission.VIEW_BOOKS)
def dashboard_page(request: Any, company: str) -> HttpResponse:
    """The company at a glance; every figure leads to what is behind it."""
    board = dashboard(request.company, business_day(request.company), inboxes_of(request.scope))
    charts = [bar_chart("wide", board.months, 620, 220), bar_chart("narrow", board.months, 340, 200)]
    decimals = chart_of(request.company).units[request.company.base_currency].decimals
    return render(request, "reports/dashboard.html", {"board": board, "charts": charts, "decimals": decimals})
