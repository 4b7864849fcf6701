"""Addresses of the API, relative to /api/v1/."""

from django.urls import path

from reports import api, api_registers
from reports.api_reports import VIEWS

urlpatterns = [
    path(
        "companies/<slug:company>/reports/trial-balance/",
        api.TrialBalanceView.as_view(), name="api-trial-balance",
    ),
    path(
        "companies/<slug:company>/reports/entries-after-closing/",
        api_registers.EntriesAfterClosingView.as_view(), name="api-entries-after-closing",
    ),
    *(path(f"companies/<slug:company>/reports/{name}/", view.as_view()) for name, view in VIEWS.items()),
]  # fmt: skip
