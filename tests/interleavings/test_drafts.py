"""A draft on its way into the ledger: approved, rejected, changed and posted by several people at once."""

import uuid
from decimal import Decimal

from ledger.draft_approval import approve_draft, post_draft, reject_draft, submit_draft, withdraw_draft
from ledger.draft_content import DraftContent, DraftedLine
from ledger.drafts import change_draft, delete_draft, save_draft
from tenants.approvals import set_rule
from tenants.permissions import permissions_of_role
from tenants.scope import Actor, acting_as
from tests.interleavings.acts import JANUARY, closing, said

CLERK, APPROVER, SECOND = (
    Actor(type="user", name=name, id=uuid.uuid4(), permissions=permissions_of_role(role))
    for name, role in (("Cleo", "clerk"), ("Ada", "controller"), ("Otto", "controller"))
)


def test_a_draft_is_approved_or_rejected(interleave):
    interleave(approving(APPROVER), rejecting(SECOND), given=submitted_draft)


def test_one_who_approves_and_rejects_at_once_has_one_word(interleave):
    interleave(approving(APPROVER), rejecting(APPROVER), given=submitted_draft)


def test_two_approvals_that_are_needed_come_at_once(interleave):
    interleave(approving(APPROVER), approving(SECOND), given=draft_that_needs_two)


def test_an_approval_meets_a_change_of_what_it_approves(interleave):
    interleave(approving(APPROVER), taking_back_and_changing, given=submitted_draft)


def test_an_approved_draft_is_posted_or_taken_back(interleave):
    interleave(posting_it, withdrawing_it, given=approved_draft)


def test_a_draft_is_posted_once(interleave):
    interleave(posting_it, posting_it, given=approved_draft)


def test_a_posting_meets_the_approval_that_it_waits_for(interleave):
    interleave(posting_it, approving(APPROVER), given=submitted_draft)


def test_a_draft_is_submitted_or_changed(interleave):
    interleave(submitting, changing, given=free_draft)


def test_a_draft_is_submitted_or_thrown_away(interleave):
    interleave(submitting, deleting, given=free_draft)


def test_two_changes_of_one_version_leave_one(interleave):
    interleave(changing, changing, given=free_draft)


def test_a_posting_meets_the_closing_of_its_period(interleave):
    interleave(posting_it, closing(JANUARY), given=approved_draft)


def content(amount="100.00"):
    value = Decimal(amount)
    return DraftContent(JANUARY, [DraftedLine("1000", value), DraftedLine("4000", -value)], memo="Sale")


def free_draft(_meeting):
    with acting_as(CLERK):
        return save_draft(content()).pk


def submitted_draft(meeting, approvals=1):
    set_rule("entry", minimum=Decimal("50.00"), approvals=approvals)
    draft = free_draft(meeting)
    with acting_as(CLERK):
        submit_draft(draft)
    return draft


def draft_that_needs_two(meeting):
    return submitted_draft(meeting, approvals=2)


def approved_draft(meeting):
    draft = submitted_draft(meeting)
    with acting_as(APPROVER):
        approve_draft(draft)
    return draft


def by(actor, act):
    def acted(meeting):
        with acting_as(actor):
            return act(meeting.given)

    return acted


def approving(actor):
    return by(actor, lambda draft: approve_draft(draft).state)


def rejecting(actor):
    return by(actor, lambda draft: reject_draft(draft, reason="wrong account").state)


def taking_back_and_changing(meeting):
    with acting_as(CLERK):
        withdraw_draft(meeting.given)
        change_draft(meeting.given, content("90.00"))
        return submit_draft(meeting.given).state


submitting = by(CLERK, lambda draft: submit_draft(draft).state)
changing = by(CLERK, lambda draft: change_draft(draft, content("7.00"), version=1).version)
deleting = by(CLERK, delete_draft)
withdrawing_it = by(CLERK, lambda draft: withdraw_draft(draft).state)
posting_it = by(APPROVER, lambda draft: said(post_draft(draft)))
