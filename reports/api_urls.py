"""Addresses of the API, relative to /api/v1/."""

from django.urls import path

from reports.api_reports import VIEWS

urlpatterns = [
    *(path(f"companies/<slug:company>/reports/{name}/", view.as_view()) for name, view in VIEWS.items()),
]  # fmt: skip
