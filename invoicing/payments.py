"""Keep, change and delete payments that are not posted yet: what came in or goes out, and for which documents."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.chart import Chart, ChartUnit, chart_of
from accounting.models import Contact
from invoicing.document_filling import named_contact
from invoicing.models import Document, Payment, PaymentPart
from invoicing.refusals import PaymentNotFound, PaymentRefused, PaymentSettled
from ledger.kept_once import keep_new, kept_before
from ledger.resolving import check_amount, check_rate, check_text
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Conflict
from tenants.scope import current_scope

MOST_PARTS = 1000
SAID = ("direction", "role", "contact_id", "date", "amount", "currency", "reference")
ZERO = Decimal(0)
# Which documents a payment is for: its usual ones, or as a refund what gave money back.
PAYS = {
    ("in", "customer"): {"invoice", "debit_note"}, ("out", "customer"): {"credit_note"},
    ("out", "supplier"): {"bill"}, ("in", "supplier"): {"supplier_credit"},
}  # fmt: skip
_CASH = ("cash", "bank", "clearing", "credit_card")


@dataclass(frozen=True, slots=True)
class PartContent:
    """What a payment is for: a document, or another payment that is given back. Amounts are in the currency of that;
    `spent` is in the payment's own, and need only be said where the two differ."""

    document: UUID | None = None
    refunds: UUID | None = None
    amount: Decimal = ZERO
    discount: Decimal = ZERO
    write_off: Decimal = ZERO
    spent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PaymentContent:
    """A payment as it is written. Without an account it is the bank account of the chart."""

    direction: str
    role: str
    contact: str | UUID
    date: datetime.date
    amount: Decimal
    currency: str | None = None
    rate: Decimal | None = None
    account: str | UUID | None = None
    method: str = Payment.Method.TRANSFER
    reference: str = ""
    memo: str = ""
    reason: str = ""
    prepayment: bool = False
    parts: Sequence[PartContent] = ()


