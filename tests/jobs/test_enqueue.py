"""Asking for work: with the caller's transaction, once under a key, and handed to the broker after the commit."""

import hashlib
import threading

import pytest
from django.db import connections, transaction

from jobs.enqueue import BadJobKey, JobKeyReused, QueueFull, UnknownKind, enqueue
from jobs.files import BadFileName, FileTooLarge, NewFile, content_of, download, files_of, keep_file
from jobs.models import LARGEST_FILE, Job, JobFile
from tenants.models import AuditEvent
from tenants.refusal import NotFound
from tenants.scope import Actor, acting_as, company_scope
from tests.jobs.conftest import ask, look


def test_work_exists_only_if_its_transaction_commits(committed_company):
    with company_scope(committed_company, actor=Actor.system("test")):
        enqueue("test.count", {})
        transaction.set_rollback(True)

    with company_scope(committed_company, actor=Actor.system("test")):
        assert not Job.objects.for_company(committed_company).exists()


def test_asking_twice_under_one_key_makes_one_job(scope):
    file = NewFile("journal", b"2026-01-01", "text/plain")
    first = enqueue("test.count", {"total": 3}, key="k", files=[file])

    assert enqueue("test.count", {"total": 3}, key="k", files=[file]).pk == first.pk
    assert Job.objects.for_company(scope.company).count() == 1
    for kind, parameters, files in (
        ("test.refuse", {"total": 3}, [file]),
        ("test.count", {"total": 4}, [file]),
        ("test.count", {"total": 3}, [NewFile("journal", b"other")]),
    ):
        with pytest.raises(JobKeyReused):
            enqueue(kind, parameters, key="k", files=files)


def test_twins_that_ask_at_the_same_moment_make_one_job(committed_company):
    ids, start = [], threading.Barrier(6)

    def work():
        try:
            start.wait(10)
            ids.append(ask(committed_company, "count", key="race").pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert (len(ids), len(set(ids))) == (6, 1)


def test_what_cannot_be_kept_is_refused(scope):
    with pytest.raises(UnknownKind):
        enqueue("test.nothing", {})
    with pytest.raises(BadJobKey):
        enqueue("test.count", {}, key="k" * 201)
    with pytest.raises(ValueError, match="JSON"):
        enqueue("test.count", {"share": float("nan")})
    for name in ("", "a/b", "..", "line\nbreak", "n" * 201):
        with pytest.raises(BadFileName):
            enqueue("test.count", {}, files=[NewFile(name, b"")])
    with pytest.raises(FileTooLarge):
        enqueue("test.count", {}, files=[NewFile("big", b"x" * (LARGEST_FILE + 1))])


def test_parameters_are_kept_as_json_gives_them_back(scope):
    from decimal import Decimal

    job = enqueue("test.count", {"amount": Decimal("1.50"), "rows": (1, 2), "text": "a\x00b"})

    assert look(job).parameters == {"amount": "1.50", "rows": [1, 2], "text": "a\ufffdb"}


def test_a_later_file_takes_the_place_of_an_earlier_one(scope):
    job = enqueue("test.count", {}, files=[NewFile("journal", b"in")])
    for content in (b"first", b"second", b"second"):
        keep_file(job, JobFile.Role.OUTPUT, NewFile("report.txt", content, "bad type\r\nX: y"))

    assert [(file.role, file.name, file.size, file.content_type) for file in files_of(job)] == [
        ("input", "journal", 2, "application/octet-stream"),
        ("output", "report.txt", 6, "application/octet-stream"),
    ]
    assert content_of(job, "report.txt", JobFile.Role.OUTPUT) == b"second"
    assert job.files.count() == 3
    with pytest.raises(NotFound):
        content_of(job, "journal", JobFile.Role.OUTPUT)


def test_a_download_is_in_the_trail(scope):
    job = enqueue("test.count", {}, files=[NewFile("journal", b"in")])

    assert bytes(download(job, "journal").content) == b"in"

    read = AuditEvent.objects.for_company(scope.company).get(operation="read")
    assert (read.subject, read.after) == ("jobs_jobfile", {"file": "journal"})


def test_the_database_itself_keeps_files_whole(scope):
    from django.db import Error

    job = enqueue("test.count", {}, files=[NewFile("journal", b"in")])
    for values in ({"size": 3}, {"sha256": b"x" * 32}):
        row = {"content": b"ab", "size": 2, "sha256": hashlib.sha256(b"ab").digest(), **values}
        with pytest.raises(Error), transaction.atomic():
            JobFile.objects.create(company=scope.company, job=job, role="output", name="f", content_type="a/b", **row)
    with pytest.raises(Error), transaction.atomic():
        job.files.update(name="other")
    with pytest.raises(Error), transaction.atomic():
        Job.objects.for_company(scope.company).filter(pk=job.pk).delete()


def test_a_full_queue_takes_no_more_and_keeps_what_it_has(scope, monkeypatch):
    monkeypatch.setattr("jobs.enqueue.MAX_UNDER_WAY", 2)
    person = Actor(type="user", name="ann")
    with acting_as(person):
        first = enqueue("test.count", {}, key="a")
        enqueue("test.count", {}, key="b")

        with pytest.raises(QueueFull) as caught:
            enqueue("test.count", {}, key="c")

        assert (caught.value.status, caught.value.context["retry_after"] > 0) == (503, True)
        assert enqueue("test.count", {}, key="a") == first
    with acting_as(Actor.system("clock")):
        assert enqueue("test.count", {}, key="scheduled")
    assert set(Job.objects.for_company(scope.company).values_list("key", flat=True)) == {"a", "b", "scheduled"}


def test_the_trail_tells_of_a_file_and_does_not_hold_it(scope):
    enqueue("test.count", {}, files=[NewFile("journal", b"the whole of the books", "text/plain")])

    event = AuditEvent.objects.for_company(scope.company).get(subject="jobs_jobfile", operation="insert")
    assert "content" not in event.after
    assert {"name", "sha256", "size"} <= set(event.after)
