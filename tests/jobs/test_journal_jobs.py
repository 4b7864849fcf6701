"""Journals in and out in the background: by a real worker, and undone again by reversal."""

import datetime
import io
from decimal import Decimal

import pytest
from django.urls import reverse as url
from openpyxl import Workbook

from accounting.models import Period
from accounting.periods import set_lock_date
from jobs.enqueue import enqueue
from jobs.files import NewFile, content_of
from jobs.models import Job, JobFile, State
from jobs.running import run
from ledger.balances import balances
from ledger.import_undo import NothingToUndo, ask_to_undo
from ledger.models import Entry
from ledger.reversal import ReasonNeeded, reverse
from tenants.scope import Actor, company_scope
from tests.conftest import make_api_client, make_member
from tests.jobs.conftest import look
from tests.jobs.until import until

ROWS = "entry,date,account,debit,credit,memo\n" + "".join(
    f"{n},2026-0{1 + n % 3}-15,1000,{n}.10,,“Sale” {n}\n{n},2026-0{1 + n % 3}-15,4000,,{n}.10,\n" for n in range(1, 8)
)
CSV = ROWS.encode()


def inside(company):
    return company_scope(company, actor=Actor.system("test"))


def asked_import(company, content=CSV, format="csv", **parameters):
    with inside(company):
        file = NewFile("journal", content, "text/plain")
        values = {"format": format, "dry_run": False, "name": f"journal.{format}", **parameters}
        return enqueue("ledger.import_journal", values, files=[file])


def done_import(company, **options):
    job = asked_import(company, **options)
    run(company.pk, job.pk)
    return look(job)


def undone(job, reason="wrong file"):
    with inside(job.company):
        asked = ask_to_undo(job, reason=reason)
    run(job.company_id, asked.pk)
    return look(asked)


def figures(company):
    with inside(company):
        return {b.amount for b in balances(company, Period.objects.for_company(company).latest("end").end)} - {0}


def entries(company):
    with inside(company):
        return Entry.objects.for_company(company).count()


def test_a_worker_imports_a_journal_exports_it_and_undoes_the_import(committed_company, worker):
    worker()
    job = asked_import(committed_company)
    until(lambda: look(job).state == State.SUCCEEDED, seconds=60)

    assert look(job).result["entries"] == entries(committed_company) == 7
    assert figures(committed_company) == {Decimal("28.70"), Decimal("-28.70")}
    with inside(committed_company):
        export = enqueue("ledger.export_journal", {"format": "beancount"})
    until(lambda: look(export).state == State.SUCCEEDED, seconds=60)
    with inside(committed_company):
        text = content_of(look(export), f"{committed_company.slug}.beancount", JobFile.Role.OUTPUT).decode()
        undo = ask_to_undo(look(job), reason="wrong file")
    assert text.count("“Sale” ") == 7
    until(lambda: look(undo).state == State.SUCCEEDED, seconds=60)

    assert (entries(committed_company), figures(committed_company)) == (14, set())


def test_a_preview_stores_nothing_and_is_not_undone(committed_company):
    job = done_import(committed_company, dry_run=True)

    assert (job.state, job.result["entries"], entries(committed_company)) == (State.SUCCEEDED, 7, 0)
    with inside(committed_company), pytest.raises(NothingToUndo):
        ask_to_undo(job, reason="x")


def test_undoing_twice_is_undoing_once(committed_company):
    job = done_import(committed_company)
    first = undone(job)
    with inside(committed_company):
        assert ask_to_undo(job, reason="wrong file").pk == first.pk
    run(committed_company.pk, first.pk)

    assert (entries(committed_company), first.result) == (14, {"entries": 7})


def test_what_was_reversed_by_hand_is_not_reversed_again(committed_company):
    job = done_import(committed_company)
    with inside(committed_company):
        one = Entry.objects.for_company(committed_company).order_by("date").first()
        reverse(one.pk, date=one.date, reason="by hand")

    assert undone(job).result == {"entries": 6}
    assert (entries(committed_company), figures(committed_company)) == (14, set())


def test_a_lock_date_keeps_the_whole_import_as_it_is(committed_company):
    job = done_import(committed_company)
    with inside(committed_company):
        set_lock_date("all", datetime.date(2026, 1, 31))

    failed = undone(job)

    assert (failed.state, entries(committed_company)) == (State.FAILED, 7)
    assert failed.error_code == "books_locked"


def test_an_undo_says_why(committed_company):
    job = done_import(committed_company)
    with inside(committed_company), pytest.raises(ReasonNeeded):
        ask_to_undo(job, reason=" ")


def test_a_workbook_is_imported_like_its_rows(committed_company):
    book = Workbook()
    for row in (line.split(",") for line in ROWS.splitlines()):
        typed = [float(cell) if cell.replace(".", "").isdigit() and "." in cell else cell for cell in row]
        book.active.append(typed)
    file = io.BytesIO()
    book.save(file)

    job = done_import(committed_company, content=file.getvalue(), format="xlsx")

    assert job.result["problems"] == []
    assert figures(committed_company) == {Decimal("28.70"), Decimal("-28.70")}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", CSV, b"\xff\xfe\x00"])
def test_what_is_no_workbook_is_a_problem_with_a_code(committed_company, content):
    job = done_import(committed_company, content=content, format="xlsx")

    assert job.state == State.SUCCEEDED
    assert (content == CSV) == (not job.result["problems"])
    assert entries(committed_company) == (7 if content == CSV else 0)


def test_the_api_undoes_an_import(committed_company):
    job = done_import(committed_company)
    reader, poster = make_api_client(committed_company, "read"), make_api_client(committed_company, "write", "post")

    refused = reader.post(f"imports/{job.pk}/undo/", {"reason": "x"}, key="k")
    answer = poster.post(f"imports/{job.pk}/undo/", {"reason": "x"}, key="k")

    assert refused.status_code == 403
    assert (answer.status_code, answer.json()["kind"]) == (202, "ledger.undo_import"), answer.json()
    assert reader.client.get(answer["Location"]).status_code == 200


def test_the_page_offers_the_undo_and_shows_that_it_was_asked_for(committed_company, client):
    job = done_import(committed_company)
    client.force_login(make_member(committed_company, "accountant"))
    page = url("ledger:import-detail", args=[committed_company.slug, job.pk])
    act = url("ledger:import-undo", args=[committed_company.slug, job.pk])

    assert b"Reverse all its entries" in client.get(page).content
    assert client.post(act, {"reason": ""}, follow=True).status_code == 200
    followed = client.post(act, {"reason": "wrong file"}, follow=True)

    with inside(committed_company):
        assert Job.objects.for_company(committed_company).filter(kind="ledger.undo_import").count() == 1
    assert followed.status_code == 200
    assert b"Reverse all its entries" not in client.get(page).content
