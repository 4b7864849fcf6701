"""Many entries in one call of the API: all or none, each for itself, and tried."""

import time

import pytest

from ledger.models import Entry
from tenants.scope import Actor, company_scope


@pytest.fixture
def books(api):
    return api("post", "write")


def sale(amount="1.00", credit="", **fields):
    lines = [{"account": "1000", "debit": amount}, {"account": "4000", "credit": credit or amount}]
    return {"date": "2026-03-15", "lines": lines, **fields}


def stored(company):
    with company_scope(company, actor=Actor.system("test")):
        return Entry.objects.for_company(company).count()


def problem(answer):
    return answer.status_code, answer.json()["code"], answer.json().get("place")


def test_all_are_posted_and_replayed(books, company):
    body = {"entries": [sale("1.00"), sale("2.00")]}
    first = books.post("entries/bulk/", body, key="b")
    again = books.post("entries/bulk/", body, key="b")

    assert (first.status_code, [one["status"] for one in first.json()["results"]]) == (201, [201, 201])
    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")
    assert [one["id"] for one in again.json()["results"]] == [one["id"] for one in first.json()["results"]]
    other = books.post("entries/bulk/", {"entries": [sale("1.00"), sale("2.01")]}, key="b")
    assert problem(other) == (422, "idempotency_key_reused", "Idempotency-Key")
    assert stored(company) == 2


@pytest.mark.parametrize(
    ("bad", "code", "place"),
    [
        (sale("1.00", "1.01"), "unbalanced", "entries[1].lines"),
        (sale(1.5), "bad_amount", "entries[1].lines[0].debit"),
        (sale("0", "0"), "bad_amount", "entries[1].lines[0].debit"),
        (sale(colour=1), "unknown_field", "entries[1].colour"),
        (sale(memo="\x00"), "invalid_text", "entries[1].memo"),
        (7, "invalid", "entries[1]"),
    ],
)
def test_one_bad_entry_keeps_all_out(books, company, bad, code, place):
    answer = books.post("entries/bulk/", {"entries": [sale(), bad]}, key="b")

    assert problem(answer) == (422, code, place)
    assert stored(company) == 0


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"entries": []}, "invalid", "entries"),
        ({"entries": "all"}, "invalid", "entries"),
        ([], "invalid", "entries"),
        ({"entries": [sale()], "mode": "x"}, "unknown_field", "mode"),
    ],
)
def test_what_is_no_list_is_refused(books, body, code, place):
    assert problem(books.post("entries/bulk/", body, key="b")) == (422, code, place)


def test_bulk_needs_a_key_and_a_mode_that_exists(books):
    assert problem(books.post("entries/bulk/", {"entries": [sale()]}))[:2] == (400, "idempotency_key_required")
    assert problem(books.post("entries/bulk/?mode=some", {"entries": [sale()]}, key="b")) == (
        400, "bad_parameter", "mode",
    )  # fmt: skip


def test_too_many_entries_are_refused(books, company):
    answer = books.post("entries/bulk/", {"entries": [sale()] * 10_001}, key="b")
    assert problem(answer) == (422, "too_many_entries", "entries")
    answer = books.post("entries/bulk/?mode=per_item", {"entries": [sale()] * 1_001}, key="b")
    assert problem(answer) == (422, "too_many_entries", "entries")
    assert stored(company) == 0


def test_each_for_itself(books, company):
    bad = [sale("1.00", "1.01"), sale("2.00", date="2031-01-01"), sale(1.5), sale("0", "0")]
    body = {"entries": [sale("1.00"), *bad, sale("3.00")]}
    first = books.post("entries/bulk/?mode=per_item", body, key="b").json()["results"]

    assert [one["status"] for one in first] == [201, 422, 422, 422, 422, 201]
    assert [(one["problem"]["code"], one["problem"]["place"]) for one in first[1:5]] == [
        ("unbalanced", "entries[1].lines"),
        ("no_period", "entries[2].date"),
        ("bad_amount", "entries[3].lines[0].debit"),
        ("bad_amount", "entries[4].lines[0].debit"),
    ]
    assert [first[0]["key"], first[5]["key"]] == ["api:b#1", "api:b#6"]
    again = books.post("entries/bulk/?mode=per_item", body, key="b").json()["results"]
    assert [one["status"] for one in again] == [200, 422, 422, 422, 422, 200]
    assert again[0]["id"] == first[0]["id"]
    assert stored(company) == 2


def test_a_refusal_of_state_is_frozen_for_its_own_item_only(books, company):
    from accounting.models import LockDate
    from accounting.periods import set_lock_date
    from ledger.models import Refusal

    with company_scope(company, actor=Actor.system("test")):
        set_lock_date(LockDate.Kind.ALL, __import__("datetime").date(2026, 1, 31))
    body = {"entries": [sale(), sale(date="2026-01-15"), sale()]}
    results = books.post("entries/bulk/?mode=per_item", body, key="b").json()["results"]

    assert [one["status"] for one in results] == [201, 422, 201]
    assert results[1]["problem"]["code"] == "books_locked"
    with company_scope(company, actor=Actor.system("test")):
        assert list(Refusal.objects.for_company(company).values_list("key", flat=True)) == ["api:b#2"]


def test_a_trial_of_many_shows_all_and_stores_nothing(books, company):
    body = {"entries": [sale("1.00"), sale("2.00", date="2026-05-01")]}
    found = books.post("entries/bulk/?dry_run=true", body).json()

    assert [one["total"] for one in found["entries"]] == ["1.00", "2.00"]
    assert [(one["account"], one["after"]) for one in found["effect"]] == [("1000", "3.00"), ("4000", "-3.00")]
    each = books.post("entries/bulk/?dry_run=true&mode=per_item", {"entries": [sale(), sale("1", "2")]}).json()
    assert [one["status"] for one in each["results"]] == [201, 422]
    assert len(each["entries"]) == 1
    assert stored(company) == 0


@pytest.mark.long
def test_ten_thousand_entries_are_one_call(books, company):
    began = time.monotonic()
    answer = books.post("entries/bulk/", {"entries": [sale()] * 10_000}, key="b")

    assert answer.status_code == 201
    assert stored(company) == 10_000
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("bad", [sale("0.001"), sale("0", "0")])
def test_a_lone_entry_with_a_bad_amount_is_refused_with_its_place_in_the_list(books, company, bad):
    for path in ("entries/bulk/", "entries/bulk/?dry_run=true"):
        answer = books.post(path, {"entries": [bad]}, key="b")
        assert (answer.status_code, answer.json()["place"]) == (422, "entries[0].lines[0].debit")
    assert stored(company) == 0


def test_shares_that_multiply_past_the_limits_are_refused_before_they_are_split(books, company):
    shares = {f"v{number}": "1" for number in range(100)}
    split = {"account": "5000", "debit": "1.00", "dimensions": {"a": shares, "b": shares}}
    body = {"date": "2026-03-15", "lines": [split, {"account": "1000", "credit": "1.00"}]}
    assert problem(books.post("entries/", body, key="s")) == (422, "too_many_lines", "lines")
    split["dimensions"]["b"] = {"v": "100"}
    split["dimensions"]["a"] = {f"v{number}": "0.2" for number in range(500)}
    for mode in ("atomic", "per_item"):
        answer = books.post(f"entries/bulk/?mode={mode}", {"entries": [body] * 500}, key="s")
        assert problem(answer) == (422, "too_many_entries", "entries")
    assert stored(company) == 0
