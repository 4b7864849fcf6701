"""Templates and recurring entries by the API."""

import pytest

from tests.conftest import make_api_client, make_company

LINES = [{"account": "5000", "debit": "800.00"}, {"account": "1000", "credit": "800.00"}]


@pytest.fixture
def books(api):
    return api("post", "admin")


@pytest.fixture
def rent(books):
    return books.post("templates/", {"name": "Rent", "lines": LINES}).json()["id"]


def test_a_template_is_saved_changed_and_starts_a_draft(books, rent):
    shown = books.get(f"templates/{rent}/")
    assert [line["account"] for line in shown.json()["lines"]] == ["5000", "1000"]
    changed = books._send(
        "put", f"templates/{rent}/", {"name": "Rent 2", "lines": LINES[:1]}, "", {"If-Match": shown["ETag"]}
    )
    assert (changed.json()["name"], len(changed.json()["lines"])) == ("Rent 2", 1)
    made = books.post(f"templates/{rent}/draft/", {"date": "2026-03-01"})
    assert (made.status_code, made.json()["date"], len(made.json()["lines"])) == (201, "2026-03-01", 1)
    assert books.post("templates/", {"name": "Rent 2"}).json()["code"] == "template_name_taken"
    assert [one["name"] for one in books.get("templates/").json()["results"]] == ["Rent 2"]


def test_a_template_comes_again_and_what_is_refused_is_left_out_with_a_reason(books, rent, company):
    import datetime

    from ledger.recurring import make_due
    from tenants.scope import Actor, company_scope

    made = books.post("recurring/", {"template": rent, "start": "2029-01-31"}).json()
    with company_scope(company, actor=Actor.system("test")):
        make_due(datetime.date(2029, 1, 31))
    [came] = books.get(f"recurring/{made['id']}/").json()["occurrences"]
    assert (came["date"], came["problem_code"]) == ("2029-01-31", "no_period")
    path = f"recurring/{made['id']}/2029-01-31/"
    assert books.post(path, {"act": "skip"}).json()["code"] == "reason_needed"
    assert books.post(path, {"act": "retry", "date": "2026-01-31"}).json()["entry"]
    assert books.post(path, {"act": "skip", "reason": "Late"}).status_code == 404
    assert books.get("recurring/").json()["results"][0]["next_date"] == "2029-02-28"


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"start": "2026-01-01"}, "required", "template"),
        ({"template": "x", "start": "2026-01-01"}, "invalid", "template"),
        ({"start": "2026-01-01", "interval": 0}, "min_value", "interval"),
        ({"start": "2026-01-01", "end": "2025-01-01"}, "invalid_recurring", "end"),
        ({"start": "2026-01-10", "end": "2026-01-20", "month_end": True}, "invalid_recurring", "end"),
    ],
)
def test_a_wrong_wish_is_refused_with_its_place(books, rent, body, code, place):
    answer = books.post("recurring/", {**({} if place == "template" else {"template": rent}), **body})

    assert answer.status_code == 422
    assert code in (answer.json()["code"], *[error["code"] for error in answer.json().get("errors", [])])
    assert place in str(answer.json())


def test_a_stranger_finds_no_template(books, rent):
    stranger = make_api_client(make_company(), "admin")

    assert stranger.get(f"templates/{rent}/").status_code == 404
    assert stranger.post("recurring/", {"template": rent, "start": "2026-01-01"}).status_code == 404
    assert stranger.post(f"templates/{rent}/draft/", {"date": "2026-01-01"}).status_code == 404
