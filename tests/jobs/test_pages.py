"""The pages and the API of jobs: who sees them, what they say, and that the list does not get slower."""

import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.cancelling import cancel
from jobs.enqueue import enqueue
from jobs.files import NewFile, keep_file
from jobs.models import JobFile, State
from jobs.running import run
from tenants.models import AuditEvent
from tenants.scope import Actor, company_scope
from tests.conftest import make_api_client, make_company, make_member
from tests.jobs.conftest import ask, change, look


@pytest.fixture
def job(company):
    return ask(company, "count", {"total": 3}, files=[NewFile("journal", b"in", "text/plain")])


def page(job, name="job-detail", file=""):
    named = {"name": file} if file else {}
    return reverse(f"jobs:{name}", kwargs={"company": job.company.slug, "pk": job.pk, **named})


def list_of(company):
    return reverse("jobs:job-list", kwargs={"company": company.slug})


def queries(visit):
    with CaptureQueriesContext(connection) as captured:
        assert visit().status_code == 200
    return len(captured)


def test_the_list_costs_the_same_for_one_twenty_and_two_hundred(signed_in, api, company):
    browser, program = signed_in("clerk"), api("read")
    costs = set()
    with company_scope(company, actor=Actor.system("test")):
        for _ in range(2):  # whatever is read once only
            browser.get(list_of(company))
            program.get("jobs/")
    for more in (1, 19, 180):
        with company_scope(company, actor=Actor.system("test")):
            for _ in range(more):
                enqueue("test.count", {"total": 1})
        costs.add((queries(lambda: browser.get(list_of(company))), queries(lambda: program.get("jobs/"))))

    assert len(costs) == 1


def test_the_list_is_narrowed_by_state(signed_in, job, company):
    other = ask(company, "refuse")
    with company_scope(company, actor=Actor.system("test")):
        cancel(other)

    shown = signed_in("auditor").get(list_of(company), {"state": "cancelled"}).content.decode()

    assert page(other) in shown
    assert page(job) not in shown


def test_a_running_job_shows_a_bar_that_asks_for_itself_until_the_end(signed_in, job):
    browser = signed_in("clerk")
    change(
        job, state=State.RUNNING, lease_token=job.pk, lease_until=job.created_at, done=45, total=100, message="Row 45"
    )

    shown = browser.get(page(job)).content.decode()
    assert 'value="45" max="100"' in shown
    assert "Row 45" in shown
    assert 'hx-trigger="every 700ms"' in shown

    part = browser.get(page(job, "job-progress"), {"state": "running"})
    assert "<html" not in part.content.decode()
    assert "HX-Refresh" not in part

    change(job, state=State.SUCCEEDED, lease_token=None, lease_until=None, finished_at=job.created_at)
    part = browser.get(page(job, "job-progress"), {"state": "running"})
    assert part["HX-Refresh"] == "true"
    assert "hx-get" not in part.content.decode()


def test_a_failed_job_says_what_went_wrong_and_offers_a_retry(signed_in, job):
    change(
        job,
        state=State.FAILED,
        error_code="bad_file",
        error_message="Line 3 is <b>odd</b>.",
        finished_at=job.created_at,
    )
    browser = signed_in("accountant")

    shown = browser.get(page(job)).content.decode()
    assert "Line 3 is &lt;b&gt;odd&lt;/b&gt;." in shown
    assert page(job, "job-retry") in shown

    assert browser.post(page(job, "job-retry"), follow=True).status_code == 200
    assert look(job).state == State.QUEUED


def test_who_has_no_say_sees_no_buttons_and_is_refused(signed_in, job):
    browser = signed_in("clerk")

    assert page(job, "job-cancel") not in browser.get(page(job)).content.decode()
    shown = browser.post(page(job, "job-cancel"), follow=True).content.decode()

    assert "Cancel and retry background jobs" in shown
    assert look(job).state == State.QUEUED


def test_a_job_is_cancelled_from_its_page(signed_in, job):
    shown = signed_in("controller").post(page(job, "job-cancel"), follow=True).content.decode()

    assert "The job is cancelled." in shown
    assert "Cancelled by Controller." in shown
    assert look(job).state == State.CANCELLED


