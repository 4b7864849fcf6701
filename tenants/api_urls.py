"""Addresses of the API of companies, relative to /api/v1/."""

from django.urls import path

from tenants import api

urlpatterns = [
    path("companies/", api.CompanyListView.as_view(), name="api-company-list"),
    path("companies/<slug:company>/", api.CompanyView.as_view(), name="api-company"),
    path("companies/<slug:company>/members/", api.MemberListView.as_view(), name="api-member-list"),
    path("companies/<slug:company>/members/<uuid:pk>/", api.MemberView.as_view(), name="api-member"),
    path("companies/<slug:company>/credentials/", api.CredentialListView.as_view(), name="api-credential-list"),
    path("companies/<slug:company>/credentials/<uuid:pk>/", api.CredentialView.as_view(), name="api-credential"),
    path("companies/<slug:company>/audit/", api.AuditView.as_view(), name="api-audit"),
]
