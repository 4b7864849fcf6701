"""Budgets by the API: planned, activated, in versions; and what posting answers where one warns or stops."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.models import Dimension
from ledger.models import Budget
from tests.constitution.raw import system_scope
from tests.ledger.budget_books import open_centres

YEAR = {"name": "Plan", "start": "2026-01-01", "end": "2026-12-31"}
LINES = [{"account": "5000", "month": "2026-01-01", "amount": "100.00"}]


@pytest.fixture
def books(api):
    return api("read", "write", "post")


def begun(books, **fields):
    """A new budget, and its tag."""
    made = books.post("budgets/", {**YEAR, **fields})
    assert made.status_code == 201, made.json()
    return made.json()["id"], made["ETag"]


def in_force(books, **fields):
    """A budget of 100.00 of rent in January."""
    pk, tag = begun(books, **fields)
    assert books.put(f"budgets/{pk}/lines/", {"lines": LINES}, If_Match=tag).status_code == 200
    assert books.post(f"budgets/{pk}/activate/").json()["state"] == "active"
    return pk


def rent(amount):
    lines = [{"account": "5000", "debit": amount}, {"account": "1000", "credit": amount}]
    return {"date": "2026-01-05", "lines": lines}


def test_a_budget_is_begun_planned_read_and_changed(books):
    pk, tag = begun(books, control="warn")
    planned = books.put(f"budgets/{pk}/lines/", {"lines": [{**LINES[0], "amount": "7.5"}]}, If_Match=tag)

    assert planned.status_code == 200
    [line] = books.get(f"budgets/{pk}/lines/").json()["results"]
    assert (line["account"], line["value"], line["month"], line["amount"]) == ("5000", "", "2026-01-01", "7.50")
    assert books.patch(f"budgets/{pk}/", {"control": "none"}, If_Match=tag).json()["code"] == "precondition_failed"
    changed = books.patch(f"budgets/{pk}/", {"control": "stop"}, If_Match=planned["ETag"])
    assert (changed.json()["control"], changed.json()["dimension"]) == ("stop", None)
    spread = books.post(f"budgets/{pk}/spread/", {"account": "5000", "amount": "100"}, If_Match=changed["ETag"])
    assert len(books.get(f"budgets/{pk}/lines/").json()["results"]) == 12
    assert books.delete(f"budgets/{pk}/", If_Match=spread["ETag"]).status_code == 204
    assert books.get(f"budgets/{pk}/").status_code == 404


def test_versions_are_activated_and_retired_and_the_list_is_narrowed(books):
    pk = in_force(books)
    second = books.post(f"budgets/{pk}/new-version/", {"percent": "10"}).json()

    assert (second["number"], second["state"]) == (2, "draft")
    assert books.get(f"budgets/{second['id']}/lines/").json()["results"][0]["amount"] == "110.00"
    books.post(f"budgets/{second['id']}/activate/")
    found = {state: [one["number"] for one in books.get("budgets/", state=state).json()["results"]]
             for state in ("draft", "active", "retired")}  # fmt: skip
    assert found == {"draft": [], "active": [2], "retired": [1]}
    assert books.post(f"budgets/{pk}/retire/").json()["code"] == "budget_state"
    assert books.get("budgets/", fields="number").json()["results"] == [{"number": 2}, {"number": 1}]


def test_the_same_key_begins_one_budget(books):
    first = books.post("budgets/", YEAR, key="plan-2026")

    assert books.post("budgets/", YEAR, key="plan-2026").json() == first.json()
    assert books.post("budgets/", YEAR).json()["code"] == "budget_name_taken"


@pytest.mark.parametrize(
    ("line", "code", "place"),
    [
        ({"account": "77"}, "unknown_account", "lines[0].account"),
        ({"month": "2026-01-02"}, "invalid_budget", "lines[0].month"),
        ({"amount": "0.001"}, "too_precise", "lines[0].amount"),
        ({"amount": 1.5}, "bad_amount", "lines[0].amount"),
        ({"value": "NORTH"}, "unknown_dimension", "lines[0].value"),
    ],
)
def test_a_bad_line_is_refused_at_its_place(books, line, code, place):
    pk, tag = begun(books)

    problem = books.put(f"budgets/{pk}/lines/", {"lines": [{**LINES[0], **line}]}, If_Match=tag).json()

    assert {"code": code, "place": place}.items() <= {**problem, **problem.get("errors", [{}])[0]}.items(), problem


def test_a_stop_refuses_with_its_figures_for_good_under_the_key(books):
    pk = in_force(books, control="stop")

    first = books.post("entries/", rent("100.01"), key="rent")
    books.post(f"budgets/{pk}/retire/")
    again = books.post("entries/", rent("100.01"), key="rent")

    assert (first.status_code, first.json()["code"]) == (422, "budget_exceeded")
    assert first.json()["detail"] == "5000 Rent passes the budget Plan v1 up to January 2026: 100.01 of 100.00."
    assert (again.status_code, again.json()["code"]) == (422, "budget_exceeded")


def test_a_warning_comes_with_the_answer_and_with_the_dry_run(books):
    in_force(books, control="warn")

    tried = books.post("entries/?dry_run=true", rent("130.00"))
    fine = books.post("entries/", rent("100.00"), key="one")
    passing = books.post("entries/", rent("7.00"), key="two")
    many = books.post("entries/bulk/", {"entries": [rent("1.00")]}, key="three")

    assert [one["actual"] for one in tried.json()["warnings"]] == ["130.00"]
    assert fine.status_code == 201 and "warnings" not in fine.json()
    [warning] = passing.json()["warnings"]
    assert warning == {
        "code": "budget_passed", "budget": "Plan v1", "account": "5000", "value": "", "month": "2026-01-01",
        "planned": "100.00", "actual": "107.00",
        "detail": "5000 Rent passes the budget Plan v1 up to January 2026: 107.00 of 100.00.",
    }  # fmt: skip
    assert [one["actual"] for one in many.json()["warnings"]] == ["108.00"]
    assert "warnings" not in books.get(f"entries/{passing.json()['id']}/").json()


def test_who_may_only_read_changes_nothing(api, books):
    pk, tag = begun(books)
    reader = api("read")

    assert reader.get(f"budgets/{pk}/").status_code == 200
    assert reader.post("budgets/", {**YEAR, "name": "Other"}).status_code == 403
    assert reader.post(f"budgets/{pk}/activate/").status_code == 403
    assert reader.delete(f"budgets/{pk}/", If_Match=tag).status_code == 403


def cost(visit):
    with CaptureQueriesContext(connection) as captured:
        assert visit().status_code == 200
    return len(captured)


def test_lists_cost_the_same_for_1_20_and_200_rows(books, company):
    with system_scope(company):
        open_centres()
        centre = Dimension.objects.for_company(company).get()
    pk, tag = begun(books, dimension="cost_centre")
    costs, made = [], 1
    for count in (0, 19, 180):
        more = [Budget(company=company, name="Plan", number=made + n, start="2026-01-01", end="2026-12-31",
                       dimension=centre)
                for n in range(1, count + 1)]  # fmt: skip
        with system_scope(company):
            Budget.objects.bulk_create(more)
        made += count
        lines = [{**LINES[0], "month": f"2026-{n:02}-01"} for n in range(1, min(made, 12) + 1)]
        tag = books.put(f"budgets/{pk}/lines/", {"lines": lines}, If_Match=tag)["ETag"]
        costs.append((cost(lambda: books.get("budgets/")), cost(lambda: books.get(f"budgets/{pk}/lines/"))))

    assert len(set(costs)) == 1, costs
