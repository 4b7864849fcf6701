"""Kept reports, schedules and layouts by the API: the whole way of each, keys, tags, and strangers."""

import pytest

from jobs.models import Job
from jobs.running import run
from reports.statement_layouts import shipped_rows
from tests.conftest import make_api_client, make_company
from tests.constitution.raw import system_scope
from tests.reports.test_report_runs import book

ASKED = {"start": "2026-01-01", "date": "2026-12-31"}


def problem(answer):
    return answer.status_code, answer.json()["code"], answer.json().get("place", "")


@pytest.fixture
def books(committed_company):
    with system_scope(committed_company):
        book("first", "100")
    return committed_company


def test_a_report_is_asked_for_once_checked_by_another_and_verified(books):
    maker, checker = make_api_client(books, "admin"), make_api_client(books, "admin")
    wish = {"report": "profit-and-loss", "asked": ASKED, "forms": ["csv"], "title": "Year"}
    asked = maker.post("report-runs/", wish, key="one")
    assert asked.status_code == 202 and maker.post("report-runs/", wish, key="one").json()["id"] == asked.json()["id"]
    run(books.pk, Job(pk=asked.json()["id"]).pk)
    (kept,) = maker.get("report-runs/").json()["results"]
    assert (kept["title"], kept["state"], kept["asked"]["layout"]) == ("Year", "made", "ifrs")
    assert [file["form"] for file in kept["files"]] == ["json", "csv"] and len(kept["figures_hash"]) == 64
    path = f"report-runs/{kept['id']}/"
    assert maker.get(path).json() == kept
    assert maker.post(f"{path}sign-off/", {}).status_code == 404, "people sign, on its page"
    assert checker.post(f"{path}comment/", {"comment": "Where is rent?"}).status_code == 201
    assert problem(checker.post(f"{path}reject/", {})) == (422, "invalid_decision", "comment")
    rejected = checker.post(f"{path}reject/", {"comment": "Rent"}, key="no")
    assert rejected.json()["kind"] == "rejected"
    assert checker.post(f"{path}reject/", {"comment": "Rent"}, key="no").json() == rejected.json(), "replayed"
    assert problem(checker.post(f"{path}reject/", {"comment": "Again"})) == (409, "report_decided", "")
    assert [one["kind"] for one in maker.get(f"{path}decisions/").json()["results"]] == ["comment", "rejected"]
    with system_scope(books):
        book("later", "7")
    verified = maker.get(f"{path}verification/").json()
    assert (verified["is_same_at_block"], verified["is_same_today"]) == (True, False)
    assert {"label": "4000 Sales", "kept": ["100.00"], "now": ["107.00"]} in verified["differences"]
    assert maker.get("report-runs/", state="rejected").json()["results"][0]["id"] == kept["id"]
    assert maker.get("report-runs/", state="made").json()["results"] == []


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"report": "zebra", "asked": ASKED}, "report"), ({"report": "balance-sheet", "asked": ASKED}, "start"),
        ({"report": "profit-and-loss", "asked": {}}, "date"), ({"report": "profit-and-loss", "asked": []}, "asked"),
        ({"report": "profit-and-loss", "asked": ASKED, "forms": ["docx"]}, "forms[0]"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused_at_its_place(api, wish, expected):
    answer = api("admin").post("report-runs/", wish)
    assert answer.status_code in (400, 422) and expected in answer.content.decode()


def test_strangers_find_nothing(books):
    other = make_company()
    stranger = make_api_client(other, "admin")
    stranger.base = f"/api/v1/companies/{books.slug}/"
    for path in ("report-runs/", "report-schedules/", "statement-layouts/"):
        assert stranger.get(path).status_code == 404


def test_a_schedule_by_the_api(api):
    client = api("admin")
    wish = {"name": "Result", "report": "profit-and-loss", "cadence": "monthly", "span": "month",
            "next_date": "2030-01-02", "asked": {"by": "month"}, "forms": ["pdf"], "recipients": ["a@example.com"]}  # fmt: skip
    made = client.post("report-schedules/", wish, key="k")
    assert made.status_code == 201 and made.json()["asked"] == {"by": "month"}
    path = f"report-schedules/{made.json()['id']}/"
    changed = client.put(path, wish | {"is_active": False}, If_Match=made["ETag"])
    assert changed.status_code == 200 and changed.json()["is_active"] is False
    assert client.put(path, wish, If_Match=made["ETag"]).status_code == 412
    assert problem(client.post("report-schedules/", wish | {"next_date": "2030-01-30"})) == (
        422, "invalid_schedule", "next_date",
    )  # fmt: skip
    assert client.delete(path, If_Match=changed["ETag"]).status_code == 204
    assert client.get("report-schedules/").json()["results"] == []
    assert problem(api("read").get(path)) == (404, "not_found", "")


def test_a_layout_by_the_api(api):
    client = api("admin")
    rows = [dict(row) for row in shipped_rows("ifrs", "profit-and-loss")["rows"]]
    wish = {"statement": "profit-and-loss", "name": "Board", "rows": rows}
    first = client.post("statement-layouts/", wish)
    assert (first.status_code, first.json()["number"], first.json()["rows"]) == (201, 1, rows)
    assert problem(client.post("statement-layouts/", wish | {"seen": 0})) == (409, "conflict", "")
    wrong = client.post("statement-layouts/", wish | {"rows": [{"key": "a", "label": "A"}]})
    assert problem(wrong) == (422, "bad_layout", "rows[0]")
    usual = {"statement": "profit-and-loss", "name": "Board"}
    assert client.post("statement-layouts/usual/", usual).status_code == 204
    assert client.get("statement-layouts/").json()["results"][0]["is_usual"] is True
    assert client.post("statement-layouts/retire/", usual).status_code == 204
    assert problem(client.post("statement-layouts/retire/", usual)) == (422, "unknown_layout", "layout")
    assert problem(api("read").post("statement-layouts/", wish))[0] == 403


def test_days_of_books_alone(api):
    answer = api("admin").post("report-runs/", {"report": "balance-sheet", "asked": {"date": "0999-01-01"}})
    assert problem(answer) == (422, "invalid_parameter", "date")
