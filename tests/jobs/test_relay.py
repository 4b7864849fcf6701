"""Nothing is lost: not while the broker is away, not when it forgets, not when a worker dies in the middle."""

import os
import signal
import time
from datetime import timedelta

import psutil
import pytest
import redis
from django.utils import timezone

from jobs import handover
from jobs.models import State
from jobs.relay import MOST_PER_COMPANY, relay
from tests.conftest import make_company
from tests.jobs.conftest import ask, change, look
from tests.jobs.until import until

pytestmark = pytest.mark.xdist_group("job workers")


@pytest.fixture
def handed(monkeypatch):
    """The ids that the relay offers, in place of a broker."""
    ids = []
    monkeypatch.setattr("jobs.relay.hand_over", lambda _company_id, job_id: ids.append(job_id) or True)
    monkeypatch.setattr("jobs.handover.hand_over", lambda *_ids: True)
    return ids


def test_the_relay_offers_what_is_due_and_nothing_else(committed_company, handed):
    now = timezone.now()
    fresh, forgotten, refused, later = (ask(committed_company, "count") for _ in range(4))
    ended, orphan, alive = (ask(committed_company, "count") for _ in range(3))
    change(forgotten, handed_at=now - timedelta(seconds=61))
    change(refused, handed_at=None)
    change(later, handed_at=None, run_after=now + timedelta(minutes=1))
    change(ended, handed_at=None, state=State.CANCELLED, finished_at=now)
    for job, lease in ((orphan, -1), (alive, 60)):
        until_ = now + timedelta(seconds=lease)
        change(job, state=State.RUNNING, lease_token=job.pk, lease_until=until_, handed_at=None)

    relay()
    mine = {job.pk for job in (fresh, forgotten, refused, later, ended, orphan, alive)}
    assert set(handed) & mine == {forgotten.pk, refused.pk, orphan.pk}

    handed.clear()
    relay()
    assert not set(handed) & mine, "what was offered a moment ago is not offered again"


def test_one_company_does_not_fill_the_round(committed_company, handed):
    small = make_company()
    one = ask(small, "count")
    jobs = [ask(committed_company, "count") for _ in range(MOST_PER_COMPANY + 5)]
    for job in (*jobs, one):
        change(job, handed_at=None)

    relay()

    assert len({job.pk for job in jobs} & set(handed)) == MOST_PER_COMPANY
    assert one.pk in handed


def test_trouble_in_one_company_is_not_the_others(committed_company, handed, monkeypatch):
    from django.db import OperationalError

    from jobs import relay as module

    other = make_company()
    jobs = [ask(committed_company, "count"), ask(other, "count")]
    for job in jobs:
        change(job, handed_at=None)
    original = module._relay_company

    def fail_once(company, depth):
        if company.pk == committed_company.pk:
            raise OperationalError("canceling statement due to lock timeout")
        return original(company, depth)

    monkeypatch.setattr(module, "_relay_company", fail_once)
    relay()

    assert {job.pk for job in jobs} & set(handed) == {jobs[1].pk}


def test_a_broker_that_is_down_loses_nothing(committed_company, broker, worker):
    broker.stop()
    started = time.monotonic()
    job = ask(committed_company, "count")
    another = ask(committed_company, "count")
    assert time.monotonic() - started < 3, "the asker does not wait for the broker"
    for one in (job, another):
        assert (look(one).state, look(one).handed_at) == (State.QUEUED, None)
    assert relay() == 0
    assert look(job).handed_at is None

    broker.start()
    worker()

    for one in (job, another):
        done = until(lambda one=one: (now := look(one)).state == State.SUCCEEDED and now, seconds=60)
        assert done.attempts == 1


def test_a_committed_job_reaches_the_worker_without_the_relay(committed_company, broker, worker, tmp_path):
    worker()
    first = ask(committed_company, "count")
    until(lambda: look(first).state == State.SUCCEEDED, seconds=60)

    job = ask(committed_company, "count")
    assert look(job).handed_at is not None or look(job).state != State.QUEUED
    until(lambda: look(job).state == State.SUCCEEDED, seconds=60)


def test_a_broker_that_was_restarted_gets_the_next_job_at_once(committed_company, broker):
    ask(committed_company, "count")
    broker.stop()
    broker.start()

    job = ask(committed_company, "count")

    assert look(job).handed_at is not None
    assert waiting_in(broker) == 1


def waiting_in(broker):
    with redis.Redis.from_url(broker.url) as client:
        return sum(client.llen(key) for key in client.keys("*celery") if client.type(key) == b"list")


def marks_of(path):
    return [line.split()[:2] for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.parametrize("victim", ["the whole worker", "the process that runs the job"])
def test_a_job_survives_the_death_of_its_worker(committed_company, broker, worker, tmp_path, victim):
    marks = tmp_path / "marks"
    first = worker()
    job = ask(committed_company, "mark_once", {"marks": str(marks)})
    until(lambda: look(job).done == 1, seconds=60)

    if victim == "the whole worker":
        first.kill()
        worker()
    else:
        pid = int(marks.read_text().split()[2])
        assert psutil.Process(pid).parent().pid == first.process.pid
        os.kill(pid, signal.SIGKILL)

    done = until(lambda: (now := look(job)).state == State.SUCCEEDED and now, seconds=60)
    assert (done.attempts, done.result) == (2, {"attempt": 2})
    assert marks_of(marks) == [["start", "1"], ["start", "2"], ["end", "2"]]


def test_the_patience_with_the_broker_is_a_setting(settings):
    settings.JOB_HANDOVER_SECONDS = 7
    assert handover.handover_patience() == timedelta(seconds=7)
