"""Addresses of the pages of a company's own affairs, relative to /c/<company>/."""

from django.urls import path

from tenants import views

app_name = "tenants"
urlpatterns = [
    path("settings/", views.company_settings, name="settings"),
    path("members/", views.member_list, name="member-list"),
    path("members/<uuid:pk>/", views.member_change, name="member-change"),
    path("credentials/", views.credential_list, name="credential-list"),
    path("credentials/<uuid:pk>/revoke/", views.credential_revoke, name="credential-revoke"),
    path("audit/", views.audit_trail, name="audit-trail"),
]
