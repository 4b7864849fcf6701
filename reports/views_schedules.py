"""The pages of schedules: which reports are made by themselves, when, and for whom."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from reports.catalogue import CATALOGUE
from reports.forms_runs import ScheduleForm
from reports.models import ReportSchedule
from reports.report_schedules import add_schedule, change_schedule, remove_schedule, schedule_named
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def schedule_list(request: Any, company: str) -> HttpResponseBase:
    """What is made by itself, the next first."""
    rows = ReportSchedule.objects.for_company(request.company).order_by("-is_active", "next_date", "name", "id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for schedule in page:
        schedule.kind = CATALOGUE.get(schedule.report)
    return render(request, "reports/schedule_list.html", {"page": page})


@never_cache
@needs(Permission.MANAGE_COMPANY)
def schedule_new(request: Any, company: str) -> HttpResponseBase:
    """Let a report be made by itself."""
    initial = {"report": request.GET.get("report", "profit-and-loss"), "cadence": "monthly", "span": "month",
               "next_date": business_day(request.company), "saved_as": ["pdf"], "is_active": True}  # fmt: skip
    form = ScheduleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            add_schedule(form.content())
            messages.success(request, _("The schedule is kept."))
            return redirect("reports:schedule-list", company=company)
    return render(request, "reports/schedule_form.html", {"form": form}, status=form.status)


@never_cache
@needs(Permission.MANAGE_COMPANY)
def schedule_edit(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Change a schedule, or let it rest."""
    schedule = schedule_named(pk)
    initial = {name: getattr(schedule, name) for name in ("name", "report", "cadence", "span", "next_date")}
    initial |= {"saved_as": schedule.forms, "recipients": "\n".join(schedule.recipients),
                "asked": urlencode(schedule.asked), "is_active": schedule.is_active}  # fmt: skip
    form = ScheduleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            version = request.POST.get("version", "")
            change_schedule(pk, form.content(), version=int(version) if version.isdecimal() else None)
            messages.success(request, _("The schedule is changed."))
            return redirect("reports:schedule-list", company=company)
    return render(request, "reports/schedule_form.html", {"form": form, "schedule": schedule}, status=form.status)


@require_POST
@needs(Permission.MANAGE_COMPANY)
def schedule_remove(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Remove it, or let it rest where it has made reports."""
    remove_schedule(pk)
    messages.success(request, _("Nothing is made by it any more."))
    return redirect("reports:schedule-list", company=company)
