"""Many documents are posted in the background: numbered by date, each refusal named, run twice harmlessly."""

import datetime

from invoicing.bulk_posting import ask_to_post
from invoicing.models import Document
from jobs.models import State
from jobs.running import run
from tenants.fields import new_id
from tests.books import DAY
from tests.constitution.raw import system_scope
from tests.invoicing.papers import customer, draft, line
from tests.jobs.conftest import look


def numbers(company):
    with system_scope(company):
        rows = Document.objects.for_company(company).exclude(number="").order_by("number")
        return list(rows.values_list("number", "date"))


def test_they_are_numbered_by_date_and_what_is_refused_is_named(committed_company):
    company = committed_company
    with system_scope(company):
        buyer = customer()
        days = [DAY + datetime.timedelta(days=number) for number in (3, 1, 2)]
        ids = [draft(buyer, line("10.00"), date=day).pk for day in days]
        bad = draft(buyer, line("-1.00")).pk
        job = ask_to_post([*ids, bad, new_id()], key="all")
        assert ask_to_post([*ids, bad, new_id()], key="all2").pk != job.pk
    run(company.pk, job.pk)
    done = look(job)
    assert (done.state, done.done, done.total) == (State.SUCCEEDED, 4, 4)
    assert (done.result["posted"], done.result["refused"]) == (3, 1)
    assert [one["code"] for one in done.result["refusals"]] == ["invalid_document"]
    assert numbers(company) == [(f"INV-2026-0000{n}", day) for n, day in enumerate(sorted(days), 1)]


def test_run_again_it_posts_nothing_twice(committed_company, monkeypatch):
    company = committed_company
    monkeypatch.setattr("invoicing.bulk_posting.BATCH", 2)
    with system_scope(company):
        buyer = customer()
        job = ask_to_post([draft(buyer, line("10.00")).pk for _number in range(5)])
        again = ask_to_post(list(Document.objects.for_company(company).values_list("pk", flat=True)))
    run(company.pk, job.pk)
    run(company.pk, again.pk)
    assert (look(job).result["posted"], look(again).result["posted"]) == (5, 5)
    assert [number for number, _date in numbers(company)] == [f"INV-2026-0000{n}" for n in range(1, 6)]
