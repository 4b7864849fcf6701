"""Holds: reserved under a limit, posted, voided or expired once, never past the limit in any race."""

import dataclasses
import datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounting.models import SubAccount
from ledger import refusals
from ledger.approval_rules import ApprovalNeeded
from ledger.holds import HoldEnded, HoldNotFound, expire_due, open_holds, post_hold, reserve, void_hold
from ledger.limits import set_limit
from ledger.models import Hold, Limit
from ledger.posting import post
from ledger.proposals import NewLine
from tenants.approvals import set_rule
from tests.books import DAY, new_entry, sale
from tests.constitution.raw import ids_of, in_threads, system_scope
from tests.jobs.until import until


def floor(company, amount="0"):
    return set_limit(ids_of(company).accounts["1000"], floor=Decimal(amount))


@pytest.fixture
def bank(scope):
    post(sale("100.00"))
    return floor(scope.company)


def spending(amount):
    return new_entry(("1000", f"-{amount}"), ("5000", amount))


def held(company):
    return Limit.objects.for_company(company).get().held_down


def test_what_is_held_cannot_be_spent_by_others(scope, bank):
    hold = reserve(bank.pk, Decimal("-70.00"), key="h")
    with pytest.raises(refusals.LimitExceeded):
        post(spending("30.01"))
    assert post(spending("30.00"))
    assert reserve(bank.pk, Decimal("-70.00"), key="h").pk == hold.pk
    with pytest.raises(refusals.KeyReused):
        reserve(bank.pk, Decimal("-71.00"), key="h")
    with pytest.raises(refusals.LimitExceeded):
        reserve(bank.pk, Decimal("-0.01"), key="more")


def test_a_refused_hold_stays_refused_under_its_key(scope, bank):
    with pytest.raises(refusals.LimitExceeded):
        reserve(bank.pk, Decimal("-170.00"), key="h")
    post(sale("100.00"))
    with pytest.raises(refusals.RefusedBefore) as again:
        reserve(bank.pk, Decimal("-170.00"), key="h")
    assert again.value.code == "limit_exceeded"
    with pytest.raises(refusals.KeyReused):
        reserve(bank.pk, Decimal("-10.00"), key="h")


def test_a_hold_is_posted_once_and_the_rest_is_free(scope, bank):
    hold = reserve(bank.pk, Decimal("-70.00"), key="h")
    posted = post_hold(hold.pk, spending("60.00"))

    assert post_hold(hold.pk, spending("60.00")).id == posted.id
    assert held(scope.company) == 0
    assert post(spending("40.00"))
    with pytest.raises(HoldEnded):
        void_hold(hold.pk)


@pytest.mark.parametrize(
    "entry", [new_entry(("1000", "-70.01"), ("5000", "70.01")), new_entry(("5000", "1"), ("3000", "-1"))]
)
def test_more_than_was_held_or_nothing_of_it_is_refused_and_the_hold_stays(scope, bank, entry):
    hold = reserve(bank.pk, Decimal("-70.00"), key="h")
    with pytest.raises(refusals.Refused):
        post_hold(hold.pk, entry)
    assert held(scope.company) == -70
    assert post_hold(hold.pk, spending("70.00"))


def test_a_voided_hold_is_free_again_and_voiding_twice_is_once(scope, bank):
    hold = reserve(bank.pk, Decimal("-70.00"), key="h")
    assert void_hold(hold.pk).pk == void_hold(hold.pk).pk
    assert held(scope.company) == 0
    with pytest.raises(HoldEnded):
        post_hold(hold.pk, spending("1.00"))


def test_a_hold_expires_when_its_time_is_over(scope, bank, monkeypatch):
    hold = reserve(bank.pk, Decimal("-70.00"), key="h", expires_at=timezone.now() + datetime.timedelta(hours=1))
    assert expire_due(DAY) == 0
    later = timezone.now() + datetime.timedelta(hours=2)
    monkeypatch.setattr("ledger.holds.timezone.now", lambda: later)
    assert (expire_due(DAY), expire_due(DAY)) == (1, 0)
    assert not open_holds().exists()
    with pytest.raises(HoldEnded):
        post_hold(hold.pk, spending("1.00"))


