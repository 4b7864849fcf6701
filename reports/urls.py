"""Addresses of the pages, relative to /c/<company>/."""

from django.urls import URLPattern

app_name = "reports"
urlpatterns: list[URLPattern] = []
