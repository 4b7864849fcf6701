"""Addresses of the pages, relative to /c/<company>/."""

from django.urls import path

from ledger import views_account_ledger, views_entries, views_export, views_imports, views_new_entry

app_name = "ledger"
urlpatterns = [
    path("entries/", views_entries.entry_list, name="entry-list"),
    path("entries/new/", views_new_entry.entry_new, name="entry-new"),
    path("entries/<uuid:pk>/", views_entries.entry_detail, name="entry-detail"),
    path("entries/<uuid:pk>/reverse/", views_entries.entry_reverse, name="entry-reverse"),
    path("accounts/<path:code>/ledger/", views_account_ledger.account_ledger_page, name="account-ledger"),
    path("imports/", views_imports.import_list, name="import-list"),
    path("imports/<uuid:pk>/", views_imports.import_detail, name="import-detail"),
    path("imports/<uuid:pk>/progress/", views_imports.import_progress, name="import-progress"),
    path("imports/<uuid:pk>/confirm/", views_imports.import_confirm, name="import-confirm"),
    path("imports/<uuid:pk>/undo/", views_imports.import_undo, name="import-undo"),
    path("export/", views_export.export, name="export"),
]
