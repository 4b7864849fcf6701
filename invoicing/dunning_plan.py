"""Who would be dunned on a day, for what, and with which fee and interest; nothing is written."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from accounting.chart import chart_of
from accounting.models import Contact
from accounting.rates import MissingRate, rate_on
from invoicing.document_listing import with_left
from invoicing.dunning_levels import levels_of
from invoicing.models import Document, DunnedDocument, DunningBlock, DunningLevel, DunningNotice, Instalment
from invoicing.totals import rounded
from tenants.models import Company

DUNNED = ("invoice", "debit_note")
YEAR_DAYS = 365


class Dunned(NamedTuple):
    """The last notice about a document: its level, its day, and until when interest was asked."""

    level: DunningLevel
    date: datetime.date
    interest_until: datetime.date | None


@dataclass(slots=True)
class PlannedDocument:
    """One late invoice and the level that it has reached."""

    document: Document
    level: DunningLevel
    due_date: datetime.date
    days_late: int
    open_amount: Decimal
    interest: Decimal


@dataclass(slots=True)
class PlannedNotice:
    """One letter: all late invoices of a customer in a currency. `problem` is why it cannot be sent."""

    contact: Contact
    currency: str
    decimals: int
    level: DunningLevel
    documents: list[PlannedDocument] = field(default_factory=list)
    fee: Decimal = Decimal(0)
    problem: str = ""

    @property
    def key(self) -> str:
        """What the letter is named by until it is sent."""
        return f"{self.contact.pk}:{self.currency}"

    @property
    def open_amount(self) -> Decimal:
        return sum((one.open_amount for one in self.documents), Decimal(0))

    @property
    def interest(self) -> Decimal:
        return sum((one.interest for one in self.documents), Decimal(0))

    @property
    def due(self) -> Decimal:
        """What the customer is asked for."""
        return self.open_amount + self.interest + self.fee


def dunning_plan(company: Company, date: datetime.date, contact: UUID | None = None) -> list[PlannedNotice]:
    """The letters that are due on a day, by customer, or those to one of them.

    Levels are taken one at a time, as far apart as they are.
    """
    levels = levels_of(company)
    if not levels:
        return []
    last, charges = _last_notices(company, contact), _charges(company, contact)
    notices: dict[tuple[UUID, str], PlannedNotice] = {}
    units = chart_of(company).units
    for document, parts in _late(company, date, levels, contact).items():
        due_date = min(part.due_date for part in parts)
        level = next_level(levels, last.get(document.pk), due_date, date)
        if level is None:
            continue
        key, decimals = (document.contact_id, document.currency), units[document.currency].decimals
        percent = Decimal(0) if document.pk in charges else level.interest_percent
        until = last[document.pk].interest_until if document.pk in last else None
        planned = PlannedDocument(
            document, level, due_date, (date - due_date).days, sum((part.left for part in parts), Decimal(0)),
            sum((interest_of(part.left, percent, max(part.due_date, until or part.due_date), date, decimals)
                 for part in parts), Decimal(0)),
        )  # fmt: skip
        notice = notices.setdefault(key, PlannedNotice(document.contact, document.currency, decimals, level))
        notice.documents.append(planned)
        notice.level = max(notice.level, level, key=lambda one: one.number)
    return [_with_fee(company, notice, date) for notice in notices.values()]


def next_level(
    levels: Iterable[DunningLevel], last: Dunned | None, due_date: datetime.date, date: datetime.date
) -> DunningLevel | None:
    """The next level that has come for what is due since then: after the last one, as long after it as they are apart.

    Before the due date only friendly words fit, after it only the others.
    """
    late = (date - due_date).days
    for level in levels:
        fits = (level.days <= 0) == (late <= 0)
        if not fits or (last and level.number <= last.level.number):
            continue
        rested = last is None or last.level.days <= 0 or (date - last.date).days >= level.days - last.level.days
        return level if late >= level.days and rested else None
    return None


def interest_of(
    amount: Decimal, percent: Decimal, start: datetime.date, end: datetime.date, decimals: int
) -> Decimal:  # fmt: skip
    """Simple interest from one day to another, by actual days of a year of 365 (act/365), rounded half up."""
    days = max((end - start).days, 0)
    return rounded(Fraction(amount) * Fraction(percent) / 100 * days / YEAR_DAYS, decimals)


def _late(
    company: Company, date: datetime.date, levels: list[DunningLevel], contact: UUID | None
) -> Mapping[Document, list[Any]]:  # fmt: skip
    """Instalments of which something is open, by document: those due, and those that a friendly word is about."""
    soonest = date - datetime.timedelta(days=min(level.days for level in levels))
    rows = with_left(Instalment.objects.for_company(company)).filter(
        document__state=Document.State.POSTED, document__kind__in=DUNNED, due_date__lte=soonest, left__gt=0
    )
    if contact:
        rows = rows.filter(document__contact=contact)
    blocked = DunningBlock.objects.for_company(company).filter(Q(until=None) | Q(until__gte=date))
    contacts = blocked.filter(document=None).values("contact")
    documents = blocked.exclude(document=None).values("document")
    rows = rows.exclude(document__contact__in=contacts).exclude(document__in=documents)
    found: dict[Document, list[Any]] = {}
    for row in rows.select_related("document__contact", "document__company").order_by(
        "document__contact__name", "document__contact_id", "due_date", "document__number", "number"
    ):
        found.setdefault(row.document, []).append(row)
    # Of what is late, what is only soon due is not asked for.
    return {one: [part for part in parts if part.due_date < date] or parts for one, parts in found.items()}


def _last_notices(company: Company, contact: UUID | None) -> dict[UUID, Dunned]:
    rows = DunnedDocument.objects.for_company(company).select_related("level", "notice").order_by("level__number")
    if contact:
        rows = rows.filter(notice__contact=contact)
    found: dict[UUID, Dunned] = {}
    for row in rows:
        before = found.get(row.document_id)
        until = row.interest_until or (before.interest_until if before else None)
        found[row.document_id] = Dunned(row.level, row.notice.date, until)
    return found


def _charges(company: Company, contact: UUID | None) -> set[UUID]:
    """The debit notes of fees and interest: they bear no interest themselves."""
    rows = DunningNotice.objects.for_company(company).exclude(charged_by=None)
    if contact:
        rows = rows.filter(contact=contact)
    return set(rows.values_list("charged_by", flat=True))


def _with_fee(company: Company, notice: PlannedNotice, date: datetime.date) -> PlannedNotice:
    """The fee of the highest level, in the currency of the letter."""
    fee = notice.level.fee
    if fee and notice.currency != company.base_currency:
        try:
            rate, _source = rate_on(notice.currency, date)
        except MissingRate as refusal:
            notice.problem = refusal.message
            return notice
        fee = rounded(Fraction(fee) / Fraction(rate), notice.decimals)
    notice.fee = fee
    return notice
