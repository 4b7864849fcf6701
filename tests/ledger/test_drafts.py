"""Drafts: kept unbalanced, submitted, approved by others, posted once, and settled for ever."""

import datetime
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounting.models import Account, SubAccount
from ledger import refusals
from ledger.attachments import attach
from ledger.correction import NotCorrectable, correct
from ledger.draft_approval import approve_draft, post_draft, reject_draft, submit_draft, waiting_for, withdraw_draft
from ledger.draft_content import DraftContent, DraftedLine, LineIncomplete
from ledger.drafts import DraftSettled, change_draft, copy_of_entry, delete_draft, save_draft
from ledger.entry_templates import save_template
from ledger.models import AutoReversal, Draft, DraftLine, Entry, Line
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.recurring import make_due, occurrences_of, start_recurring, unresolved
from tenants.approvals import DecidedBefore, ReasonNeeded, SelfApproval, delegate, set_rule
from tenants.permissions import permissions_of_role
from tenants.refusal import Conflict, NotPermitted
from tenants.scope import Actor, acting_as
from tests.books import DAY, sale
from tests.conftest import make_member

TODAY = datetime.date(2026, 11, 21)


def content(amount="100.00", **fields):
    value = Decimal(amount)
    return DraftContent(DAY, [DraftedLine("1000", value), DraftedLine("4000", -value)], memo="Sale", **fields)


def as_member(company, role):
    user = make_member(company, role)
    return Actor(type="user", name=str(user), id=user.pk, permissions=permissions_of_role(role))


def state_of(draft):
    return Draft.objects.for_company(draft.company).get(pk=draft.pk).state


def test_a_draft_may_be_half_finished_and_says_what_is_missing_when_it_is_submitted(scope):
    draft = save_draft(DraftContent(DAY, [DraftedLine("1000", Decimal(5)), DraftedLine(memo="to be found")]))

    with pytest.raises(LineIncomplete) as refusal:
        submit_draft(draft.pk)
    assert refusal.value.place == "lines[1].account"
    change_draft(draft.pk, DraftContent(DAY, [DraftedLine("1000", Decimal(5)), DraftedLine("4000", Decimal(-4))]))
    with pytest.raises(refusals.Unbalanced):
        submit_draft(draft.pk)
    assert state_of(draft) == Draft.State.DRAFT


def test_a_draft_is_posted_once_and_is_its_entry_for_ever(scope):
    draft = save_draft(content())
    posted = post_draft(draft.pk)

    assert post_draft(draft.pk).id == posted.id
    assert post_draft(draft.pk).replayed
    entry = Entry.objects.for_company(scope.company).get(pk=posted.id)
    assert (entry.source, entry.source_id, entry.memo) == ("draft", draft.pk, "Sale")
    with pytest.raises(DraftSettled):
        change_draft(draft.pk, content("1.00"))
    with pytest.raises(DraftSettled):
        delete_draft(draft.pk)


def test_a_change_for_an_older_version_is_refused(scope):
    draft = save_draft(content())
    change_draft(draft.pk, content("7.00"), version=1)

    with pytest.raises(Conflict):
        change_draft(draft.pk, content("8.00"), version=1)
    assert DraftLine.objects.for_company(scope.company).filter(draft=draft).order_by("number").first().amount == 7


def test_a_rule_closes_posting_by_hand_and_asks_for_another_persons_approval(scope):
    set_rule("entry", minimum=Decimal("50.00"))
    clerk, accountant, approver = (as_member(scope.company, r) for r in ("clerk", "accountant", "approver"))

    assert post(sale("49.99"), manual=True)
    with pytest.raises(refusals.PostingRefused) as refusal:
        post(sale("50.00"), manual=True)
    assert refusal.value.code == "approval_needed"
    with acting_as(clerk):
        draft = save_draft(content("50.00"))
        assert submit_draft(draft.pk).state == Draft.State.SUBMITTED
        with pytest.raises(SelfApproval):
            approve_draft(draft.pk)
    with acting_as(accountant), pytest.raises(refusals.PostingRefused):
        post_draft(draft.pk)
    with acting_as(accountant), pytest.raises(NotPermitted):
        approve_draft(draft.pk)
    with acting_as(approver):
        assert [one.pk for one in waiting_for(approver.id)] == [draft.pk]
        assert approve_draft(draft.pk).state == Draft.State.APPROVED
        assert not waiting_for(approver.id).exists()
    with acting_as(accountant):
        assert post_draft(draft.pk)