@transaction.atomic
def save_payment(content: PaymentContent, *, payment_id: UUID | None = None) -> Payment:
    """Keep a new payment as a draft. With a `payment_id` of the caller's own it is kept once (`saved_before`).

    Refused with the place: `invalid_payment`, `wrong_contact`, `unknown_account`, `invalid_amount`.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    payment = _filled(scope.company, content)
    payment.created_by, payment.makers = scope.actor.name[:200], _makers([])
    payment.pk = payment_id or payment.pk
    parts = _parts(payment, content)
    if payment_id and (kept := kept_before(payment, SAID)):
        return kept
    keep_new(payment)
    PaymentPart.objects.bulk_create(parts)
    return payment


@transaction.atomic
def change_payment(payment_id: UUID, content: PaymentContent, *, version: int | None = None) -> Payment:
    """Change a draft as a whole. Refused as keeping is, and `not_found`, `conflict`, `payment_settled`."""
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    held = editable(payment_id, version)
    payment = _filled(scope.company, content)
    payment.pk, payment.created_by, payment.created_at = held.pk, held.created_by, held.created_at
    payment.version, payment.makers, payment.changed_at = held.version + 1, _makers(held.makers), timezone.now()
    parts = _parts(payment, content)
    PaymentPart.objects.for_company(scope.company).filter(payment=held).delete()
    payment.save(force_update=True)
    PaymentPart.objects.bulk_create(parts)
    return payment


@transaction.atomic
def delete_payment(payment_id: UUID, *, version: int | None = None) -> None:
    """Throw a draft away. Refused as a change is."""
    current_scope().require(Permission.DRAFT_ENTRIES)
    held = editable(payment_id, version)
    PaymentPart.objects.for_company(held.company_id).filter(payment=held).delete()
    Payment.objects.for_company(held.company_id).filter(pk=held.pk).delete()


def held_payment(payment_id: UUID, version: int | None = None) -> Payment:
    """The payment, locked until the transaction ends. Refused: `not_found`, `conflict`."""
    rows = Payment.objects.for_company(current_scope().company).select_for_update(no_key=True, of=("self",))
    found: Payment | None = rows.select_related("contact", "company").filter(pk=payment_id).first()
    if found is None:
        raise PaymentNotFound(_("There is no such payment."))
    if version is not None and found.version != version:
        raise Conflict(_("The payment was changed meanwhile: look at it again."))
    return found


def editable(payment_id: UUID, version: int | None = None) -> Payment:
    """The payment, locked, if it may still be changed. Refused as `held_payment`, and `payment_settled`."""
    found = held_payment(payment_id, version)
    if not found.is_editable:
        message = _("%(payment)s is %(state)s and does not change any more.")
        raise PaymentSettled(message % {"payment": found, "state": found.get_state_display().lower()})
    return found


def _filled(company: Company, content: PaymentContent) -> Payment:
    chart = chart_of(company)
    if (content.direction, content.role) not in PAYS:
        raise PaymentRefused(_("It comes in or goes out, from or to a customer or supplier."), place="direction")
    contact: Contact = named_contact(company, content.contact, customer=content.role == Payment.Role.CUSTOMER)
    currency = content.currency or contact.currency or company.base_currency
    if currency not in chart.units:
        raise PaymentRefused(_("The currency “%s” is not in use.") % currency, place="currency")
    check_amount(content.amount, chart.units[currency], "amount")
    if content.amount < 0:
        raise PaymentRefused(_("An amount is above zero."), place="amount")
    if content.rate is not None:
        check_rate(content.rate, "rate")
    if content.method not in Payment.Method.values:
        raise PaymentRefused(_("There is no such method of payment."), place="method")
    for name, limit in (("reference", 200), ("memo", 10_000), ("reason", 2_000)):
        check_text(getattr(content, name), name, limit)
    return Payment(
        company=company, direction=content.direction, role=content.role, contact=contact, date=content.date,
        amount=content.amount, currency=currency, rate=content.rate, rate_source="rate given" if content.rate else "",
        account_id=_account(chart, content), method=content.method, reference=content.reference.strip(),
        memo=content.memo, reason=content.reason, prepayment=content.prepayment,
    )  # fmt: skip


def _account(chart: Chart, content: PaymentContent) -> UUID:
    account = chart.account(content.account, "account") if content.account else chart.in_role("bank")
    if account.subtype not in _CASH:
        raise PaymentRefused(_("%s is no bank or cash account.") % account.code, place="account")
    return account.id


def _parts(payment: Payment, content: PaymentContent) -> list[PaymentPart]:
    if len(content.parts) > MOST_PARTS:
        raise PaymentRefused(_("A payment has at most %d parts.") % MOST_PARTS, place="parts")
    units = chart_of(payment.company).units
    documents = _rows(Document, payment.company, [part.document for part in content.parts])
    payments = _rows(Payment, payment.company, [part.refunds for part in content.parts])
    parts = []
    for number, part in enumerate(content.parts):
        place = f"parts[{number}]"
        target = documents.get(part.document) or payments.get(part.refunds)
        if target is None or (part.document and part.refunds):
            raise PaymentRefused(_("A part is for one document, or gives back one payment."), place=place)
        _check_target(payment, target, place)
        _check_amounts(part, units[target.currency], place)
        spent = part.spent if part.spent is not None else part.amount
        check_amount(spent, units[payment.currency], f"{place}.spent", zero=True)
        if target.currency == payment.currency and spent != part.amount:
            raise PaymentRefused(_("In one currency as much is spent as is paid."), place=f"{place}.spent")
        parts.append(
            PaymentPart(
                company=payment.company, payment=payment, number=number + 1, document_id=part.document,
                refunds_id=part.refunds, amount=part.amount, discount=part.discount, write_off=part.write_off,
                spent=spent,
            )
        )  # fmt: skip
    if sum((part.spent for part in parts), ZERO) > payment.amount:
        raise PaymentRefused(_("The parts are more than the payment."), place="parts")
    if len({(part.document_id, part.refunds_id) for part in parts}) < len(parts):
        raise PaymentRefused(_("A document is named once."), place="parts")
    return parts


def _rows(model: Any, company: Company, ids: Sequence[UUID | None]) -> Mapping[UUID | None, Any]:
    return {row.pk: row for row in model.objects.for_company(company).filter(pk__in=[pk for pk in ids if pk])}


def _check_target(payment: Payment, target: Document | Payment, place: str) -> None:
    """Documents of the contact that the payment settles; a refund gives back what came from them."""
    if target.state != "posted":
        raise PaymentRefused(_("%s is not posted.") % target, place=place)
    if target.contact_id != payment.contact_id:
        raise PaymentRefused(_("%s belongs to somebody else.") % target, place=place)
    if isinstance(target, Document):
        fits = target.kind in PAYS[payment.direction, payment.role]
    else:
        fits = target.role == payment.role and target.direction != payment.direction and not payment.prepayment
    if not fits:
        raise PaymentRefused(_("%s is not settled by this payment.") % target, place=place)


def _check_amounts(part: PartContent, unit: ChartUnit, place: str) -> None:
    for name in ("amount", "discount", "write_off"):
        amount = getattr(part, name)
        check_amount(amount, unit, f"{place}.{name}", zero=True)
        if amount < 0:
            raise PaymentRefused(_("An amount is not below zero."), place=f"{place}.{name}")
    if not part.amount + part.discount + part.write_off:
        raise PaymentRefused(_("A part has an amount."), place=f"{place}.amount")
    if part.refunds and (part.discount or part.write_off):
        raise PaymentRefused(_("What is given back is neither discounted nor written off."), place=place)


def _makers(before: list[UUID]) -> list[UUID]:
    actor = current_scope().actor.id
    return before if actor is None or actor in before else [*before, actor]
