"""Addresses of the pages of a company's own affairs, relative to /c/<company>/."""

from django.urls import path

from tenants import views, views_delegations

app_name = "tenants"
urlpatterns = [
    path("settings/", views.company_settings, name="settings"),
    path("members/", views.member_list, name="member-list"),
    path("members/<uuid:pk>/", views.member_change, name="member-change"),
    path("delegations/", views_delegations.delegation_list, name="delegation-list"),
    path("delegations/<uuid:pk>/end/", views_delegations.delegation_end, name="delegation-end"),
    path("credentials/", views.credential_list, name="credential-list"),
    path("credentials/<uuid:pk>/revoke/", views.credential_revoke, name="credential-revoke"),
    path("audit/", views.audit_trail, name="audit-trail"),
]
