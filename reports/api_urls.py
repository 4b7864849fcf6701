"""Addresses of the API, relative to /api/v1/."""

from django.urls import path

from reports import api_runs, api_schedules
from reports.api_reports import VIEWS
from reports.api_statutory import StatutoryExportListView

_BASE = "companies/<slug:company>/"
_RUN = f"{_BASE}report-runs/<uuid:pk>/"

urlpatterns = [
    path(f"{_BASE}statutory-exports/", StatutoryExportListView.as_view()),
    path(f"{_BASE}report-runs/", api_runs.ReportRunListView.as_view()),
    path(_RUN, api_runs.ReportRunView.as_view()),
    path(f"{_RUN}verification/", api_runs.ReportRunVerificationView.as_view()),
    path(f"{_RUN}decisions/", api_runs.ReportRunDecisionsView.as_view()),
    *(path(f"{_RUN}{name}/", view.as_view()) for name, view in api_runs.DECISIONS.items()),
    path(f"{_BASE}report-schedules/", api_schedules.ReportScheduleListView.as_view()),
    path(f"{_BASE}report-schedules/<uuid:pk>/", api_schedules.ReportScheduleView.as_view()),
    path(f"{_BASE}statement-layouts/", api_schedules.StatementLayoutListView.as_view()),
    path(f"{_BASE}statement-layouts/usual/", api_schedules.StatementLayoutUsualView.as_view()),
    path(f"{_BASE}statement-layouts/retire/", api_schedules.StatementLayoutRetireView.as_view()),
    *(path(f"{_BASE}reports/{name}/", view.as_view()) for name, view in VIEWS.items()),
]
