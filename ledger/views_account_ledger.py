"""The ledger of one account as a page: running balance, page by page, on screen or as CSV."""

import datetime
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounting.business_day import business_day, fiscal_year_start
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.forms import LedgerFilterForm
from ledger.shown_ledger import ledger_lines, shown_ledger
from tenants.page_permissions import needs
from tenants.permissions import Permission


@require_safe
@needs(Permission.VIEW_BOOKS)
def account_ledger_page(request: Any, company: str, code: str) -> HttpResponseBase:
    """The account's lines of a range with the running balance, on the account's normal side."""
    chart = chart_of(request.company)
    account = chart.by_code.get(code)
    if account is None:
        raise Http404
    today = business_day(request.company)
    form = LedgerFilterForm(_with_defaults(request, today))
    valid = form.is_valid()
    span: dict[str, Any] = {
        "start": form.cleaned_data.get("from") or datetime.date.min, "date": form.cleaned_data.get("to") or today,
        "known_at": form.cleaned_data.get("known"),
    }  # fmt: skip
    if valid and request.GET.get("format") == "csv":
        name = f"ledger-{account.code.replace('/', '-')}"
        return csv_download(name, ledger_lines(request.company, account, **span), subject="ledger_line")
    after = request.GET.get("after", "")
    page = shown_ledger(request.company, account, after=after, **span)
    base = request.company.base_currency
    unit = account.currency if account.type == "statistical" and account.currency else base
    context = {
        "account": account, "form": form, "page": page, "after": after, **span, "unit": unit,
        "from_beginning": span["start"] == datetime.date.min, "decimals": chart.units[unit].decimals,
        "foreign": unit == base and any(shown.line.currency != base for shown in page.lines),
        "credit_side": account.normal_side < 0,
    }  # fmt: skip
    return render(request, "ledger/account_ledger.html", context, status=200 if valid else 422)


def _with_defaults(request: Any, today: datetime.date) -> Any:
    """This fiscal year up to today, where the address does not say otherwise."""
    data = request.GET.copy()
    if "from" not in data and "to" not in data:
        data["from"], data["to"] = fiscal_year_start(request.company, today).isoformat(), today.isoformat()
    return data
