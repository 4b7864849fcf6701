"""Reversing many entries in the background: each for itself, run twice harmlessly, what is refused is named."""

import datetime
from uuid import UUID

import pytest

from accounting.models import Period
from accounting.periods import close_period
from jobs.models import Job, State
from jobs.running import run
from ledger.bulk_reversal import NothingToReverse, ask_to_reverse
from ledger.models import Entry
from ledger.posting import post
from ledger.reversal import ReasonNeeded, reverse
from tenants.fields import new_id
from tests.books import DAY, sale
from tests.jobs.conftest import look
from tests.pages.conftest import inside

APRIL = datetime.date(2026, 4, 2)


def posted(company, count):
    with inside(company):
        return [post(sale(f"{n}.00", key=f"sale {n}")).id for n in range(1, count + 1)]


def ask(company, ids, date=APRIL, key=""):
    with inside(company):
        return ask_to_reverse(ids, date=date, reason="Wrong file", key=key)


def reversals(company):
    with inside(company):
        return Entry.objects.for_company(company).exclude(reverses=None).count()


def test_every_entry_is_reversed_once_and_the_rest_is_named(committed_company):
    company = committed_company
    ids = posted(company, 5)
    with inside(company):
        reverse(ids[0], date=APRIL, reason="By hand")
    job = ask(company, [*ids, new_id()])
    run(company.pk, job.pk)

    done = look(job)
    assert (done.state, done.done, done.total) == (State.SUCCEEDED, 6, 6)
    assert (done.result["reversed"], done.result["refused"]) == (4, 2)
    assert [one["code"] for one in done.result["refusals"]] == ["already_reversed", "not_found"]
    assert reversals(company) == 5


def test_a_job_that_runs_again_after_a_crash_goes_on(committed_company, monkeypatch):
    from ledger import bulk_reversal

    company = committed_company
    ids = posted(company, 4)
    job = ask(company, ids)
    real, calls = bulk_reversal._reverse_one, []

    def dies(*given):
        if len(calls) == 2:
            raise ConnectionError("killed")
        calls.append(given)
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(bulk_reversal, "_reverse_one", dies)
        run(company.pk, job.pk)
    assert reversals(company) == 2
    with inside(company):
        Job.objects.for_company(company).filter(pk=job.pk).update(run_after=datetime.datetime.now(datetime.UTC))
    run(company.pk, job.pk)
    done = look(job)
    assert (done.state, done.result["reversed"], done.result["refused"]) == (State.SUCCEEDED, 4, 0)
    assert reversals(company) == 4


def test_a_closed_period_refuses_its_own_and_the_others_go_on(committed_company):
    company = committed_company
    ids = posted(company, 1)
    with inside(company):
        ids.append(post(sale("9.00", key="later", date=APRIL)).id)
        for period in Period.objects.for_company(company).filter(start__lte=DAY).order_by("start"):
            close_period(period)
    job = ask(company, ids, date=None)
    run(company.pk, job.pk)

    done = look(job)
    assert [one["code"] for one in done.result["refusals"]] == ["period_closed"]
    assert UUID(done.result["refusals"][0]["entry"]) == ids[0]
    assert done.result["reversed"] == 1


def test_asking_twice_under_one_key_is_one_job_and_wrong_wishes_are_refused(committed_company):
    company = committed_company
    ids = posted(company, 1)
    assert ask(company, ids, key="k").pk == ask(company, ids, key="k").pk
    with inside(company):
        with pytest.raises(NothingToReverse):
            ask_to_reverse([], date=None, reason="x")
        with pytest.raises(ReasonNeeded):
            ask_to_reverse(ids, date=None, reason=" ")
