"""The pages of deferrals: what is spread over time, how far it is, and stopping it."""

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
from ledger.account_choices import account_choices
from ledger.deferral_listing import deferral_register, in_state, list_deferrals
from ledger.deferrals import start_deferral, stop_deferral
from ledger.forms_deferrals import PARTS_SHOWN, DeferralFilterForm, DeferralForm
from ledger.kept_once import SavedBefore
from ledger.models import Deferral, DeferralPart, Line
from ledger.views_new_entry import new_key
from tenants.forms import DayAndReasonForm
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.templatetags.daybook import money

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def deferral_list(request: Any, company: str) -> HttpResponseBase:
    """What is spread over time, the latest start first; the address is the filter. On screen or as CSV."""
    chart = chart_of(request.company)
    decimals = chart.units[request.company.base_currency].decimals
    form = DeferralFilterForm(chart, request.GET)
    valid = form.is_valid()
    found = Deferral.objects.none()
    if valid:
        asked = form.cleaned_data
        account = asked["account"].id if asked["account"] else None
        found = in_state(list_deferrals(request.company, text=asked["text"].strip(), account=account), asked["state"])
        if request.GET.get("format") == "csv":
            return csv_download("deferrals", deferral_register(found, decimals), subject="ledger_deferral")
    context = {
        "form": form, "page": Paginator(found, PAGE).get_page(request.GET.get("page")), "decimals": decimals,
        "narrowed": any(form.data.get(name) for name in form.fields), "accounts": account_choices(chart),
    }  # fmt: skip
    return render(request, "ledger/deferral_list.html", context, status=200 if valid else 422)


@never_cache
@needs(Permission.POST_ENTRIES)
def deferral_new(request: Any, company: str) -> HttpResponse:
    """Spread an amount: the parts are shown before they are planned."""
    chart = chart_of(request.company)
    base = request.company.base_currency
    form = DeferralForm(chart, request.POST or None, base=base, initial=_from_entry(request))
    if request.method == "POST" and form.is_valid() and request.POST.get("act") == "start":
        with refusals_to(lambda refusal: _show(request, form, refusal)):
            made = start_deferral(**form.asked())
            messages.success(request, _("The amount is spread. Each part is posted when its day comes."))
            return redirect("ledger:deferral-detail", company=company, pk=made.pk)
    parts = form.parts() if form.is_bound else []
    context = {
        "form": form, "parts": parts[:PARTS_SHOWN], "more_parts": len(parts) - PARTS_SHOWN,
        "total": sum(amount for _day, amount in parts), "decimals": chart.units[base].decimals,
    }  # fmt: skip
    if request.htmx:
        return render(request, "ledger/deferral_parts.html", context)
    context["accounts"] = account_choices(chart)
    return render(request, "ledger/deferral_new.html", context, status=form.status)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def deferral_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One deferral: its parts, posted and planned."""
    return _detail(request, pk)


@require_POST
@needs(Permission.POST_ENTRIES)
def deferral_stop(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Recognise what is left at once."""
    form = DayAndReasonForm(request.POST)
    if form.is_valid():
        with refusals_to(form.show):
            stop_deferral(pk, **form.cleaned_data)
            messages.success(request, _("The deferral is stopped: what was left is recognised."))
            return redirect("ledger:deferral-detail", company=company, pk=pk)
    return _detail(request, pk, form)


def _detail(request: Any, pk: UUID, refused: DayAndReasonForm | None = None) -> HttpResponse:
    rows = list_deferrals(request.company).select_related("from_account", "to_account", "entry")
    deferral: Any = get_object_or_404(rows, pk=pk)
    parts = DeferralPart.objects.for_company(request.company).filter(deferral=deferral).select_related("entry")
    may_stop = request.scope.allows(Permission.POST_ENTRIES) and deferral.next_date is not None
    context = {
        "deferral": deferral, "parts": parts.order_by("number"),
        "decimals": chart_of(request.company).units[request.company.base_currency].decimals,
        "stopping": _stopping(request, deferral, refused) if may_stop or refused else None,
    }  # fmt: skip
    return render(request, "ledger/deferral_detail.html", context, status=refused.status if refused else 200)


def _stopping(request: Any, deferral: Any, refused: DayAndReasonForm | None) -> PageAct:
    base = request.company.base_currency
    left = money(deferral.left, chart_of(request.company).units[base].decimals)
    url, page = (
        address(f"ledger:deferral-{one}", args=[request.company.slug, deferral.pk]) for one in ("stop", "detail")
    )
    return PageAct(
        "stop", url, refused or DayAndReasonForm(initial={"date": business_day(request.company)}), page=page,
        title=_("Stop this deferral"), button=_("Stop"),
        hint=_("What is left, %(left)s %(base)s, is recognised at once on this date.") % {"left": left, "base": base},
    )  # fmt: skip


def _show(request: Any, form: DeferralForm, refusal: Refused) -> None:
    """At its field; what is said under a new id is another deferral."""
    form.show(refusal)
    if isinstance(refusal, SavedBefore):
        form.data = {**request.POST.dict(), "deferral_id": new_key()}


def _from_entry(request: Any) -> dict[str, Any]:
    """“Spread this”: the form begins with a line of an entry, where the address names one."""
    today = business_day(request.company)
    initial: dict[str, Any] = {"start": today.replace(day=1), "deferral_id": new_key()}
    try:
        entry, number = UUID(request.GET.get("entry", "")), int(request.GET.get("line", "1"))
    except ValueError:
        return initial
    lines = Line.objects.for_company(request.company).filter(entry_id=entry, number=number, statistical=False)
    line = lines.select_related("account", "entry").first()
    if line is None:
        return initial
    decimals = chart_of(request.company).units[request.company.base_currency].decimals
    return initial | {
        "name": (line.memo or line.entry.memo)[:200], "from_account": f"{line.account.code} {line.account.name}",
        "amount": f"{line.amount:.{decimals}f}", "start": line.date, "entry": entry,
        **{f"dimension_{name}": value for name, value in line.dimensions.items()},
    }  # fmt: skip
