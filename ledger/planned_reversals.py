"""When an entry that reverses itself will do so: noted in the transaction that posts it."""

import datetime
from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.models import Period
from ledger import refusals
from ledger.models import AutoReversal
from ledger.proposals import NEXT_PERIOD, NewEntry
from tenants.models import Company


class BadReversalDate(refusals.PostingRefused):
    """The entry cannot be reversed on that day."""

    code = "bad_reversal_date"


def reversal_date(company: Company, entry: NewEntry, place: str = "reverse_on") -> datetime.date:
    """The day on which the entry is to be reversed. Refused: `bad_reversal_date`."""
    if isinstance(entry.reverse_on, datetime.date):
        if entry.reverse_on <= entry.date:
            raise BadReversalDate(_("It is reversed after its own date."), place=place)
        return entry.reverse_on
    if entry.reverse_on != NEXT_PERIOD:
        raise BadReversalDate(_("Name a date, or “next_period”."), place=place)
    period = Period.objects.for_company(company).filter(start__lte=entry.date, end__gte=entry.date).first()
    if period is None:
        raise refusals.NoPeriod(_("%s lies in no fiscal year of the company.") % entry.date, place="date")
    return period.end + datetime.timedelta(days=1)


def plan_reversals(company: Company, planned: Sequence[tuple[UUID, datetime.date]]) -> None:
    """Note entries that were just posted for their reversal; in the transaction that posts them."""
    AutoReversal.objects.bulk_create(AutoReversal(company=company, entry_id=pk, date=day) for pk, day in planned)
