"""The open items of an entry: what is open of each of its lines, and what settled it."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounting.chart import chart_of
from ledger.models import Allocation, Deferral, Line
from ledger.open_items import OpenItem, open_items
from tenants.models import Company

SHOWN = 200


@dataclass(slots=True)
class SettledBy:
    """What one settlement took off a line; below zero where it was taken back."""

    settlement_id: UUID
    date: datetime.date
    amount: Decimal


@dataclass(slots=True)
class ItemOfEntry:
    """A line of an open-item account with what is left of it today and what settled it."""

    item: OpenItem
    account: Any
    decimals: int
    settled: list[SettledBy] = field(default_factory=list)


def items_of_entry(company: Company, entry_id: UUID) -> list[ItemOfEntry]:
    """The lines of an entry on open-item accounts, at most 200 of them, in three statements."""
    lines = Line.objects.for_company(company).filter(entry_id=entry_id, account__open_item=True).order_by("number")
    ids = list(lines.values_list("id", flat=True)[:SHOWN])
    if not ids:
        return []
    chart = chart_of(company)
    found = {one.line_id: one for one in open_items(company, datetime.date.max, lines=ids, settled=True)}
    items = {
        pk: ItemOfEntry(one, chart.by_id[one.account_id], chart.units[one.currency].decimals)
        for pk in ids
        if (one := found.get(pk)) is not None
    }
    rows = Allocation.objects.for_company(company).filter(Q(debit_line_id__in=ids) | Q(credit_line_id__in=ids))
    for one in rows.order_by("date", "settlement_id", "number")[: SHOWN * 5]:
        for line, amount in ((one.debit_line_id, one.debit_amount), (one.credit_line_id, one.credit_amount)):
            if line in items:
                _add(items[line], one, amount)
    return list(items.values())


def deferrals_of_entry(company: Company, entry_id: UUID) -> list[Deferral]:
    """What was spread from an entry."""
    return list(Deferral.objects.for_company(company).filter(entry_id=entry_id).order_by("start", "id")[:SHOWN])


def spreadable_line(company: Company, entry_id: UUID) -> int | None:
    """The number of the first line that waits to be spread: on prepaid expenses or deferred income."""
    lines = Line.objects.for_company(company).filter(entry_id=entry_id, statistical=False)
    waiting = lines.filter(account__subtype__in=("prepayment", "deferred_income")).order_by("number")
    number: int | None = waiting.values_list("number", flat=True).first()
    return number


def _add(shown: ItemOfEntry, allocation: Allocation, amount: Decimal) -> None:
    """Several pairs of one settlement are one line of the page."""
    last = shown.settled[-1] if shown.settled else None
    if last and last.settlement_id == allocation.settlement_id:
        last.amount += amount
    else:
        shown.settled.append(SettledBy(allocation.settlement_id, allocation.date, amount))
