"""The sidebar of the pages and of the admin, from the dashboard down to the admin itself (settings.NAVIGATION)."""

from django.utils.translation import gettext_lazy as _

# Items whose address or permission is missing are left out; `badge` names a function of the scope that gives a short
# text.
NAVIGATION = [
    ("", [
        {"label": _("Dashboard"), "icon": "dashboard", "url_name": "reports:dashboard", "permission": "view_books"},
        {"label": _("Approvals"), "icon": "inbox", "url_name": "ledger:approval-list", "permission": "view_books",
         "badge": "ledger.approval_badge.waiting_badge"},
    ]),
    (_("Master data"), [
        {"label": _("Contacts"), "icon": "contacts", "url_name": "accounting:contact-list",
         "permission": "view_books"},
    ]),
    (_("Ledger"), [
        {"label": _("Journal entries"), "icon": "receipt_long", "url_name": "ledger:entry-list",
         "permission": "view_books"},
        {"label": _("New journal entry"), "icon": "edit_note", "url_name": "ledger:entry-new",
         "permission": "draft_entries"},
        {"label": _("Drafts"), "icon": "draft", "url_name": "ledger:draft-list", "permission": "view_books"},
        {"label": _("Templates"), "icon": "content_copy", "url_name": "ledger:template-list",
         "permission": "view_books"},
        {"label": _("Recurring entries"), "icon": "event_repeat", "url_name": "ledger:recurring-list",
         "permission": "view_books"},
        {"label": _("Open items"), "icon": "task_alt", "url_name": "ledger:open-item-list",
         "permission": "view_books"},
        {"label": _("Limits"), "icon": "speed", "url_name": "ledger:limit-list", "permission": "view_books"},
        {"label": _("Chart of accounts"), "icon": "account_tree", "url_name": "accounting:account-list",
         "permission": "view_books"},
        {"label": _("Exchange rates"), "icon": "currency_exchange", "url_name": "accounting:rate-list",
         "permission": "view_books"},
        {"label": _("Imports"), "icon": "upload_file", "url_name": "ledger:import-list",
         "permission": "import_journals"},
        {"label": _("Opening balances"), "icon": "flag", "url_name": "ledger:opening",
         "permission": "import_journals"},
    ]),
    (_("Closing"), [
        {"label": _("Periods"), "icon": "event_available", "url_name": "accounting:period-list",
         "permission": "view_books"},
        {"label": _("Deferrals"), "icon": "calendar_month", "url_name": "ledger:deferral-list",
         "permission": "view_books"},
        {"label": _("Planned reversals"), "icon": "undo", "url_name": "ledger:planned-reversal-list",
         "permission": "view_books"},
        {"label": _("Revaluation"), "icon": "price_change", "url_name": "ledger:revaluation",
         "permission": "view_books"},
    ]),
    (_("Reports"), [
        {"label": _("Trial balance"), "icon": "balance", "url_name": "reports:trial-balance",
         "permission": "view_books"},
        {"label": _("Control accounts"), "icon": "join_inner", "url_name": "reports:tie-out",
         "permission": "view_books"},
        {"label": _("Entries after closing"), "icon": "history_toggle_off", "url_name": "reports:late-entries",
         "permission": "view_books"},
        {"label": _("Segregation of duties"), "icon": "rule", "url_name": "ledger:segregation",
         "permission": "view_audit"},
    ]),
    (_("Company"), [
        {"label": _("Jobs"), "icon": "pending_actions", "url_name": "jobs:job-list", "permission": "view_books"},
        {"label": _("Approval rules"), "icon": "fact_check", "url_name": "ledger:approval-rule-list",
         "permission": "view_books"},
        {"label": _("Members"), "icon": "group", "url_name": "tenants:member-list", "permission": "manage_members"},
        {"label": _("API credentials"), "icon": "key", "url_name": "tenants:credential-list",
         "permission": "manage_members"},
        {"label": _("Audit trail"), "icon": "history", "url_name": "tenants:audit-trail", "permission": "view_audit"},
        {"label": _("Settings"), "icon": "settings", "url_name": "tenants:settings", "permission": "view_books"},
        {"label": _("Admin"), "icon": "table_view", "url_name": "admin:index", "permission": "view_books"},
    ]),
]  # fmt: skip
