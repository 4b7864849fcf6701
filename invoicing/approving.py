"""The way of documents and payments past maker and checker: submitted, approved or rejected by others, taken back."""

from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.business_day import business_day
from invoicing.approval_rules import approvals_of, subject_of
from invoicing.documents import held_document
from invoicing.models import BOOKED, Document, DocumentLine, Payment
from invoicing.order_matching import differs
from invoicing.payments import held_payment
from invoicing.refusals import DocumentRefused, DocumentSettled, PaymentSettled
from invoicing.telling import tell_approved
from tenants.approvals import decide
from tenants.models import Approval
from tenants.permissions import Permission
from tenants.scope import current_scope, explain

Thing = TypeVar("Thing", Document, Payment)
DRAFT, SUBMITTED, APPROVED, REJECTED = "draft", "submitted", "approved", "rejected"


@transaction.atomic
def submit_document(document_id: UUID, *, version: int | None = None) -> Document:
    """Hand a draft over for approval; where no rule asks for one, it is approved at once. A bill that differs from its
    order is approved by somebody in any case.

    Refused: `not_found`, `conflict`, `document_settled`, `invalid_document` (makes no entry).
    """
    document = held_document(document_id, version)
    if document.kind not in BOOKED:
        raise DocumentRefused(_("%s needs no approval.") % document.get_kind_display(), place="kind")
    lines = DocumentLine.objects.for_company(document.company_id).filter(document=document).order_by("number")
    return _submit(document, at_least=1 if differs(document.company, document, list(lines)) else 0)


@transaction.atomic
def submit_payment(payment_id: UUID, *, version: int | None = None) -> Payment:
    """Hand a draft over for approval. Refused: `not_found`, `conflict`, `payment_settled`."""
    return _submit(held_payment(payment_id, version))


@transaction.atomic
def decide_document(document_id: UUID, *, approve: bool, version: int | None = None, reason: str = "") -> Document:
    """Agree to a submitted document, or send it back with a reason; with the last approval it is approved.

    Refused: `self_approval`, `not_permitted`, `decided_before`, `reason_needed`, `document_settled`, `conflict`.
    """
    decided = _decide(held_document(document_id, version), approve, reason)
    if decided.state == APPROVED:
        tell_approved(decided)
    return decided


@transaction.atomic
def decide_payment(payment_id: UUID, *, approve: bool, version: int | None = None, reason: str = "") -> Payment:
    """Agree to a submitted payment, or send it back with a reason. Refused as a document is."""
    return _decide(held_payment(payment_id, version), approve, reason)


@transaction.atomic
def withdraw_document(document_id: UUID, *, reason: str = "") -> Document:
    """Take a submitted, approved or rejected document back to work on it; what was decided counts no more."""
    return _withdraw(held_document(document_id), reason)


@transaction.atomic
def withdraw_payment(payment_id: UUID, *, reason: str = "") -> Payment:
    """Take a submitted, approved or rejected payment back to work on it."""
    return _withdraw(held_payment(payment_id), reason)


def _submit(thing: Thing, at_least: int = 0) -> Thing:
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    _expect(thing, DRAFT)
    thing.approvals_needed = max(approvals_of(scope.company, thing), at_least)
    thing.submitted_by, thing.submitted_at = scope.actor.name[:200], timezone.now()
    state = SUBMITTED if thing.approvals_needed else APPROVED
    return _move(thing, state, "approvals_needed", "submitted_by", "submitted_at")


def _decide(thing: Thing, approve: bool, reason: str) -> Thing:
    _expect(thing, SUBMITTED)
    company, subject = current_scope().company, subject_of(thing)
    decide(
        subject, thing.pk, thing.version, approve=approve, makers=thing.makers, reason=reason,
        today=business_day(company),
    )  # fmt: skip
    if not approve:
        return _move(thing, REJECTED)
    given = Approval.objects.for_company(company).filter(
        subject=subject, subject_id=thing.pk, version=thing.version, decision=Approval.Decision.APPROVED
    )
    return _move(thing, APPROVED) if given.count() >= thing.approvals_needed else thing


def _withdraw(thing: Thing, reason: str) -> Thing:
    current_scope().require(Permission.DRAFT_ENTRIES)
    _expect(thing, SUBMITTED, APPROVED, REJECTED)
    if reason:
        explain(reason)
    return _move(thing, DRAFT)


def _expect(thing: Document | Payment, *states: str) -> None:
    if thing.state not in states:
        settled = PaymentSettled if isinstance(thing, Payment) else DocumentSettled
        message = _("%(thing)s is %(state)s.") % {"thing": thing, "state": thing.get_state_display().lower()}
        raise settled(message)


def _move(thing: Thing, state: str, *fields: str) -> Thing:
    thing.state, thing.version = state, thing.version + 1
    thing.save(update_fields=["state", "version", *fields])
    return thing
