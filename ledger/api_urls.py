"""Addresses of the API, relative to /api/v1/."""

from django.urls import path

from ledger import api, api_balances, api_entries, api_imports

_BASE = "companies/<slug:company>/"

urlpatterns = [
    path(f"{_BASE}accounts/<str:code>/ledger/", api_balances.AccountLedgerView.as_view(), name="api-account-ledger"),
    path(f"{_BASE}balances/", api_balances.BalanceView.as_view(), name="api-balances"),
    path(f"{_BASE}journals/", api.JournalListView.as_view(), name="api-journal-list"),
    path(f"{_BASE}journals/<str:code>/", api.JournalView.as_view(), name="api-journal"),
    path(f"{_BASE}entries/", api_entries.EntryListView.as_view(), name="api-entry-list"),
    path(f"{_BASE}entries/bulk/", api_entries.EntryBulkView.as_view(), name="api-entry-bulk"),
    path(f"{_BASE}entries/<uuid:pk>/", api_entries.EntryView.as_view(), name="api-entry"),
    path(f"{_BASE}entries/<uuid:pk>/reverse/", api_entries.EntryReverseView.as_view(), name="api-entry-reverse"),
    path(f"{_BASE}imports/", api_imports.ImportListView.as_view(), name="api-import-list"),
    path(f"{_BASE}imports/<uuid:pk>/undo/", api_imports.ImportUndoView.as_view(), name="api-import-undo"),
    path(f"{_BASE}exports/", api_imports.ExportListView.as_view(), name="api-export-list"),
]
