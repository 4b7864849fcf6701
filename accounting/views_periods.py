"""The page of fiscal years, periods and lock dates."""

import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.close_checklist import CloseBlocked
from accounting.fiscal_years import open_fiscal_year
from accounting.forms import LockDateForm
from accounting.lock_exceptions import count_waiting
from accounting.models import FiscalYear, LockDate, Period
from accounting.periods import close_period, reopen_period, set_lock_date
from accounting.return_address import back, place
from accounting.views_closing import checklist_page
from tenants.forms import ReasonForm
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import explain


@require_safe
@needs(Permission.VIEW_BOOKS)
def period_list(request: Any, company: str) -> HttpResponse:
    """The years with their periods, and what is locked."""
    return _page(request)


@require_POST
@needs(Permission.MANAGE_PERIODS)
def period_status(request: Any, company: str, pk: Any) -> HttpResponse:
    """Close, soft-close or reopen a period."""
    period: Period = get_object_or_404(Period.objects.for_company(request.company), pk=pk)
    act, reason = request.POST.get("act"), request.POST.get("reason", "")
    if act == "reopen":
        return _reopen(request, period)
    refused: list[Refused] = []
    with refusals_to(refused.append):
        if reason.strip():
            explain(reason.strip())
        _moved(request, close_period(period, soft=act == "soft-close"))
    if refused and isinstance(refused[0], CloseBlocked):
        return checklist_page(request, period, refused[0])
    for refusal in refused:
        messages.error(request, refusal.message)
    return back(request, reverse("accounting:period-list", args=[company]))


def _reopen(request: Any, period: Period) -> HttpResponse:
    """Asks again where it was asked: in the list, or on the period's checklist."""
    slug = request.company.slug
    page = place(request, reverse("accounting:period-list", args=[slug]))
    form = ReasonForm(request.POST, auto_id="id_reopen_%s")
    if form.is_valid():
        with refusals_to(form.show):
            _moved(request, reopen_period(period, **form.cleaned_data))
            return redirect(page)
    act = PageAct(
        "reopen", reverse("accounting:period-status", args=[slug, period.pk]), form, page=page, next=page,
        title=_("Reopen %s") % period, button=_("Reopen"), value="reopen",
    )  # fmt: skip
    if page == reverse("accounting:period-checklist", args=[slug, period.pk]):
        return checklist_page(request, period, reopening=act)
    return _page(request, reopening=act)


def _moved(request: Any, period: Period) -> None:
    state = period.get_status_display().lower()
    messages.success(request, _("%(period)s: %(state)s.") % {"period": period, "state": state})


@require_POST
@needs(Permission.MANAGE_PERIODS)
def lock_date(request: Any, company: str) -> HttpResponse:
    """Move or lift a lock date."""
    form = LockDateForm(request.POST)
    if form.is_valid():
        with refusals_to(form.show):
            set_lock_date(**form.cleaned_data)
            messages.success(request, _("The lock date is set."))
            return redirect("accounting:period-list", company=company)
    return _page(request, form)


@require_POST
@needs(Permission.MANAGE_PERIODS)
def next_year(request: Any, company: str) -> HttpResponse:
    """Open the fiscal year after the last one, or the first."""
    last = FiscalYear.objects.for_company(request.company).order_by("-end").first()
    day = last.end + datetime.timedelta(days=1) if last else business_day(request.company)
    year = open_fiscal_year(day)
    messages.success(request, _("Fiscal year %s is open.") % year)
    return redirect("accounting:period-list", company=company)


def _page(request: Any, refused: LockDateForm | None = None, reopening: PageAct | None = None) -> HttpResponse:
    years = FiscalYear.objects.for_company(request.company).prefetch_related("periods").order_by("-start")
    periods = Period.objects.for_company(request.company).order_by("start")
    open_periods = [period for period in periods if period.status != Period.Status.CLOSED]
    closed = [period for period in periods if period.status == Period.Status.CLOSED]
    locks = {lock.kind: lock for lock in LockDate.objects.for_company(request.company)}
    context = {
        "years": years, "today": business_day(request.company), "locks": _lock_forms(locks, refused),
        # Periods close from the first and reopen from the last: only these two offer it.
        "first_open": open_periods[0].pk if open_periods else None, "last_closed": closed[-1].pk if closed else None,
        "last_year": years[0] if years else None, "opened": open_periods[0].fiscal_year_id if open_periods else None,
        "waiting": count_waiting(request.company), "reopening": reopening,
    }  # fmt: skip
    return render(request, "accounting/period_list.html", context, status=422 if refused or reopening else 200)


def _lock_forms(locks: dict[str, LockDate], refused: LockDateForm | None) -> list[tuple[str, Any, LockDateForm]]:
    rows = []
    for kind, label in LockDate.Kind.choices:
        lock = locks.get(kind)
        mine = refused is not None and refused.data.get("kind") == kind
        form = refused if mine and refused else LockDateForm(
            initial={"kind": kind, "until": lock.until if lock else None}, auto_id=f"id_{kind}_%s"
        )  # fmt: skip
        rows.append((str(label), lock, form))
    return rows