def test_two_approvals_are_two_people(scope):
    set_rule("entry", approvals=2)
    first, second = as_member(scope.company, "approver"), as_member(scope.company, "controller")
    draft = submit_draft(save_draft(content()).pk)

    with acting_as(first):
        assert approve_draft(draft.pk).state == Draft.State.SUBMITTED
        with pytest.raises(DecidedBefore):
            approve_draft(draft.pk)
    with acting_as(second):
        assert approve_draft(draft.pk).state == Draft.State.APPROVED


def test_who_changed_a_draft_does_not_approve_it_either(scope):
    set_rule("entry")
    controller = as_member(scope.company, "controller")
    draft = save_draft(content())
    with acting_as(controller):
        change_draft(draft.pk, content("120.00"))
        submit_draft(draft.pk)
        with pytest.raises(SelfApproval):
            approve_draft(draft.pk)


def test_a_rejection_says_why_and_the_next_version_needs_its_own_approval(scope):
    set_rule("entry")
    approver = as_member(scope.company, "approver")
    draft = submit_draft(save_draft(content()).pk)
    with acting_as(approver):
        with pytest.raises(ReasonNeeded):
            reject_draft(draft.pk, reason=" ")
        assert reject_draft(draft.pk, reason="No receipt").state == Draft.State.REJECTED
    changed = change_draft(draft.pk, content("90.00"))
    assert changed.state == Draft.State.DRAFT
    submit_draft(draft.pk)
    with acting_as(approver):
        approve_draft(draft.pk)
        withdrawn = withdraw_draft
    assert withdrawn(draft.pk).state == Draft.State.DRAFT
    submit_draft(draft.pk)
    with pytest.raises(refusals.PostingRefused):
        post_draft(draft.pk)


def test_a_delegate_approves_in_the_place_of_an_approver_but_not_for_the_maker(scope):
    from tenants.models import User

    set_rule("entry")
    approver, clerk = as_member(scope.company, "approver"), as_member(scope.company, "clerk")
    controller = as_member(scope.company, "controller")
    people = {actor.id: User.objects.get(pk=actor.id) for actor in (approver, clerk, controller)}
    for delegator in (approver, controller):
        delegate(people[delegator.id], people[clerk.id], start=datetime.date(2020, 1, 1), end=datetime.date(2099, 1, 1))
    with acting_as(controller):
        draft = submit_draft(save_draft(content()).pk)
    with acting_as(clerk):
        approved = approve_draft(draft.pk)

    from tenants.models import Approval

    decision = Approval.objects.for_company(scope.company).get()
    assert approved.state == Draft.State.APPROVED
    assert (decision.actor_id, decision.on_behalf_of_id) == (clerk.id, approver.id)


def test_posting_an_approved_draft_asks_the_rules_of_today(scope):
    draft = submit_draft(save_draft(content()).pk)
    assert draft.state == Draft.State.APPROVED
    set_rule("entry")

    with pytest.raises(refusals.PostingRefused) as refusal:
        post_draft(draft.pk)
    assert refusal.value.code == "approval_needed"
    assert not Entry.objects.for_company(scope.company).exists()


def test_a_draft_that_reverses_itself_plans_its_reversal(scope):
    from ledger.auto_reversal import reverse_due

    posted = post_draft(save_draft(content(reverse_on="next_period")).pk)

    planned = AutoReversal.objects.for_company(scope.company).get(entry_id=posted.id)
    assert planned.date == datetime.date(2026, 4, 1)
    assert reverse_due(datetime.date(2026, 3, 31)) == 0
    assert reverse_due(TODAY) == 1
    assert reverse_due(TODAY) == 0
    reversal = Entry.objects.for_company(scope.company).get(reverses_id=posted.id)
    assert reversal.date == datetime.date(2026, 4, 1)


