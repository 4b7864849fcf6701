"""Budgets: versions that are planned, activated and retired; drafts change, nothing else does."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounting.models import Account
from ledger import refusals
from ledger.budget_figures import BudgetNotFound, budget_amounts
from ledger.budget_spread import spread_line, spread_months
from ledger.budget_versions import BudgetEmpty, BudgetState, activate_budget, new_version, retire_budget
from ledger.budgets import (
    BudgetFixed,
    BudgetNameTaken,
    BudgetRefused,
    PlannedLine,
    change_budget,
    create_budget,
    delete_budget,
    set_lines,
)
from ledger.kept_once import SavedBefore
from ledger.models import Budget, BudgetLine
from tenants.refusal import Conflict
from tests.ledger.budget_books import DECEMBER, JANUARY, RENT, SALES, a_budget, day, open_centres, planned

CASES = [
    ({"start": day(1, 2)}, "start"),
    ({"end": day(12, 30)}, "end"),
    ({"end": datetime.date(2025, 12, 31)}, "end"),
    ({"end": datetime.date(2029, 1, 31)}, "end"),
    ({"name": "  "}, "name"),
    ({"control": "perhaps"}, "control"),
    ({"basis": "week"}, "basis"),
]


@pytest.mark.parametrize(("fields", "place"), CASES)
def test_a_budget_is_for_whole_months_and_named(scope, fields, place):
    with pytest.raises(BudgetRefused) as caught:
        create_budget(**{"name": "Plan", "start": JANUARY, "end": DECEMBER, **fields})

    assert caught.value.place == place


def test_a_name_is_taken_once_and_the_same_form_begins_one_budget(scope):
    form = {"name": "Plan", "start": JANUARY, "end": DECEMBER, "budget_id": uuid.uuid4()}
    made = create_budget(**form)

    assert create_budget(**form) == made
    with pytest.raises(SavedBefore):
        create_budget(**{**form, "control": "stop"})
    with pytest.raises(BudgetNameTaken):
        create_budget(**{**form, "budget_id": None})


LINES = [
    (PlannedLine("9999", JANUARY, Decimal(1)), "unknown_account", "lines[0].account"),
    (PlannedLine("9000", JANUARY, Decimal(1)), "invalid_budget", "lines[0].account"),
    (PlannedLine(RENT, day(1, 2), Decimal(1)), "invalid_budget", "lines[0].month"),
    (PlannedLine(RENT, datetime.date(2027, 1, 1), Decimal(1)), "invalid_budget", "lines[0].month"),
    (PlannedLine(RENT, JANUARY, Decimal("0.001")), "too_precise", "lines[0].amount"),
    (PlannedLine(RENT, JANUARY, Decimal("NaN")), "bad_amount", "lines[0].amount"),
    (PlannedLine(RENT, JANUARY, Decimal(1), "NORTH"), "unknown_dimension", "lines[0].value"),
]


@pytest.mark.parametrize(("line", "code", "place"), LINES)
def test_a_line_that_cannot_be_planned_is_refused_at_its_place(scope, line, code, place):
    budget = a_budget(active=False)

    with pytest.raises(refusals.Refused) as caught:
        set_lines(budget.pk, [line])

    assert (caught.value.code, caught.value.place) == (code, place)


def test_lines_are_set_as_a_whole_and_only_what_differs_is_written(scope):
    budget = a_budget(*planned("10.00", "20.00"), active=False)
    before = {row.month: row.pk for row in BudgetLine.objects.filter(budget=budget)}

    set_lines(budget.pk, [*planned("10.00"), *planned("0.00", account=SALES)])

    rows = {(row.account.code, row.month): row for row in BudgetLine.objects.filter(budget=budget)}
    assert {place: row.amount for place, row in rows.items()} == {
        (RENT, day(1)): Decimal("10.00"), (SALES, day(1)): Decimal(0),
    }  # fmt: skip
    assert rows[RENT, day(1)].pk == before[day(1)]
    with pytest.raises(BudgetRefused, match="twice"):
        set_lines(budget.pk, planned("1.00") * 2)


def test_only_a_draft_changes_and_only_the_version_that_was_seen(scope):
    open_centres()
    budget = a_budget(*planned("10.00"), active=False)
    seen = budget.version
    change_budget(budget.pk, control="stop", dimension="cost_centre", version=seen)
    with pytest.raises(Conflict):
        set_lines(budget.pk, [], version=seen)
    set_lines(budget.pk, planned("1.00", value="NORTH"))
    with pytest.raises(BudgetRefused, match="take them out first"):
        change_budget(budget.pk, dimension="")
    activate_budget(budget.pk)

    for act in (
        lambda: change_budget(budget.pk, control="none"),
        lambda: set_lines(budget.pk, []),
        lambda: delete_budget(budget.pk),
    ):
        with pytest.raises(BudgetFixed):
            act()


def test_an_active_version_is_fixed_in_the_database_too(scope):
    budget = a_budget(*planned("10.00"))
    rows, lines = Budget.objects.filter(pk=budget.pk), BudgetLine.objects.filter(budget=budget)
    another = BudgetLine(company=scope.company, budget=budget, account=lines.get().account, month=day(2), amount=1)
    for write in (
        lambda: rows.update(control="stop"),
        lambda: rows.update(state="draft"),
        lambda: rows.update(name="Other"),
        lambda: lines.update(amount=1),
        lambda: lines.delete(),
        lambda: rows.delete(),
        lambda: another.save(force_insert=True),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    retire_budget(budget.pk)
    assert BudgetLine.objects.get(budget=budget).amount == 10


def test_versions_take_turns_and_one_is_active(scope):
    first = a_budget(*planned("10.00", "0.05"))
    made = new_version(first.pk, percent=Decimal("-10"), version_id=uuid.uuid4())

    assert new_version(first.pk, version_id=made.pk) == made
    assert (str(made), made.state) == ("Plan v2", "draft")
    assert [row.amount for row in made.lines.order_by("month")] == [Decimal("9.00"), Decimal("0.05")]
    activate_budget(made.pk)
    first.refresh_from_db()
    assert first.state == "retired"
    with pytest.raises(BudgetState):
        activate_budget(first.pk)
    with pytest.raises(BudgetState):
        retire_budget(first.pk)
    assert new_version(first.pk).number == 3
    with pytest.raises(BudgetRefused):
        new_version(first.pk, percent=Decimal("-101"))


def test_an_empty_budget_is_not_activated_and_a_draft_can_be_thrown_away(scope):
    budget = a_budget(active=False)
    with pytest.raises(BudgetEmpty):
        activate_budget(budget.pk)
    set_lines(budget.pk, planned("1.00"))
    delete_budget(budget.pk)

    assert not Budget.objects.filter(pk=budget.pk).exists()
    with pytest.raises(BudgetNotFound):
        budget_amounts(scope.company, "Plan", [])


def test_amounts_are_signed_and_a_cut_month_is_shared_by_days(scope):
    budget = a_budget(*planned("31.00", "28.00"), *planned("10.00", account=SALES))
    days = [(JANUARY, day(1, 31)), (JANUARY, day(2, 28)), (day(1, 16), day(2))]

    found = budget_amounts(scope.company, "Plan", days)

    rent, sales = (Account.objects.get(code=code).pk for code in (RENT, SALES))
    assert found == [
        {rent: Decimal("31.00"), sales: Decimal("-10.00")},
        {rent: Decimal("59.00"), sales: Decimal("-10.00")},
        {rent: Decimal("17.00"), sales: Decimal("-5.16")},
    ]
    assert found == budget_amounts(scope.company, budget, days)


def test_the_parts_of_a_cut_month_add_up_to_it(scope):
    a_budget(*planned("100.00"))
    parts = [(day(1, n), day(1, n)) for n in range(1, 32)]

    found = budget_amounts(scope.company, "Plan", parts)

    assert sum(amount for part in found for amount in part.values()) == Decimal("100.00")


def test_amounts_of_a_cost_centre_are_what_is_planned_for_it(scope):
    open_centres()
    a_budget(*planned("1.00", value="NORTH"), *planned("2.00", value="SOUTH"), *planned("4.00"),
             dimension="cost_centre")  # fmt: skip
    rent, year = Account.objects.get(code=RENT).pk, [(JANUARY, DECEMBER)]

    assert budget_amounts(scope.company, "Plan", year, ("cost_centre", "SOUTH")) == [{rent: Decimal("2.00")}]
    assert budget_amounts(scope.company, "Plan", year, ("project", "SOUTH")) == [{}]
    assert budget_amounts(scope.company, "Plan", year) == [{rent: Decimal("7.00")}]


@given(cents=st.integers(-(10**14), 10**14), months=st.integers(1, 36), decimals=st.integers(0, 4))
def test_a_year_is_spread_over_its_months_to_the_last_unit(cents, months, decimals):
    step = Decimal(1).scaleb(-decimals)

    parts = spread_months(cents * step, months, decimals)

    assert len(parts) == months and sum(parts) == cents * step
    assert max(parts) - min(parts) <= step


def test_a_year_amount_replaces_the_months_of_its_line_alone(scope):
    budget = a_budget(*planned("5.00", "6.00"), *planned("7.00", account=SALES), active=False)

    spread_line(budget.pk, account=RENT, amount=Decimal("100.00"))

    amounts = [row.amount for row in BudgetLine.objects.filter(budget=budget, account__code=RENT).order_by("month")]
    assert (len(amounts), sum(amounts), amounts[0]) == (12, Decimal("100.00"), Decimal("8.34"))
    assert BudgetLine.objects.get(budget=budget, account__code=SALES).amount == 7
