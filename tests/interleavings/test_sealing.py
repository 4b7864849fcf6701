"""The sealer meets posters, closers and another sealer: every number once, every line rolled up once."""

from tests.interleavings.acts import (
    JANUARY,
    after,
    closing,
    posted_entry,
    posting,
    posting_batch,
    reopening,
    reversing,
    sealing,
)  # fmt: skip


def test_posting_meets_sealing(interleave):
    interleave(posting("a"), sealing, given=posting("before"))


def test_the_first_entry_of_a_company_meets_its_first_sealing(interleave):
    interleave(posting("a"), sealing)


def test_two_posters_meet_sealing(interleave):
    interleave(posting("a"), posting("b"), sealing)


def test_two_sealers_number_an_entry_once(interleave):
    interleave(sealing, sealing, given=after(posting("a"), posting("b")))


def test_two_sealers_meet_a_poster(interleave):
    interleave(sealing, sealing, posting("b"), given=posting("a"))


def test_a_batch_meets_sealing(interleave):
    interleave(posting_batch("batch", "1.00", "2.00"), sealing)


def test_a_reversal_meets_the_sealing_of_its_original(interleave):
    interleave(reversing("r"), sealing, given=posted_entry)


def test_closing_meets_sealing(interleave):
    interleave(closing(JANUARY), sealing, given=posting("a", date=JANUARY))


def test_posting_meets_sealing_and_closing(interleave):
    interleave(posting("a", date=JANUARY), sealing, closing(JANUARY))


def test_reopening_meets_sealing(interleave):
    given = after(posting("a", date=JANUARY), closing(JANUARY))
    interleave(reopening(JANUARY), sealing, given=given)
