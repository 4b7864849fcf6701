"""Budgets from a table: wide or long, a new version or the draft that is there, all rows or none, and taken back."""

import datetime
from decimal import Decimal

import pytest

from accounting.table_kinds import Undoing, table_kind
from accounting.table_outcome import CHANGED, NEW, REFUSED
from ledger.budget_columns import MONTHS, budget_rows
from ledger.budget_versions import activate_budget
from ledger.models import Budget, BudgetLine
from tenants.csv_cells import csv_line
from tenants.permissions import permissions_of_role
from tenants.refusal import NotPermitted
from tenants.scope import Actor, acting_as
from tests.accounting.table_files import became, csv_of, imported, places, xlsx_of
from tests.ledger.budget_books import RENT, SALES, a_budget, day, open_centres, planned


def amounts(budget):
    rows = BudgetLine.objects.filter(budget=budget).select_related("account", "value")
    return {(row.account.code, row.value.code if row.value else "", row.month): row.amount for row in rows}


def test_wide_long_and_spread_rows_of_one_name_are_one_new_version(scope):
    open_centres()
    data = csv_of(
        {
            "budget": "Plan",
            "year": "2026",
            "dimension": "cost_centre",
            "Konto": RENT,
            "value": "NORTH",
            "month_2": "5.00",
        },
        {"budget": "Plan", "Konto": RENT, "month": "2026-03-01", "amount": "7.00"},
        {"budget": "Plan", "Konto": SALES, "amount": "100.00"},
    )

    report = imported("budgets", data)

    assert (became(report), places(report)) == ([NEW], [])
    made = Budget.objects.get(name="Plan")
    found = amounts(made)
    assert (str(made), made.state, made.start, made.end) == ("Plan v1", "draft", day(1), day(12, 31))
    assert (found.pop((RENT, "NORTH", day(2))), found.pop((RENT, "", day(3)))) == (5, 7)
    assert (len(found), sum(found.values())) == (12, Decimal("100.00"))


def test_an_export_imported_again_is_the_same_plan_in_a_new_version(scope):
    open_centres()
    lines = [*planned("1.00", "-2.00", "0.00"), *planned("3.00", value="SOUTH"), *planned("4.50", account=SALES)]
    first = activate_budget(a_budget(*lines, dimension="cost_centre", active=False).pk)
    data = "".join(csv_line(row) for row in budget_rows(first)).encode()

    report = imported("budgets", data)

    assert places(report) == []
    second = Budget.objects.get(name="Plan", number=2)
    assert (became(report), report.ignored) == ([NEW], ["account_name", "whole"])
    assert amounts(second) == amounts(first) and second.dimension_id == first.dimension_id


def test_with_update_the_draft_that_is_there_changes_and_keeps_its_other_months(scope):
    budget = a_budget(*planned("1.00", "2.00"), active=False)

    report = imported("budgets", csv_of({"budget": "Plan", "account": RENT, "month_2": "9.00"}), update=True)

    assert became(report) == [CHANGED]
    assert amounts(budget) == {(RENT, "", day(1)): 1, (RENT, "", day(2)): 9}


ROWS = [
    ({"account": "77"}, "account", "unknown_account"),
    ({"month_1": "1.001"}, "month_1", "too_precise"),
    ({"amount": "5.00"}, "amount", "invalid_budget"),
    ({"month_1": "", "amount": "5.00", "month": "2026-01-02"}, "month", "invalid_budget"),
    ({"value": "WEST"}, "value", "unknown_dimension"),
    ({"year": "1999"}, "year", "invalid_budget"),
    ({"dimension": "planet"}, "dimension", "unknown_dimension"),
    ({"month_1": "many"}, "month_1", "bad_amount"),
    ({"budget": ""}, "budget", "invalid_budget"),
]


@pytest.mark.parametrize(("cells", "place", "code"), ROWS)
def test_a_cell_that_cannot_be_planned_is_named_and_nothing_is_kept(scope, cells, place, code):
    report = imported(
        "budgets", csv_of({"budget": "Plan", "year": "2026", "account": RENT, "month_1": "1.00", **cells})
    )

    assert (became(report), places(report)) == ([REFUSED], [(f"rows[2].{place}", code)])
    assert not Budget.objects.exists()


def test_every_bad_row_is_named_and_a_dry_run_keeps_nothing(scope):
    row = {"budget": "Plan", "account": RENT, "month_1": "1.00"}
    twice = imported("budgets", csv_of(row, {**row, "account": "77"}, row))
    tried = imported("budgets", xlsx_of(list(row), [*row.values()]), dry_run=True)

    assert places(twice) == [("rows[3].account", "unknown_account"), ("rows[4].account", "twice_in_file")]
    assert became(tried) == [NEW] and not Budget.objects.exists()


def test_an_import_is_taken_back_and_an_active_version_retires(scope):
    made = [
        imported("budgets", csv_of({"budget": name, "account": RENT, "amount": "12.00"})).outcomes[0].id
        for name in ("Draft", "Active")
    ]
    activate_budget(made[1])

    done = table_kind("budgets").undo(Undoing(made, datetime.date(2026, 1, 1), "Wrong", lambda *_: None))

    assert done == {"deleted": 1, "retired": 1, "gone": 0}
    assert [(one.name, one.state) for one in Budget.objects.all()] == [("Active", "retired")]


def test_who_may_not_plan_imports_no_budget(scope):
    clerk = Actor(type="user", name="Clerk", permissions=permissions_of_role("clerk"))
    with acting_as(clerk), pytest.raises(NotPermitted):
        imported("budgets", csv_of({"budget": "Plan", "account": RENT, MONTHS[0]: "1.00"}))
