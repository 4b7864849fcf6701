"""Addresses of the API of companies, relative to /api/v1/."""

from django.urls import path

from tenants import api, api_approvals

_BASE = "companies/<slug:company>/"

urlpatterns = [
    path("companies/", api.CompanyListView.as_view(), name="api-company-list"),
    path(f"{_BASE}", api.CompanyView.as_view(), name="api-company"),
    path(f"{_BASE}members/", api.MemberListView.as_view(), name="api-member-list"),
    path(f"{_BASE}members/<uuid:pk>/", api.MemberView.as_view(), name="api-member"),
    path(f"{_BASE}credentials/", api.CredentialListView.as_view(), name="api-credential-list"),
    path(f"{_BASE}credentials/<uuid:pk>/", api.CredentialView.as_view(), name="api-credential"),
    path(f"{_BASE}audit/", api.AuditView.as_view(), name="api-audit"),
    path(f"{_BASE}approval-rules/", api_approvals.ApprovalRuleListView.as_view(), name="api-approval-rule-list"),
    path(f"{_BASE}approval-rules/<uuid:pk>/", api_approvals.ApprovalRuleView.as_view(), name="api-approval-rule"),
    path(f"{_BASE}delegations/", api_approvals.DelegationListView.as_view(), name="api-delegation-list"),
    path(f"{_BASE}delegations/<uuid:pk>/", api_approvals.DelegationView.as_view(), name="api-delegation"),
]
