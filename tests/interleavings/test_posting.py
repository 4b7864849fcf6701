"""Posting meets posting: the same key, the same entry, batches crosswise."""

from tests.interleavings.acts import (
    JANUARY,
    closing,
    posted_entry,
    posting,
    posting_all,
    posting_batch,
    reversing,
)  # fmt: skip


def test_two_entries_do_not_wait_for_each_other(interleave):
    interleave(posting("a"), posting("b"))


def test_one_key_is_answered_once_and_then_again(interleave):
    interleave(posting("a"), posting("a"))


def test_one_key_takes_one_body(interleave):
    interleave(posting("a", "100.00"), posting("a", "200.00"))


def test_three_twins_post_one_entry(interleave):
    interleave(posting("a"), posting("a"), posting("a"))


def test_batches_with_the_same_keys_in_opposite_order_do_not_wait_in_a_circle(interleave):
    interleave(posting_all("a", "b", "c"), posting_all("c", "b", "a"))


def test_a_batch_and_a_single_entry_share_a_key(interleave):
    interleave(posting_all("a", "b"), posting("b"))


def test_batches_that_overlap_with_other_bodies_leave_one_of_them(interleave):
    interleave(posting_all("a", "b", amount="1.00"), posting_all("b", "c", amount="2.00"))


def test_a_batch_sent_twice_is_posted_once(interleave):
    interleave(posting_batch("batch", "1.00", "2.00"), posting_batch("batch", "1.00", "2.00"))


def test_an_entry_is_reversed_once_under_two_keys(interleave):
    interleave(reversing("first"), reversing("second"), given=posted_entry)


def test_an_entry_is_reversed_once_by_two_who_name_no_key(interleave):
    interleave(reversing(), reversing(), given=posted_entry)


def test_a_reversal_meets_the_closing_of_its_period(interleave):
    interleave(reversing("r", date=JANUARY), closing(JANUARY), given=posted_entry)
