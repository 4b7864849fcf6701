"""The larger acts by the API, as an integration uses them."""

import datetime
from decimal import Decimal

import pytest

from tests.conftest import make_api_client, make_company
from tests.pages.conftest import inside


@pytest.fixture
def books(api):
    return api("admin")


def sale(amount="100.00", **fields):
    lines = [{"account": "1000", "debit": amount}, {"account": "4000", "credit": amount}]
    return {"date": "2026-03-15", "memo": "Cash sale", "lines": lines, **fields}


@pytest.fixture
def customer(company):
    from accounting.accounts import open_account, open_sub_account
    from accounting.models import Account
    from ledger.posting import post
    from ledger.proposals import NewEntry, NewLine

    with inside(company):
        open_sub_account(Account.objects.for_company(company).get(code="1100"), code="C1", name="Customer One")
        open_account(code="4900", name="Gains", type="income", role="exchange_gain")
        open_account(code="3900", name="Opening", type="equity", subtype="opening_balance", role="opening_balance")
        for key, amount in (("invoice", 100), ("paid", -100)):
            rate = Decimal("0.90") if amount > 0 else Decimal("0.95")
            line = NewLine("1100", Decimal(amount), "USD", rate=rate, sub_account="C1")
            post(NewEntry(key, datetime.date(2026, 3, 10), (line, NewLine("1000", -round(amount * rate, 2))), memo=key))


def lines_of(books):
    return {one["memo"]: one["line"] for one in books.get("open-items/", date="2026-03-31").json()["results"]}


def test_open_items_are_listed_settled_and_opened_again(books, customer):
    lines = lines_of(books)
    body = {"pairs": [{"debit": lines["invoice"], "credit": lines["paid"]}]}
    assert books.post("settlements/", body).json()["code"] == "idempotency_key_required"
    made = books.post("settlements/", body, key="s")
    assert (made.status_code, len(made.json()["allocations"])) == (201, 2)
    assert made.json()["exchange_entry"]
    assert books.post("settlements/", body, key="s").status_code == 200
    assert lines_of(books) == {}
    refused = books.post("settlements/", body, key="t").json()
    assert refused["code"] == "over_allocated"

    path = f"settlements/{made.json()['id']}/"
    undone = books.post(f"{path}undo/", {"date": "2026-04-01", "reason": "Wrong"})
    assert undone.status_code == 200, undone.json()
    assert books.get(path).json()["undone_by"] == undone.json()["id"]
    assert lines_of(books) == {}
    assert set(books.get("open-items/", date="2026-04-01", account="1100").json()["results"][0]) >= {"residual"}
    ties = books.report("control-accounts", date="2026-04-30")
    assert ties["rows"] and ties["problems"] == []
    assert len(books.get("settlements/").json()["results"]) == 2


def test_open_items_come_in_pages(books, customer):
    first = books.get("open-items/", date="2026-03-31", page_size=1).json()
    second = books.client.get(first["next"]).json()
    assert [len(one["results"]) for one in (first, second)] == [1, 1]
    assert second["next"] is None
    for wrong in ({"after": "x"}, {"account": "nope"}, {"account": "1100", "sub_account": "nope"}, {"known_at": "7"}):
        assert books.get("open-items/", **wrong).status_code == 400


def test_a_correction_reverses_and_drafts_anew(books):
    entry = books.post("entries/", sale(), key="k").json()["id"]
    made = books.post(f"entries/{entry}/correct/", {"date": "2026-03-20", "reason": "Wrong account"}).json()
    again = books.post(f"entries/{entry}/correct/", {"date": "2026-03-20", "reason": "Wrong account"}).json()
    assert made == again
    assert books.get(f"entries/{made['reversal']}/").json()["reverses"] == entry
    draft = books.get(f"drafts/{made['draft']}/").json()
    assert (draft["corrects"], draft["date"], len(draft["lines"])) == (entry, "2026-03-20", 2)


def test_an_entry_reverses_itself_unless_it_is_kept(books):
    entry = books.post("entries/", sale(reverse_on="next_period"), key="k").json()["id"]
    [planned] = books.get("auto-reversals/").json()["results"]
    assert (planned["entry"], planned["date"]) == (entry, "2026-04-01")
    assert books.post(f"entries/{entry}/keep/", {}).json()["code"] == "reason_needed"
    assert books.post(f"entries/{entry}/keep/", {"reason": "It stays"}).json()["cancelled"] is True
    assert books.post("entries/", sale(reverse_on="2026-03-01"), key="early").json()["code"] == "bad_reversal_date"


