"""Entries that reverse themselves: on a date, or on the first day of the next period; once, however often asked."""

import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import Period
from accounting.periods import locked_until
from ledger import refusals
from ledger.models import AutoReversal, Entry
from ledger.reversal import ReasonNeeded, reverse
from tenants.fields import new_id
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import NotFound, Refused
from tenants.scope import current_scope, explain


@transaction.atomic
def cancel_auto_reversal(entry_id: UUID, *, reason: str) -> AutoReversal:
    """Leave the entry as it is. Refused: `reason_needed`, `not_found`, `already_reversed`."""
    scope = current_scope()
    scope.require(Permission.REVERSE_ENTRIES)
    if not reason.strip():
        raise ReasonNeeded(_("Say why the entry is not reversed."), place="reason")
    planned = _planned(scope.company).filter(entry_id=entry_id).first()
    if planned is None:
        raise NotFound(_("The entry is not to be reversed by itself."))
    if planned.reversal_id:
        raise refusals.AlreadyReversed(_("The entry has been reversed already."))
    if planned.cancelled:
        return planned
    explain(reason)
    planned.cancelled, planned.reason = True, reason.strip()
    planned.save(update_fields=["cancelled", "reason"])
    return planned


def reverse_due(today: datetime.date) -> int:
    """Reverse what is due in the current company; answers with how many. What is refused says why, and is tried again.

    A day in a closed period moves to the first open day after it: the books of a closed month stay as they are.
    """
    company = current_scope().company
    due = AutoReversal.objects.for_company(company).filter(reversal=None, cancelled=False, date__lte=today)
    return sum(1 for pk in list(due.order_by("date", "id").values_list("id", flat=True)) if _reverse_one(pk, today))


@transaction.atomic
def _reverse_one(pk: UUID, today: datetime.date) -> bool:
    company = current_scope().company
    planned = _planned(company).select_related("entry").filter(pk=pk, reversal=None, cancelled=False).first()
    if planned is None:
        return False
    try:
        with transaction.atomic():
            by_hand = (
                Entry.objects.for_company(company).filter(reverses=planned.entry).values_list("id", flat=True).first()
            )
            planned.reversal_id = by_hand or _reverse_on_first_open_day(planned, today)
            planned.problem_code = planned.problem = ""
    except Refused as refusal:
        planned.reversal_id, planned.problem_code, planned.problem = None, refusal.code, refusal.message
    planned.save(update_fields=["reversal", "problem_code", "problem"])
    return planned.reversal_id is not None


def _reverse_on_first_open_day(planned: AutoReversal, today: datetime.date) -> UUID:
    day = first_open_day(planned.company, planned.date)
    if day > today:
        raise refusals.PeriodClosed(
            _("The period of %(planned)s is closed; the first open day is %(open)s.")
            % {"planned": planned.date, "open": day}
        )
    # A key of its own: the database promises one reversal an entry, and what is refused today may pass tomorrow.
    reason = _("Reverses itself")
    return reverse(planned.entry_id, date=day, reason=reason, key=f"auto-reverse:{planned.entry_id}:{new_id()}").id


def first_open_day(company: Company, day: datetime.date) -> datetime.date:
    """The day itself, or the first one after it that lies in an open period and after every lock of everything."""
    locked = locked_until(company)
    if locked and locked >= day:
        day = locked + datetime.timedelta(days=1)
    periods = Period.objects.for_company(company).filter(end__gte=day, status=Period.Status.OPEN).order_by("start")
    period = periods.first()
    if period is None:
        raise refusals.NoPeriod(_("No period is open on or after %s.") % day)
    return max(day, period.start)


def _planned(company: Company) -> Any:
    return AutoReversal.objects.for_company(company).select_for_update(no_key=True, of=("self",))
