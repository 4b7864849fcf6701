"""Addresses of the pages, relative to /c/<company>/."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.dashboard_page, name="dashboard"),
    path("reports/trial-balance/", views.trial_balance_page, name="trial-balance"),
]
