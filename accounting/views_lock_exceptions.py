"""The page of exceptions from lock dates: asked for by one person, approved by another, ended by time or by hand."""

import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounting.business_day import business_day
from accounting.csv_download import csv_download
from accounting.forms_closing import LockExceptionForm
from accounting.lock_exception_register import exception_register
from accounting.lock_exceptions import STATES, approve_exception, ask_exception, end_exception, state_of
from accounting.models import LockDate, LockException
from accounting.return_address import back
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission

PAGE = 50


@never_cache
@needs(Permission.VIEW_BOOKS, to_write=Permission.POST_ENTRIES)
def lock_exception_list(request: Any, company: str) -> HttpResponseBase:
    """What was asked for, the latest first, on screen or as CSV; ask for one more."""
    form = LockExceptionForm(request.company, request.POST or None, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            ask_exception(**form.wanted())
            messages.success(request, _("The exception is asked for. Nothing is open before another person approves."))
            return redirect("accounting:lock-exception-list", company=company)
    rows = LockException.objects.for_company(request.company).order_by("-requested_at", "-id")
    if request.method == "GET" and request.GET.get("format") == "csv":
        return csv_download("lock-exceptions", exception_register(rows), subject="accounting_lockexception")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    me, manages = request.scope.actor.id, request.scope.allows(Permission.MANAGE_PERIODS)
    for one in page:
        one.state = state_of(one)
        one.state_text = STATES[one.state]
        one.may_approve = manages and one.state == "asked" and me not in (one.requested_by_id, one.person_id)
        one.may_end = one.state in ("asked", "open") and (manages or me == one.requested_by_id)
    locks = LockDate.objects.for_company(request.company).order_by("kind")
    context = {
        "form": form, "page": page, "locks": locks, "may_ask": request.scope.allows(Permission.POST_ENTRIES),
    }  # fmt: skip
    return render(request, "accounting/lock_exception_list.html", context, status=form.status)


@require_POST
@needs(Permission.MANAGE_PERIODS)
def lock_exception_approve(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Open the lock as it was asked for."""
    with refusals_to(flashed(request)):
        approve_exception(pk)
        messages.success(request, _("The lock is open as it was asked for."))
    return back(request, reverse("accounting:lock-exception-list", args=[company]))


@require_POST
@needs(Permission.POST_ENTRIES)
def lock_exception_end(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Lock again at once, or decline what was asked for."""
    ended = end_exception(pk, reason=request.POST.get("reason", "").strip()[:2000])
    if ended.approved_at:
        messages.success(request, _("The exception is ended: the lock holds again."))
    else:
        messages.success(request, _("The exception is declined."))
    return back(request, reverse("accounting:lock-exception-list", args=[company]))


def _initial(request: Any) -> dict[str, Any]:
    """A lock that there is, its last locked month, a few hours from now, for who asks."""
    lock = LockDate.objects.for_company(request.company).order_by("kind").first()
    day = lock.until if lock else business_day(request.company)
    soon = timezone.now().astimezone(ZoneInfo(request.company.time_zone)) + datetime.timedelta(hours=8)
    return {
        "kind": lock.kind if lock else LockDate.Kind.ALL, "start": day.replace(day=1), "person": str(request.user.pk),
        "expires_at": soon.replace(minute=0, second=0, microsecond=0, tzinfo=None),
    }  # fmt: skip
