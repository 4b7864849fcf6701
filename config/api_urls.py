"""The addresses of the REST API, version 1."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from config.api_docs import DocsView

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(url_name="api-schema"), name="api-docs"),
    path("", include("tenants.api_urls")),
    path("", include("jobs.api_urls")),
    path("", include("accounting.api_urls")),
    path("", include("ledger.api_urls")),
    path("", include("invoicing.api_urls")),
    path("", include("reports.api_urls")),
]
