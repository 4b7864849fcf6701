"""Closing, reopening and locking meet posting and each other."""

import datetime

from django.utils import timezone

from accounting.lock_exceptions import approve_exception, ask_exception, end_exception
from ledger.models import Entry
from tenants.scope import Actor, acting_as
from tests.interleavings.acts import (
    FEBRUARY,
    JANUARY,
    MARCH,
    after,
    closing,
    locking,
    posting,
    posting_batch,
    reopening,
)  # fmt: skip

SOON = datetime.timedelta(hours=1)
END_OF_JANUARY = datetime.date(2025, 1, 31)
END_OF_MARCH = datetime.date(2025, 3, 31)


def test_posting_meets_closing(interleave):
    interleave(posting("a", date=JANUARY), closing(JANUARY))


def test_what_stands_in_a_period_when_it_is_closed_is_all_that_ever_will(interleave):
    interleave(posting("a", date=JANUARY), closing_and_counting, most=20)


def test_posting_meets_soft_closing(interleave):
    interleave(posting("a", date=JANUARY), closing(JANUARY, soft=True))


def test_two_posters_meet_closing(interleave):
    interleave(posting("a", date=JANUARY), posting("b", date=JANUARY), closing(JANUARY))


def test_a_batch_meets_closing_of_one_of_its_days(interleave):
    interleave(posting_batch("batch", "1.00", "2.00", date=JANUARY), closing(JANUARY))


def test_posting_meets_reopening(interleave):
    interleave(posting("a", date=JANUARY), reopening(JANUARY), given=closing(JANUARY))


def test_posting_meets_a_lock_date(interleave):
    interleave(posting("a", date=JANUARY), locking(END_OF_JANUARY))


def test_posting_meets_the_lifting_of_a_lock_date(interleave):
    lifting = locking(None, reason="an invoice was late")
    interleave(posting("a", date=JANUARY), lifting, given=locking(END_OF_JANUARY))


def test_posting_meets_the_end_of_a_lock_exception(interleave):
    interleave(posting("a", date=JANUARY), ending_the_exception, given=locking_but_for_all)


def locking_but_for_all(meeting):
    """Nobody posts in January, but everybody may."""
    locking(END_OF_JANUARY)(meeting)
    with acting_as(Actor.system("asks")):
        asked = ask_exception("all", start=JANUARY, expires_at=timezone.now() + SOON, reason="late bill")
    return approve_exception(asked.pk).pk


def ending_the_exception(meeting):
    """Lock again at once; answers with how many entries the locked days hold from now on."""
    end_exception(meeting.given)
    return Entry.objects.for_company(meeting.company).filter(date__lte=END_OF_JANUARY).count()


def test_a_period_is_closed_by_two(interleave):
    interleave(closing(JANUARY), closing(JANUARY))


def test_a_period_is_closed_and_reopened(interleave):
    interleave(closing(JANUARY), reopening(JANUARY))


def test_periods_close_from_the_first(interleave):
    interleave(closing(JANUARY), closing(FEBRUARY))


def test_a_period_is_not_reopened_under_one_that_is_being_closed(interleave):
    interleave(closing(FEBRUARY), reopening(JANUARY), given=closing(JANUARY))


def test_periods_reopen_from_the_last(interleave):
    given = after(closing(JANUARY), closing(FEBRUARY))
    interleave(reopening(JANUARY), reopening(FEBRUARY), given=given)


def test_two_who_close_several_periods_softly_do_not_wait_in_a_circle(interleave):
    forwards = after(closing(JANUARY, soft=True), closing(FEBRUARY, soft=True))
    backwards = after(closing(FEBRUARY, soft=True), closing(JANUARY, soft=True))
    interleave(forwards, backwards)


def test_a_lock_date_is_set_by_two(interleave):
    interleave(locking(END_OF_JANUARY), locking(END_OF_MARCH))


def test_a_lock_date_is_moved_by_two(interleave):
    given = locking(MARCH)
    interleave(locking(END_OF_MARCH), locking(END_OF_JANUARY, reason="an invoice was late"), given=given)


def test_a_lock_date_is_moved_and_lifted(interleave):
    lifting = locking(None, reason="an invoice was late")
    interleave(locking(END_OF_MARCH), lifting, given=locking(MARCH))


def closing_and_counting(meeting):
    status = closing(JANUARY)(meeting)
    return status, Entry.objects.for_company(meeting.company).filter(date=JANUARY).count()
