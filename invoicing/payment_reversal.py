"""Take a payment back that did not come, or was noted wrongly: what it settled is open again from that day on."""

import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from invoicing.advances import SOURCE, uses_of
from invoicing.cash_basis import tax_of_settled
from invoicing.lookups import Lookups, posted_with
from invoicing.models import Instalment, Payment, TaxRow
from invoicing.payments import held_payment
from invoicing.refusals import PaymentRefused
from invoicing.telling import tell_payment
from ledger.allocation_undo import undo_settlement
from ledger.models import Allocation, Entry, Line, Settlement
from ledger.reversal import reverse
from tenants.models import Company
from tenants.permissions import Permission
from tenants.scope import current_scope


def reverse_payment(payment_id: UUID, *, date: datetime.date, reason: str) -> Payment:
    """Reverse a posted payment on a day, once: its settlements are taken back, its entry mirrored, its taxes too,
    and what used it in advance.

    Refused: `not_found`, `invalid_payment` (not posted), `reason_needed`, `already_reversed`, `period_closed`,
    `cannot_allocate` (a day before what it settled).
    """
    scope = current_scope()
    scope.require(Permission.REVERSE_ENTRIES)
    return posted_with(scope.company, lambda lookups: _reverse(lookups, payment_id, date, reason))


def _reverse(lookups: Lookups, payment_id: UUID, date: datetime.date, reason: str) -> Payment:
    company = lookups.company
    payment = held_payment(payment_id)
    if payment.state != Payment.State.POSTED:
        raise PaymentRefused(_("Only a posted payment is reversed: delete the draft."), place="state")
    uses = uses_of(company, payment)
    lines = list(
        Line.objects.for_company(company).filter(entry__in=[payment.entry_id, *uses]).values_list("pk", flat=True)
    )
    documents = _documents_settled_by(company, lines)
    for settlement in _settlements_of(company, payment, lines):
        undo_settlement(settlement, date=date, reason=reason, by_hand=False)
    for use in uses:
        reverse(use, date=date, reason=reason, key=f"advance:{use}:reverse", owner=SOURCE)
    posted = reverse(payment.entry_id, date=date, reason=reason, key=f"payment:{payment.pk}:reverse", owner="payment")
    if not posted.replayed:
        _take_taxes_back(company, payment, posted.id, date)
        tax_of_settled(lookups, documents, date, posted.id)
        tell_payment(payment, reversed_by=posted.id)
    return payment


def _settlements_of(company: Company, payment: Payment, lines: list[UUID]) -> list[UUID]:
    """What the payment settled and nobody has taken back; nothing once it is reversed: its mirror settles it then."""
    if Entry.objects.for_company(company).filter(reverses=payment.entry_id).exists():
        return []
    rows = Allocation.objects.for_company(company).filter(Q(debit_line__in=lines) | Q(credit_line__in=lines))
    settlements = Settlement.objects.for_company(company).filter(
        pk__in=rows.values("settlement"), undoes=None, undone_by=None
    )
    return list(settlements.order_by("pk").values_list("pk", flat=True))


def _documents_settled_by(company: Company, lines: list[UUID]) -> set[UUID]:
    rows = Allocation.objects.for_company(company).filter(Q(debit_line__in=lines) | Q(credit_line__in=lines))
    others = {pk for pair in rows.values_list("debit_line", "credit_line") for pk in pair} - set(lines)
    return set(Instalment.objects.for_company(company).filter(line__in=others).values_list("document", flat=True))


def _take_taxes_back(company: Company, payment: Payment, entry: UUID, date: datetime.date) -> None:
    """What its discounts took back of the taxes is owed again."""
    rows = list(TaxRow.objects.for_company(company).filter(entry=payment.entry_id).order_by("number"))
    for number, row in enumerate(rows, 1):
        row.pk, row.entry_id, row.date, row.number = TaxRow().pk, entry, date, number
        row.base, row.amount, row.deductible = -row.base, -row.amount, -row.deductible
    TaxRow.objects.bulk_create(rows)
