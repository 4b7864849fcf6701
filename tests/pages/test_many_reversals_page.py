"""Entries are corrected from their page, and many of them reversed from the journal."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.models import Period
from accounting.periods import close_period
from jobs.models import Job, State
from jobs.running import run
from ledger import bulk_reversal
from ledger.models import Draft, Entry
from ledger.reversal import reverse
from tests.books import sale
from tests.conftest import make_company, make_member
from tests.pages.conftest import fetched, inside

MARCH = "2026-03-20"


def text(answer):
    return answer.content.decode()


@pytest.fixture
def three(post_entries):
    return [one.id for one in post_entries(*(sale(f"{n}.00", key=f"sale {n}", memo=f"Sale {n}") for n in (1, 2, 3)))]


def choose(client, page_of, ids=(), **fields):
    return client.post(page_of("ledger:bulk-reversal-new"), {"entry": [str(pk) for pk in ids], **fields}, follow=True)


def start(client, page_of, ids, **changes):
    fields = {
        "entries": " ".join(map(str, ids)), "key": "k", "dated": "own", "date": "", "reason": "Wrong file", **changes,
    }  # fmt: skip
    return client.post(page_of("ledger:bulk-reversal-start"), fields)


def test_a_correction_reverses_the_entry_and_opens_the_draft(signed_in, page_of, company, three):
    client = signed_in("accountant")
    assert page_of("ledger:entry-correct", three[0]) in text(client.get(page_of("ledger:entry-detail", three[0])))
    answer = client.post(page_of("ledger:entry-correct", three[0]), {"date": MARCH, "reason": "Wrong account"})

    draft = fetched(company, Draft)
    assert answer.url == page_of("ledger:draft-edit", draft.pk)
    assert client.get(answer.url).status_code == 200
    mirror = fetched(company, Entry, reverses_id=three[0])
    assert (mirror.date, mirror.reason) == (datetime.date(2026, 3, 20), "Wrong account")
    page = text(client.get(page_of("ledger:entry-detail", three[0])))
    assert page_of("ledger:draft-detail", draft.pk) in page
    assert page_of("ledger:entry-correct", three[0]) not in page
    again = client.post(page_of("ledger:entry-correct", three[0]), {"date": MARCH, "reason": "Wrong account"})
    assert again.url == answer.url


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": " "}, "This field is required"),
        ({"date": ""}, "This field is required"),
        ({"date": "2026-01-01"}, "not dated before its original"),
        ({"date": "2019-01-01"}, "not dated before its original"),
        ({"date": "2031-01-01"}, "no fiscal year"),
    ],
)
def test_a_correction_that_is_refused_keeps_what_was_typed(signed_in, page_of, company, three, changes, message):
    fields = {"date": MARCH, "reason": "Wrong account", **changes}
    answer = signed_in("accountant").post(page_of("ledger:entry-correct", three[0]), fields)

    assert answer.status_code == 422
    assert message in text(answer)
    assert fields["reason"].strip() in text(answer)
    with inside(company):
        assert not Draft.objects.for_company(company).exists()
        assert Entry.objects.for_company(company).count() == 3


def test_who_may_not_reverse_corrects_nothing(signed_in, page_of, company, three):
    for role in ("clerk", "approver", "auditor"):
        client = signed_in(role)
        assert page_of("ledger:entry-correct", three[0]) not in text(
            client.get(page_of("ledger:entry-detail", three[0]))
        )
        assert client.post(page_of("ledger:entry-correct", three[0]), {"date": MARCH, "reason": "x"}).status_code == 403


def test_ticked_entries_are_confirmed_and_reversed_in_a_job(signed_in, page_of, company, three):
    client = signed_in("accountant")
    assert 'name="entry"' in text(client.get(page_of("ledger:entry-list")))
    page = text(choose(client, page_of, three[:2]))
    assert "Reverse 2 entries" in page
    assert "Sale 2" in page
    assert "Sale 3" not in page

    answer = start(client, page_of, three[:2])
    job = fetched(company, Job)
    assert answer.url == page_of("ledger:bulk-reversal", job.pk)
    assert job.parameters == {"entries": [str(pk) for pk in three[:2]], "date": None, "reason": "Wrong file"}
    assert start(client, page_of, three[:2]).url == answer.url
    page = text(client.get(answer.url))
    assert page_of("jobs:job-progress", job.pk) in page
    assert "Each on its own date" in page
    assert answer.url in text(client.get(page_of("jobs:job-detail", job.pk)))


def test_all_that_match_leaves_out_what_is_reversed_and_reversals(signed_in, page_of, company, three, post_entries):
    post_entries(sale("9.00", key="april", date=datetime.date(2026, 4, 1)))
    with inside(company):
        reverse(three[0], date=datetime.date(2026, 3, 20), reason="By hand")
    client = signed_in("accountant")
    page = text(choose(client, page_of, all="yes", filter="?to=2026-03-31"))

    assert "Reverse 2 entries" in page
    assert str(three[0]) not in page
    assert str(three[1]) in page


def test_a_filter_that_matches_nothing_or_too_much_is_said_in_the_list(signed_in, page_of, company, three, monkeypatch):
    client = signed_in("accountant")
    assert "No entry of the list can be reversed" in text(choose(client, page_of, all="yes", filter="?text=nothing"))
    assert "Tick the entries" in text(choose(client, page_of))
    monkeypatch.setattr("ledger.views_bulk_reversal.MOST", 2)
    answer = choose(client, page_of, all="yes", filter="?to=2026-12-31")
    assert "More than 2 entries match" in text(answer)
    assert answer.request["QUERY_STRING"] == "to=2026-12-31"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": ""}, "This field is required"),
        ({"dated": "day"}, "Name the day"),
        ({"dated": "day", "date": "x"}, "Enter a valid date"),
        ({"dated": "odd"}, "Select a valid choice"),
        ({"entries": "x"}, "Name 1 to 10,000 entries"),
    ],
)
def test_a_wish_that_is_refused_comes_back_whole(signed_in, page_of, company, three, changes, message):
    answer = start(signed_in("accountant"), page_of, three, **changes)

    assert answer.status_code == 422
    assert message in text(answer)
    assert changes.get("reason", "Wrong file") in text(answer)
    assert str(three[2]) in text(answer) or "entries" in changes
    with inside(company):
        assert not Job.objects.for_company(company).exists()


def test_the_page_of_the_job_lists_what_was_refused_and_why(committed_company, client):
    from django.urls import reverse as address

    company = committed_company
    client.force_login(make_member(company, "controller"), "django.contrib.auth.backends.ModelBackend")

    def page_of(name, *args):
        return address(name, args=[company.slug, *args])

    with inside(company):
        from ledger.posting import post_many

        ids = [one.id for one in post_many([sale("1.00", key="a", memo="Mistake"), sale("2.00", key="b", memo="Gone")])]
        reverse(ids[1], date=datetime.date(2026, 3, 20), reason="By hand")
    start(client, page_of, ids, dated="day", date="2026-04-02")
    job = fetched(company, Job)
    run(company.pk, job.pk)
    page = text(client.get(page_of("ledger:bulk-reversal", job.pk)))

    assert fetched(company, Job).state == State.SUCCEEDED
    assert "1 entry is reversed." in page
    assert "1 entry could not be reversed" in page
    assert "Gone" in page
    assert "The entry has been reversed already" in page
    assert "2 Apr 2026" in page
    assert fetched(company, Entry, reverses_id=ids[0]).date == datetime.date(2026, 4, 2)


def test_who_may_not_reverse_is_offered_no_boxes_and_starts_nothing(signed_in, page_of, company, three):
    for role in ("clerk", "approver", "auditor"):
        client = signed_in(role)
        assert 'name="entry"' not in text(client.get(page_of("ledger:entry-list")))
        assert choose(client, page_of, three).status_code == 403
        assert start(client, page_of, three).status_code == 403
    with inside(company):
        assert not Job.objects.for_company(company).exists()


def test_entries_and_jobs_of_another_company_are_not_there(signed_in, page_of, company):
    from ledger.posting import post

    other = make_company()
    with inside(other):
        theirs = post(sale("66.60", key="x", memo="Theirs")).id
        job = bulk_reversal.ask_to_reverse([theirs], date=None, reason="x")
    client = signed_in("accountant")

    assert client.get(page_of("ledger:bulk-reversal", job.pk)).status_code == 404
    assert "Tick the entries" in text(choose(client, page_of, [theirs]))
    assert client.post(page_of("ledger:entry-correct", theirs), {"date": MARCH, "reason": "x"}).status_code == 404


def test_the_page_of_another_kind_of_job_is_elsewhere(signed_in, page_of, company):
    from jobs.enqueue import enqueue

    with inside(company):
        job = enqueue("ledger.export_journal", {"format": "hledger"})
    assert signed_in("owner").get(page_of("ledger:bulk-reversal", job.pk)).status_code == 404


def test_the_confirmation_costs_the_same_for_1_20_and_200_entries(signed_in, page_of, company, post_entries):
    client = signed_in("accountant")
    costs = []
    for number in (1, 19, 180):
        post_entries(*(sale("1.00", key=f"{number}-{n}") for n in range(number)))
        choose(client, page_of, all="yes", filter="")
        with CaptureQueriesContext(connection) as queries:
            choose(client, page_of, all="yes", filter="")
        costs.append(len(queries))

    assert len(set(costs)) == 1, costs


def test_a_closed_period_is_named_by_the_correction(signed_in, page_of, company, three):
    with inside(company):
        for period in Period.objects.for_company(company).filter(end__lt="2026-04-01").order_by("start"):
            close_period(period)
    answer = signed_in("accountant").post(page_of("ledger:entry-correct", three[0]), {"date": MARCH, "reason": "x"})

    assert answer.status_code == 422
    assert "The period of the date is closed" in text(answer)
