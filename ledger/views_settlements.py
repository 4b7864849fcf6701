"""The pages of settlements: their list, one with its pairs, and taking one back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as address
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.allocation_undo import undo_settlement
from ledger.forms_open_items import SettlementFilterForm
from ledger.models import Settlement
from ledger.shown_settlement import list_settlements, name_places, pairs_of, settlement_register
from tenants.forms import DayAndReasonForm
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def settlement_list(request: Any, company: str) -> HttpResponseBase:
    """What was settled and taken back, the latest first; the address is the filter. On screen or as CSV."""
    chart = chart_of(request.company)
    form = SettlementFilterForm(chart, request.GET)
    valid = form.is_valid()
    found = list_settlements(request.company, **form.wanted()) if valid else Settlement.objects.none()
    if valid and request.GET.get("format") == "csv":
        rows = settlement_register(request.company, found)
        return csv_download("settlements", rows, subject="ledger_settlement")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    name_places(request.company, page.object_list)  # type: ignore[arg-type]
    context = {
        "form": form, "page": page, "narrowed": any(form.data.get(name) for name in form.fields),
        "decimals": chart.units[request.company.base_currency].decimals,
    }  # fmt: skip
    return render(request, "ledger/settlement_list.html", context, status=200 if valid else 422)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def settlement_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One settlement: its pairs, who made it, its exchange difference, and what took it back."""
    return _detail(request, _settlement(request, pk))


@require_POST
@needs(Permission.POST_ENTRIES)
def settlement_undo(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Open the items again from a date on."""
    settlement = _settlement(request, pk)
    form = DayAndReasonForm(request.POST)
    if form.is_valid():
        with refusals_to(form.show):
            undoing = undo_settlement(pk, **form.cleaned_data)
            messages.success(request, _("The settlement is taken back: its items are open again."))
            return redirect("ledger:settlement-detail", company=company, pk=undoing)
    return _detail(request, settlement, form)


def _detail(request: Any, settlement: Settlement, refused: DayAndReasonForm | None = None) -> HttpResponse:
    chart = chart_of(request.company)
    pairs = pairs_of(request.company, settlement)
    undone_by = Settlement.objects.for_company(request.company).filter(undoes=settlement).first()
    posts = request.scope.allows(Permission.POST_ENTRIES)
    may_undo = posts and undone_by is None and settlement.undoes_id is None
    context = {
        "settlement": settlement, "pairs": [one for one in pairs if not one.is_difference], "undone_by": undone_by,
        "differences": [one for one in pairs if one.is_difference], "place": pairs[0].debit_line if pairs else None,
        "total": sum(one.base_amount for one in pairs if not one.is_difference),
        "decimals": chart.units[request.company.base_currency].decimals,
        "undoing": _undoing(request, settlement, refused) if may_undo or refused else None,
    }  # fmt: skip
    return render(request, "ledger/settlement_detail.html", context, status=refused.status if refused else 200)


def _undoing(request: Any, settlement: Settlement, refused: DayAndReasonForm | None) -> PageAct:
    day = max(business_day(request.company), settlement.date)
    url, page = (
        address(f"ledger:settlement-{one}", args=[request.company.slug, settlement.pk]) for one in ("undo", "detail")
    )
    return PageAct(
        "undo", url, refused or DayAndReasonForm(initial={"date": day}), page=page,
        title=_("Take this settlement back"), button=_("Take back"),
        hint=_("From this date on the items are open again; before it nothing changes. An exchange difference is "
               "reversed."),
    )  # fmt: skip


def _settlement(request: Any, pk: UUID) -> Settlement:
    rows = Settlement.objects.for_company(request.company).select_related("exchange_entry", "undoes")
    settlement: Settlement = get_object_or_404(rows, pk=pk)
    return settlement
