"""Keep, change, copy and delete documents that are not posted yet."""

import dataclasses
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from invoicing.document_content import ContentLine, DocumentContent
from invoicing.document_filling import Filled, fill
from invoicing.document_totals import reckon
from invoicing.models import Document, DocumentLine, DocumentOccurrence, DocumentTax, Instalment, RecurringDocument
from invoicing.models.documents import ATTACHED
from invoicing.refusals import DocumentNotFound, DocumentRefused, DocumentRepeated, DocumentSettled, OrderInUse
from ledger.attachments import attachments_of, drop_file
from ledger.kept_once import keep_new, kept_before
from tenants.permissions import Permission
from tenants.refusal import Conflict
from tenants.scope import current_scope

PARTS = (DocumentLine, DocumentTax, Instalment)
# What a caller says of a document under an id of its own; said again otherwise, it is another document.
SAID = ("kind", "contact_id", "date", "reference", "currency", "total")


@transaction.atomic
def save_document(content: DocumentContent, *, document_id: UUID | None = None) -> Document:
    """Keep a new document as a draft, with its lines, taxes and instalments reckoned.

    With a `document_id` of the caller's own it is kept once, however often it is asked; `saved_before` where it
    differs. Refused with the place where something cannot be kept.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    filled = fill(scope.company, content)
    document = filled.document
    document.created_by, document.makers = scope.actor.name[:200], _makers([])
    _become(filled, document_id or document.pk)
    rows = _reckoned(filled)
    if document_id and (kept := kept_before(document, SAID)):
        return kept
    keep_new(document)
    _write(rows)
    return document


@transaction.atomic
def change_document(document_id: UUID, content: DocumentContent, *, version: int | None = None) -> Document:
    """Change a draft as a whole; a rejected one is a draft again. `version` is the one that the caller saw.

    Refused: as keeping, `not_found`, `conflict` (changed meanwhile), `document_settled`.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    held = editable(document_id, version)
    if content.kind != held.kind:
        raise DocumentRefused(_("A document stays of its kind."), place="kind")
    filled = fill(scope.company, dataclasses.replace(content, credits=held.credits_id, made_from=held.made_from_id))
    document = filled.document
    document.created_by, document.created_at = held.created_by, held.created_at
    _become(filled, held.pk)
    document.version, document.makers = held.version + 1, _makers(held.makers)
    document.changed_at = timezone.now()
    rows = _reckoned(filled)
    _erase_parts(held)
    document.save(force_update=True)
    _write(rows)
    return document


@transaction.atomic
def delete_document(document_id: UUID, *, version: int | None = None) -> None:
    """Throw a draft away. It never had a number, so nothing is missing; what recurs leaves its date out.

    Refused as a change is, and `document_repeated`.
    """
    current_scope().require(Permission.DRAFT_ENTRIES)
    held = editable(document_id, version)
    if RecurringDocument.objects.for_company(held.company_id).filter(pattern=held.pk).exists():
        raise DocumentRepeated(_("A recurring document is made like this: let it be made like another one first."))
    made_of = DocumentOccurrence.objects.for_company(held.company_id).filter(document=held.pk)
    made_of.update(document=None, skipped=True, problem="", problem_code="")
    Document.objects.for_company(held.company_id).filter(made_from=held.pk).update(made_from=None)
    _erase_parts(held)
    for file in attachments_of(source=ATTACHED, source_id=held.pk):
        drop_file(file)
    Document.objects.for_company(held.company_id).filter(pk=held.pk).delete()


def held_document(document_id: UUID, version: int | None = None) -> Document:
    """The document, locked until the transaction ends. Refused: `not_found`, `conflict` where it was changed."""
    rows = Document.objects.for_company(current_scope().company).select_for_update(no_key=True, of=("self",))
    found: Document | None = rows.select_related("contact", "company").filter(pk=document_id).first()
    if found is None:
        raise DocumentNotFound(_("There is no such document."))
    if version is not None and found.version != version:
        raise Conflict(_("The document was changed meanwhile: look at it again."))
    return found


def editable(document_id: UUID, version: int | None = None) -> Document:
    """The document, locked, if it may still be changed. Refused as `held_document`, and `document_settled`,
    `order_in_use`."""
    found = held_document(document_id, version)
    if not found.is_editable:
        raise DocumentSettled(
            _("%(document)s is %(state)s and does not change any more.")
            % {"document": found, "state": found.get_state_display().lower()}
        )
    if found.kind == Document.Kind.PURCHASE_ORDER and _is_in_use(found):
        raise OrderInUse(_("Some of it arrived or is charged for: it stays. Make another order for what changes."))
    return found


def _is_in_use(order: Document) -> bool:
    lines = DocumentLine.objects.for_company(order.company_id).filter(document=order)
    return bool(lines.filter(Q(receipts__isnull=False) | Q(charged_by__isnull=False)).exists())


def content_of(document: Document, **changes: Any) -> DocumentContent:
    """What is written on a document, to change it or to start another one from it."""
    lines = DocumentLine.objects.for_company(document.company_id).filter(document=document).order_by("number")
    content = DocumentContent(
        kind=document.kind, contact=document.contact_id, date=document.date, tax_date=document.tax_date,
        due_date=None if document.terms_id else document.due_date, reference=document.reference,
        currency=document.currency, rate=document.rate, terms=document.terms_id or "", position=document.position_id,
        prices_include_tax=document.prices_include_tax, tax_rounding=document.tax_rounding,
        cash_step=document.cash_step, memo=document.memo, notes=document.notes, reason=document.reason,
        lines=[content_line(line) for line in lines],
    )  # fmt: skip
    return dataclasses.replace(content, **changes)


def content_line(line: DocumentLine, **changes: Any) -> ContentLine:
    """What is written on one line."""
    content = ContentLine(
        description=line.description, quantity=line.quantity, unit_price=line.unit_price, item=line.item_id,
        unit=line.unit, discount_percent=line.discount_percent, account=line.account_id or "",
        tax=line.tax_code_id or "", dimensions=line.dimensions, credits=line.credits_id,
        order_line=line.order_line_id,
    )  # fmt: skip
    return dataclasses.replace(content, **changes)


def _become(filled: Filled, pk: UUID) -> None:
    """The document has this id, and its lines know."""
    filled.document.pk = pk
    for line in filled.lines:
        line.document = filled.document


def _reckoned(filled: Filled) -> list[list[Any]]:
    taxes, instalments = reckon(filled)
    return [filled.lines, taxes, instalments]


def _write(rows: list[list[Any]]) -> None:
    for model, own in zip(PARTS, rows, strict=True):
        model.objects.bulk_create(own)


def _erase_parts(document: Document) -> None:
    for model in PARTS:
        model.objects.for_company(document.company_id).filter(document=document).delete()


def _makers(before: list[UUID]) -> list[UUID]:
    actor = current_scope().actor.id
    return before if actor is None or actor in before else [*before, actor]
