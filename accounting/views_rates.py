"""The page of exchange rates."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounting.business_day import business_day
from accounting.forms import RateForm
from accounting.models import ExchangeRate
from accounting.rates import set_rate
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

PAGE_SIZE = 100


@needs(Permission.VIEW_BOOKS, to_write=Permission.MANAGE_ACCOUNTS)
def rate_list(request: Any, company: str) -> HttpResponse:
    """The rates, newest first; note another one."""
    form = RateForm(request.company, request.POST or None, initial={"date": business_day(request.company)})
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            rate = set_rate(**form.cleaned_data)
            messages.success(request, _("Noted: %s") % rate)
            return redirect("accounting:rate-list", company=company)
    rates = ExchangeRate.objects.for_company(request.company).order_by("-date", "currency")
    currency = request.GET.get("currency", "")
    if currency:
        rates = rates.filter(currency=currency)
    page = Paginator(rates, PAGE_SIZE).get_page(request.GET.get("page"))
    for rate in page:
        rate.exact = f"{rate.rate.normalize():f}"
    context = {
        "form": form, "page": page, "currency": currency,
        "currencies": [code for code, _label in form.fields["currency"].choices],  # type: ignore[attr-defined]
    }  # fmt: skip
    return render(request, "accounting/rate_list.html", context, status=form.status)