def test_a_revaluation_is_previewed_and_run(books, customer, company):
    from accounting.accounts import open_account
    from accounting.rates import set_rate
    from ledger.posting import post
    from ledger.proposals import NewEntry, NewLine

    with inside(company):
        open_account(code="4910", name="Gains", type="income", role="exchange_gain_unrealised")
        set_rate("USD", datetime.date(2026, 3, 31), Decimal("0.99"), source="ECB")
        line = NewLine("1010", Decimal(10), "USD", rate=Decimal("0.90"))
        post(NewEntry("usd", datetime.date(2026, 3, 10), (line, NewLine("1000", Decimal(-9)))))
    shown = books.get("revaluations/", date="2026-03-31").json()["results"]
    assert [(one["account"], one["carried"], one["difference"]) for one in shown[:1]] == [("1010", "9.00", "0.90")]
    assert books.get("revaluations/").status_code == 400
    run = books.post("revaluations/", {"date": "2026-03-31"})
    assert run.status_code == 201, run.json()
    assert books.post("revaluations/", {"date": "2026-03-31"}).json()["code"] == "nothing_to_revalue"


def test_a_year_is_closed_and_opened_again(books):
    books.post("entries/", sale(), key="k")
    closed = books.post("fiscal-years/2026/close/")
    assert len(closed.json()["entries"]) == 1
    assert books.post("fiscal-years/2026/close/").json()["code"] == "nothing_to_close"
    assert len(books.post("fiscal-years/2026/reopen/", {"reason": "Audit"}).json()["entries"]) == 1
    assert books.post("fiscal-years/1999/close/").status_code == 404


def test_opening_balances_by_trial_balance_and_open_items(books, customer):
    lines = [
        {"account": "1000", "debit": "500.00"},
        {"account": "1100", "debit": "70.00", "sub_account": "C1", "reference": "INV-1"},
        {"account": "1100", "debit": "30.00", "sub_account": "C1", "reference": "INV-2"},
        {"account": "1010", "debit": "100.00", "currency": "USD", "base_amount": "91.00"},
    ]
    body = {"date": "2025-12-31", "lines": lines, "balance_to": "role"}
    trial = books.post("opening-balances/?dry_run=true", body).json()
    assert trial["entries"][0]["lines"][-1]["credit"] == "691.00"
    assert books.post("opening-balances/", {**body, "balance_to": ""}, key="x").json()["code"] == "unbalanced"
    made = books.post("opening-balances/", body, key="o")
    again = books.post("opening-balances/", body, key="o")
    assert (made.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 200, "true")
    items = books.get("open-items/", date="2025-12-31").json()["results"]
    assert [(one["memo"], one["residual"]) for one in items] == [("INV-1", "70.00"), ("INV-2", "30.00")]
    wrong = books.post("opening-balances/", {**body, "lines": [{"account": "9999", "debit": "1"}]}, key="w").json()
    assert (wrong["code"], wrong["place"]) == ("unknown_account", "lines[0].account")


def test_a_deferral_is_planned_and_stopped(books):
    body = {
        "name": "Insurance", "from_account": "1500", "to_account": "5000", "amount": "100.00", "start": "2026-01-01",
        "end": "2026-12-31",
    }  # fmt: skip
    made = books.post("deferrals/", body)
    assert (made.status_code, len(made.json()["parts"])) == (201, 12)
    path = f"deferrals/{made.json()['id']}/"
    stopped = books.post(f"{path}stop/", {"date": "2026-02-01", "reason": "Sold"}).json()
    assert [part["amount"] for part in stopped["parts"]] == ["100.000000"] or stopped["parts"][0]["entry"]
    assert books.post("deferrals/", {**body, "end": "2025-01-01"}).json()["place"] == "end"


