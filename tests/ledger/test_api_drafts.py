"""Drafts by the API: kept, changed under If-Match, tried, submitted, posted."""

import pytest

from tests.conftest import make_api_client, make_company


@pytest.fixture
def books(api):
    return api("post", "admin")


def draft(amount="100.00", **fields):
    lines = [{"account": "1000", "debit": amount}, {"account": "4000", "credit": amount}]
    return {"date": "2026-03-15", "memo": "Sale", "lines": lines, **fields}


def put(books, path, body, tag):
    return books._send("put", path, body, "", {"If-Match": tag} if tag else {})


def test_a_draft_goes_from_its_first_line_to_the_ledger(books):
    made = books.post("drafts/", {"date": "2026-03-15", "lines": [{"account": "1000", "debit": "5.00"}]})
    assert made.status_code == 201, made.json()
    path = f"drafts/{made.json()['id']}/"
    assert (made.json()["state"], made.json()["lines"][0]["credit"]) == ("draft", "0.00")

    refused = books.post(f"{path}post/")
    assert (refused.status_code, refused.json()["code"]) == (422, "too_few_lines")
    changed = put(books, path, draft("5.00"), made["ETag"])
    assert changed.status_code == 200 and changed["ETag"] != made["ETag"]
    trial = books.post(f"{path}post/?dry_run=true").json()
    assert trial["dry_run"] and trial["entries"][0]["total"] == "5.00"

    posted = books.post(f"{path}post/")
    assert posted.status_code == 201
    again = books.post(f"{path}post/")
    assert (again.status_code, again.json()["id"]) == (200, posted.json()["id"])
    shown = books.get(path).json()
    assert (shown["state"], shown["entry"]) == ("posted", posted.json()["id"])


def test_a_change_needs_the_tag_that_was_read(books):
    made = books.post("drafts/", draft())
    path = f"drafts/{made.json()['id']}/"

    assert put(books, path, draft("6.00"), "").status_code == 428
    assert put(books, path, draft("6.00"), made["ETag"]).status_code == 200
    assert put(books, path, draft("7.00"), made["ETag"]).status_code == 412
    assert books.delete(path, **{"If-Match": "*"}).status_code == 204
    assert books.get(path).status_code == 404


def test_the_list_narrows_and_the_inbox_is_what_others_made(books, company):
    one = books.post("drafts/", draft(memo="Rent")).json()["id"]
    books.post("drafts/", draft(memo="Sale"))

    assert [row["id"] for row in books.get("drafts/", search="Rent").json()["results"]] == [one]
    assert books.get("drafts/", state="submitted").json()["results"] == []
    assert books.get("drafts/", inbox="true").json()["results"] == []


def test_several_drafts_are_decided_each_for_itself(books, company):
    from tenants.approvals import set_rule
    from tenants.scope import Actor, company_scope

    with company_scope(company, actor=Actor.system("test")):
        set_rule("entry")
    ids = [books.post("drafts/", draft()).json()["id"] for _n in range(2)]
    assert books.post(f"drafts/{ids[0]}/submit/").json()["approvals_needed"] == 1

    mine = books.post("drafts/decide/", {"drafts": ids, "decision": "approve"}).json()["results"]
    assert [one["problem"]["code"] for one in mine] == ["self_approval", "draft_settled"]
    other = make_api_client(company, "admin")
    assert [row["id"] for row in other.get("drafts/", inbox="true").json()["results"]] == [ids[0]]
    theirs = other.post("drafts/decide/", {"drafts": [ids[0]], "decision": "reject", "reason": "No receipt"}).json()
    assert theirs["results"] == [{"draft": ids[0], "state": "rejected"}]
    assert books.get(f"drafts/{ids[0]}/").json()["approvals"][0]["reason"] == "No receipt"


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"lines": []}, "required", "date"),
        ({"date": "2026-13-01"}, "bad_date", "date"),
        (draft(journal="NO"), "unknown_journal", "journal"),
        (draft(colour="red"), "unknown_field", "colour"),
        ({"date": "2026-03-15", "lines": [{"account": "9999"}]}, "unknown_account", "lines[0].account"),
        ({"date": "2026-03-15", "lines": [{"debit": "1e5"}]}, "bad_amount", "lines[0].debit"),
        ({"date": "2026-03-15", "lines": [{"memo": "\x00"}]}, "invalid_text", "lines[0].memo"),
        (draft(reverse_on="2026-03-15"), "bad_reversal_date", "reverse_on"),
        (draft(reverse_on="soon"), "bad_date", "reverse_on"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(books, body, code, place):
    answer = books.post("drafts/", body)

    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (422, code, place)


def test_a_stranger_finds_no_draft(books, company):
    made = books.post("drafts/", draft()).json()["id"]
    stranger = make_api_client(make_company(), "admin")

    for path in ("", "submit/", "approve/", "reject/", "withdraw/", "post/"):
        address = f"drafts/{made}/{path}"
        assert (stranger.post(address, {"reason": "x"}) if path else stranger.get(address)).status_code == 404


def test_lists_run_as_many_queries_for_200_drafts_as_for_one(books, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for more in (1, 19, 60):
        for _n in range(more):
            books.post("drafts/", draft())
        books.get("drafts/")  # notes, once a minute, that the key is in use
        with CaptureQueriesContext(connection) as queries:
            assert books.get("drafts/", page_size=500).status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1
