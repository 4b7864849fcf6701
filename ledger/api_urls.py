"""Addresses of the API, relative to /api/v1/."""

from django.urls import path

from ledger import (
    api,
    api_acts,
    api_attachments,
    api_balances,
    api_drafts,
    api_entries,
    api_imports,
    api_open_items,
    api_schedules,
    api_templates,
)

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
    path(f"{_BASE}entries/reverse/", api_acts.ReverseManyView.as_view(), name="api-entry-reverse-many"),
    path(f"{_BASE}entries/<uuid:pk>/correct/", api_acts.EntryCorrectView.as_view(), name="api-entry-correct"),
    path(f"{_BASE}auto-reversals/", api_acts.AutoReversalListView.as_view(), name="api-auto-reversal-list"),
    path(f"{_BASE}entries/<uuid:pk>/keep/", api_acts.AutoReversalCancelView.as_view(), name="api-auto-reversal-cancel"),
    path(f"{_BASE}revaluations/", api_acts.RevaluationView.as_view(), name="api-revaluation"),
    path(f"{_BASE}fiscal-years/<str:name>/close/", api_acts.YearCloseView.as_view(), name="api-year-close"),
    path(f"{_BASE}fiscal-years/<str:name>/reopen/", api_acts.YearReopenView.as_view(), name="api-year-reopen"),
    path(f"{_BASE}opening-balances/", api_acts.OpeningBalanceView.as_view(), name="api-opening-balance"),
    path(f"{_BASE}open-items/", api_open_items.OpenItemListView.as_view(), name="api-open-item-list"),
    path(f"{_BASE}settlements/", api_open_items.SettlementListView.as_view(), name="api-settlement-list"),
    path(f"{_BASE}settlements/<uuid:pk>/", api_open_items.SettlementView.as_view(), name="api-settlement"),
    path(
        f"{_BASE}settlements/<uuid:pk>/undo/", api_open_items.SettlementUndoView.as_view(), name="api-settlement-undo"
    ),
    path(f"{_BASE}reports/control-accounts/", api_open_items.TieOutView.as_view(), name="api-control-accounts"),
    path(f"{_BASE}deferrals/", api_schedules.DeferralListView.as_view(), name="api-deferral-list"),
    path(f"{_BASE}deferrals/<uuid:pk>/", api_schedules.DeferralView.as_view(), name="api-deferral"),
    path(f"{_BASE}deferrals/<uuid:pk>/stop/", api_schedules.DeferralStopView.as_view(), name="api-deferral-stop"),
    path(f"{_BASE}limits/", api_schedules.LimitListView.as_view(), name="api-limit-list"),
    path(f"{_BASE}holds/", api_schedules.HoldListView.as_view(), name="api-hold-list"),
    path(f"{_BASE}holds/<uuid:pk>/", api_schedules.HoldView.as_view(), name="api-hold"),
    path(f"{_BASE}holds/<uuid:pk>/post/", api_schedules.HoldPostView.as_view(), name="api-hold-post"),
    path(f"{_BASE}holds/<uuid:pk>/void/", api_schedules.HoldVoidView.as_view(), name="api-hold-void"),
    path(f"{_BASE}drafts/", api_drafts.DraftListView.as_view(), name="api-draft-list"),
    path(f"{_BASE}drafts/decide/", api_drafts.DraftDecisionView.as_view(), name="api-draft-decide"),
    path(f"{_BASE}drafts/<uuid:pk>/", api_drafts.DraftView.as_view(), name="api-draft"),
    path(
        f"{_BASE}drafts/<uuid:pk>/attachments/",
        api_attachments.DraftAttachmentView.as_view(),
        name="api-draft-attachments",
    ),
    path(
        f"{_BASE}entries/<uuid:pk>/attachments/",
        api_attachments.EntryAttachmentView.as_view(),
        name="api-entry-attachments",
    ),
    path(f"{_BASE}attachments/<uuid:pk>/", api_attachments.AttachmentView.as_view(), name="api-attachment"),
    path(f"{_BASE}drafts/<uuid:pk>/submit/", api_drafts.DraftSubmitView.as_view(), name="api-draft-submit"),
    path(f"{_BASE}drafts/<uuid:pk>/withdraw/", api_drafts.DraftWithdrawView.as_view(), name="api-draft-withdraw"),
    path(f"{_BASE}drafts/<uuid:pk>/approve/", api_drafts.DraftApproveView.as_view(), name="api-draft-approve"),
    path(f"{_BASE}drafts/<uuid:pk>/reject/", api_drafts.DraftRejectView.as_view(), name="api-draft-reject"),
    path(f"{_BASE}drafts/<uuid:pk>/post/", api_drafts.DraftPostView.as_view(), name="api-draft-post"),
    path(f"{_BASE}templates/", api_templates.TemplateListView.as_view(), name="api-template-list"),
    path(f"{_BASE}templates/<uuid:pk>/", api_templates.TemplateView.as_view(), name="api-template"),
    path(f"{_BASE}templates/<uuid:pk>/draft/", api_templates.TemplateDraftView.as_view(), name="api-template-draft"),
    path(f"{_BASE}recurring/", api_templates.RecurringListView.as_view(), name="api-recurring-list"),
    path(f"{_BASE}recurring/<uuid:pk>/", api_templates.RecurringView.as_view(), name="api-recurring"),
    path(
        f"{_BASE}recurring/<uuid:pk>/<str:date>/",
        api_templates.OccurrenceView.as_view(),
        name="api-recurring-occurrence",
    ),
    path(f"{_BASE}imports/", api_imports.ImportListView.as_view(), name="api-import-list"),
    path(f"{_BASE}imports/<uuid:pk>/undo/", api_imports.ImportUndoView.as_view(), name="api-import-undo"),
    path(f"{_BASE}exports/", api_imports.ExportListView.as_view(), name="api-export-list"),
]
