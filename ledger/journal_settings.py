"""Open journals beside the standard ones, rename them, and take them out of use."""

from typing import Any

from django.db import IntegrityError, transaction

from ledger.models import Journal
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import current_scope

CHANGEABLE = ("name", "kind", "is_active")


class JournalCodeTaken(Refused):
    """Another journal has the code."""

    code = "journal_code_taken"


def open_journal(*, code: str, name: str, kind: str = Journal.Kind.GENERAL) -> Journal:
    """Add a book of first entry with a numbering of its own. Refused: `journal_code_taken`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    try:
        with transaction.atomic():
            journal: Journal = Journal.objects.create(company=scope.company, code=code, name=name, kind=str(kind))
            return journal
    except IntegrityError as error:
        raise JournalCodeTaken(f"There is a journal “{code}” already.", place="code") from error


def change_journal(journal: Journal, **changes: Any) -> Journal:
    """Rename a journal, or take it out of use; its code stays, because the numbers of its entries carry it."""
    current_scope().require(Permission.MANAGE_ACCOUNTS)
    wanted = {name: changes[name] for name in CHANGEABLE if name in changes}
    for name, value in wanted.items():
        setattr(journal, name, value)
    if wanted:
        journal.save(update_fields=sorted(wanted))
    return journal
