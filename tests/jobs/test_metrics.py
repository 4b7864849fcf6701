"""What Prometheus learns of background work."""

from prometheus_client import REGISTRY

from jobs.relay import relay
from jobs.running import run
from tests.jobs.conftest import ask


def sample(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0


def test_attempts_are_counted_and_timed_by_what_became_of_them(committed_company):
    before = sample("daybook_job_attempts_total", kind="test.refuse", outcome="failed")
    job = ask(committed_company, "refuse")

    run(job.company_id, job.pk)
    run(job.company_id, job.pk)

    assert sample("daybook_job_attempts_total", kind="test.refuse", outcome="failed") == before + 1
    assert sample("daybook_job_duration_seconds_count", kind="test.refuse", outcome="failed") >= 1


def test_the_relay_counts_what_waits(committed_company):
    for _ in range(3):
        ask(committed_company, "bad_result")
    relay()
    waiting = sample("daybook_jobs_under_way", kind="test.bad_result", state="queued")
    ask(committed_company, "bad_result")

    relay()

    assert waiting >= 3
    assert sample("daybook_jobs_under_way", kind="test.bad_result", state="queued") == waiting + 1
    assert sample("daybook_jobs_under_way", kind="test.bad_result", state="running") == 0
