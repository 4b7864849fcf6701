"""Take a settlement back: counter-allocations on a later date; its exchange difference is reversed."""

import datetime
import hashlib
from decimal import Decimal
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from ledger import refusals
from ledger.allocation import Settled, SettlementNotFound, Wanted, settle, told
from ledger.allocation_plan import Row
from ledger.models import Allocation, Entry, Line, Settlement
from ledger.open_items import hold_items
from ledger.posting import refuse_soft_closed
from ledger.reversal import ReasonNeeded, reverse
from tenants.fields import new_id
from tenants.permissions import Permission
from tenants.refusal import Conflict
from tenants.scope import current_scope


class AlreadyUndone(Conflict):
    """A settlement is taken back once."""

    code = "already_undone"


@transaction.atomic
def undo_settlement(settlement_id: UUID, *, date: datetime.date, reason: str, by_hand: bool = True) -> UUID:
    """Open the items again from a date on; what was open before that date stays as it was. Answers with the undoing.
    An act that does more than that is not `by_hand`, and follows it up itself.

    Asked twice, it is the same one. Refused: `not_found`, `reason_needed`, `already_undone` (an undoing is not undone:
    settle again), `period_closed`, `cannot_allocate` (a date before the settlement's).
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    if not reason.strip():
        raise ReasonNeeded(_("Say why the settlement is taken back."), place="reason")
    settlement = Settlement.objects.for_company(scope.company).filter(pk=settlement_id).first()
    if settlement is None:
        raise SettlementNotFound(_("There is no such settlement."))
    if settlement.undoes_id:
        raise AlreadyUndone(_("What is taken back already is not taken back again: settle the items anew."))
    _hold(settlement)
    if undone := Settlement.objects.for_company(scope.company).filter(undoes=settlement).first():
        return UUID(str(undone.pk))
    if date < settlement.date:
        raise refusals.CannotAllocate(_("It is not taken back before its own date."), place="date")
    refuse_soft_closed(scope, [(date, "date")])
    undoing = _undo(settlement, date, reason.strip())
    if by_hand:
        told(Settled(undoing, False))
    return undoing


def _undo(settlement: Settlement, date: datetime.date, reason: str) -> UUID:
    company = settlement.company
    made = Allocation.objects.for_company(company).filter(settlement=settlement).order_by("number")
    rows: list[Row] = [
        (one.debit_line_id, one.credit_line_id, -one.debit_amount, -one.credit_amount, -one.base_amount) for one in made
    ]
    if settlement.exchange_entry_id:
        rows += _reversed_differences(settlement, date, reason)
    pk = new_id()
    try:
        with transaction.atomic():
            body = hashlib.sha256(f"undo {settlement.pk}".encode()).digest()
            settle(company, pk, Wanted(f"undo:{settlement.pk}", body, date, reason), rows, undoes=settlement.pk)
    except DatabaseError as error:
        raise refusals.refusal_of(error) or error from error
    return pk


def _reversed_differences(settlement: Settlement, date: datetime.date, reason: str) -> list[Row]:
    """The exchange difference is reversed; its lines and their mirrors settle each other."""
    company = settlement.company
    reversal = Entry.objects.for_company(company).filter(reverses_id=settlement.exchange_entry_id).first()
    mirrored = reversal.pk if reversal else reverse(settlement.exchange_entry_id, date=date, reason=reason).id
    lines = Line.objects.for_company(company).filter(account__open_item=True, currency_amount=0)
    first = dict(lines.filter(entry_id=settlement.exchange_entry_id).values_list("number", "id"))
    amounts = dict(lines.filter(entry_id=settlement.exchange_entry_id).values_list("number", "amount"))
    second = dict(lines.filter(entry_id=mirrored).values_list("number", "id"))
    zero = Decimal(0)
    return [
        (*((first[n], second[n]) if amounts[n] > 0 else (second[n], first[n])), zero, zero, abs(amounts[n]))
        for n in sorted(first)
    ]


def _hold(settlement: Settlement) -> None:
    lines = Allocation.objects.for_company(settlement.company).filter(settlement=settlement)
    hold_items(settlement.company, lines.values_list("debit_line__account_id", "debit_line__sub_account_id"))
