"""Which documents and payments need approval, by their kind and amount in base currency; cached."""

from decimal import Decimal
from functools import partial
from uuid import UUID

from accounting.lookups import CacheKeys, CacheTTL, cached
from accounting.rates import rate_on
from invoicing.models import Document, Payment
from tenants.approvals import Rule, approvals_needed, rules_of
from tenants.models import Company

# Credit notes are approved as what they credit is; quotes and orders make no entry.
SUBJECTS = {
    "invoice": "invoice", "debit_note": "invoice", "credit_note": "invoice", "bill": "bill", "supplier_credit": "bill",
}  # fmt: skip
PAYMENT = "payment"


def subject_of(thing: Document | Payment) -> str:
    """Under which kind of rule a document or payment falls."""
    return PAYMENT if isinstance(thing, Payment) else SUBJECTS.get(thing.kind, "")


def approvals_of(company: Company, thing: Document | Payment, current: dict[str, UUID] | None = None) -> int:
    """How many people have to approve it. Money that comes in needs none."""
    subject = subject_of(thing)
    if not subject or (isinstance(thing, Payment) and thing.direction == Payment.Direction.IN):
        return 0
    rules: list[Rule] = cached(
        company, CacheKeys.APPROVAL_RULES, CacheTTL.COMPANY, partial(rules_of, subject=subject), current, view=subject
    )
    return approvals_needed(rules, "", _worth(company, thing)) if rules else 0


def _worth(company: Company, thing: Document | Payment) -> Decimal:
    amount = thing.amount if isinstance(thing, Payment) else thing.total
    if thing.currency == company.base_currency:
        return amount
    rate = thing.rate or rate_on(thing.currency, thing.date, place="rate")[0]
    return amount * rate


def no_scopes(company: Company) -> dict[str, object]:
    """Rules for documents and payments are for all of a kind, not for a journal."""
    return {}