def test_a_copy_of_an_entry_posts_the_same_lines(scope):
    original = post(sale("12.34"))
    draft = save_draft(copy_of_entry(Entry.objects.for_company(scope.company).get(pk=original.id)))
    copy = post_draft(draft.pk)

    rows = Line.objects.for_company(scope.company).order_by("number")
    assert list(rows.filter(entry_id=copy.id).values_list("account_id", "amount")) == list(
        rows.filter(entry_id=original.id).values_list("account_id", "amount")
    )


@pytest.mark.parametrize("state", ["approved", "posted", "rejected"])
def test_the_database_refuses_a_draft_that_skips_its_way(scope, state):
    draft = save_draft(content())
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.for_company(scope.company).filter(pk=draft.pk).update(state=state)


def test_the_database_refuses_to_change_what_is_submitted(scope):
    set_rule("entry")
    with acting_as(as_member(scope.company, "clerk")):
        draft = submit_draft(save_draft(content()).pk)

    for change in ({"memo": "other"}, {"approvals_needed": 0}, {"makers": []}, {"state": "approved"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Draft.objects.for_company(scope.company).filter(pk=draft.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        DraftLine.objects.for_company(scope.company).filter(draft=draft).update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        DraftLine.objects.for_company(scope.company).filter(draft=draft).delete()


def test_the_database_refuses_the_makers_approval_and_one_of_another_version(scope):
    from tenants.models import Approval

    set_rule("entry")
    maker = as_member(scope.company, "controller")
    with acting_as(maker):
        draft = submit_draft(save_draft(content()).pk)
    row = {
        "company": scope.company,
        "subject": "entry",
        "subject_id": draft.pk,
        "decision": "approved",
        "actor_name": "x",
    }
    other = as_member(scope.company, "approver").id
    for wrong in (
        {"actor_id": maker.id, "version": draft.version},
        {"actor_id": other, "on_behalf_of_id": maker.id, "version": draft.version},
        {"actor_id": other, "version": draft.version + 1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Approval.objects.create(**row, **wrong)


def test_a_draft_is_deleted_with_its_files_and_what_recurred_is_left_out(scope, django_capture_on_commit_callbacks):
    lines = [DraftedLine("5000", Decimal(5)), DraftedLine("1000", Decimal(-5))]
    recurring = start_recurring(save_template("Rent", lines).pk, start=DAY, as_draft=True)
    make_due(DAY)
    draft = Draft.objects.for_company(scope.company).get()
    file = attach("lease.pdf", b"%PDF-1.7 lease", draft_id=draft.pk)
    with django_capture_on_commit_callbacks(execute=True):
        delete_draft(draft.pk)

    assert not default_storage.exists(file.path)
    (came,) = occurrences_of([recurring])[recurring.pk]
    assert (came.skipped, came.draft_id) == (True, None)
    assert not unresolved()


def test_a_correction_may_use_the_control_accounts_of_its_original_and_no_others(scope):
    account = Account.objects.for_company(scope.company).get(code="1100")
    SubAccount.objects.create(company=scope.company, account=account, code="C1", name="Customer")
    invoice = post(NewEntry("i", DAY, (NewLine("1100", Decimal(9), sub_account="C1"), NewLine("4000", Decimal(-9)))))
    corrected = correct(invoice.id, date=DAY, reason="Wrong account").draft
    assert post_draft(corrected.pk)

    other = correct(post(sale("5.00")).id, date=DAY, reason="Wrong account").draft
    change_draft(other.pk, DraftContent(DAY, [
        DraftedLine("1100", Decimal(9), sub_account="C1"), DraftedLine("4000", Decimal(-9)),
    ]))  # fmt: skip
    with pytest.raises(refusals.ControlAccount):
        post_draft(other.pk)


def test_what_nobody_types_is_not_corrected_and_stays_as_it_is(scope):
    line = NewLine("1010", Decimal(0), "USD", base_amount=Decimal(5), rate_source="ECB")
    difference = post(NewEntry("d", DAY, (line, NewLine("4000", Decimal(-5)))))
    with pytest.raises(NotCorrectable):
        correct(difference.id, date=DAY, reason="Wrong")
    assert not Entry.objects.for_company(scope.company).filter(reverses=difference.id).exists()
