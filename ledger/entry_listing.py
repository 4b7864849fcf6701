"""The journal as a list: entries newest first, narrowed by date, journal, account and text, page by page."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from accounting.amounts import amount_text, rate_text
from accounting.chart import ChartUnit, chart_of
from ledger.models import Entry, EntrySeal, Line
from tenants.models import Company

PAGE_SIZE = 50
_CSV_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries a list is narrowed to."""

    start: datetime.date | None = None
    date: datetime.date | None = None
    journal: str = ""
    account: UUID | None = None
    type: str = ""
    text: str = ""
    source: str = ""
    oldest_first: bool = False


@dataclass(slots=True)
class ListedEntry:
    """One entry of the list: its number once sealed, its total, and whether it was reversed."""

    entry: Entry
    number: str = ""
    total: Decimal = Decimal(0)
    units: list[tuple[str, Decimal]] = field(default_factory=list)
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page of the journal, and where the next one begins."""

    rows: list[ListedEntry]
    next_after: str


def list_entries(company: Company, wanted: Wanted, *, after: str = "", limit: int = PAGE_SIZE) -> EntryPage:
    """One page: four statements, however many entries. `after` is the page before's `next_after`."""
    order = ("date", "id") if wanted.oldest_first else ("-date", "-id")
    rows = _after(_narrowed(company, wanted), after, oldest_first=wanted.oldest_first)
    found = list(rows.order_by(*order)[: limit + 1])
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return EntryPage(_with_figures(company, shown), f"{last.date.isoformat()}_{last.pk}" if last else "")


def reversible_ids(company: Company, wanted: Wanted, *, limit: int) -> list[UUID]:
    """The narrowed entries that are neither reversed nor reversals themselves, newest first, up to a limit."""
    rows = _narrowed(company, wanted).filter(reverses=None, reversed_by=None)
    return list(rows.order_by("-date", "-id").values_list("pk", flat=True)[:limit])


def entries_with_figures(company: Company, ids: Sequence[UUID]) -> list[ListedEntry]:
    """Entries as the list shows them, newest first: four statements, however many."""
    rows = Entry.objects.for_company(company).filter(pk__in=ids).select_related("journal")
    return _with_figures(company, list(rows.defer("body_hash", "leaf_hash").order_by("-date", "-id")))


def register_lines(company: Company, wanted: Wanted) -> Iterator[list[Any]]:
    """The journal register for a file: one row for each line, newest entry first; memory stays flat."""
    yield ["Number", "Date", "Journal", "Memo", "Reference", "Line", "Account", "Account name", "Line memo", "Debit",
           "Credit", "Currency", "Amount in currency", "Rate", "Posted by", "Posted at", "Entry"]  # fmt: skip
    units = chart_of(company).units
    after = "start"
    while after:
        page = list_entries(company, wanted, after="" if after == "start" else after, limit=_CSV_PAGE)
        after = page.next_after
        rows = {row.entry.pk: row for row in page.rows}
        lines: dict[UUID, list[Line]] = {}
        for line in Line.objects.for_company(company).filter(entry_id__in=rows).select_related("account"):
            lines.setdefault(line.entry_id, []).append(line)
        for pk, row in rows.items():
            for line in sorted(lines.get(pk, []), key=lambda line: line.number):
                yield _register_row(row, line, units, units[company.base_currency].decimals)


def _register_row(row: ListedEntry, line: Line, units: Mapping[str, ChartUnit], base: int) -> list[Any]:
    entry, amount = row.entry, amount_text(abs(line.amount), base)
    return [
        row.number, entry.date, entry.journal.code, entry.memo, entry.reference, line.number, line.account.code,
        line.account.name, line.memo, amount if line.amount > 0 else "", amount if line.amount < 0 else "",
        line.currency, amount_text(line.currency_amount, units[line.currency].decimals), rate_text(line.rate),
        entry.actor_name, entry.posted_at.isoformat(), entry.pk,
    ]  # fmt: skip


def _narrowed(company: Company, wanted: Wanted) -> QuerySet[Entry]:
    found = Entry.objects.for_company(company).select_related("journal").defer("body_hash", "leaf_hash")
    if wanted.start:
        found = found.filter(date__gte=wanted.start)
    if wanted.date:
        found = found.filter(date__lte=wanted.date)
    if wanted.source:
        found = found.filter(source=wanted.source)
    if wanted.journal:
        found = found.filter(journal__code=wanted.journal)
    lines = Line.objects.for_company(company).filter(entry_id=OuterRef("pk"))
    if wanted.account:
        found = found.filter(Exists(lines.filter(account_id=wanted.account)))
    if wanted.type:
        found = found.filter(Exists(lines.filter(account__type=wanted.type)))
    if wanted.text:
        numbered = EntrySeal.objects.for_company(company).filter(number_text__icontains=wanted.text)
        found = found.filter(
            Q(memo__icontains=wanted.text) | Q(reference__icontains=wanted.text) | Q(pk__in=numbered.values("entry_id"))
        )
    return found


def _after(found: QuerySet[Entry], after: str, *, oldest_first: bool) -> QuerySet[Entry]:
    try:
        day, entry = after.split("_")
        date, pk = datetime.date.fromisoformat(day), UUID(entry)
    except ValueError:
        return found
    if oldest_first:
        return found.filter(date__gte=date).exclude(date=date, pk__lte=pk)
    return found.filter(date__lte=date).exclude(date=date, pk__gte=pk)


def _with_figures(company: Company, entries: list[Entry]) -> list[ListedEntry]:
    rows = {entry.pk: ListedEntry(entry) for entry in entries}
    seals = EntrySeal.objects.for_company(company).filter(entry_id__in=rows)
    for pk, number in seals.values_list("entry_id", "number_text"):
        rows[pk].number = number
    is_debit = Q(amount__gt=0) | Q(statistical=True, currency_amount__gt=0)
    debits = Line.objects.for_company(company).filter(is_debit, entry_id__in=rows).order_by()
    sums = debits.values_list("entry_id", "statistical", "currency")
    for pk, statistical, unit, amount, own in sums.annotate(Sum("amount"), Sum("currency_amount")):
        rows[pk].total += amount
        if statistical:
            rows[pk].units.append((unit, own))
    for pk in Entry.objects.for_company(company).filter(reverses_id__in=rows).values_list("reverses_id", flat=True):
        rows[pk].reversed = True
    return list(rows.values())
