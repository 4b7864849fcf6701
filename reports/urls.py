"""Addresses of the pages, relative to /c/<company>/."""

from django.urls import path, register_converter

from reports import views, views_reports
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
    path("reports/<report:name>/", views_reports.report_page, name="report"),
]
