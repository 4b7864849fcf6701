"""Recurring documents as their pages and files show them: how far each is, and what waits for somebody."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from accounting.business_day import business_day
from accounting.chart import chart_of
from invoicing.document_listing import documents_of, status_of
from invoicing.models import REPEATED, DocumentOccurrence, RecurringDocument
from ledger.shown_recurring import rule_text, state_of
from tenants.models import Company


def list_recurring_documents(company: Company) -> Any:
    """The company's recurring documents, what comes next first, each with its open `problems`."""
    waiting = Q(occurrences__skipped=False) & ~Q(occurrences__problem="") & Q(occurrences__id__isnull=False)
    rows = RecurringDocument.objects.for_company(company).select_related("pattern__contact")
    rows = rows.annotate(problems=Count("occurrences", filter=waiting))
    return rows.order_by("-is_active", "next_date", "id")


def as_shown(company: Company, rows: Sequence[Any]) -> None:
    """Say of each in words when it comes, where it stands, and what it comes to."""
    units = chart_of(company).units
    for one in rows:
        one.rule, one.state = rule_text(one), state_of(one)
        one.decimals = units[one.pattern.currency].decimals


def with_statuses(company: Company, occurrences: Sequence[DocumentOccurrence]) -> Sequence[DocumentOccurrence]:
    """Say of each document that was made where it stands, in one query."""
    made = [one.document_id for one in occurrences if one.document_id]
    rows = documents_of(company, tuple(REPEATED), business_day(company)).filter(pk__in=made)
    statuses: dict[UUID, str] = {row.pk: status_of(row) for row in rows}
    for one in occurrences:
        one.status = statuses.get(one.document_id, "") if one.document_id else ""  # type: ignore[attr-defined]
    return occurrences


def recurring_document_register(rows: Any) -> Iterator[list[Any]]:
    """The recurring documents for a file, one row each; memory stays flat."""
    yield ["Contact", "Kind", "Made like", "Rule", "First date", "Next", "Last date", "Each time", "Total", "Currency",
           "State", "Waiting", "Recurring document"]  # fmt: skip
    for one in rows.iterator(chunk_size=1000):
        yield [
            one.pattern.contact.name, one.pattern.kind, one.pattern.number, rule_text(one), one.start,
            one.next_date or "", one.end or "", one.does, one.pattern.total, one.pattern.currency, state_of(one),
            one.problems, one.pk,
        ]  # fmt: skip
