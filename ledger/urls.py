"""Addresses of the pages, relative to /c/<company>/."""

from django.urls import path

from ledger import (
    views_account_ledger,
    views_approval_rules,
    views_approvals,
    views_draft_editing,
    views_drafts,
    views_entries,
    views_export,
    views_imports,
    views_new_entry,
    views_recurring,
    views_segregation,
    views_templates,
)

app_name = "ledger"
urlpatterns = [
    path("entries/", views_entries.entry_list, name="entry-list"),
    path("entries/new/", views_new_entry.entry_new, name="entry-new"),
    path("entries/<uuid:pk>/", views_entries.entry_detail, name="entry-detail"),
    path("entries/<uuid:pk>/reverse/", views_entries.entry_reverse, name="entry-reverse"),
    path("entries/<uuid:pk>/keep/", views_entries.entry_keep, name="entry-keep"),
    path("drafts/", views_drafts.draft_list, name="draft-list"),
    path("drafts/<uuid:pk>/", views_drafts.draft_detail, name="draft-detail"),
    path("drafts/<uuid:pk>/edit/", views_draft_editing.draft_edit, name="draft-edit"),
    path("drafts/<uuid:pk>/act/", views_drafts.draft_act, name="draft-act"),
    path("drafts/<uuid:pk>/trial/", views_drafts.draft_trial, name="draft-trial"),
    path("approvals/", views_approvals.approval_list, name="approval-list"),
    path("approval-rules/", views_approval_rules.approval_rule_list, name="approval-rule-list"),
    path("approval-rules/<uuid:pk>/remove/", views_approval_rules.approval_rule_remove, name="approval-rule-remove"),
    path("templates/", views_templates.template_list, name="template-list"),
    path("templates/new/", views_templates.template_new, name="template-new"),
    path("templates/<uuid:pk>/", views_templates.template_edit, name="template-edit"),
    path("templates/<uuid:pk>/delete/", views_templates.template_delete, name="template-delete"),
    path("recurring/", views_recurring.recurring_list, name="recurring-list"),
    path("recurring/new/", views_recurring.recurring_new, name="recurring-new"),
    path("recurring/<uuid:pk>/", views_recurring.recurring_detail, name="recurring-detail"),
    path("recurring/<uuid:pk>/change/", views_recurring.recurring_change, name="recurring-change"),
    path("recurring/<uuid:pk>/<str:date>/", views_recurring.occurrence_act, name="occurrence-act"),
    path("reports/segregation/", views_segregation.segregation, name="segregation"),
    path("accounts/<path:code>/ledger/", views_account_ledger.account_ledger_page, name="account-ledger"),
    path("imports/", views_imports.import_list, name="import-list"),
    path("imports/<uuid:pk>/", views_imports.import_detail, name="import-detail"),
    path("imports/<uuid:pk>/progress/", views_imports.import_progress, name="import-progress"),
    path("imports/<uuid:pk>/confirm/", views_imports.import_confirm, name="import-confirm"),
    path("imports/<uuid:pk>/undo/", views_imports.import_undo, name="import-undo"),
    path("export/", views_export.export, name="export"),
]
