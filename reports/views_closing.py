"""The pages of closing: control accounts tied out, and entries made after their period was closed."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.forms_drafts import DayRangeForm
from reports.entries_after_closing import entries_after_closing, late_register
from reports.tie_out import tie_out_register, tied_accounts
from tenants.audit_trail import note_read
from tenants.forms import DayInput
from tenants.page_permissions import needs
from tenants.permissions import Permission

PAGE = 50


class AsAtForm(forms.Form):
    """The day at whose end a report stands."""

    to = forms.DateField(label=_("As at"), widget=DayInput)


@require_safe
@needs(Permission.VIEW_BOOKS)
def tie_out_page(request: Any, company: str) -> HttpResponseBase:
    """Each control and open-item account beside the sum of its items; on screen or as CSV."""
    form = AsAtForm({"to": request.GET.get("to") or business_day(request.company).isoformat()})
    valid = form.is_valid()
    date = form.cleaned_data["to"] if valid else business_day(request.company)
    chart = chart_of(request.company)
    rows = tied_accounts(request.company, chart, date)
    decimals = chart.units[request.company.base_currency].decimals
    if valid and request.GET.get("format") == "csv":
        return csv_download(f"control-accounts-{date}", tie_out_register(rows, decimals), subject="reports_tie_out")
    note_read("reports_tie_out", None, {"date": date})
    context = {
        "form": form, "rows": rows, "date": date, "decimals": decimals,
        "differing": sum(1 for row in rows if not row.is_equal),
    }  # fmt: skip
    return render(request, "reports/tie_out.html", context, status=200 if valid else 422)


@require_safe
@needs(Permission.VIEW_BOOKS)
def late_entries_page(request: Any, company: str) -> HttpResponseBase:
    """What was posted into a period after it had been closed for the first time; on screen or as CSV."""
    form = DayRangeForm(request.GET)
    valid = form.is_valid()
    asked = form.cleaned_data if valid else {}
    found = entries_after_closing(request.company, start=asked.get("from"), date=asked.get("to"))
    decimals = chart_of(request.company).units[request.company.base_currency].decimals
    if valid and request.GET.get("format") == "csv":
        return csv_download("entries-after-closing", late_register(found, decimals), subject="ledger_entry")
    note_read("reports_entries_after_closing", None, {"from": asked.get("from"), "to": asked.get("to")})
    page = Paginator(found if valid else [], PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form, "page": page, "decimals": decimals,
        "narrowed": bool(asked.get("from") or asked.get("to")),
    }  # fmt: skip
    return render(request, "reports/late_entries.html", context, status=200 if valid else 422)
