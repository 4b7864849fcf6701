"""Settlements as their pages show them: what one would do, what it did, and what settled the lines of an entry."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, Sum

from accounting.amounts import amount_text
from accounting.chart import chart_of
from ledger.allocation import plan_pairs
from ledger.models import Allocation, Settlement
from ledger.open_items import OpenItem
from ledger.typed_settlement import TypedPair, read_pairs, show_at_row
from tenants.models import Company
from tenants.refusal import Refused

ZERO = Decimal(0)
_CSV_PAGE = 1000


@dataclass(frozen=True, slots=True)
class ShownOutcome:
    """What settling the typed pairs would leave: each item with what is taken and what stays open."""

    items: list[tuple[OpenItem, int, Decimal, Decimal]] = field(default_factory=list)
    gain: Decimal = ZERO
    loss: Decimal = ZERO
    problem: str = ""


def shown_outcome(company: Company, found: Mapping[UUID, OpenItem], rows: list[TypedPair]) -> ShownOutcome:
    """The outcome of the rows as they are typed, or why there is none; nothing is written."""
    try:
        steps, left = plan_pairs(company, found, read_pairs(rows, found))
    except Refused as refusal:
        if not any(row.error for row in rows):
            show_at_row(refusal, rows)
        return ShownOutcome(problem=refusal.message)
    units = chart_of(company).units
    items = []
    for item in sorted(found.values(), key=lambda one: (not one.is_debit, one.date, one.line_id)):
        rest = left[item.line_id].amount
        stays = rest if item.is_debit else -rest
        items.append((item, units[item.currency].decimals, item.residual - stays, stays))
    gain = -sum((step.difference for step in steps if step.difference < 0), ZERO)
    loss = sum((step.difference for step in steps if step.difference > 0), ZERO)
    return ShownOutcome(items, gain, loss)


def settling_day(company: Company, found: Sequence[OpenItem]) -> datetime.date:
    """The first day on which the items can be settled: all are there, and what was taken back is open again."""
    lines = [one.line_id for one in found]
    rows = Allocation.objects.for_company(company).filter(Q(debit_line_id__in=lines) | Q(credit_line_id__in=lines))
    opened: datetime.date | None = rows.filter(settlement__undoes__isnull=False).aggregate(day=Max("date"))["day"]
    return max(one.date for one in found) if opened is None else max(opened, *(one.date for one in found))


def list_settlements(
    company: Company, *, start: datetime.date | None = None, date: datetime.date | None = None, account: str = "",
    sub_account: str = "",
) -> Any:  # fmt: skip
    """The company's settlements, the latest first, each with `pair_count`, `base_total` and whether it is undone."""
    rows = Settlement.objects.for_company(company).select_related("exchange_entry")
    if start:
        rows = rows.filter(date__gte=start)
    if date:
        rows = rows.filter(date__lte=date)
    lines = Allocation.objects.for_company(company).filter(settlement_id=OuterRef("pk"))
    if account:
        rows = rows.filter(Exists(lines.filter(debit_line__account__code=account)))
    if sub_account:
        rows = rows.filter(Exists(lines.filter(debit_line__sub_account__code=sub_account)))
    undone = Settlement.objects.for_company(company).filter(undoes_id=OuterRef("pk"))
    rows = rows.annotate(is_undone=Exists(undone))
    # Lines with nothing in their currency are the exchange difference: no pair of its own.
    paired = ~Q(allocations__debit_amount=0, allocations__credit_amount=0)
    rows = rows.annotate(
        pair_count=Count("allocations", filter=paired), base_total=Sum("allocations__base_amount", filter=paired)
    )
    return rows.order_by("-date", "-id")


def name_places(company: Company, settlements: Sequence[Any]) -> None:
    """Say of each settlement on which account and sub-account it is, in one statement: its `places`."""
    places: dict[UUID, list[str]] = {}
    found = Allocation.objects.for_company(company).filter(settlement__in=[one.pk for one in settlements]).order_by()
    columns = ("settlement_id", "debit_line__account__code", "debit_line__sub_account__code",
               "debit_line__sub_account__name")  # fmt: skip
    for pk, account, code, name in found.values_list(*columns).distinct():
        places.setdefault(pk, []).append(" ".join(filter(None, (account, code, name))))
    for one in settlements:
        one.places = sorted(places.get(one.pk, []))


def settlement_register(company: Company, settlements: Any) -> Iterator[list[Any]]:
    """The settlements for a file: one row for each pair."""
    yield ["Date", "Account", "Sub-account", "Debit of", "Credit of", "Debit currency", "Debit amount",
           "Credit currency", "Credit amount", "In base currency", "Settled by", "Settled at", "Note", "Undoes",
           "Settlement"]  # fmt: skip
    units = chart_of(company).units
    base = units[company.base_currency].decimals
    pairs = Allocation.objects.for_company(company).filter(settlement__in=settlements.order_by().values("pk"))
    pairs = pairs.select_related("settlement", "debit_line__account", "debit_line__sub_account", "credit_line")
    for one in pairs.order_by("-date", "-settlement_id", "number").iterator(chunk_size=_CSV_PAGE):
        debit, credit, settlement = one.debit_line, one.credit_line, one.settlement
        yield [
            one.date, debit.account.code, debit.sub_account.code if debit.sub_account else "", debit.date, credit.date,
            debit.currency, amount_text(one.debit_amount, units[debit.currency].decimals), credit.currency,
            amount_text(one.credit_amount, units[credit.currency].decimals), amount_text(one.base_amount, base),
            settlement.actor_name, settlement.settled_at.isoformat(), settlement.reason, settlement.undoes_id or "",
            settlement.pk,
        ]  # fmt: skip


def pairs_of(company: Company, settlement: Settlement) -> list[Any]:
    """The pairs of a settlement with both lines and their entries, in one statement; each with its decimals."""
    rows = Allocation.objects.for_company(company).filter(settlement=settlement).order_by("number")
    found = list(rows.select_related("debit_line__account", "debit_line__sub_account", "debit_line__entry",
                                     "credit_line__entry"))  # fmt: skip
    units = chart_of(company).units
    for one in found:
        one.debit_decimals = units[one.debit_line.currency].decimals
        one.credit_decimals = units[one.credit_line.currency].decimals
        one.is_difference = not one.debit_amount and not one.credit_amount
    return found
