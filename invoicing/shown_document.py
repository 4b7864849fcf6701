"""A document with all that belongs to it, as its page shows it: what settled it, what credits it, what may be done."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.business_day import business_day
from accounting.chart import chart_of
from invoicing.approval_rules import subject_of
from invoicing.crediting_left import CREDITED_AS
from invoicing.document_listing import documents_of, status_of
from invoicing.models import BOOKED, REPEATED, Document, DocumentLine, DocumentTax, Instalment, Payment
from invoicing.refusals import DocumentNotFound
from ledger.models import Allocation, Settlement
from ledger.open_items import open_items
from tenants.approvals import decisions, may_decide
from tenants.models import Approval, Company
from tenants.permissions import Permission
from tenants.scope import Scope


@dataclass(slots=True)
class Settling:
    """What settled a part of the document: a payment, a credit note or something else, on a day."""

    settlement: Settlement
    amount: Decimal
    payment: Payment | None
    note: Document | None
    may_undo: bool


@dataclass(slots=True)
class ShownDocument:
    """A document and what its page shows of it."""

    document: Any
    status: str
    decimals: int
    lines: list[Any]
    taxes: list[DocumentTax]
    instalments: list[Any]
    settlings: list[Settling]
    credit_notes: list[Any]
    decided: list[Approval]


def shown_document(company: Company, pk: UUID) -> ShownDocument:
    """The document with its rows. Refused: `not_found`."""
    today = business_day(company)
    rows = documents_of(company, Document.Kind.values, today).select_related(
        "terms", "position", "credits", "made_from"
    )
    document = rows.filter(pk=pk).first()
    if document is None:
        raise DocumentNotFound("There is no such document.")
    lines = DocumentLine.objects.for_company(company).filter(document=document).order_by("number")
    instalments = list(Instalment.objects.for_company(company).filter(document=document).order_by("number"))
    _add_left(company, instalments, today)
    notes = documents_of(company, Document.Kind.values, today).filter(credits=document).order_by("date", "id")
    subject = subject_of(document)
    return ShownDocument(
        document, status_of(document), chart_of(company).units[document.currency].decimals,
        list(lines.select_related("item", "account", "tax_code")),
        list(DocumentTax.objects.for_company(company).filter(document=document).order_by("number")), instalments,
        _settlings(company, document, instalments), [_with_status(note) for note in notes],
        decisions(subject, [document.pk]).get(document.pk, []) if subject else [],
    )  # fmt: skip


def _with_status(document: Any) -> Any:
    document.status = status_of(document)
    return document


def _add_left(company: Company, instalments: list[Any], today: datetime.date) -> None:
    """What is left of each, and whether it is late."""
    lines = [one.line_id for one in instalments if one.line_id]
    found = (
        {item.line_id: abs(item.residual) for item in open_items(company, datetime.date.max, lines=lines)}
        if lines
        else {}
    )
    for one in instalments:
        one.left = found.get(one.line_id, Decimal(0)) if one.line_id else one.amount
        one.is_late = bool(one.line_id and one.left and one.due_date < today)


def _settlings(company: Company, document: Document, instalments: list[Any]) -> list[Settling]:
    """What was allocated to the document, by settlement, in the order of the days."""
    lines = {one.line_id for one in instalments if one.line_id}
    if not lines:
        return []
    rows = Allocation.objects.for_company(company).filter(Q(debit_line__in=lines) | Q(credit_line__in=lines))
    sums: dict[UUID, list[Any]] = {}
    others: dict[UUID, UUID] = {}
    for one in rows.select_related("settlement").order_by("date", "settlement_id", "number"):
        is_debit = one.debit_line_id in lines
        found = sums.setdefault(one.settlement_id, [one.settlement, Decimal(0)])
        found[1] += one.debit_amount if is_debit else one.credit_amount
        others[one.settlement_id] = one.credit_line_id if is_debit else one.debit_line_id
    payments = {row.line_id: row for row in Payment.objects.for_company(company).filter(line__in=others.values())}
    notes = Instalment.objects.for_company(company).filter(line__in=others.values()).select_related("document")
    by_line = {row.line_id: row.document for row in notes}
    undone = {settlement.undoes_id for settlement, _amount in sums.values()}
    return [
        Settling(
            settlement, amount, payments.get(others[pk]), by_line.get(others[pk]),
            settlement.undoes_id is None and pk not in undone and settlement.source in ("applied", "", document.kind),
        )
        for pk, (settlement, amount) in sums.items()
    ]  # fmt: skip


class Happened(NamedTuple):
    """One thing that happened to the document."""

    at: datetime.datetime
    what: Any
    who: str
    why: str


def history_of(shown: ShownDocument) -> list[Happened]:
    """Who made, submitted, decided and posted the document, the latest first."""
    document = shown.document
    found = [Happened(document.created_at, _("made"), document.created_by, "")]
    if document.changed_at > document.created_at + datetime.timedelta(seconds=1):
        found.append(Happened(document.changed_at, _("changed"), "", ""))
    if document.submitted_at:
        found.append(Happened(document.submitted_at, _("submitted"), document.submitted_by, ""))
    for one in shown.decided:
        who = f"{one.actor_name} ({one.on_behalf_of})" if one.on_behalf_of else one.actor_name
        found.append(Happened(one.at, one.get_decision_display(), who, one.reason))
    if document.posted_at:
        found.append(Happened(document.posted_at, _("posted"), document.posted_by, ""))
    return sorted(found, key=lambda one: one.at, reverse=True)


def acts_on(scope: Scope, shown: ShownDocument) -> dict[str, bool]:
    """Which buttons the state and the person's rights offer; the acts ask again."""
    document, me = shown.document, scope.actor.id
    drafts, posts = scope.allows(Permission.DRAFT_ENTRIES), scope.allows(Permission.POST_ENTRIES)
    decided = {one.actor_id for one in shown.decided if one.version == document.version}
    waiting, booked = document.state == Document.State.SUBMITTED, document.kind in BOOKED
    posted = document.state == Document.State.POSTED
    return {
        "edit": drafts and document.is_editable, "copy": drafts,
        "submit": drafts and booked and document.state == Document.State.DRAFT,
        "withdraw": drafts and document.state in ("submitted", "approved", "rejected"),
        "decide": waiting and me not in {*document.makers, *decided} and may_decide(business_day(scope.company)),
        "post": posts and booked and document.state in ("draft", "approved"),
        "pay": drafts and posted and document.open_amount > 0,
        "apply": posts and posted and document.is_credit and document.open_amount > 0,
        "credit": drafts and posted and document.kind in CREDITED_AS and shown.status != "reversed",
        "convert": drafts and document.kind in ("quote", "purchase_order"),
        "receive": drafts and document.kind == Document.Kind.PURCHASE_ORDER,
        "repeat": drafts and document.kind in REPEATED,
        "undo": posts, "send": drafts and ((posted and document.is_sale) or not booked),
        "share": drafts and document.is_sale and (posted or not booked),
    }  # fmt: skip
