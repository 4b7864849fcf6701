"""What becomes of a job: done, refused, failed, tried again, cancelled; once, whoever delivers it twice."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from jobs.cancelling import JobHasEnded, cancel
from jobs.claiming import Outcome, claim, record
from jobs.models import State
from jobs.retrying import NothingToRetry, retry
from jobs.running import run
from tenants.refusal import NotPermitted
from tenants.scope import Actor, company_scope
from tests.conftest import make_company, make_member
from tests.jobs.conftest import ask, change, look
from tests.jobs.handlers import calls
from tests.jobs.until import until


def run_in_thread(job):
    def work():
        try:
            run(job.company_id, job.pk)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_job_is_done_and_says_what_came_of_it(committed_company):
    job = ask(committed_company, "count", {"total": 3})
    assert (job.state, job.key) == (State.QUEUED, str(job.pk))

    run(job.company_id, job.pk)

    done = look(job)
    assert (done.state, done.result, done.done, done.total, done.message) == (
        State.SUCCEEDED, {"counted": 3}, 3, 3, "Row 3",
    )  # fmt: skip
    assert (done.attempts, done.error_code, done.lease_token) == (1, "", None)
    assert done.finished_at is not None


def test_a_job_delivered_twice_is_done_once(committed_company):
    job = ask(committed_company, "count")

    run(job.company_id, job.pk)
    run(job.company_id, job.pk)

    assert len(calls) == 1
    assert look(job).attempts == 1


def test_two_workers_at_the_same_moment_do_it_once(committed_company, tmp_path):
    release = tmp_path / "release"
    job = ask(committed_company, "hold", {"until": str(release)})

    threads = [run_in_thread(job) for _ in range(4)]
    until(lambda: look(job).state == State.RUNNING)
    until(lambda: sum(thread.is_alive() for thread in threads) == 1)
    release.touch()
    for thread in threads:
        thread.join(20)

    assert len(calls) == 1
    assert (look(job).state, look(job).attempts) == (State.SUCCEEDED, 1)


def test_progress_is_seen_while_the_handlers_transaction_is_open(committed_company, tmp_path):
    release = tmp_path / "release"
    job = ask(committed_company, "hold_in_transaction", {"until": str(release)})

    thread = run_in_thread(job)
    seen = until(lambda: (now := look(job)).done and now)

    assert (seen.state, seen.done, seen.total, seen.message, seen.percent) == (State.RUNNING, 1, 2, "Holding", 50)
    with company_scope(committed_company, actor=Actor.system("test")):
        assert not job.files.exists(), "what the handler wrote is not committed yet"
    release.touch()
    thread.join(20)
    with company_scope(committed_company, actor=Actor.system("test")):
        assert [file.name for file in job.files.all()] == ["draft.txt"]


def test_a_running_job_that_is_cancelled_stops_and_leaves_nothing(committed_company, tmp_path):
    job = ask(committed_company, "hold_in_transaction", {"until": str(tmp_path / "never")})
    thread = run_in_thread(job)
    until(lambda: look(job).done)

    with company_scope(committed_company, actor=Actor.system("Olga")):
        asked = cancel(job)
        assert (asked.state, asked.cancel_requested) == (State.RUNNING, True)
    thread.join(20)

    stopped = look(job)
    assert (stopped.state, stopped.cancelled_by, stopped.result) == (State.CANCELLED, "Olga", None)
    with company_scope(committed_company, actor=Actor.system("test")):
        assert not job.files.exists()


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(committed_company):
    job = ask(committed_company, "count")
    with company_scope(committed_company, actor=Actor.system("Olga")):
        assert cancel(job).state == State.CANCELLED
        assert cancel(job).state == State.CANCELLED

    run(job.company_id, job.pk)

    assert calls == []


def test_a_refusal_is_final_and_said_in_its_own_words(committed_company):
    job = ask(committed_company, "refuse")

    run(job.company_id, job.pk)

    failed = look(job)
    assert (failed.state, failed.error_code, failed.error_message) == (
        State.FAILED, "nothing_to_do", "The file is empty.",
    )  # fmt: skip
    assert failed.attempts == 1


@pytest.mark.parametrize("kind", ["break_down", "bad_result"])
def test_a_fault_of_ours_is_a_kind_sentence_without_its_innards(committed_company, kind):
    job = ask(committed_company, kind)

    run(job.company_id, job.pk)

    failed = look(job)
    assert (failed.state, failed.error_code) == (State.FAILED, "internal_error")
    assert str(job.pk) in failed.error_message
    assert "42" not in failed.error_message.replace(str(job.pk), "")


@pytest.mark.parametrize("kind", ["flaky", "lose_connection"])
def test_a_passing_trouble_is_tried_again_after_a_while(committed_company, kind, settings):
    settings.JOB_BACKOFF_SECONDS = 60
    job = ask(committed_company, kind)

    run(job.company_id, job.pk)
    waiting = look(job)
    assert (waiting.state, waiting.attempts, waiting.error_code) == (State.QUEUED, 1, "unavailable")
    assert timedelta(seconds=25) < waiting.run_after - timezone.now() <= timedelta(seconds=60)
    run(job.company_id, job.pk)
    assert len(calls) == 1, "its time has not come"

    change(job, run_after=timezone.now())
    run(job.company_id, job.pk)
    done = look(job)
    assert (done.state, done.result, done.error_code, done.error_message) == (State.SUCCEEDED, {"attempt": 2}, "", "")


def test_attempts_grow_further_apart_and_end(committed_company, settings):
    settings.JOB_BACKOFF_SECONDS = 60
    job = ask(committed_company, "unreachable")
    waits = []

    for _ in range(5):
        change(job, run_after=timezone.now())
        run(job.company_id, job.pk)
        waits.append((look(job).run_after - timezone.now()).total_seconds())

    failed = look(job)
    # Each wait is measured some moments after it was set, so its lower bound gives way by a few seconds.
    bounds = ((25, 60), (55, 120), (115, 240), (235, 480))
    assert [low < wait <= high for (low, high), wait in zip(bounds, waits, strict=False)] == [True] * 4
    assert (failed.state, failed.error_code, len(calls)) == (State.FAILED, "unavailable", 5)
    assert failed.error_message == "The bank does not answer. Daybook tried 5 times. Retry the job later."


def test_a_failed_job_is_retried_under_its_key(committed_company):
    job = ask(committed_company, "refuse", key="import:1")
    run(job.company_id, job.pk)

    with company_scope(committed_company, actor=Actor.system("Olga")):
        again = retry(job)
        assert (again.state, again.attempts, again.error_code, again.finished_at) == (State.QUEUED, 0, "", None)
        with pytest.raises(NothingToRetry):
            retry(job)
    run(job.company_id, job.pk)

    assert [call.key for call in calls] == ["import:1", "import:1"]
    with company_scope(committed_company, actor=Actor.system("Olga")), pytest.raises(JobHasEnded):
        cancel(job)


def test_a_worker_that_lost_its_lease_records_nothing(committed_company):
    job = ask(committed_company, "count")
    stale = claim(job.company_id, job.pk)
    change(job, lease_until=timezone.now() - timedelta(seconds=1))
    holder = claim(job.company_id, job.pk)

    assert record(stale, Outcome(State.FAILED, error_code="stale")) is False
    assert (look(job).state, look(job).attempts) == (State.RUNNING, 2)
    assert record(holder, Outcome(State.SUCCEEDED)) is True


def test_a_worker_that_lost_its_lease_stops_at_its_next_step(committed_company, tmp_path, settings):
    job = ask(committed_company, "hold", {"until": str(tmp_path / "never")})
    thread = run_in_thread(job)
    until(lambda: look(job).done)

    change(job, lease_token=job.pk)  # somebody else's
    thread.join(20)

    assert not thread.is_alive()
    assert look(job).state == State.RUNNING


def test_the_lease_of_a_slow_step_is_renewed(committed_company, tmp_path, settings):
    settings.JOB_LEASE_SECONDS = 1
    release = tmp_path / "release"
    job = ask(committed_company, "hold", {"until": str(release)})
    thread = run_in_thread(job)
    first = until(lambda: look(job).lease_until)

    until(lambda: look(job).lease_until > first + timedelta(seconds=1))
    run(job.company_id, job.pk)
    release.touch()
    thread.join(20)

    assert (len(calls), look(job).attempts, look(job).state) == (1, 1, State.SUCCEEDED)


def test_a_job_whose_workers_keep_dying_fails_in_the_end(committed_company):
    job = ask(committed_company, "count")
    for _ in range(5):
        assert claim(job.company_id, job.pk)
        change(job, lease_until=timezone.now() - timedelta(seconds=1))

    run(job.company_id, job.pk)

    failed = look(job)
    assert (failed.state, failed.error_code, failed.attempts, calls) == (State.FAILED, "interrupted", 5, [])


def test_an_orphan_that_was_cancelled_is_not_taken_up_again(committed_company):
    job = ask(committed_company, "count")
    claim(job.company_id, job.pk)
    change(job, lease_until=timezone.now() - timedelta(seconds=1), cancel_requested=True)

    run(job.company_id, job.pk)

    assert (look(job).state, calls) == (State.CANCELLED, [])


def test_texts_that_no_database_keeps_do_not_break_the_record(committed_company):
    job = ask(committed_company, "odd_result")

    run(job.company_id, job.pk)

    assert (look(job).state, look(job).result) == (State.SUCCEEDED, {"text": "a\ufffdb\ufffdc"})
    assert look(job).message == "zero \ufffd and half \ufffd"


def test_a_job_acts_for_its_asker_with_what_the_asker_may(committed_company):
    from tenants.permissions import permissions_of_role

    clerk = make_member(committed_company, "clerk")
    asker = Actor(type="user", id=clerk.pk, name="Clara", permissions=permissions_of_role("clerk"))
    job = ask(committed_company, "count", actor=asker)

    run(job.company_id, job.pk)

    actor = calls[0].actor
    assert (actor.type, actor.id, actor.name, actor.on_behalf_of) == ("job", clerk.pk, "Clara", "Clara")
    assert (actor.permissions, actor.request_id) == (permissions_of_role("clerk"), f"job:{job.pk}")


def test_a_job_does_not_do_what_its_asker_may_no_longer_do(committed_company):
    from tenants.models import Membership
    from tenants.permissions import permissions_of_role

    user = make_member(committed_company, "accountant")
    asker = Actor(type="user", id=user.pk, name="Anna", permissions=permissions_of_role("accountant"))
    job = ask(committed_company, "count", actor=asker)
    with company_scope(committed_company, actor=Actor.system("test")):
        Membership.objects.for_company(committed_company).update(role="clerk")

    run(job.company_id, job.pk)

    assert calls[0].actor.permissions == permissions_of_role("clerk")


def test_a_job_of_somebody_who_left_is_refused(committed_company):
    from tenants.models import Membership
    from tenants.permissions import permissions_of_role

    clerk = make_member(committed_company, "clerk")
    asker = Actor(type="user", id=clerk.pk, name="Clara", permissions=permissions_of_role("clerk"))
    job = ask(committed_company, "count", actor=asker)
    with company_scope(committed_company, actor=Actor.system("test")):
        Membership.objects.for_company(committed_company).update(is_active=False)

    run(job.company_id, job.pk)

    assert (look(job).state, look(job).error_code, calls) == (State.FAILED, "not_permitted", [])
    assert look(job).error_message == "Clara may no longer work in this company."


def test_only_the_asker_and_who_manages_jobs_may_cancel_and_retry(company):
    from tenants.permissions import permissions_of_role

    def actor(role):
        user = make_member(company, role)
        return Actor(type="user", id=user.pk, name=role, permissions=permissions_of_role(role))

    clara, carl, anna = actor("clerk"), actor("clerk"), actor("accountant")
    job = ask(company, "count", actor=clara)
    for act in (cancel, retry):
        with company_scope(company, actor=carl), pytest.raises(NotPermitted):
            act(job)
    for one in (clara, anna):
        with company_scope(company, actor=one):
            assert cancel(job).state == State.CANCELLED
            assert retry(job).state == State.QUEUED


def test_a_job_of_one_company_is_nothing_to_another(committed_company):
    from jobs.files import NewFile, keep_file
    from jobs.models import Job

    other = make_company()
    job = ask(committed_company, "count")

    run(other.pk, job.pk)

    assert (look(job).state, calls) == (State.QUEUED, [])
    with company_scope(other, actor=Actor.system("test")):
        assert not Job.objects.filter(pk=job.pk).exists(), "row-level security"
        stolen = Job(id=job.pk, company=other)
        with pytest.raises(IntegrityError, match="jobs_jobfile_job_id_company"), transaction.atomic():
            keep_file(stolen, "output", NewFile("stolen", b""))
