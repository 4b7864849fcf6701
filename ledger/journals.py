"""The journals of a company, and the ones that every company starts with."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.lookups import CacheKeys, CacheTTL, cached
from ledger.models import Journal
from tenants.models import Company
from tenants.scope import current_scope

STANDARD = (
    ("GEN", "General journal", Journal.Kind.GENERAL),
    ("SAL", "Sales journal", Journal.Kind.SALES),
    ("PUR", "Purchases journal", Journal.Kind.PURCHASES),
    ("BNK", "Bank journal", Journal.Kind.BANK),
    ("CSH", "Cash journal", Journal.Kind.CASH),
    ("OPN", "Opening journal", Journal.Kind.OPENING),
    ("CLO", "Closing journal", Journal.Kind.CLOSING),
)


def add_standard_journals() -> None:
    """General, sales, purchases, bank, cash, opening and closing; those already there stay as they are."""
    company = current_scope().company
    present = set(Journal.objects.for_company(company).values_list("code", flat=True))
    Journal.objects.bulk_create(
        Journal(company=company, code=code, name=_(name), kind=kind)
        for code, name, kind in STANDARD
        if code not in present
    )


def on_company_created(company: Company, options: dict[str, Any]) -> None:
    """A new company starts with the standard journals."""
    add_standard_journals()


def journal_ids(company: Company, current: dict[str, UUID] | None = None) -> dict[str, UUID]:
    """Code -> id of the active journals, cached."""
    found: dict[str, UUID] = cached(company, CacheKeys.JOURNALS, CacheTTL.JOURNALS, _load, current)
    return found


def _load(company: Company) -> dict[str, UUID]:
    return dict(Journal.objects.for_company(company).filter(is_active=True).values_list("code", "id"))
