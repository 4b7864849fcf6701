"""The pages of limits: their list, setting one, and one with the holds under it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as address
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.account_choices import account_choices
from ledger.forms_limits import BoundsForm, HoldFilterForm, HoldForm, LimitFilterForm, LimitForm
from ledger.holds import reserve
from ledger.limit_listing import hold_register, limit_register, list_holds, list_limits, name_entries, with_decimals
from ledger.limits import set_limit
from ledger.models import Limit
from ledger.views_new_entry import new_key
from tenants.forms import RefusableForm
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

PAGE = 50
# The forms of one page keep their fields apart.
BOUNDS, HOLD = "id_bounds_%s", "id_hold_%s"


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def limit_list(request: Any, company: str) -> HttpResponseBase:
    """The limits by account; the address is the filter. On screen or as CSV."""
    chart = chart_of(request.company)
    form = LimitFilterForm(chart, request.GET)
    valid = form.is_valid()
    account = form.cleaned_data["account"].id if valid and form.cleaned_data["account"] else None
    found = list_limits(request.company, account=account) if valid else Limit.objects.none()
    if valid and request.GET.get("format") == "csv":
        return csv_download("limits", limit_register(request.company, found), subject="ledger_limit")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    page.object_list = with_decimals(request.company, page.object_list)
    context = {
        "form": form, "page": page, "narrowed": bool(form.data.get("account")), "accounts": account_choices(chart),
        "may_set": request.scope.allows(Permission.MANAGE_ACCOUNTS),
    }  # fmt: skip
    return render(request, "ledger/limit_list.html", context, status=200 if valid else 422)


@never_cache
@needs(Permission.MANAGE_ACCOUNTS)
def limit_new(request: Any, company: str) -> HttpResponse:
    """Set a floor or a ceiling; where there is a limit already, it changes."""
    chart = chart_of(request.company)
    form = LimitForm(request.company, chart, request.POST or None, initial={"currency": request.company.base_currency})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        with refusals_to(form.show):
            limit = set_limit(
                asked["account"].id, sub_account_id=asked["sub_account"], currency=asked["currency"],
                floor=asked["floor"], ceiling=asked["ceiling"],
            )  # fmt: skip
            messages.success(request, _("The limit is set, from now on and against every writer."))
            return redirect("ledger:limit-detail", company=company, pk=limit.pk)
    context = {"form": form, "accounts": account_choices(chart)}
    return render(request, "ledger/limit_new.html", context, status=form.status)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def limit_detail(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """One limit: its balance, what is free, and the holds under it. On screen or the holds as CSV."""
    return limit_page(request, pk)


@require_POST
@needs(Permission.MANAGE_ACCOUNTS)
def limit_change(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Another floor or ceiling, or none."""
    limit = _limit(request, pk)
    form = BoundsForm(request.POST, auto_id=BOUNDS)
    if form.is_valid():
        with refusals_to(form.show):
            set_limit(
                limit.account_id, sub_account_id=limit.sub_account_id, currency=limit.currency, **form.cleaned_data
            )
            messages.success(request, _("The limit is changed."))
            return redirect("ledger:limit-detail", company=company, pk=pk)
    return limit_page(request, pk, change=form)


@require_POST
@needs(Permission.POST_ENTRIES)
def limit_hold(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Keep an amount free under the limit."""
    form = HoldForm(request.POST, auto_id=HOLD)
    if form.is_valid():
        with refusals_to(form.show):
            reserve(pk, form.cleaned_data.pop("amount"), **form.cleaned_data)
            messages.success(request, _("The amount is held."))
            return redirect("ledger:limit-detail", company=company, pk=pk)
        # What was refused stays refused under its key; what is typed next is another hold.
        form.data = {**request.POST.dict(), "key": new_key()}
    return limit_page(request, pk, hold=form)


def limit_page(request: Any, pk: UUID, *, voiding: PageAct | None = None, **refused: RefusableForm) -> HttpResponseBase:
    """The page of a limit, with the form of the act that was refused, if any."""
    limit = _limit(request, pk)
    form = HoldFilterForm(request.GET)
    found = list_holds(request.company, limit, state=form.cleaned_data["state"] if form.is_valid() else "")
    if request.GET.get("format") == "csv" and form.is_valid():
        return csv_download("holds", hold_register(found, limit.decimals), subject="ledger_hold")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    name_entries(request.company, list(page))
    context = {
        "limit": limit, "form": form, "page": page, "narrowed": bool(request.GET.get("state")), "now": timezone.now(),
        "may_hold": request.scope.allows(Permission.POST_ENTRIES), "voiding": voiding, **_acts(request, limit, refused),
    }  # fmt: skip
    valid = form.is_valid() and not voiding and not refused
    return render(request, "ledger/limit_detail.html", context, status=200 if valid else 422)


def _acts(request: Any, limit: Any, refused: dict[str, RefusableForm]) -> dict[str, PageAct | None]:
    """What can be done with the limit."""
    initial = {
        name: "" if (value := getattr(limit, name)) is None else f"{value:.{limit.decimals}f}"
        for name in ("floor", "ceiling")
    }
    page, change, hold = (
        address(f"ledger:limit-{name}", args=[request.company.slug, limit.pk]) for name in ("detail", "change", "hold")
    )
    changing = PageAct(
        "bounds", change, refused.get("change") or BoundsForm(initial=initial, auto_id=BOUNDS), page=page,
        title=_("Change the limit"), button=_("Change"),
    )  # fmt: skip
    holding = PageAct(
        "hold", hold, refused.get("hold") or HoldForm(initial={"key": new_key()}, auto_id=HOLD), page=page,
        title=_("Hold an amount in %s") % limit.currency, button=_("Hold"), label=_("Hold an amount"), is_primary=True,
    )  # fmt: skip
    return {
        "changing": changing if request.scope.allows(Permission.MANAGE_ACCOUNTS) else None,
        "holding": holding if request.scope.allows(Permission.POST_ENTRIES) else None,
    }


def _limit(request: Any, pk: UUID) -> Any:
    limit = get_object_or_404(list_limits(request.company), pk=pk)
    return with_decimals(request.company, [limit])[0]
