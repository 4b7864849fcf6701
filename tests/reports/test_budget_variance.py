"""A budget beside what was posted: by month, across a dimension, in the layout of the profit and loss."""

import datetime
from decimal import Decimal

import pytest

from ledger.budget_figures import BudgetNotFound
from ledger.budget_versions import activate_budget
from ledger.budgets import PlannedLine, create_budget, set_lines
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from reports.catalogue import CATALOGUE
from reports.table import Asked
from tests.ledger.budget_books import open_centres

D = Decimal
START, END = datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)


def made(company, **asked):
    report = CATALOGUE["budget-variance"].make(company, Asked(END, START, **asked))
    rows = {row.cells[0].value: [cell.value for cell in row.cells[1:]] for row in report.rows}
    return rows, report


def plan(*lines, **fields):
    budget = create_budget(name="Plan", start=START, end=END, **fields)
    set_lines(budget.pk, [PlannedLine(account=code, month=datetime.date(2026, month, 1), amount=D(amount), **more)
                          for code, month, amount, more in lines])  # fmt: skip
    return activate_budget(budget.pk)


def book(key, day, *lines):
    post(NewEntry(key, day, tuple(NewLine(code, D(amount), **more) for code, amount, more in lines)))


def test_more_than_planned_is_above_zero_on_the_side_of_the_row(scope):
    plan(("4000", 1, "100", {}), ("5000", 1, "40", {}), ("5000", 2, "40", {}))
    book("sale", datetime.date(2026, 1, 9), ("1000", "120", {}), ("4000", "-120", {}))
    book("rent", datetime.date(2026, 2, 9), ("5000", "30", {}), ("1000", "-30", {}))
    rows, report = made(scope.company)
    assert rows["Revenue"] == [100, 120, 20, 20] and rows["Operating expenses"] == [80, 30, -50, D("-62.5")]
    assert rows["Profit for the period"] == [20, 90, 70, 350]
    (row,) = [row for row in report.rows if str(row.cells[0].value).startswith("4000")]
    assert [cell.link.page for cell in row.cells[1:3]] == ["ledger:budget-detail", "ledger:account-ledger"]


def test_months_stand_side_by_side(scope):
    plan(("5000", 1, "40", {}), ("5000", 2, "50", {}))
    rows, report = made(scope.company, by="month")
    name = next(name for name in rows if name.startswith("5000"))
    assert rows[name][:8] == [40, 0, -40, -100, 50, 0, -50, -100] and len(report.columns) == 49
    assert [str(column.over) for column in report.columns[1:6:4]] == ["Jan 2026", "Feb 2026"]


def test_what_is_planned_on_other_accounts_is_not_left_out(scope):
    plan(("1000", 1, "500", {}))
    rows, _report = made(scope.company)
    assert rows["1000 Bank"] == [500, 0, -500, -100] and "On other accounts" in rows


def test_across_the_values_of_a_dimension(scope):
    open_centres()
    plan(("5000", 1, "40", {"value": "NORTH"}), ("5000", 1, "60", {"value": "SOUTH"}), dimension="cost_centre")
    book(
        "rent", datetime.date(2026, 1, 9), ("5000", "45", {"dimensions": {"cost_centre": "NORTH"}}), ("1000", "-45", {})
    )
    rows, _report = made(scope.company, across="cost_centre")
    name = next(name for name in rows if name.startswith("5000"))
    assert rows[name] == [40, 45, 5, D("12.5"), 60, 0, -60, -100, 100, 45, -55, -55]


def test_what_has_no_value_stands_without_one_and_everything_adds_up(scope):
    open_centres()
    plan(("5000", 1, "40", {"value": "NORTH"}), ("5000", 1, "100", {}), dimension="cost_centre")
    book("rent", datetime.date(2026, 1, 9), ("5000", "70", {}), ("1000", "-70", {}))
    rows, report = made(scope.company, across="cost_centre")
    assert [str(column.over) for column in report.columns[1::4]] == ["North", "Without", "Total"]
    name = next(name for name in rows if name.startswith("5000"))
    assert rows[name] == [40, 0, -40, -100, 100, 70, -30, -30, 140, 70, -70, -50]


def test_without_an_active_budget_it_says_so_and_an_unknown_one_is_refused(scope):
    rows, report = made(scope.company)
    assert rows == {} and report.notes
    with pytest.raises(BudgetNotFound) as refused:
        made(scope.company, budget="zebra")
    assert refused.value.place == "budget"
