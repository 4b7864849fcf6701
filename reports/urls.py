"""Addresses of the pages, relative to /c/<company>/."""

from django.urls import path, register_converter

from reports import views, views_layouts, views_reports, views_runs, views_schedules, views_statutory
from reports.catalogue import CATALOGUE


class ReportConverter:
    """The name of a report in the catalogue."""

    regex = "|".join(CATALOGUE)

    def to_python(self, value: str) -> str:
        """As it stands in the address."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands in the address."""
        return value


register_converter(ReportConverter, "report")

app_name = "reports"
urlpatterns = [
    path("", views.dashboard_page, name="dashboard"),
    path("reports/", views_reports.report_list, name="report-list"),
    path("reports/trial-balance/", views_reports.report_page, {"name": "trial-balance"}, name="trial-balance"),
    path("reports/control-accounts/", views_reports.report_page, {"name": "control-accounts"}, name="control-accounts"),
    path("reports/statutory/", views_statutory.statutory, name="statutory"),
    path("reports/statutory/list/", views_statutory.statutory_list, name="statutory-list"),
    path("reports/kept/", views_runs.run_list, name="run-list"),
    path("reports/kept/under-way/", views_runs.runs_under_way, name="runs-under-way"),
    path("reports/kept/<uuid:pk>/", views_runs.run_detail, name="run-detail"),
    path("reports/kept/<uuid:pk>/decide/", views_runs.run_decide, name="run-decide"),
    path("reports/schedules/", views_schedules.schedule_list, name="schedule-list"),
    path("reports/schedules/new/", views_schedules.schedule_new, name="schedule-new"),
    path("reports/schedules/<uuid:pk>/", views_schedules.schedule_edit, name="schedule-edit"),
    path("reports/schedules/<uuid:pk>/remove/", views_schedules.schedule_remove, name="schedule-remove"),
    path("reports/layouts/", views_layouts.layout_list, name="layout-list"),
    path("reports/layouts/new/", views_layouts.layout_edit, name="layout-new"),
    path("reports/layouts/act/", views_layouts.layout_act, name="layout-act"),
    path("reports/<report:name>/make/", views_runs.run_make, name="run-make"),
    path("reports/<report:name>/", views_reports.report_page, name="report"),
]
