"""Journal entries by the API: post, replay, try, show, list, reverse."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.models import Entry, Line
from tenants.scope import Actor, company_scope
from tests.conftest import make_api_client, make_company


@pytest.fixture
def books(api):
    return api("post", "write")


def inside(company):
    return company_scope(company, actor=Actor.system("test"))


def stored(company):
    with inside(company):
        return Entry.objects.for_company(company).count(), Line.objects.for_company(company).count()


def sale(amount="100.00", **fields):
    lines = [{"account": "1000", "debit": amount}, {"account": "4000", "credit": amount}]
    return {"date": "2026-03-15", "memo": "Cash sale", "lines": lines, **fields}


def problem(answer):
    return answer.status_code, answer.json()["code"], answer.json().get("place")


def test_an_entry_is_posted_and_shown_with_its_lines(books):
    posted = books.post("entries/", sale(reference="R-1"), key="k")

    assert posted.status_code == 201, posted.json()
    entry = posted.json()
    assert posted["Location"].endswith(f"/entries/{entry['id']}/")
    assert (entry["memo"], entry["reference"], entry["date"], entry["total"]) == (
        "Cash sale", "R-1", "2026-03-15", "100.00",
    )  # fmt: skip
    assert [(line["account"], line["debit"], line["credit"], line["amount"]) for line in entry["lines"]] == [
        ("1000", "100.00", "0.00", "100.00"),
        ("4000", "0.00", "100.00", "-100.00"),
    ]
    assert books.client.get(posted["Location"]).json() == entry
    assert Entry.__name__ and entry["key"] == "api:k"


def test_worked_example_from_accounts_to_the_trial_balance(books):
    for code, name, kind in (("1200", "Till", "asset"), ("3200", "Capital", "equity"), ("5100", "Wages", "expense")):
        assert books.post("accounts/", {"code": code, "name": name, "type": kind}).status_code == 201
    for key, debit, credit, amount in (
        ("capital", "1200", "3200", "1000.00"), ("wages", "5100", "1200", "250.50"), ("sale", "1200", "4000", "99.99"),
    ):  # fmt: skip
        lines = [{"account": debit, "debit": amount}, {"account": credit, "credit": amount}]
        assert books.post("entries/", {"date": "2026-03-15", "lines": lines}, key=key).status_code == 201

    found = books.report("trial-balance", date="2026-12-31")
    rows = {row["cells"]["account"]: [row["cells"][side] for side in ("closing_debit", "closing_credit")]
            for row in found["rows"] if row["standing"] in ("line", "total")}  # fmt: skip
    assert rows == {
        "1200 Till": ["849.49", None], "3200 Capital": [None, "1000.00"], "4000 Sales": [None, "99.99"],
        "5100 Wages": ["250.50", None], "Total": ["1099.99", "1099.99"],
    }  # fmt: skip


def test_the_same_key_replays_and_another_body_is_refused(books, company):
    first = books.post("entries/", sale(), key="k")
    again = books.post("entries/", sale("100"), key="k")
    other = books.post("entries/", sale("100.01"), key="k")

    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 200, "true")
    assert again.json() == first.json()
    assert problem(other) == (422, "idempotency_key_reused", "Idempotency-Key")
    assert stored(company) == (1, 2)


def test_a_very_long_key_is_a_key(books, company):
    key = "k" * 200
    assert books.post("entries/", sale(), key=key).status_code == 201
    assert books.post("entries/", sale(), key=key).status_code == 200
    assert books.post("entries/", sale(), key="k" * 201).status_code == 400


def test_posting_needs_a_key(books, company):
    assert problem(books.post("entries/", sale())) == (400, "idempotency_key_required", "Idempotency-Key")
    assert stored(company) == (0, 0)


def test_signed_amounts_and_whole_numbers_will_do(books):
    lines = [{"account": "1000", "amount": 5}, {"account": "4000", "amount": "-5.00"}]
    entry = books.post("entries/", {"date": "2026-03-15", "lines": lines}, key="k").json()

    assert [line["amount"] for line in entry["lines"]] == ["5.00", "-5.00"]


def test_a_credit_in_another_currency_carries_its_base_amount_on_its_side(books):
    lines = [
        {"account": "1010", "credit": "100", "currency": "USD", "base_amount": "90"},
        {"account": "1000", "debit": "90"},
    ]
    line = books.post("entries/", {"date": "2026-03-15", "lines": lines}, key="k").json()["lines"][0]

    assert (line["credit"], line["currency_amount"], line["rate"]) == ("90.00", "-100.00", "0.9")


def test_dry_run_shows_rows_and_effect_and_stores_nothing(books, company):
    books.post("entries/", sale("40.00"), key="before")
    answer = books.post("entries/?dry_run=true", sale("100.00"))

    assert answer.status_code == 200, answer.json()
    found = answer.json()
    assert [line["amount"] for line in found["entries"][0]["lines"]] == ["100.00", "-100.00"]
    assert (found["dry_run"], found["entries"][0]["id"], found["entries"][0]["key"]) == (True, None, None)
    assert [(one["account"], one["before"], one["after"]) for one in found["effect"]] == [
        ("1000", "40.00", "140.00"),
        ("4000", "-40.00", "-140.00"),
    ]
    assert stored(company) == (1, 2)
    assert problem(books.post("entries/?dry_run=true", sale(lines=[]))) == (422, "too_few_lines", "lines")
    assert problem(books.post("entries/?dry_run=maybe", sale())) == (400, "bad_parameter", "dry_run")


def test_dry_run_meets_the_closed_period_and_remembers_nothing(books, company):
    from ledger.models import Refusal

    close_until_april(company)
    assert problem(books.post("entries/?dry_run=true", sale(), key="k")) == (422, "period_closed", "date")
    with inside(company):
        assert not Refusal.objects.for_company(company).exists()


def test_a_reversal_mirrors_once(books, company):
    entry = books.post("entries/", sale(), key="k").json()
    body = {"date": "2026-04-01", "reason": "wrong customer"}
    trial = books.post(f"entries/{entry['id']}/reverse/?dry_run=true", body)
    assert [line["amount"] for line in trial.json()["entries"][0]["lines"]] == ["-100.00", "100.00"]
    assert stored(company) == (1, 2)

    reversal = books.post(f"entries/{entry['id']}/reverse/", body, key="r")
    assert (reversal.status_code, reversal.json()["reverses"]) == (201, entry["id"])
    assert books.client.get(reversal["Location"]).status_code == 200
    assert books.get(f"entries/{entry['id']}/").json()["reversed_by"] == reversal.json()["id"]
    assert books.post(f"entries/{entry['id']}/reverse/", body, key="r").status_code == 200
    twice = books.post(f"entries/{entry['id']}/reverse/", body, key="r2")
    assert (twice.status_code, twice.json()["code"]) == (422, "already_reversed")
    assert books.get("entries/", source="reversal").json()["results"][0]["id"] == reversal.json()["id"]


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"date": "2026-04-01", "reason": "  "}, "blank", "reason"),
        ({"date": "2026-04-01"}, "required", "reason"),
        ({"date": "2026-03-01", "reason": "x"}, "bad_reversal_date", "date"),
        ({"date": "soon", "reason": "x"}, "bad_date", "date"),
        ({"date": "2031-04-01", "reason": "x"}, "no_period", "date"),
        ({"date": "2026-04-01", "reason": "x", "memo": "y"}, "unknown_field", "memo"),
    ],
)
def test_a_bad_reversal_is_refused(books, company, body, code, place):
    entry = books.post("entries/", sale(), key="k").json()

    assert problem(books.post(f"entries/{entry['id']}/reverse/", body)) == (422, code, place)
    assert stored(company) == (1, 2)


def test_the_entries_of_another_company_are_not_there(books, company):
    client = make_api_client(make_company(), "post")
    theirs = client.post("entries/", sale(), key="k").json()

    assert books.get(f"entries/{theirs['id']}/").status_code == 404
    assert books.post(f"entries/{theirs['id']}/reverse/", {"date": "2026-04-01", "reason": "x"}).status_code == 404
    assert books.post("entries/", sale(), key="k").status_code == 201


def test_a_role_that_may_not_post_is_refused(api, company):
    client = api("read")

    assert problem(client.post("entries/", sale(), key="k")) == (403, "not_permitted", None)
    assert problem(client.post("entries/bulk/", {"entries": [sale()]}, key="k")) == (403, "not_permitted", None)
    assert client.get("entries/").status_code == 200
    assert stored(company) == (0, 0)


def ids(client, **query):
    return [row["memo"] for row in client.get("entries/", **query).json()["results"]]


def test_the_journal_is_listed_newest_first_and_narrowed(books, company):
    for number, date in enumerate(["2026-01-10", "2026-02-10", "2026-03-10"]):
        fields = {"date": date, "memo": f"Sale {number}", "reference": f"R-{number}"}
        books.post("entries/", sale(**fields), key=f"k{number}")
    rent = [{"account": "5000", "debit": "7"}, {"account": "1000", "credit": "7"}]
    books.post("entries/", {"date": "2026-02-20", "memo": "Rent", "journal": "BNK", "lines": rent}, key="rent")

    assert ids(books) == ["Sale 2", "Rent", "Sale 1", "Sale 0"]
    assert ids(books, ordering="date") == ["Sale 0", "Sale 1", "Rent", "Sale 2"]
    assert ids(books, **{"from": "2026-02-01", "date": "2026-02-28"}) == ["Rent", "Sale 1"]
    assert ids(books, journal="BNK") == ["Rent"]
    assert ids(books, account="4000") == ["Sale 2", "Sale 1", "Sale 0"]
    assert ids(books, search="R-1") == ["Sale 1"]
    for order in ("date", "-date"):
        page, seen = books.get("entries/", page_size=1, ordering=order).json(), []
        while page["results"]:
            seen += [row["memo"] for row in page["results"]]
            page = books.client.get(page["next"]).json() if page["next"] else {"results": []}
        assert seen == ids(books, ordering=order)
    assert books.get("entries/", fields="memo,total", page_size=1).json()["results"] == [
        {"memo": "Sale 2", "total": "100.00"}
    ]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"from": "2026-02-30"}, "from"),
        ({"date": "tomorrow"}, "date"),
        ({"account": "7777"}, "account"),
        ({"cursor": "abc"}, "cursor"),
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "501"}, "page_size"),
        ({"ordering": "total"}, "ordering"),
        ({"search": "\x00"}, "search"),
    ],
)
def test_a_bad_filter_is_a_400_with_its_place(books, query, place):
    assert problem(books.get("entries/", **query)) == (400, "bad_parameter", place)


def test_the_journal_costs_the_same_for_any_number_of_entries(books, company):
    books.post("entries/bulk/", {"entries": [sale() for _ in range(200)]}, key="many")

    def cost(size):
        with CaptureQueriesContext(connection) as queries:
            assert len(books.get("entries/", page_size=size).json()["results"]) == size
        return len(queries)

    assert cost(1) == cost(20) == cost(200)


def test_posting_one_entry_costs_a_fixed_number_of_queries(books):
    def cost(lines):
        body = sale(lines=[{"account": "1000", "debit": "1"}, {"account": "4000", "credit": "1"}] * lines)
        with CaptureQueriesContext(connection) as queries:
            assert books.post("entries/", body, key=f"k{lines}").status_code == 201
        return len(queries)

    cost(2)
    assert cost(1) == cost(20) == cost(200)


def close_until_april(company):
    from accounting.models import Period
    from accounting.periods import close_period

    with inside(company):
        for period in Period.objects.for_company(company).filter(end__lt=datetime.date(2026, 4, 1)):
            close_period(period)
