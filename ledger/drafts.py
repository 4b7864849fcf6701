"""Keep, change, copy and delete drafts: entries that somebody still works on. They need not balance."""

from functools import partial
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from ledger import refusals
from ledger.draft_content import DraftContent, DraftedLine, content_of_lines, rough_total, stored_lines
from ledger.journals import journal_ids
from ledger.kept_once import SavedBefore, keep_new
from ledger.models import Attachment, Draft, DraftLine, Entry, Line, Occurrence
from ledger.planned_reversals import BadReversalDate
from ledger.proposals import NEXT_PERIOD
from ledger.resolving import check_text
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound
from tenants.scope import current_scope


class DraftNotFound(NotFound):
    """No such draft."""


class DraftSettled(Conflict):
    """The draft is submitted, approved or posted: take it back first."""

    code = "draft_settled"


@transaction.atomic
def save_draft(
    content: DraftContent, *, corrects: Entry | None = None, recurring: Any = None, draft_id: UUID | None = None
) -> Draft:
    """Keep a new draft. Refused with the place where something cannot be kept (unknown account, bad number or text).

    With a `draft_id` of the caller's own it is kept once, however often it is asked; `saved_before` where it changed.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    if draft_id and (kept := _kept(draft_id, content)):
        return kept
    draft = Draft(
        company=scope.company, makers=_maker([]), created_by=scope.actor.name[:200], corrects=corrects,
        recurring=recurring, **_head(content),
    )  # fmt: skip
    draft.pk = draft_id or draft.pk
    keep_new(draft)
    _write_lines(draft, content)
    return draft


@transaction.atomic
def change_draft(draft_id: UUID, content: DraftContent, *, version: int | None = None) -> Draft:
    """Change a draft as a whole; a rejected one is a draft again. `version` is the one that the caller saw.

    Refused: `not_found`, `conflict` (changed meanwhile), `draft_settled`.
    """
    current_scope().require(Permission.DRAFT_ENTRIES)
    draft = editable(draft_id, version)
    for name, value in _head(content).items():
        setattr(draft, name, value)
    draft.state, draft.version, draft.changed_at = Draft.State.DRAFT, draft.version + 1, timezone.now()
    draft.makers = _maker(draft.makers)
    draft.save()
    DraftLine.objects.for_company(draft.company_id).filter(draft=draft).delete()
    _write_lines(draft, content)
    return draft


@transaction.atomic
def delete_draft(draft_id: UUID, *, version: int | None = None) -> None:
    """Throw a draft away, with its files; it never had a number, so nothing is missing. Refused as a change is.

    What a recurring entry had made it for is left out.
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    draft = editable(draft_id, version)
    Occurrence.objects.for_company(scope.company).filter(draft=draft).update(draft=None, skipped=True)
    files = Attachment.objects.for_company(scope.company).filter(draft=draft)
    for path in list(files.values_list("path", flat=True)):
        transaction.on_commit(partial(default_storage.delete, path))
    files.delete()
    draft.delete()


def copy_of_entry(entry: Entry) -> DraftContent:
    """The content of a draft that would post the entry again."""
    lines = Line.objects.for_company(entry.company_id).filter(entry=entry).order_by("number")
    return DraftContent(
        date=entry.date, journal=entry.journal.code, memo=entry.memo, reference=entry.reference,
        lines=[_copied(line, entry.company.base_currency) for line in lines],
    )  # fmt: skip


def _copied(line: Line, base: str) -> DraftedLine:
    foreign = line.currency != base and not line.statistical
    return DraftedLine(
        account=line.account_id, amount=line.currency_amount, currency="" if line.currency == base else line.currency,
        base_amount=line.amount if foreign else None, sub_account=line.sub_account_id or "",
        dimensions=line.dimensions, memo=line.memo, statistical=line.statistical,
    )  # fmt: skip


def copy_of_draft(draft: Draft) -> DraftContent:
    """The content of a draft, to start another one."""
    auto = draft.auto_reverse == Draft.AutoReverse.NEXT_PERIOD
    return DraftContent(
        date=draft.date, journal=draft.journal.code, memo=draft.memo, reference=draft.reference, reason=draft.reason,
        reverse_on=NEXT_PERIOD if auto else draft.reverse_on,
        lines=content_of_lines(DraftLine.objects.for_company(draft.company_id).filter(draft=draft).order_by("number")),
    )  # fmt: skip


def held_draft(draft_id: UUID, version: int | None = None) -> Draft:
    """The draft, locked until the transaction ends. Refused: `not_found`, `conflict` where it was changed meanwhile."""
    drafts = Draft.objects.for_company(current_scope().company).select_for_update(no_key=True, of=("self",))
    draft: Draft | None = drafts.select_related("journal").filter(pk=draft_id).first()
    if draft is None:
        raise DraftNotFound(_("There is no such draft."))
    if version is not None and draft.version != version:
        raise Conflict(_("The draft was changed meanwhile: look at it again."))
    return draft


def editable(draft_id: UUID, version: int | None = None) -> Draft:
    """The draft, locked, if it may still be changed. Refused as `held_draft`, and `draft_settled`."""
    draft = held_draft(draft_id, version)
    if not draft.is_editable:
        raise DraftSettled(
            _("The draft is %s and does not change any more. Take it back to change it.")
            % draft.get_state_display().lower()
        )
    return draft


def unposted() -> Any:
    """Drafts of the current company that are on their way, for lists and the close checklist."""
    return Draft.objects.for_company(current_scope().company).exclude(state=Draft.State.POSTED)


def _kept(draft_id: UUID, content: DraftContent) -> Draft | None:
    drafts = Draft.objects.for_company(current_scope().company).select_related("journal")
    draft: Draft | None = drafts.filter(pk=draft_id).first()
    if draft is not None and copy_of_draft(draft) != content:
        raise SavedBefore(_("This was saved before, with other content."))
    return draft


def _head(content: DraftContent) -> dict[str, Any]:
    check_text(content.memo, "memo")
    check_text(content.reference, "reference", 200)
    check_text(content.reason, "reason")
    company = current_scope().company
    on_date = content.reverse_on is not None and content.reverse_on != NEXT_PERIOD
    if on_date and content.reverse_on <= content.date:  # type: ignore[operator]
        raise BadReversalDate(_("It is reversed after its own date."), place="reverse_on")
    return {
        "journal_id": _journal(content.journal), "date": content.date, "memo": content.memo,
        "reference": content.reference, "reason": content.reason,
        "auto_reverse": Draft.AutoReverse.DATE if on_date else content.reverse_on or "",
        "reverse_on": content.reverse_on if on_date else None,
        "total": rough_total(content.lines, company.base_currency),
    }  # fmt: skip


def _journal(code: str) -> UUID:
    found = journal_ids(current_scope().company).get(code)
    if found is None:
        raise refusals.UnknownJournal(_("There is no active journal “%s”.") % code, place="journal")
    return found


def _write_lines(draft: Draft, content: DraftContent) -> None:
    company = current_scope().company
    rows = stored_lines(DraftLine, company, chart_of(company), content.lines, draft=draft)
    DraftLine.objects.bulk_create(rows)


def _maker(makers: list[UUID]) -> list[UUID]:
    """Everybody who had a hand in it, the current actor included."""
    actor = current_scope().actor.id
    return makers if actor is None or actor in makers else [*makers, actor]
