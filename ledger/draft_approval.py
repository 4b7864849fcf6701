"""The way of a draft into the ledger: submitted, approved or rejected by others, posted."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounting.business_day import business_day
from ledger.approval_rules import SUBJECT, ApprovalNeeded, entry_approvals
from ledger.attachments import hand_over
from ledger.draft_content import entry_of_draft
from ledger.drafts import DraftSettled, held_draft
from ledger.dry_run import Trial, try_posting
from ledger.entry_details import entry_details
from ledger.models import Draft, DraftLine, Line
from ledger.posting import Posted, post, write_on_trial
from ledger.proposals import NewEntry
from tenants.approvals import decide
from tenants.models import Approval
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import current_scope, explain

State = Draft.State


def try_draft(draft: Draft) -> Trial:
    """What posting the draft now would write, and do to the balances; nothing is kept. Refused as posting is."""
    entry = draft_as_entry(draft)
    return try_posting(draft.date, lambda: [write_on_trial(entry)])


@transaction.atomic
def submit_draft(draft_id: UUID, *, version: int | None = None) -> Draft:
    """Hand the draft over for approval; where no rule asks for one, it is approved at once.

    The draft is tried first: what could not be posted today is refused like a posting, with the place.
    """
    current_scope().require(Permission.DRAFT_ENTRIES)
    return _submitted(held_draft(draft_id, version))


@transaction.atomic
def withdraw_draft(draft_id: UUID, *, reason: str = "") -> Draft:
    """Take a submitted or approved draft back to work on it; what was decided about it counts no more."""
    current_scope().require(Permission.DRAFT_ENTRIES)
    draft = held_draft(draft_id)
    if draft.state not in (State.SUBMITTED, State.APPROVED, State.REJECTED):
        raise DraftSettled(_("The draft is %s: there is nothing to take back.") % draft.get_state_display().lower())
    if reason:
        explain(reason)
    return _move(draft, State.DRAFT)


@transaction.atomic
def approve_draft(draft_id: UUID, *, version: int | None = None, reason: str = "") -> Draft:
    """Agree to a submitted draft; with the last approval that it needs it is approved.

    Refused: `self_approval`, `not_permitted`, `decided_before`, `draft_settled`, `conflict`, `not_found`.
    """
    draft = _to_decide(draft_id, version)
    _decide(draft, approve=True, reason=reason)
    given = Approval.objects.for_company(draft.company_id).filter(
        subject=SUBJECT, subject_id=draft.pk, version=draft.version, decision=Approval.Decision.APPROVED
    )
    return _move(draft, State.APPROVED) if given.count() >= draft.approvals_needed else draft


@transaction.atomic
def reject_draft(draft_id: UUID, *, reason: str, version: int | None = None) -> Draft:
    """Send a submitted draft back, with the reason. Refused as an approval is, and `reason_needed`."""
    draft = _to_decide(draft_id, version)
    _decide(draft, approve=False, reason=reason)
    return _move(draft, State.REJECTED)


@transaction.atomic
def post_draft(draft_id: UUID, *, version: int | None = None) -> Posted:
    """Make the draft an entry, once; asked again, it answers with that entry.

    What is not submitted yet is submitted on the way. Refused: `approval_needed`, and as posting is.
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    draft = held_draft(draft_id)
    if draft.entry_id is not None:
        return Posted(draft.entry_id, f"draft:{draft.pk}:post", True)
    draft = held_draft(draft_id, version)
    if draft.state == State.DRAFT:
        draft = _submitted(draft)
    if draft.state != State.APPROVED:
        raise ApprovalNeeded(_("The draft needs the approval of somebody else before it is posted."))
    posted = post(draft_as_entry(draft), manual=True)
    total = entry_details(scope.company, [posted.id])[0].total
    if entry_approvals(scope.company, draft.journal.code, total) > draft.approvals_needed:
        raise ApprovalNeeded(_("The rules ask for more approvals now: take the draft back and submit it again."))
    hand_over(draft, posted.id)
    draft.entry_id, draft.total = posted.id, total
    _move(draft, State.POSTED, "entry", "total")
    return posted


