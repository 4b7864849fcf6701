"""Who may do what: one matrix of roles and permissions, used by pages, API, admin, exports and jobs alike."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    CONTROLLER = "controller", _("Controller")
    ACCOUNTANT = "accountant", _("Accountant")
    CLERK = "clerk", _("Clerk")
    APPROVER = "approver", _("Approver")
    AUDITOR = "auditor", _("Auditor")
    INTEGRATION = "integration", _("Integration")


class Permission(models.TextChoices):
    VIEW_BOOKS = "view_books", _("See accounts, entries, balances and reports")
    EXPORT = "export", _("Export reports and journals")
    VIEW_AUDIT = "view_audit", _("See the audit trail")
    DRAFT_ENTRIES = "draft_entries", _("Draft journal entries and submit them")
    APPROVE = "approve", _("Approve or reject what others made")
    POST_ENTRIES = "post_entries", _("Post journal entries")
    REVERSE_ENTRIES = "reverse_entries", _("Reverse posted entries")
    POST_SOFT_CLOSED = "post_soft_closed", _("Post into a soft-closed period, with a reason")
    IMPORT_JOURNALS = "import_journals", _("Import journals")
    MANAGE_ACCOUNTS = "manage_accounts", _("Change accounts, budgets, taxes, dimensions, units, rates and journals")
    MANAGE_CONTACTS = "manage_contacts", _("Change customers, suppliers and items")
    MANAGE_PERIODS = "manage_periods", _("Close and reopen periods, set lock dates")
    MANAGE_JOBS = "manage_jobs", _("Cancel and retry background jobs")
    MANAGE_COMPANY = "manage_company", _("Change company settings")
    MANAGE_MEMBERS = "manage_members", _("Manage members and API credentials")


_READ = {Permission.VIEW_BOOKS}
_BOOKKEEPING = {
    Permission.DRAFT_ENTRIES,
    Permission.POST_ENTRIES,
    Permission.REVERSE_ENTRIES,
    Permission.IMPORT_JOURNALS,
    Permission.MANAGE_ACCOUNTS,
    Permission.MANAGE_CONTACTS,
    Permission.MANAGE_JOBS,
    Permission.EXPORT,
}

MATRIX: dict[str, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.CONTROLLER: frozenset(set(Permission) - {Permission.MANAGE_MEMBERS}),
    Role.ACCOUNTANT: frozenset(_READ | _BOOKKEEPING),
    Role.CLERK: frozenset(_READ | {Permission.EXPORT, Permission.DRAFT_ENTRIES, Permission.MANAGE_CONTACTS}),
    Role.APPROVER: frozenset(_READ | {Permission.EXPORT, Permission.APPROVE}),
    Role.AUDITOR: frozenset(_READ | {Permission.EXPORT, Permission.VIEW_AUDIT}),
    Role.INTEGRATION: frozenset(_READ | _BOOKKEEPING),
}

_SCOPE_READ = {Permission.VIEW_BOOKS, Permission.EXPORT}
_SCOPE_POST = {
    Permission.DRAFT_ENTRIES,
    Permission.POST_ENTRIES,
    Permission.REVERSE_ENTRIES,
    Permission.IMPORT_JOURNALS,
}
_SCOPE_WRITE = {Permission.MANAGE_ACCOUNTS, Permission.MANAGE_CONTACTS, Permission.MANAGE_JOBS}


class ApiScope(models.TextChoices):
    READ = "read", _("Read")
    WRITE = "write", _("Change master data")
    POST = "post", _("Post entries")
    ADMIN = "admin", _("Administer periods and the company")


SCOPES: dict[str, frozenset[Permission]] = {
    ApiScope.READ: frozenset(_SCOPE_READ),
    ApiScope.WRITE: frozenset(_SCOPE_READ | _SCOPE_WRITE),
    ApiScope.POST: frozenset(_SCOPE_READ | _SCOPE_POST),
    ApiScope.ADMIN: frozenset(Permission),
}


def permissions_of_role(role: str) -> frozenset[Permission]:
    """What a member with this role may do."""
    return MATRIX[role]


def permissions_of_scopes(scopes: list[str]) -> frozenset[Permission]:
    """What a credential with these scopes may do."""
    return frozenset().union(*(SCOPES[scope] for scope in scopes))
