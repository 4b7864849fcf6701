"""Closing: what blocks it is named, and a lock is passed only with another person's approval, for a while."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounting.close_checklist import CloseBlocked, checklist
from accounting.lock_exceptions import ExceptionRefused, approve_exception, ask_exception, end_exception
from accounting.models import LockException, Period
from accounting.periods import ReasonNeeded, close_period, set_lock_date
from accounting.rates import set_rate
from ledger import refusals
from ledger.draft_content import DraftContent
from ledger.drafts import delete_draft, save_draft
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from tenants.models import User
from tenants.permissions import permissions_of_role
from tenants.refusal import Conflict, NotPermitted
from tenants.scope import Actor, acting_as
from tests.books import DAY, sale
from tests.conftest import make_member

SOON = datetime.timedelta(hours=1)


def first_period(company):
    return Period.objects.for_company(company).order_by("start").first()


def actor_of(user, role):
    return Actor(type="user", name=str(user), id=user.pk, permissions=permissions_of_role(role))


def test_a_draft_blocks_the_closing_of_its_period_and_is_named(scope):
    period = first_period(scope.company)
    draft = save_draft(DraftContent(period.start))

    with pytest.raises(CloseBlocked) as refusal:
        close_period(period)
    assert [one["code"] for one in refusal.value.context["blockers"]] == ["drafts"]
    assert close_period(period, soft=True).status == Period.Status.SOFT_CLOSED
    delete_draft(draft.pk)
    assert close_period(period).status == Period.Status.CLOSED


def test_what_should_have_posted_itself_blocks(scope):
    from decimal import Decimal

    from ledger.deferrals import start_deferral
    from ledger.entry_templates import save_template
    from ledger.recurring import start_recurring

    period = first_period(scope.company)
    start_deferral(
        name="x", from_account="1500", to_account="5000", amount=Decimal(10), start=period.start, end=period.end
    )
    lines = (NewLine("1000", Decimal(1)), NewLine("4000", Decimal(-1)))
    post(NewEntry("accrual", period.start, lines, reverse_on=period.end))

    start_recurring(save_template("Rent", []).pk, start=period.end, as_draft=True)

    left = {one.code: one.count for one in checklist(period) if not one.is_done}
    assert left == {"auto_reversals": 1, "deferrals": 1, "recurring_due": 1}


def test_a_number_missing_from_the_register_blocks(scope, monkeypatch):
    from ledger import close_checks

    monkeypatch.setattr(close_checks, "_GAPS", "SELECT 3")
    with pytest.raises(CloseBlocked) as refusal:
        close_period(first_period(scope.company))
    assert refusal.value.context["blockers"] == [
        {"code": "number_gaps", "label": "Numbers that the register does not explain", "count": 3}
    ]


def test_foreign_balances_that_are_not_revalued_are_told_and_do_not_block(scope):
    from decimal import Decimal

    period = first_period(scope.company)
    lines = (NewLine("1010", Decimal(1), "USD", rate=Decimal("0.9")), NewLine("4000", Decimal("-0.90")))
    post(NewEntry("usd", period.start, lines))

    def left():
        return {one.code: one.count for one in checklist(period) if not one.is_done}

    assert left() == {"revaluation": 1}  # no rate
    set_rate("USD", period.end, Decimal("0.95"), source="ECB")
    assert left() == {"revaluation": 1}
    set_rate("USD", period.end, Decimal("0.90"), source="ECB")
    assert left() == {}
    assert close_period(period)


def test_a_lock_is_passed_by_the_person_that_another_one_approved_until_it_ends(scope):
    set_lock_date("all", DAY)
    accountant, controller = make_member(scope.company, "accountant"), make_member(scope.company, "controller")
    other = make_member(scope.company, "accountant")
    with acting_as(actor_of(accountant, "accountant")):
        asked = ask_exception("all", start=DAY, expires_at=timezone.now() + SOON, reason="Late bill", person=accountant)
        with pytest.raises(refusals.BooksLocked):
            post(sale("1.00", key="before"))
    with acting_as(actor_of(controller, "controller")):
        approve_exception(asked.pk)
        with pytest.raises(refusals.BooksLocked):
            post(sale("1.00", key="controller"))
    with acting_as(actor_of(accountant, "accountant")):
        assert post(sale("1.00", key="now"))
        with pytest.raises(refusals.BooksLocked):
            post(sale("1.00", key="earlier", date=DAY - datetime.timedelta(days=1)))
    with acting_as(actor_of(other, "accountant")), pytest.raises(refusals.BooksLocked):
        post(sale("1.00", key="other"))
    with acting_as(actor_of(accountant, "accountant")):
        end_exception(asked.pk)
        with pytest.raises(refusals.BooksLocked):
            post(sale("1.00", key="ended"))


def test_an_exception_ends_by_itself(scope):
    set_lock_date("all", DAY)
    asked = ask_exception("all", start=DAY, expires_at=timezone.now() + SOON, reason="Late bill")
    approve_exception(asked.pk)
    assert post(sale("1.00", key="in time"))
    past = timezone.now() - SOON
    LockException.objects.for_company(scope.company).filter(pk=asked.pk).update(expires_at=past)
    with pytest.raises(refusals.BooksLocked):
        post(sale("1.00", key="late"))


def test_nobody_approves_what_they_asked_for_or_what_is_for_them(scope):
    controller, second = make_member(scope.company, "controller"), make_member(scope.company, "controller")
    with acting_as(actor_of(controller, "controller")):
        mine = ask_exception("all", start=DAY, expires_at=timezone.now() + SOON, reason="x", person=second)
        with pytest.raises(NotPermitted):
            approve_exception(mine.pk)
    with acting_as(actor_of(second, "controller")), pytest.raises(NotPermitted):
        approve_exception(mine.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        LockException.objects.for_company(scope.company).filter(pk=mine.pk).update(
            approved_by_id=controller.pk, approved_by="x", approved_at=timezone.now()
        )


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"reason": " "}, ReasonNeeded),
        ({"kind": "odd"}, ExceptionRefused),
        ({"expires_at": timezone.now() - SOON}, ExceptionRefused),
        ({"expires_at": timezone.now() + datetime.timedelta(days=40)}, ExceptionRefused),
        ({"person": User(email="nobody@example.com", name="Nobody")}, ExceptionRefused),
    ],
)
def test_a_wrong_wish_is_refused(scope, change, error):
    wish = {"kind": "all", "start": DAY, "expires_at": timezone.now() + SOON, "reason": "x", **change}
    with pytest.raises(error):
        ask_exception(wish.pop("kind"), **wish)


def test_what_is_decided_is_not_decided_again(scope):
    asked = ask_exception("tax", start=DAY, expires_at=timezone.now() + SOON, reason="x")
    approve_exception(asked.pk)
    with pytest.raises(Conflict):
        approve_exception(asked.pk)
    assert end_exception(asked.pk).revoked_at == end_exception(asked.pk).revoked_at
