"""Invoices and bills that come again: each date once, a missed one caught up, and what is in the way is reported."""

import datetime
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from invoicing.approving import submit_document
from invoicing.document_posting import post_document
from invoicing.documents import held_document, save_document
from invoicing.mailing import mail_document
from invoicing.models import REPEATED, Document, DocumentLine, DocumentOccurrence, RecurringDocument
from invoicing.pattern_content import content_on, says_its_date
from invoicing.refusals import ApprovalNeeded
from ledger.kept_once import keep_new, kept_before
from ledger.recurrence import after, date_of
from ledger.recurring import MOST_AT_ONCE, latest_of
from ledger.reversal import ReasonNeeded
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope, explain

Does = RecurringDocument.Does
MOST_UNITS = 366
# What waits for somebody: not made, or made and not sent.
WAITING = Q(skipped=False) & ~Q(problem="")
_SAID = ("pattern_id", "start", "frequency", "interval", "month_end", "end", "does")
_CHANGEABLE = {"is_active", "end", "does", "pattern"}


class RecurringDocumentNotFound(NotFound):
    """No such recurring document, or no such occurrence."""


class RecurringDocumentRefused(Refused):
    """The document cannot come again like this."""

    code = "invalid_recurring"


@transaction.atomic
def start_recurring_document(
    pattern_id: UUID, *, start: datetime.date, frequency: str = "month", interval: int = 1, month_end: bool = False,
    end: datetime.date | None = None, does: str = Does.DRAFT, recurring_id: UUID | None = None,
) -> RecurringDocument:  # fmt: skip
    """Let an invoice or bill come again from a date on: drafted, posted or posted and sent. Posting needs that right.

    With a `recurring_id` of the caller's own it is started once, however often it is asked.
    Refused: `not_found`, `invalid_recurring`, `not_permitted`, `saved_before`.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES if does == Does.DRAFT else Permission.POST_ENTRIES)
    pattern = held_document(pattern_id)
    made = RecurringDocument(
        company=scope.company, pattern=pattern, start=start, frequency=frequency, interval=interval, end=end,
        month_end=month_end, does=does, created_by=scope.actor.name[:200],
    )  # fmt: skip
    _check_rule(made)
    _check_pattern(pattern, does)
    made.next_date = date_of(made, 0)
    if made.next_date is None:
        raise RecurringDocumentRefused(_("The last date lies before the first."), place="end")
    made.pk = recurring_id or made.pk
    if recurring_id and (kept := kept_before(made, _SAID)):
        return kept
    keep_new(made)
    return made


@transaction.atomic
def change_recurring_document(recurring_id: UUID, *, version: int | None = None, **changes: Any) -> RecurringDocument:
    """Change whether it goes on (`is_active`), its `end`, what it `does`, and the document that it is made like.

    The `pattern` may become another document of the same kind and contact, by its id.
    Refused: `not_found`, `conflict`, `invalid_recurring`, `not_permitted`.
    """
    if unknown := set(changes) - _CHANGEABLE:
        raise ValueError(f"{sorted(unknown)} of a recurring document do not change.")
    recurring = _held(recurring_id)
    if version is not None and recurring.version != version:
        raise Conflict(_("The recurring document was changed meanwhile: look at it again."))
    drafted = recurring.does == Does.DRAFT
    if "pattern" in changes:
        changes["pattern"] = _another(recurring, changes["pattern"])
    for name, value in changes.items():
        setattr(recurring, name, value)
    drafts = recurring.does == Does.DRAFT
    current_scope().require(Permission.DRAFT_ENTRIES if drafted and drafts else Permission.POST_ENTRIES)
    if {"does", "pattern"} & set(changes):
        _check_pattern(held_document(recurring.pattern_id), recurring.does)
    if recurring.end is not None and recurring.end < recurring.start:
        raise RecurringDocumentRefused(_("The last date lies before the first."), place="end")
    recurring.next_date = date_of(recurring, recurring.next_number)
    recurring.version += 1
    recurring.save(update_fields=[*changes, "next_date", "version"])
    return recurring


def make_due_documents(today: datetime.date) -> int:
    """Make what is due in the current company, in order, missed days included; answers with how many were made."""
    company = current_scope().company
    due = RecurringDocument.objects.for_company(company).filter(is_active=True, next_date__lte=today)
    made = 0
    for pk in list(due.order_by("next_date", "id").values_list("id", flat=True)):
        while made < MOST_AT_ONCE and _make_next(pk, today):
            made += 1
    return made


@transaction.atomic
def retry_document_occurrence(
    recurring_id: UUID, date: datetime.date, *, on: datetime.date | None = None
) -> DocumentOccurrence:
    """Try again what could not be made, on its own day or another one; what is made already is posted and sent.

    Refused: `not_found`, and as keeping, posting and sending are, each to who may not.
    """
    recurring, came = _waiting(recurring_id, date)
    came.problem = came.problem_code = ""
    if came.document_id is None:
        _make(recurring, came, on or date)
    else:
        post_document(came.document_id)
        mail_document(came.document_id, key="recurring")
    came.save()
    return came


@transaction.atomic
def skip_document_occurrence(recurring_id: UUID, date: datetime.date, *, reason: str) -> DocumentOccurrence:
    """Leave out what could not be made or sent, and say why. Refused: `not_found`, `reason_needed`."""
    _recurring, came = _waiting(recurring_id, date)
    current_scope().require(Permission.DRAFT_ENTRIES)
    if not reason.strip():
        raise ReasonNeeded(_("Say why it is left out."), place="reason")
    explain(reason)
    came.skipped = True
    came.save(update_fields=["skipped"])
    return came


def occurrences_of_documents(recurring: Sequence[RecurringDocument]) -> dict[UUID, list[DocumentOccurrence]]:
    """The latest occurrences of each, and every one that waits for somebody, newest first, in one query."""
    rows = DocumentOccurrence.objects.for_company(current_scope().company).filter(recurring__in=recurring)
    return latest_of(rows.select_related("document"), WAITING)


@transaction.atomic
def _make_next(recurring_id: UUID, today: datetime.date) -> bool:
    """One occurrence and the step to the next, in one transaction: run twice, it is made once."""
    recurring = _held(recurring_id)
    if not recurring.is_active or recurring.next_date is None or recurring.next_date > today:
        return False
    came = DocumentOccurrence(company_id=recurring.company_id, recurring=recurring, date=recurring.next_date)
    try:
        with transaction.atomic():
            _make(recurring, came, recurring.next_date)
    except Refused as refusal:
        came.document = None
        _note(came, refusal)
    came.save(force_insert=True)
    recurring.next_number, recurring.next_date = after(recurring, recurring.next_number)
    recurring.save(update_fields=["next_number", "next_date"])
    return True


def _make(recurring: RecurringDocument, came: DocumentOccurrence, day: datetime.date) -> None:
    """The document of an occurrence: kept, then posted or handed over for approval, then sent."""
    pattern = held_document(recurring.pattern_id)
    content = content_on(recurring, pattern, came.date, day)
    document = save_document(content, document_id=uuid5(recurring.pk, came.date.isoformat()))
    if document.is_editable:
        # Whoever wrote the pattern wrote this as well, and does not approve it.
        document.makers = list(dict.fromkeys([*pattern.makers, *document.makers]))
        document.save(update_fields=["makers"])
    came.document = document
    if recurring.does == Does.DRAFT:
        return
    try:
        with transaction.atomic():
            came.document = post_document(document.pk)
    except ApprovalNeeded as refusal:
        came.document = submit_document(document.pk)
        if recurring.does == Does.SEND:
            _note(came, refusal)
        return
    if recurring.does == Does.SEND:
        _send(came, document.pk)


def _send(came: DocumentOccurrence, document_id: UUID) -> None:
    """What cannot be sent is posted all the same, and the occurrence says what is in the way."""
    try:
        with transaction.atomic():
            mail_document(document_id, key="recurring")
    except Refused as refusal:
        _note(came, refusal)


def _note(came: DocumentOccurrence, refusal: Refused) -> None:
    came.problem_code, came.problem = refusal.code, refusal.message


def _check_rule(made: RecurringDocument) -> None:
    if made.frequency not in RecurringDocument.Frequency.values:
        raise RecurringDocumentRefused(_("It comes by days, weeks, months or years."), place="frequency")
    if not 1 <= made.interval <= MOST_UNITS:
        raise RecurringDocumentRefused(_("It comes every 1 to %d of them.") % MOST_UNITS, place="interval")


def _check_pattern(pattern: Document, does: str) -> None:
    """Only what can be posted is posted by itself, and only what goes to customers is sent."""
    if pattern.kind not in REPEATED:
        raise RecurringDocumentRefused(_("Only invoices and bills come again."), place="pattern")
    if does not in Does.values:
        raise RecurringDocumentRefused(_("It is drafted, posted, or posted and sent."), place="does")
    if does == Does.SEND and not pattern.is_sale:
        raise RecurringDocumentRefused(_("A bill is not sent to its supplier."), place="does")
    if does == Does.DRAFT:
        return
    lines = DocumentLine.objects.for_company(pattern.company_id).filter(document=pattern)
    if not lines.exists() or lines.filter(account=None).exists():
        message = _("What is posted by itself has lines, each with its account.")
        raise RecurringDocumentRefused(message, place="pattern")
    if not pattern.is_sale and pattern.reference and not says_its_date(pattern.reference):
        message = _("The supplier's number %s comes once: empty it in the pattern, or write {month} {year} into it.")
        raise RecurringDocumentRefused(message % pattern.reference, place="pattern")


def _another(recurring: RecurringDocument, pattern_id: UUID) -> Document:
    before, pattern = recurring.pattern, held_document(pattern_id)
    if (pattern.kind, pattern.contact_id) != (before.kind, before.contact_id):
        message = _("It is made like another document of the same kind and contact.")
        raise RecurringDocumentRefused(message, place="pattern")
    return pattern


def _held(recurring_id: UUID) -> RecurringDocument:
    rows = RecurringDocument.objects.for_company(current_scope().company).select_for_update(no_key=True)
    recurring: RecurringDocument | None = rows.filter(pk=recurring_id).first()
    if recurring is None:
        raise RecurringDocumentNotFound(_("There is no such recurring document."))
    return recurring


def _waiting(recurring_id: UUID, date: datetime.date) -> tuple[RecurringDocument, DocumentOccurrence]:
    recurring = _held(recurring_id)
    rows = DocumentOccurrence.objects.for_company(recurring.company_id).filter(WAITING, recurring=recurring, date=date)
    came: DocumentOccurrence | None = rows.first()
    if came is None:
        raise RecurringDocumentNotFound(_("Nothing of that date waits to be made or sent."))
    return recurring, came
