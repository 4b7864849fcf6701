"""What recurs as its pages show it: the rule in words, how far it is, and the dates that come."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.models import Recurrence, RecurringEntry
from ledger.recurrence import after
from tenants.models import Company

ACTIVE, PAUSED, ENDED, STUCK = "active", "paused", "ended", "problem"
_UPCOMING = 4


def list_recurring(company: Company) -> Any:
    """The company's recurring entries, what comes next first, each with its open `problems`."""
    waiting = Q(occurrences__entry=None, occurrences__draft=None, occurrences__skipped=False)
    rows = RecurringEntry.objects.for_company(company).select_related("template__journal")
    rows = rows.annotate(problems=Count("occurrences", filter=waiting & Q(occurrences__id__isnull=False)))
    return rows.order_by("-is_active", "next_date", "id")


def in_state(rows: Any, state: str) -> Any:
    """Those that go on, are paused, have ended, or have occurrences that could not be posted."""
    if state == STUCK:
        return rows.filter(problems__gt=0)
    if state == ENDED:
        return rows.filter(next_date=None)
    return rows.filter(next_date__isnull=False, is_active=state == ACTIVE) if state else rows


def recurring_register(rows: Any) -> Iterator[list[Any]]:
    """The recurring entries for a file, one row each; memory stays flat."""
    yield ["Template", "Journal", "Rule", "First date", "Next", "Last date", "Each time", "State", "Not posted",
           "Recurring entry"]  # fmt: skip
    for one in rows.iterator(chunk_size=1000):
        yield [
            one.template.name, one.template.journal.code, rule_text(one), one.start, one.next_date or "",
            one.end or "", "draft" if one.as_draft else "posted", state_of(one), one.problems, one.pk,
        ]  # fmt: skip


def rule_text(recurring: Recurrence) -> str:
    """“every 2 weeks”, “every month, on its last day”."""
    words = {
        "day": ngettext("every day", "every %d days", recurring.interval),
        "week": ngettext("every week", "every %d weeks", recurring.interval),
        "month": ngettext("every month", "every %d months", recurring.interval),
        "year": ngettext("every year", "every %d years", recurring.interval),
    }
    rule = words[recurring.frequency]
    rule = rule % recurring.interval if "%d" in rule else rule
    return _("%s, on the last day of the month") % rule if recurring.month_end else rule


def state_of(recurring: Recurrence) -> str:
    """Whether it goes on: `active`, `paused` or `ended`."""
    if recurring.next_date is None:
        return ENDED
    return ACTIVE if recurring.is_active else PAUSED


def upcoming(recurring: Recurrence) -> list[datetime.date]:
    """The next dates, as the calendar and the last date allow."""
    days: list[datetime.date] = []
    number, day = recurring.next_number, recurring.next_date
    while day is not None and len(days) < _UPCOMING:
        days.append(day)
        number, day = after(recurring, number)
    return days
