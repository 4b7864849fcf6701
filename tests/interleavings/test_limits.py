"""Limits meet posters, each other, and refusals that are to be frozen."""

from ledger.api_bulk import post_each
from tests.interleavings.acts import (
    after,
    limiting,
    moving,
    moving_all,
    posting,
    posting_all,
    withdrawing,
)  # fmt: skip

A_HUNDRED_AND_NO_LESS = after(posting("start", "100.00"), limiting("1000", "0.00"))
BOTH_LIMITED = after(A_HUNDRED_AND_NO_LESS, moving("half", "50.00", "1000", "1500"), limiting("1500", "0.00"))


def test_two_withdrawals_do_not_take_more_than_there_is(interleave):
    interleave(withdrawing("a", "70.00"), withdrawing("b", "60.00"), given=A_HUNDRED_AND_NO_LESS)


def test_three_withdrawals_do_not_take_more_than_there_is(interleave):
    acts = [withdrawing("a", "70.00"), withdrawing("b", "60.00"), withdrawing("c", "30.00")]
    interleave(*acts, given=A_HUNDRED_AND_NO_LESS)


def test_one_withdrawal_sent_twice_is_made_once(interleave):
    interleave(withdrawing("a", "70.00"), withdrawing("a", "70.00"), given=A_HUNDRED_AND_NO_LESS)


def test_a_refused_withdrawal_sent_twice_is_refused_for_ever(interleave):
    acts = [withdrawing("a", "170.00"), withdrawing("a", "170.00"), posting("b", "100.00")]
    interleave(*acts, given=A_HUNDRED_AND_NO_LESS, most=30)


def test_entries_that_name_two_limits_in_opposite_order_do_not_wait_in_a_circle(interleave):
    interleave(moving("a", "40.00", "1000", "1500"), moving("b", "40.00", "1500", "1000"), given=BOTH_LIMITED)


def test_batches_that_name_two_limits_in_opposite_order_do_not_wait_in_a_circle(interleave):
    forwards = moving_all(("a", "10.00", "1000", "5000"), ("b", "10.00", "1500", "5000"))
    backwards = moving_all(("c", "45.00", "1500", "5000"), ("d", "45.00", "1000", "5000"))
    interleave(forwards, backwards, given=BOTH_LIMITED)


def test_a_limit_that_is_being_set_counts_the_poster_in_flight(interleave):
    interleave(withdrawing("a", "70.00"), limiting("1000", "0.00"), given=posting("start", "50.00"))


def test_two_who_set_the_same_limit_leave_one_of_them(interleave):
    interleave(limiting("1000", "-10.00"), limiting("1000", "-20.00"))


def test_a_key_is_refused_or_posted_in_a_batch_but_never_both(interleave):
    refused_alone = withdrawing("a", "200.00")
    covered_in_a_batch = moving_all(("a", "200.00", "1000", "5000"), ("z", "150.00", "4000", "1000"))
    interleave(refused_alone, covered_in_a_batch, given=A_HUNDRED_AND_NO_LESS, most=20)


def test_a_key_far_back_in_a_batch_is_refused_or_posted_but_never_both(interleave):
    refused_alone = withdrawing("b", "200.00")
    covered_in_a_batch = moving_all(("a", "150.00", "4000", "1000"), ("b", "200.00", "1000", "5000"))
    interleave(refused_alone, covered_in_a_batch, given=A_HUNDRED_AND_NO_LESS, most=30)


def test_calls_of_many_items_of_which_the_last_is_refused_do_not_wait_in_a_circle(interleave):
    """The first items of a call are posted together; the refusal of a later one is frozen in the same transaction."""
    interleave(each_of("a"), each_of("b"), given=A_HUNDRED_AND_NO_LESS)


def test_a_transaction_that_posts_twice_and_one_that_is_refused_do_not_wait_in_a_circle(interleave):
    twice = after(posting_all("a", "b"), posting_all("c", "d"))
    interleave(twice, withdrawing("e", "900.00"), given=A_HUNDRED_AND_NO_LESS)


def each_of(key):
    def post_items(_meeting):
        items = [body("1.00", "4000", "1500")] * 100 + [body("900.00", "1000", "5000"), body("1.00", "4000", "1500")]
        return [one["status"] for one in post_each({"entries": items}, key)]

    return post_items


def body(amount, source, target):
    lines = [{"account": source, "credit": amount}, {"account": target, "debit": amount}]
    return {"date": "2026-03-15", "lines": lines}
