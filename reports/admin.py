"""Kept reports, their schedules and the layouts of statements in the admin: looked at; acts are on their pages."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from reports.models import ReportDecision, ReportRun, ReportSchedule, StatementLayout
from tenants.admin_base import CompanyInline, ReadOnlyAdmin


class ReportDecisionInline(CompanyInline):
    """What was decided about the report."""

    model = ReportDecision
    fields = readonly_fields = ["kind", "comment", "by", "at"]
    can_delete = False


@admin.register(ReportRun)
class ReportRunAdmin(ReadOnlyAdmin):
    """Reports that were made."""

    list_display = [
        "title", "report", "start", "date", "block_number", "row_count", "made_by", "made_at", "on_its_page",
    ]  # fmt: skip
    list_select_related = ["company"]
    list_filter = ["report"]
    search_fields = ["title"]
    ordering = ["-made_at", "-id"]
    date_hierarchy = "date"
    inlines = [ReportDecisionInline]

    @admin.display(description=gettext_lazy("page"))
    def on_its_page(self, run: Any) -> str:
        """Where it is checked, signed off and verified."""
        url = reverse("reports:run-detail", args=[run.company.slug, run.pk])
        return format_html('<a href="{}">{}</a>', url, run.report)


@admin.register(ReportSchedule)
class ReportScheduleAdmin(ReadOnlyAdmin):
    """What is made by itself."""

    list_display = ["name", "report", "cadence", "span", "next_date", "is_active", "kept_by"]
    list_filter = ["cadence", "is_active"]
    search_fields = ["name"]


@admin.register(StatementLayout)
class StatementLayoutAdmin(ReadOnlyAdmin):
    """Every version of the company's own layouts."""

    list_display = ["name", "statement", "number", "is_usual", "is_retired", "saved_by", "saved_at"]
    list_filter = ["statement", "is_usual"]
    search_fields = ["name"]