@dataclasses.dataclass(frozen=True, slots=True)
class Decided:
    """What became of one draft of several."""

    draft_id: UUID
    draft: Draft | None
    refusal: Refused | None


def decide_drafts(
    draft_ids: Sequence[UUID], *, approve: bool, reason: str = "", versions: Mapping[UUID, int] | None = None
) -> list[Decided]:
    """Approve or reject several drafts, each for itself; answers with what became of each.

    `versions` are those that the caller saw: a draft that was changed since is refused (`conflict`).
    """
    decided = []
    for draft_id in draft_ids:
        try:
            act: Any = approve_draft if approve else reject_draft
            version = versions.get(draft_id) if versions else None
            decided.append(Decided(draft_id, act(draft_id, reason=reason, version=version), None))
        except Refused as refusal:
            decided.append(Decided(draft_id, None, refusal))
    return decided


def waiting_for(actor_id: UUID | None) -> Any:
    """Submitted drafts that the person has neither made nor decided, oldest first: their inbox."""
    company = current_scope().company
    drafts = Draft.objects.for_company(company).filter(state=State.SUBMITTED).select_related("journal")
    if actor_id is None:
        return drafts.order_by("submitted_at", "id")
    mine = Approval.objects.for_company(company).filter(subject=SUBJECT, actor_id=actor_id)
    decided = [(row.subject_id, row.version) for row in mine.filter(subject_id__in=drafts.values("id"))]
    open_to_me = drafts.exclude(makers__contains=[actor_id])
    for pk, version in decided:
        open_to_me = open_to_me.exclude(pk=pk, version=version)
    return open_to_me.order_by("submitted_at", "id")


def draft_as_entry(draft: Draft) -> NewEntry:
    """The entry that the draft stands for, from its stored lines; a correction is as free as what it corrects."""
    lines = DraftLine.objects.for_company(draft.company_id).filter(draft=draft).order_by("number")
    entry = entry_of_draft(draft, lines)
    if draft.corrects_id is None:
        return entry
    corrected = Line.objects.for_company(draft.company_id).filter(entry=draft.corrects_id, account__control=True)
    return dataclasses.replace(entry, opened=frozenset(corrected.values_list("account_id", flat=True)))


def _submitted(draft: Draft) -> Draft:
    if draft.state != State.DRAFT:
        raise DraftSettled(_("The draft is %s already.") % draft.get_state_display().lower())
    scope = current_scope()
    trial = try_draft(draft)
    draft.total, draft.passed_budgets = trial.entries[0].total, trial.warnings
    draft.approvals_needed = entry_approvals(scope.company, draft.journal.code, draft.total)
    draft.submitted_by, draft.submitted_at = scope.actor.name[:200], timezone.now()
    submitted = _move(draft, State.SUBMITTED, "total", "approvals_needed", "submitted_by", "submitted_at")
    return submitted if submitted.approvals_needed else _move(submitted, State.APPROVED)


def _to_decide(draft_id: UUID, version: int | None) -> Draft:
    draft = held_draft(draft_id, version)
    if draft.state != State.SUBMITTED:
        raise DraftSettled(_("The draft is %s: there is nothing to decide.") % draft.get_state_display().lower())
    return draft


def _decide(draft: Draft, *, approve: bool, reason: str) -> None:
    today = business_day(current_scope().company)
    decide(SUBJECT, draft.pk, draft.version, approve=approve, makers=draft.makers, reason=reason, today=today)


def _move(draft: Draft, state: str, *fields: str) -> Draft:
    draft.state, draft.version = state, draft.version + 1
    draft.save(update_fields=["state", "version", *fields])
    return draft
