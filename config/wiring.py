"""Where apps on the right hook into those on the left, by name: nobody imports to the right (settings)."""

from django.utils.translation import gettext_lazy as _

# Kinds of background work, by name; an app to the right adds its own here and nobody imports it.
JOB_KINDS = {
    "accounting.import_table": "accounting.table_import.run_import",
    "accounting.undo_table_import": "accounting.table_import_undo.run_undo",
    "ledger.import_journal": "ledger.journal_import.run_import",
    "ledger.reverse_entries": "ledger.bulk_reversal.run_reversals",
    "ledger.undo_import": "ledger.import_undo.run_undo",
    "ledger.export_journal": "ledger.journal_export.run_export",
    "invoicing.post_documents": "invoicing.bulk_posting.run_posting",
    "invoicing.run_dunning": "invoicing.dunning_job.run_dunning_job",
    "reports.make_report": "reports.report_runs.make_report",
    "reports.statutory_export": "reports.statutory.exporting.run_statutory_export",
}

# Kinds whose jobs have a page of their own, which says in the words of the business what came of them.
JOB_PAGES = {
    "ledger.reverse_entries": "ledger:bulk-reversal",
    "accounting.import_table": "accounting:table-import-detail",
}

# What can be imported from a table, by name.
TABLE_IMPORTS = {
    "contacts": "accounting.contact_import.CONTACTS",
    "items": "accounting.item_import.ITEMS",
    "budgets": "ledger.budget_import.BUDGETS",
    "invoices": "invoicing.document_import.INVOICES",
    "bills": "invoicing.document_import.BILLS",
    "payments": "invoicing.payment_import.PAYMENTS",
}

# Where the chart of accounts finds what stands on its accounts today.
ACCOUNT_BALANCES = "ledger.balances.balances"

# Kind of document -> the codes that a rule about it may name.
APPROVAL_SCOPES = {
    "entry": "ledger.journals.journal_ids",
    "invoice": "invoicing.approval_rules.no_scopes",
    "bill": "invoicing.approval_rules.no_scopes",
    "payment": "invoicing.approval_rules.no_scopes",
}
# Where people find what waits for their approval: the tab, its page, and how many wait.
INBOXES = [
    (_("Journal drafts"), "ledger:approval-list", "ledger.approval_badge.drafts_waiting"),
    (_("Documents and payments"), "invoicing:approval-list", "invoicing.approval_inbox.documents_waiting"),
]
# Entries of these sources are reversed by the act of their document, or of their year, alone.
SOURCES_OF_DOCUMENTS = {
    "invoice",
    "debit_note",
    "credit_note",
    "bill",
    "supplier_credit",
    "payment",
    "advance",
    "cash_basis",
    "year_close",
}

# What posts, drafts or tells by itself when its day has come, in this order.
DUE_WORK = {
    "recurring": "ledger.recurring.make_due",
    "recurring_document": "invoicing.recurring_documents.make_due_documents",
    "auto_reversal": "ledger.auto_reversal.reverse_due",
    "deferral": "ledger.deferrals.recognise_due",
    "hold_expiry": "ledger.holds.expire_due",
    "overdue": "invoicing.overdue.tell_what_is_overdue",
    "dunning": "invoicing.dunning_job.dun_by_itself",
    "report": "reports.report_schedules.make_due_reports",
}

# What learns of a settlement that somebody made, or took back, by hand: with its id, in its transaction.
AFTER_SETTLING = ["invoicing.settled_by_hand.on_settled"]

# What `verify` asks besides the promises of the ledger.
VERIFICATIONS = ["invoicing.document_checks.DOCUMENT_CHECKS"]
# What has to be done before a period closes.
CLOSE_CHECKS = ["ledger.close_checks.close_checks", "invoicing.close_checks.close_checks"]

# What each app prepares for a new company, in order.
COMPANY_CREATED = [
    "accounting.chart_installation.on_company_created",
    "accounting.tax_installation.on_company_created",
    "accounting.payment_terms.on_company_created",
    "ledger.journals.on_company_created",
    "invoicing.series.on_company_created",
]