def test_an_amount_is_held_posted_and_freed(books):
    books.post("entries/", sale(), key="k")
    limit = books.post("limits/", {"account": "1000", "floor": "0"}).json()
    assert limit["balance"].startswith("100.00")
    hold = books.post("holds/", {"limit": limit["id"], "amount": "-70.00"}, key="h")
    assert (hold.status_code, hold.json()["state"]) == (201, "held")
    again = books.post("holds/", {"limit": limit["id"], "amount": "-70.00"}, key="h")
    assert (again.status_code, again.json()["id"], again["Idempotency-Replayed"]) == (200, hold.json()["id"], "true")
    over = books.post("holds/", {"limit": limit["id"], "amount": "-30.01"}, key="over").json()
    assert over["code"] == "limit_exceeded"
    entry = {
        "date": "2026-03-20",
        "lines": [{"account": "5000", "debit": "60.00"}, {"account": "1000", "credit": "60.00"}],
    }
    path = f"holds/{hold.json()['id']}/"
    assert books.post(f"{path}post/", entry).status_code == 201
    assert books.post(f"{path}post/", entry).status_code == 200
    assert books.post(f"{path}void/").json()["code"] == "hold_ended"
    assert books.get(path).json()["state"] == "posted"


def test_a_period_says_what_is_left_and_refuses_to_close(books):
    period = books.get("periods/").json()["results"][0]["id"]
    books.post("drafts/", {"date": "2025-01-05"})
    shown = books.get(f"periods/{period}/checklist/").json()
    assert (shown["ready"], [one["code"] for one in shown["checks"] if one["count"]]) == (False, ["drafts"])
    refused = books.post(f"periods/{period}/close/", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "close_blocked")


def test_an_exception_from_a_lock_needs_a_second_person(books, company):
    expires = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)).isoformat()
    asked = books.post("lock-exceptions/", {"start": "2026-03-01", "expires_at": expires, "reason": "Late bill"})
    assert asked.status_code == 201, asked.json()
    path = f"lock-exceptions/{asked.json()['id']}/"
    assert books.post(f"{path}approve/").json()["code"] == "self_approval"
    assert make_api_client(company, "admin").post(f"{path}approve/").json()["approved_by"] == "test"
    assert books.post(f"{path}end/").json()["revoked_at"]
    assert len(books.get("lock-exceptions/").json()["results"]) == 1


def test_entries_made_after_closing_are_reported(books):
    period = books.get("periods/").json()["results"][0]["id"]
    books.post("entries/", sale(date="2025-01-10"), key="before")
    books.post(f"periods/{period}/close/", {})
    books.post(f"periods/{period}/reopen/", {"reason": "Late bill"})
    late = books.post("entries/", sale(date="2025-01-11"), key="after").json()["id"]

    [row] = books.report("entries-after-closing")["rows"]
    assert late and row["cells"]["total"] == "100.00"
    table = b"".join(books.get("reports/entries-after-closing/", format="csv").streaming_content).decode()
    assert len(table.splitlines()) == 2
    assert books.report("entries-after-closing", date="2025-01-10")["rows"] == []


def test_many_entries_are_reversed_by_a_job(books):
    ids = [books.post("entries/", sale(), key=f"k{n}").json()["id"] for n in range(3)]
    asked = books.post("entries/reverse/", {"entries": ids, "reason": "Wrong file"}, key="bulk")
    assert (asked.status_code, asked.json()["kind"]) == (202, "ledger.reverse_entries")
    assert books.post("entries/reverse/", {"entries": [], "reason": "x"}).status_code == 422
    assert books.post("entries/reverse/", {"entries": ids, "reason": " "}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "settlements/{id}/"), ("post", "settlements/{id}/undo/"), ("post", "entries/{id}/correct/"),
        ("post", "entries/{id}/keep/"), ("get", "deferrals/{id}/"), ("post", "deferrals/{id}/stop/"),
        ("get", "holds/{id}/"), ("post", "holds/{id}/void/"), ("post", "lock-exceptions/{id}/approve/"),
        ("post", "lock-exceptions/{id}/end/"), ("get", "periods/{id}/checklist/"),
    ],
)  # fmt: skip
def test_what_is_not_there_or_another_companys_is_not_found(books, method, path):
    other = make_api_client(make_company(), "admin")
    period = other.get("periods/").json()["results"][0]["id"]
    address = path.format(id=period)
    body = {"date": "2026-03-20", "reason": "x"}
    if "keep" in path or "void" in path or "end" in path:
        body = {"reason": "x"}
    assert (books.get(address) if method == "get" else books.post(address, body)).status_code == 404
