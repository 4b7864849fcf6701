"""Addresses of the API, relative to /api/v1/."""

from django.urls import path

from reports.api_reports import VIEWS
from reports.api_statutory import StatutoryExportListView

urlpatterns = [
    path("companies/<slug:company>/statutory-exports/", StatutoryExportListView.as_view()),
    *(path(f"companies/<slug:company>/reports/{name}/", view.as_view()) for name, view in VIEWS.items()),
]  # fmt: skip
