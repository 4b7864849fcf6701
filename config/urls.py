"""Every address: pages under /c/<company>/, the API under /api/v1/, the admin, and what operations ask."""

from django.contrib import admin
from django.urls import include, path

from config import health
from invoicing import views_public as public
from tenants import views

company_pages = [
    path("", include("reports.urls")),
    path("", include("invoicing.urls")),
    path("", include("ledger.urls")),
    path("", include("accounting.urls")),
    path("", include("jobs.urls")),
    path("", include("tenants.urls")),
]
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.SignInView.as_view(), name="sign-in"),
    path("sign-out/", views.SignOutView.as_view(), name="sign-out"),
    path("companies/", views.company_list, name="company-list"),
    path("c/<slug:company>/", include(company_pages)),
    # What readers of documents open without signing in; the secret is the door.
    path("d/<slug:seller>/<str:secret>/", public.public_document, name="public-document"),
    path("d/<slug:seller>/<str:secret>/logo/", public.public_logo, name="public-logo"),
    path("d/<slug:seller>/<str:secret>/<slug:form>/", public.public_file, name="public-file"),
    path("admin/login/", views.to_sign_in),
    path("admin/", admin.site.urls),
    path("api/v1/", include("config.api_urls")),
    path("favicon.ico", views.favicon),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]

handler400 = "tenants.refused_page.bad_request"
handler403 = "tenants.refused_page.forbidden"
handler404 = "tenants.refused_page.missing"
handler500 = "tenants.refused_page.failed"
