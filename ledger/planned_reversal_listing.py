"""Entries that reverse themselves as a list: when, which entry, and what became of it."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q

from ledger.models import AutoReversal, EntrySeal
from tenants.models import Company

WAITING, STUCK, DONE, CANCELLED = "waiting", "problem", "done", "cancelled"
_STATES = {
    WAITING: Q(reversal=None, cancelled=False),
    STUCK: Q(reversal=None, cancelled=False) & ~Q(problem=""),
    DONE: ~Q(reversal=None),
    CANCELLED: Q(cancelled=True),
}


def list_planned_reversals(
    company: Company, *, state: str = "", start: datetime.date | None = None, date: datetime.date | None = None
) -> Any:
    """The planned reversals of the company, the next first."""
    rows = AutoReversal.objects.for_company(company).select_related("entry__journal", "reversal")
    wanted = _STATES.get(state, Q())
    if start:
        wanted &= Q(date__gte=start)
    if date:
        wanted &= Q(date__lte=date)
    order = ("date", "id") if state in (WAITING, STUCK) else ("-date", "-id")
    return rows.filter(wanted).order_by(*order)


def count_by_state(rows: Any) -> dict[str, int]:
    """How many of these are in each state, in one statement."""
    counts: dict[str, int] = rows.order_by().aggregate(
        **{state: Count("id", filter=wanted) for state, wanted in _STATES.items()}
    )
    return counts


def name_entries(company: Company, rows: list[Any]) -> None:
    """Say of each row the number of its entry, in one statement."""
    seals = EntrySeal.objects.for_company(company).filter(entry_id__in=[one.entry_id for one in rows])
    numbers = dict(seals.values_list("entry_id", "number_text"))
    for one in rows:
        one.number = numbers.get(one.entry_id, "")


def reversal_register(rows: Any) -> Iterator[list[Any]]:
    """The planned reversals for a file, one row each; memory stays flat."""
    yield ["Reverse on", "Entry date", "Journal", "Memo", "Reversed on", "Cancelled", "Reason", "Problem", "Entry",
           "Reversal"]  # fmt: skip
    for one in rows.iterator(chunk_size=1000):
        yield [
            one.date, one.entry.date, one.entry.journal.code, one.entry.memo,
            one.reversal.date if one.reversal else "", "yes" if one.cancelled else "", one.reason, one.problem,
            one.entry_id, one.reversal_id or "",
        ]  # fmt: skip
