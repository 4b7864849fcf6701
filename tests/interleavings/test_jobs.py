"""Background work meets the people who ask for it, cancel it, and post beside it."""

from jobs.cancelling import cancel
from jobs.claiming import claim
from jobs.enqueue import enqueue
from jobs.files import NewFile
from jobs.models import Job
from jobs.running import run
from ledger.import_undo import ask_to_undo
from ledger.models import Entry
from ledger.reversal import reverse
from tests.constitution.raw import system_scope
from tests.interleavings.acts import JANUARY, closing, opens_its_own_scope, said

CSV = b"entry,date,account,debit,credit\n1,2025-01-15,1000,5.00,\n1,2025-01-15,4000,,5.00\n"


def test_a_job_is_asked_for_once(interleave):
    interleave(asking, asking)


def test_a_job_is_claimed_by_one_worker(interleave):
    interleave(claiming, claiming, given=asking)


def test_a_job_is_claimed_or_cancelled(interleave):
    interleave(claiming, cancelling, given=asking)


def test_an_import_meets_the_closing_of_its_period(interleave):
    interleave(running, closing(JANUARY), given=asking)


def test_an_import_that_two_workers_run_is_posted_once(interleave):
    interleave(running, running, given=asking)


def test_an_undo_is_asked_for_once(interleave):
    interleave(asking_to_undo, asking_to_undo, given=done_import)


def test_an_undo_meets_a_reversal_by_hand(interleave):
    interleave(running, reversing_by_hand, given=undo_under_way)


def asking(meeting):
    values = {"format": "csv", "dry_run": False, "name": "journal.csv"}
    return enqueue("ledger.import_journal", values, key="once", files=[NewFile("journal", CSV, "text/plain")]).key


def the_job(meeting, kind="ledger.import_journal"):
    with system_scope(meeting.company):
        return Job.objects.for_company(meeting.company).get(kind=meeting.kind if "kind" in vars(meeting) else kind)


@opens_its_own_scope
def claiming(meeting):
    return claim(meeting.company.pk, the_job(meeting).pk) is not None


def cancelling(meeting):
    asked = cancel(the_job(meeting))
    return asked.cancelled_by


@opens_its_own_scope
def running(meeting):
    run(meeting.company.pk, the_job(meeting).pk)


@opens_its_own_scope
def done_import(meeting):
    with system_scope(meeting.company):
        asking(meeting)
    running(meeting)


def asking_to_undo(meeting):
    return ask_to_undo(the_job(meeting), reason="wrong file").kind


@opens_its_own_scope
def undo_under_way(meeting):
    done_import(meeting)
    with system_scope(meeting.company):
        asking_to_undo(meeting)
    meeting.kind = "ledger.undo_import"


def reversing_by_hand(meeting):
    original = Entry.objects.for_company(meeting.company).get(reverses=None)
    return said(reverse(original.pk, date=original.date, reason="by hand"))
