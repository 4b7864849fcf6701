"""Addresses of the API, relative to /api/v1/."""

from django.urls import path

from reports import api

urlpatterns = [
    path(
        "companies/<slug:company>/reports/trial-balance/",
        api.TrialBalanceView.as_view(), name="api-trial-balance",
    ),
]  # fmt: skip