def test_a_hold_whose_time_is_over_is_not_posted_before_its_expiry_has_come_by(scope, bank):
    expires = timezone.now() + datetime.timedelta(seconds=1)
    hold = reserve(bank.pk, Decimal("-70.00"), key="h", expires_at=expires)
    until(lambda: timezone.now() > expires)

    with pytest.raises(HoldEnded):
        post_hold(hold.pk, spending("1.00"))
    assert reserve(bank.pk, Decimal("-70.00"), key="h", expires_at=expires).pk == hold.pk
    assert expire_due(DAY) == 1


def test_what_is_typed_of_a_hold_is_approved_and_kept_from_control_accounts_as_any_other_entry(scope, bank):
    receivable = ids_of(scope.company).accounts["1100"]
    SubAccount.objects.create(company=scope.company, account_id=receivable, code="C1", name="Customer")
    set_rule("entry", scope="GEN", minimum=Decimal(1000))
    hold = reserve(bank.pk, Decimal("-0.01"), key="h")
    beside = lambda *more: new_entry(("1000", "-0.01"), ("5000", "0.01"), *more)  # noqa: E731

    with pytest.raises(ApprovalNeeded):
        post_hold(hold.pk, beside(("3000", "50000"), ("4000", "-50000")), manual=True)
    detailed = beside(("4000", "-9"))
    detailed = dataclasses.replace(
        detailed, lines=(*detailed.lines, NewLine("1100", Decimal(9), sub_account="C1"))
    )  # fmt: skip
    with pytest.raises(refusals.ControlAccount):
        post_hold(hold.pk, detailed, manual=True)
    assert post_hold(hold.pk, beside(), manual=True)


def test_an_unknown_limit_or_hold_is_not_found(scope, bank):
    with pytest.raises(HoldNotFound):
        reserve(scope.company.pk, Decimal(1), key="x")
    with pytest.raises(HoldNotFound):
        void_hold(scope.company.pk)


@pytest.mark.parametrize("change", ["UPDATE ledger_hold SET amount = 0", "DELETE FROM ledger_hold", "DELETE FROM ledger_holdend",
                                    "UPDATE ledger_limit SET held_down = 0"])  # fmt: skip
def test_the_runtime_role_may_not_touch_a_hold(scope, bank, change):
    reserve(bank.pk, Decimal("-70.00"), key="h")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert Hold.objects.for_company(scope.company).count() == 1


def test_fifty_reservers_at_once_never_hold_more_than_there_is(committed_company):
    company = committed_company
    with system_scope(company):
        post(sale("100.00"))
        limit = floor(company)

    def work(number):
        with system_scope(company):
            return reserve(limit.pk, Decimal("-5.00"), key=f"h{number}")

    answers = in_threads(50, work)
    assert sorted(type(answer).__name__ for answer in answers) == ["Hold"] * 20 + ["LimitExceeded"] * 30
    with system_scope(company):
        assert held(company) == -100


def test_posting_voiding_and_expiring_one_hold_at_once_ends_it_once(committed_company):
    company = committed_company
    with system_scope(company):
        post(sale("100.00"))
        limit = floor(company)
        hold = reserve(limit.pk, Decimal("-70.00"), key="h")

    def work(number):
        with system_scope(company):
            return post_hold(hold.pk, spending("70.00")) if number % 2 else void_hold(hold.pk)

    names = {type(answer).__name__ for answer in in_threads(8, work)}
    assert names in ({"Posted", "HoldEnded"}, {"HoldEnd", "HoldEnded"})
    with system_scope(company):
        assert held(company) == 0
