"""The pages of the chart of accounts."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounting.accounts import change_account, open_account
from accounting.business_day import business_day, fiscal_year_start
from accounting.chart import chart_of
from accounting.chart_files import export_chart
from accounting.chart_listing import chart_listing
from accounting.csv_download import csv_download
from accounting.forms import AccountForm, ChartFilterForm
from accounting.models import Account
from accounting.return_address import back
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Conflict, Refused


@require_safe
@needs(Permission.VIEW_BOOKS)
def account_list(request: Any, company: str) -> HttpResponseBase:
    """The chart by type and heading, with today's balances; on screen or as CSV."""
    if request.GET.get("format") == "csv":
        return csv_download("chart-of-accounts", export_chart(), subject="accounting_account")
    form = ChartFilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    today = business_day(request.company)
    subtypes = [name for name in request.GET.get("subtype", "").split(",") if name]
    groups = chart_listing(
        request.company, today, text=asked.get("q", ""), status=asked.get("status", ""), subtypes=subtypes
    )
    context = {
        "form": form, "groups": groups, "today": today, "start": fiscal_year_start(request.company, today),
        "subtypes": subtypes, "narrowed": bool(asked.get("q") or asked.get("status") or subtypes),
        "decimals": chart_of(request.company).units[request.company.base_currency].decimals,
    }  # fmt: skip
    return render(request, "accounting/account_list.html", context)


@needs(Permission.MANAGE_ACCOUNTS)
def account_new(request: Any, company: str) -> HttpResponse:
    """Open an account."""
    form = AccountForm(request.company, None, request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            account = open_account(**form.values())
            messages.success(request, _("Account %s is open.") % account)
            return redirect(f"{reverse('accounting:account-list', args=[company])}#account-{account.pk}")
    return render(request, "accounting/account_form.html", {"form": form}, status=form.status)


@needs(Permission.MANAGE_ACCOUNTS)
def account_edit(request: Any, company: str, pk: Any) -> HttpResponse:
    """Change an account, unless somebody else did meanwhile."""
    account = get_object_or_404(Account.objects.for_company(request.company), pk=pk)
    form = AccountForm(request.company, account, request.POST or None)
    refused: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        with refusals_to(refused.append):
            account = change_account(account, **form.values())
            messages.success(request, _("Account %s is saved.") % account)
            return redirect(f"{reverse('accounting:account-list', args=[company])}#account-{account.pk}")
    for refusal in refused:
        form.show(refusal)
    status = refused[0].status if refused else form.status
    context = {"form": form, "account": account, "stale": status == Conflict.status}
    return render(request, "accounting/account_form.html", context, status=status)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def account_status(request: Any, company: str) -> HttpResponse:
    """Freeze, archive or activate an account of the list; `act` is “status id version”."""
    status, _space, rest = request.POST.get("act", "").partition(" ")
    pk, _space, version = rest.partition(" ")
    account = _account(request, pk)
    with refusals_to(flashed(request)):
        account = change_account(account, status=status, version=int(version) if version.isdecimal() else None)
        messages.success(request, _("%(account)s: %(status)s.") % {
            "account": account, "status": account.get_status_display().lower()})  # fmt: skip
    return back(request, reverse("accounting:account-list", args=[company]))


def _account(request: Any, pk: str) -> Account:
    from django.core.exceptions import ValidationError
    from django.http import Http404

    try:
        found: Account = get_object_or_404(Account.objects.for_company(request.company), pk=pk)
    except ValidationError as error:
        raise Http404 from error
    return found
