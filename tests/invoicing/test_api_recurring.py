"""Recurring documents by the API: started once, changed as seen, mended; refused with a code and the place."""

import datetime

import pytest

from accounting.periods import set_lock_date
from invoicing.recurring_documents import make_due_documents
from tenants.fields import new_id
from tests.conftest import make_api_client
from tests.constitution.raw import system_scope
from tests.invoicing.papers import customer, draft, line

JANUARY = datetime.date(2026, 1, 31)
PATH = "recurring-documents/"


@pytest.fixture
def office(api):
    return api("read", "write", "post")


@pytest.fixture
def pattern(company):
    with system_scope(company):
        return draft(customer(), line("100.00"))


def start(office, pattern, /, **fields):
    return office.post(PATH, {"pattern": str(pattern.pk), "start": "2026-01-31", "does": "post", **fields}, key="once")


def test_it_is_started_once_shown_listed_and_changed_as_it_was_seen(office, pattern):
    answer = start(office, pattern)
    made = answer.json()
    assert answer.status_code == 201 and answer["Location"].endswith(f"/{PATH}{made['id']}/")
    assert (made["next_date"], made["kind"], made["contact_name"], made["occurrences"]) == (
        "2026-01-31", "invoice", "Adatum", [],
    )  # fmt: skip
    assert start(office, pattern).json() == made

    path, tag = f"{PATH}{made['id']}/", office.get(f"{PATH}{made['id']}/")["ETag"]
    assert office.patch(path, {"is_active": False}).status_code == 428
    changed = office.patch(path, {"is_active": False, "end": "2026-12-31"}, **{"If-Match": tag})
    assert (changed.status_code, changed.json()["end"], changed.json()["is_active"]) == (200, "2026-12-31", False)
    assert office.patch(path, {"is_active": True}, **{"If-Match": tag}).status_code == 412
    for query, count in (("", 1), ("?state=active", 0), ("?state=paused", 1), (f"?pattern={pattern.pk}", 1),
                         (f"?contact={pattern.contact_id}", 1), (f"?contact={new_id()}", 0)):  # fmt: skip
        assert len(office.get(PATH + query).json()["results"]) == count, query


def test_a_date_is_tried_again_or_left_out(office, pattern, company):
    recurring = start(office, pattern).json()["id"]
    with system_scope(company):
        set_lock_date("all", datetime.date(2026, 2, 28))
        make_due_documents(datetime.date(2026, 3, 31))
    shown = office.get(f"{PATH}{recurring}/").json()["occurrences"]
    assert [(one["date"], one["number"], one["problem_code"]) for one in shown] == [
        ("2026-03-31", "INV-2026-00001", ""), ("2026-02-28", "", "books_locked"), ("2026-01-31", "", "books_locked"),
    ]  # fmt: skip
    retry, skip = f"{PATH}{recurring}/retry/", f"{PATH}{recurring}/skip/"
    assert office.post(retry, {"date": "2026-01-31"}).json()["code"] == "books_locked"
    mended = office.post(retry, {"date": "2026-01-31", "on": "2026-03-01"}).json()
    assert mended["occurrences"][-1]["number"] == "INV-2026-00002"
    refused = office.post(skip, {"date": "2026-02-28"}).json()
    assert (refused["code"], refused["place"]) == ("reason_needed", "reason")
    assert office.post(skip, {"date": "2026-02-28", "reason": "Free"}).json()["occurrences"][1]["skipped"]
    assert office.post(skip, {"date": "2026-02-28", "reason": "Free"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"start": ""}, "bad_date", "start"),
        ({"interval": 0}, "min_value", "interval"),
        ({"does": "burn"}, "invalid_choice", "does"),
        ({"end": "2025-01-01"}, "invalid_recurring", "end"),
        ({"surprise": 1}, "", "surprise"),
    ],
)
def test_a_wrong_wish_is_refused_with_its_place(office, pattern, body, code, place):
    answer = start(office, pattern, **body)
    assert answer.status_code == 422 and code in str(answer.json()) and place in str(answer.json())


def test_who_may_only_read_and_strangers_are_refused(api, office, pattern, other_company):
    made = start(office, pattern).json()["id"]
    for caller in (api("read"), api("read", "write")):
        assert start(caller, pattern, does="draft").status_code == 403
        assert caller.post(f"{PATH}{made}/skip/", {"date": "2026-01-31", "reason": "x"}).status_code == 403
    stranger = make_api_client(other_company, "admin", "read", "write", "post")
    assert stranger.get(f"{PATH}{made}/").status_code == 404
    assert start(stranger, pattern).status_code == 404
    assert stranger.post(f"{PATH}{made}/retry/", {"date": "2026-01-31"}).status_code == 404
