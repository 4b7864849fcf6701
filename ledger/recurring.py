"""Entries that come again: each date once, a missed one caught up, and what could not be posted is reported."""

import datetime
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from ledger.draft_content import DraftContent, as_new_line
from ledger.drafts import save_draft
from ledger.entry_templates import content_of_template, held_template
from ledger.kept_once import keep_new, kept_before
from ledger.models import EntryTemplate, Occurrence, RecurringEntry
from ledger.posting import post
from ledger.proposals import NewEntry
from ledger.recurrence import after, date_of, occurrence
from ledger.reversal import ReasonNeeded
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope, explain

# A worker that slept for years catches up in several runs.
MOST_AT_ONCE = 400
_SAID = ("template_id", "start", "frequency", "interval", "end", "month_end", "as_draft")


class RecurringNotFound(NotFound):
    """No such recurring entry, or no such occurrence."""


class RecurringRefused(Refused):
    """The template cannot come again like this."""

    code = "invalid_recurring"


@transaction.atomic
def start_recurring(
    template_id: UUID, *, start: datetime.date, frequency: str = "month", interval: int = 1, month_end: bool = False,
    end: datetime.date | None = None, as_draft: bool = False, recurring_id: UUID | None = None,
) -> RecurringEntry:  # fmt: skip
    """Let a template come again from a date on: posted by itself, or drafted. Posting needs the right to post.

    With a `recurring_id` of the caller's own it is started once, however often it is asked.
    Refused: `not_found`, `invalid_recurring`, `not_permitted`, `line_incomplete` (of what is to be posted),
    `saved_before`.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES if as_draft else Permission.POST_ENTRIES)
    template = held_template(template_id)
    first = occurrence(start, frequency, interval, 0, month_end=month_end)
    if end is not None and end < first:
        raise RecurringRefused(_("The last date lies before the first, %s.") % first, place="end")
    if not as_draft:
        _check_template(template, start)
    made = RecurringEntry(
        company=scope.company, template=template, start=start, frequency=frequency, interval=interval, end=end,
        month_end=month_end, as_draft=as_draft, next_date=first,
    )  # fmt: skip
    made.pk = recurring_id or made.pk
    if recurring_id and (kept := kept_before(made, _SAID)):
        return kept
    keep_new(made)
    return made


@transaction.atomic
def change_recurring(recurring_id: UUID, *, version: int | None = None, **changes: Any) -> RecurringEntry:
    """Change how a recurring entry ends, whether it is drafted, whether it goes on (`is_active`).

    Refused: `not_found`, `conflict`, `invalid_recurring`.
    """
    recurring = _held(recurring_id)
    if version is not None and recurring.version != version:
        raise Conflict(_("The recurring entry was changed meanwhile: look at it again."))
    posted = not recurring.as_draft
    for name, value in changes.items():
        setattr(recurring, name, value)
    posts = not recurring.as_draft
    current_scope().require(Permission.POST_ENTRIES if posted or posts else Permission.DRAFT_ENTRIES)
    if posts and not posted:
        _check_template(recurring.template, recurring.next_date or recurring.start)
    if recurring.end is not None and recurring.end < recurring.start:
        raise RecurringRefused(_("The last date lies before the first."), place="end")
    if "end" in changes:
        recurring.next_date = date_of(recurring, recurring.next_number)
    recurring.version += 1
    recurring.save(update_fields=[*changes, "next_date", "version"])
    return recurring


def make_due(today: datetime.date) -> int:
    """Make what is due in the current company, in order, missed days included; answers with how many were made."""
    company = current_scope().company
    due = RecurringEntry.objects.for_company(company).filter(is_active=True, next_date__lte=today)
    made = 0
    for pk in list(due.order_by("next_date", "id").values_list("id", flat=True)):
        while made < MOST_AT_ONCE and _make_next(pk, today):
            made += 1
    return made


@transaction.atomic
def retry_occurrence(recurring_id: UUID, date: datetime.date, *, on: datetime.date | None = None) -> Occurrence:
    """Try again what could not be posted, on its own day or another one. Refused as posting is."""
    recurring, came = _with_problem(recurring_id, date)
    current_scope().require(Permission.DRAFT_ENTRIES if recurring.as_draft else Permission.POST_ENTRIES)
    _fill(recurring, came, on or date)
    came.problem = came.problem_code = ""
    came.save()
    return came


@transaction.atomic
def skip_occurrence(recurring_id: UUID, date: datetime.date, *, reason: str) -> Occurrence:
    """Leave out what could not be posted, and say why. Refused: `not_found`, `reason_needed`."""
    _recurring, came = _with_problem(recurring_id, date)
    current_scope().require(Permission.DRAFT_ENTRIES)
    if not reason.strip():
        raise ReasonNeeded(_("Say why it is left out."), place="reason")
    explain(reason)
    came.skipped = True
    came.save(update_fields=["skipped"])
    return came


def unresolved() -> Any:
    """Occurrences of the current company that could not be posted and were not left out."""
    rows = Occurrence.objects.for_company(current_scope().company).filter(entry=None, draft=None, skipped=False)
    return rows.select_related("recurring__template").order_by("date")


def occurrences_of(recurring: Sequence[RecurringEntry], latest: int = 24) -> dict[UUID, list[Occurrence]]:
    """The latest occurrences of each, and every one that waits to be posted, newest first, in one query."""
    rows = Occurrence.objects.for_company(current_scope().company).filter(recurring__in=recurring)
    return latest_of(rows, Q(entry=None, draft=None, skipped=False), latest)


def latest_of(rows: Any, waiting: Q, latest: int = 24) -> dict[UUID, list[Any]]:
    """The latest of these occurrences by what recurs, and every one that is `waiting`, newest first, in one query."""
    place = Window(RowNumber(), partition_by=F("recurring_id"), order_by=F("date").desc())
    found: dict[UUID, list[Any]] = {}
    for came in rows.annotate(place=place).filter(Q(place__lte=latest) | waiting).order_by("-date"):
        found.setdefault(came.recurring_id, []).append(came)
    return found


@transaction.atomic
def _make_next(recurring_id: UUID, today: datetime.date) -> bool:
    """One occurrence and the step to the next, in one transaction: run twice, it is made once."""
    recurring = _held(recurring_id)
    if not recurring.is_active or recurring.next_date is None or recurring.next_date > today:
        return False
    came = Occurrence(company_id=recurring.company_id, recurring=recurring, date=recurring.next_date)
    try:
        with transaction.atomic():
            _fill(recurring, came, recurring.next_date)
    except Refused as refusal:
        came.entry_id = came.draft_id = None
        came.problem_code, came.problem = refusal.code, refusal.message
    came.save(force_insert=True)
    recurring.next_number, recurring.next_date = after(recurring, recurring.next_number)
    recurring.save(update_fields=["next_number", "next_date"])
    return True


def _fill(recurring: RecurringEntry, came: Occurrence, day: datetime.date) -> None:
    template = EntryTemplate.objects.for_company(recurring.company_id).select_related("journal").get(
        pk=recurring.template_id
    )  # fmt: skip
    content = content_of_template(template, day)
    if recurring.as_draft:
        came.draft = save_draft(content, recurring=recurring)
    else:
        key = f"recurring:{recurring.pk}:{came.date}" + ("" if day == came.date else f":{day}")
        came.entry_id = post(_entry(content, key, recurring.pk), manual=True).id


def _check_template(template: EntryTemplate, day: datetime.date) -> None:
    """What posts itself is whole. Refused: `line_incomplete`."""
    _entry(content_of_template(template, day), "check", template.pk)


def _entry(content: DraftContent, key: str, recurring_id: UUID) -> NewEntry:
    lines = tuple(as_new_line(line, f"lines[{number}].") for number, line in enumerate(content.lines))
    return NewEntry(
        key=key, date=content.date, journal=content.journal, memo=content.memo, reference=content.reference,
        source="recurring", source_id=recurring_id, lines=lines,
    )  # fmt: skip


def _held(recurring_id: UUID) -> RecurringEntry:
    rows = RecurringEntry.objects.for_company(current_scope().company).select_for_update(no_key=True)
    recurring: RecurringEntry | None = rows.filter(pk=recurring_id).first()
    if recurring is None:
        raise RecurringNotFound(_("There is no such recurring entry."))
    return recurring


def _with_problem(recurring_id: UUID, date: datetime.date) -> tuple[RecurringEntry, Occurrence]:
    recurring = _held(recurring_id)
    rows = Occurrence.objects.for_company(recurring.company_id).filter(recurring=recurring, date=date, skipped=False)
    came: Occurrence | None = rows.filter(entry=None, draft=None).first()
    if came is None:
        raise RecurringNotFound(_("Nothing of that date waits to be posted."))
    return recurring, came
