"""Balances, the ledger of an account, journals and journal files by the API."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.conftest import make_api_client, make_company


@pytest.fixture
def books(api):
    return api("post", "write")


def post(client, amount, date="2026-03-15", key=""):
    lines = [{"account": "1000", "debit": amount}, {"account": "4000", "credit": amount}]
    answer = client.post("entries/", {"date": date, "lines": lines}, key=key or f"{date}:{amount}")
    assert answer.status_code == 201
    return answer.json()


def problem(answer):
    return answer.status_code, answer.json()["code"], answer.json().get("place")


def test_balances_at_a_date_and_as_known_at_a_moment(books):
    first = post(books, "100.00", "2026-01-31")
    post(books, "50.00", "2026-02-28")

    at = lambda **query: {b["account"]: b["balance"] for b in books.get("balances/", **query).json()["results"]}  # noqa: E731
    assert at(date="2026-01-31") == {"1000": "100.00", "4000": "-100.00"}
    assert at(date="2026-12-31") == {"1000": "150.00", "4000": "-150.00"}
    assert at(date="2026-12-31", known_at=first["posted_at"]) == {"1000": "100.00", "4000": "-100.00"}
    assert at(date="2026-12-31", known_at="0") == {}
    assert at(date="2026-12-31", account="1000") == {"1000": "150.00"}


@pytest.mark.parametrize("path", ["balances/", "reports/trial-balance/", "accounts/1000/ledger/"])
@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"date": "2026-02-30"}, "date"),
        ({"date": ""}, "date"),
        ({"known_at": "yesterday"}, "known_at"),
        ({"known_at": "2026-01-01"}, "known_at"),
        ({"known_at": "-1"}, "known_at"),
        ({"known_at": "9" * 40}, "known_at"),
    ],
)
def test_a_bad_parameter_is_a_400_with_its_place(books, path, query, place):
    assert problem(books.get(path, **query)) == (400, "bad_parameter", place)


@pytest.mark.parametrize("date", ["1000-01-01", "9999-12-31", "2026-12-31", "2024-02-29"])
@pytest.mark.parametrize("path", ["balances/", "reports/trial-balance/", "accounts/1000/ledger/"])
def test_any_day_has_an_answer(books, path, date):
    assert books.get(path, date=date, **{"from": "1000-01-01"}).status_code == 200


@pytest.mark.parametrize("path", ["reports/trial-balance/", "accounts/1000/ledger/"])
def test_a_range_runs_forward(books, path):
    answer = books.get(path, date="2026-01-01", **{"from": "2026-01-02"})

    assert problem(answer) == (400, "bad_parameter", "from")


def test_the_ledger_of_an_account_runs_over_pages(books):
    for number in range(1, 6):
        post(books, f"{number}.00", f"2026-03-0{number}")
    page = books.get("accounts/1000/ledger/", date="2026-12-31", page_size=2, **{"from": "2026-03-02"}).json()

    assert (page["account"], page["from"], page["opening"]) == ("1000", "2026-03-02", "1.00")
    assert [(line["debit"], line["balance"]) for line in page["lines"]] == [("2.00", "3.00"), ("3.00", "6.00")]
    following = books.client.get(page["next"]).json()
    assert (following["opening"], following["closing"], following["next_after"]) == ("6.00", "15.00", None)
    assert problem(books.get("accounts/1000/ledger/", after="x")) == (400, "bad_parameter", "after")
    assert books.get("accounts/7777/ledger/").status_code == 404


def test_the_ledger_of_another_company_is_not_there(books):
    theirs = make_api_client(make_company(), "read").get("accounts/1000/").json()["id"]

    assert books.get(f"accounts/{theirs}/ledger/").status_code == 404
    assert problem(books.get("balances/", account=theirs)) == (400, "bad_parameter", "account")


def test_journals_are_opened_and_changed_under_if_match(books):
    made = books.post("journals/", {"code": "PAY", "name": "Payroll"})
    assert made.status_code == 201
    assert problem(books.post("journals/", {"code": "PAY", "name": "Again"})) == (422, "journal_code_taken", "code")
    assert problem(books.post("journals/", {"code": "pay", "name": "Again"})) == (422, "invalid", "code")
    assert books.patch("journals/PAY/", {"is_active": False}).status_code == 428
    changed = books.patch("journals/PAY/", {"is_active": False}, If_Match=made["ETag"])
    assert (changed.status_code, changed.json()["is_active"]) == (200, False)
    assert books.patch("journals/PAY/", {"name": "x"}, If_Match=made["ETag"]).status_code == 412
    assert "PAY" in [row["code"] for row in books.get("journals/").json()["results"]]
    lines = [{"account": "1000", "debit": "1"}, {"account": "4000", "credit": "1"}]
    body = {"date": "2026-03-15", "journal": "PAY", "lines": lines}
    assert problem(books.post("entries/", body, key="k")) == (422, "unknown_journal", "journal")


def hand_in(client, key="", name="books.journal", content=b"", **form):
    file = SimpleUploadedFile(name, content)
    headers = {"Idempotency-Key": key} if key else {}
    return client.client.post(f"{client.base}imports/", {"file": file, **form}, headers=headers)


JOURNAL = b"2026-03-01 Sale\n    Assets:Cash    EUR 5.00\n    Income:Sales\n"


def test_an_import_is_a_job_and_asked_for_once(books):
    first = hand_in(books, "i", content=JOURNAL, dry_run="true")
    assert first.status_code == 202, first.content
    job = first.json()
    assert (job["kind"], job["state"], job["parameters"]["format"]) == ("ledger.import_journal", "queued", "hledger")
    assert job["parameters"]["dry_run"] is True
    assert first["Location"].endswith(f"/companies/{books.base.split('/')[-2]}/jobs/{job['id']}/")
    again = hand_in(books, "i", content=JOURNAL, dry_run="true")
    assert (again.status_code, again.json()["id"], again["Idempotency-Replayed"]) == (202, job["id"], "true")
    other = hand_in(books, "i", content=JOURNAL + b"\n", dry_run="true")
    assert problem(other)[:2] == (422, "idempotency_key_reused")


def test_bad_imports_and_exports_are_refused(books, api):
    assert problem(hand_in(books, name="books.pdf", content=JOURNAL)) == (422, "unknown_format", "format")
    assert problem(hand_in(books, content=JOURNAL, format="pdf"))[2] == "format"
    assert problem(books.client.post(f"{books.base}imports/", {}))[1:] == ("required", "file")
    assert problem(books.post("exports/", {"format": "pdf"}))[2] == "format"
    assert hand_in(api("read"), content=JOURNAL).status_code == 403


def test_an_export_is_a_job(books):
    answer = books.post("exports/", {"format": "beancount"}, key="e")

    assert (answer.status_code, answer.json()["kind"]) == (202, "ledger.export_journal")
    assert books.client.get(answer["Location"]).status_code == 200


def test_known_at_takes_any_zone(books):
    post(books, "1.00")
    soon = datetime.datetime.now(tz=datetime.UTC) + datetime.timedelta(hours=1)
    for moment in (soon.isoformat(), soon.replace(tzinfo=None).isoformat(), soon.isoformat().replace("+", " ")):
        assert len(books.get("balances/", date="2026-12-31", known_at=moment).json()["results"]) == 2


@pytest.mark.parametrize("path", ["balances/", "accounts/1000/ledger/", "reports/trial-balance/"])
@pytest.mark.parametrize(
    "moment", ["2026-01-01T00:00:00+23:59", "1000-01-01T00:00:00-23:59", "9998-12-31T23:59:59-23:59:59"]
)
def test_a_moment_in_a_zone_that_the_database_does_not_know_is_a_moment(books, path, moment):
    assert books.get(path, known_at=moment).status_code == 200


def test_an_import_without_a_body_is_refused_as_one_without_a_file(books):
    for content_type in ("application/json", "multipart/form-data; boundary=x"):
        answer = books.client.generic("POST", f"{books.base}imports/", b"", content_type=content_type)
        assert problem(answer)[1:] == ("required", "file")