def test_a_file_is_saved_and_never_shown(signed_in, job, company):
    with company_scope(company, actor=Actor.system("test")):
        keep_file(job, JobFile.Role.OUTPUT, NewFile("größe.html", b"<script>", "text/html"))

    answer = signed_in("auditor").get(page(job, "job-file", file="größe.html"))

    assert answer.content == b"<script>"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''gr%C3%B6%C3%9Fe.html"
    assert answer["X-Content-Type-Options"] == "nosniff"
    with company_scope(company, actor=Actor.system("test")):
        assert AuditEvent.objects.for_company(company).get(operation="read").actor_type == "user"
    assert signed_in("auditor").get(page(job, "job-file", file="missing")).status_code == 404


def test_a_stranger_finds_no_job(client, job):
    other = make_company()
    client.force_login(make_member(other, "owner"), backend="django.contrib.auth.backends.ModelBackend")
    program = make_api_client(other, "admin")

    for name, method in (("job-detail", "get"), ("job-progress", "get"), ("job-cancel", "post"), ("job-retry", "post")):
        assert getattr(client, method)(page(job, name)).status_code == 404
        moved = page(job, name).replace(job.company.slug, other.slug)
        assert getattr(client, method)(moved).status_code == 404
    assert client.get(page(job, "job-file", file="journal").replace(job.company.slug, other.slug)).status_code == 404
    assert program.get(f"jobs/{job.pk}/").status_code == 404
    assert program.post(f"jobs/{job.pk}/cancel/").status_code == 404
    assert program.get(f"jobs/{job.pk}/files/journal/").status_code == 404
    assert look(job).state == State.QUEUED


def test_a_program_follows_its_job(committed_company):
    program = make_api_client(committed_company, "read", "write")
    job = ask(committed_company, "count", {"total": 3}, key="k", files=[NewFile("journal", b"in", "text/plain")])
    run(job.company_id, job.pk)

    answer = program.get(f"jobs/{job.pk}/")
    told = answer.json()
    assert (told["state"], told["key"], told["result"], told["done"], told["total"]) == (
        "succeeded", "k", {"counted": 3}, 3, 3,
    )  # fmt: skip
    assert [(file["role"], file["name"], file["sha256"]) for file in told["files"]] == [
        ("input", "journal", hashlib.sha256(b"in").hexdigest()),
        ("output", "report.txt", hashlib.sha256(b"counted").hexdigest()),
    ]
    assert answer["ETag"] == f'"{job.pk}.{told["version"]}"'
    assert program.get(f"jobs/{job.pk}/", fields="state,done").json() == {"state": "succeeded", "done": 3}
    file = program.client.get(f"{program.base}jobs/{job.pk}/files/report.txt/", headers={"Accept": "text/csv"})
    assert (file.status_code, file.content, file["Content-Type"]) == (200, b"counted", "text/plain; charset=utf-8")


def test_the_list_of_the_api_is_narrowed_and_refuses_nonsense(api, job, company):
    program = api("read")

    assert [row["id"] for row in program.get("jobs/", state="queued").json()["results"]] == [str(job.pk)]
    assert program.get("jobs/", state="failed").json()["results"] == []
    assert program.get("jobs/", kind="test.count\x00").status_code in (400, 422)
    assert program.get("jobs/", state="asleep").status_code in (400, 422)
    assert "parameters" not in program.get("jobs/").json()["results"][0]


def test_a_program_cancels_and_retries_once_under_a_key(api, job):
    program = api("write")

    first = program.post(f"jobs/{job.pk}/cancel/", key="c")
    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert program.post(f"jobs/{job.pk}/retry/", key="r").json()["state"] == "queued"
    assert program.post(f"jobs/{job.pk}/retry/", key="r").json()["state"] == "queued"
    again = program.post(f"jobs/{job.pk}/retry/")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_retry")
    assert program.post(f"jobs/{job.pk}/cancel/", key="c").json() == first.json()
    assert look(job).state == State.QUEUED


def test_a_program_that_only_reads_does_not_cancel_other_peoples_jobs(api, job):
    answer = api("read").post(f"jobs/{job.pk}/cancel/")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert look(job).state == State.QUEUED


def test_the_admin_looks_and_changes_nothing(signed_in, job, company):
    browser = signed_in("owner")
    browser.get(list_of(company))

    assert browser.get(reverse("admin:jobs_job_changelist")).status_code == 200
    address = reverse("admin:jobs_job_change", args=[job.pk])
    shown = browser.get(address).content.decode()
    assert "journal" in shown
    assert "lease" not in shown
    assert browser.post(address, {"state": "failed"}).status_code == 403
    assert browser.get(reverse("admin:jobs_job_add")).status_code == 403
