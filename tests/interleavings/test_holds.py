"""Holds under a limit meet withdrawals, each other, and their own ends."""

from decimal import Decimal

from ledger.holds import post_hold, reserve, void_hold
from ledger.models import Hold, Limit
from tests.books import new_entry
from tests.interleavings.acts import JANUARY, after, closing, limiting, posting, said, withdrawing

A_HUNDRED = after(posting("start", "100.00"), limiting("1000", "0.00"))


def test_two_holds_keep_no_more_than_there_is(interleave):
    interleave(holding("a", "-70.00"), holding("b", "-60.00"), given=A_HUNDRED)


def test_a_hold_meets_a_withdrawal(interleave):
    interleave(holding("a", "-70.00"), withdrawing("b", "60.00"), given=A_HUNDRED)


def test_a_hold_asked_for_twice_is_one(interleave):
    interleave(holding("a", "-70.00"), holding("a", "-70.00"), given=A_HUNDRED)


def test_a_refused_hold_stays_refused_under_its_key(interleave):
    interleave(holding("a", "-170.00"), holding("a", "-170.00"), posting("more", "100.00"), given=A_HUNDRED, most=20)


def test_a_hold_is_posted_or_voided(interleave):
    interleave(posting_the_hold("70.00"), voiding, given=after(A_HUNDRED, holding("a", "-70.00")))


def test_a_hold_is_posted_once(interleave):
    interleave(posting_the_hold("70.00"), posting_the_hold("70.00"), given=after(A_HUNDRED, holding("a", "-70.00")))


def test_a_hold_is_voided_once(interleave):
    interleave(voiding, voiding, given=after(A_HUNDRED, holding("a", "-70.00")))


def test_what_a_part_of_a_hold_frees_goes_to_one_of_two(interleave):
    acts = [posting_the_hold("30.00"), withdrawing("b", "60.00"), withdrawing("c", "60.00")]
    interleave(*acts, given=after(A_HUNDRED, holding("a", "-70.00")))


def test_a_hold_that_is_being_posted_meets_the_closing_of_its_month(interleave):
    interleave(posting_the_hold("70.00"), closing(JANUARY), given=after(A_HUNDRED, holding("a", "-70.00")))


def test_a_hold_meets_a_change_of_its_limit(interleave):
    interleave(holding("a", "-70.00"), limiting("1000", "50.00"), given=A_HUNDRED)


def holding(key, amount, code="1000"):
    def hold(meeting):
        limit = Limit.objects.for_company(meeting.company).get(account__code=code)
        return reserve(limit.pk, Decimal(amount), key=key).amount

    return hold


def the_hold(meeting):
    return Hold.objects.for_company(meeting.company).get(key="hold:a").pk


def posting_the_hold(amount):
    return lambda meeting: said(
        post_hold(the_hold(meeting), new_entry(("1000", f"-{amount}"), ("5000", amount), key="x", date=JANUARY))
    )


def voiding(meeting):
    return void_hold(the_hold(meeting)).outcome
