"""The ledger of one account as a page: running balance, page by page, on screen or as CSV."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounting.business_day import business_day, fiscal_year_start
from accounting.chart import ChartAccount, chart_of
from accounting.csv_download import csv_download
from ledger.account_ledger import LedgerPage, account_ledger
from ledger.balances import KnownAt, balances
from ledger.forms import LedgerFilterForm
from ledger.unit_ledger import in_unit
from tenants.models import Company
from tenants.page_permissions import needs
from tenants.permissions import Permission

_CSV_PAGE = 5000


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
    start, date = (form.cleaned_data.get("from") or datetime.date.min, form.cleaned_data.get("to") or today)
    known = form.cleaned_data.get("known")
    if valid and request.GET.get("format") == "csv":
        rows = _csv_rows(request.company, account, start, date, known)
        return csv_download(f"ledger-{account.code.replace('/', '-')}", rows, subject="ledger_line")
    after = request.GET.get("after", "")
    page = account_ledger(request.company, account.id, start=start, date=date, after=after, known_at=known)
    unit = account.currency if account.type == "statistical" else ""
    shown = in_unit(request.company, account, unit, page, start, known) if unit else page
    context = {
        "account": account, "form": form, "page": shown, "after": after, "start": start, "date": date,
        "unit": unit or request.company.base_currency, "side": account.normal_side,
        "decimals": chart.units[unit or request.company.base_currency].decimals,
        "foreign": not unit and any(line.currency != request.company.base_currency for line in page.lines),
        "closing": _closing(request.company, account, unit, date, known) if page.next_after else shown.closing,
    }  # fmt: skip
    _show_on_side(context["page"], account.normal_side)
    context["closing"] *= account.normal_side
    return render(request, "ledger/account_ledger.html", context, status=200 if valid else 422)


def _with_defaults(request: Any, today: datetime.date) -> Any:
    """This fiscal year up to today, where the address does not say otherwise."""
    data = request.GET.copy()
    if "from" not in data and "to" not in data:
        data["from"], data["to"] = fiscal_year_start(request.company, today).isoformat(), today.isoformat()
    return data


def _show_on_side(page: LedgerPage, side: int) -> None:
    """Balances as accountants read them: above zero on the account's normal side."""
    page.opening_shown = page.opening * side  # type: ignore[attr-defined]
