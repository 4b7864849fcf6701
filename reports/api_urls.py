"""Addresses of the API, relative to /api/v1/."""

from django.urls import path

from reports import api, api_registers

urlpatterns = [
    path(
        "companies/<slug:company>/reports/trial-balance/",
        api.TrialBalanceView.as_view(), name="api-trial-balance",
    ),
    path(
        "companies/<slug:company>/reports/entries-after-closing/",
        api_registers.EntriesAfterClosingView.as_view(), name="api-entries-after-closing",
    ),
]  # fmt: skip
