"""A budget that stops: to the last cent, year to date, by cost centre; and what it leaves alone."""

import datetime
from decimal import Decimal

import pytest

from ledger.budget_versions import activate_budget, new_version, retire_budget
from ledger.budget_warnings import budget_warnings
from ledger.dry_run import try_posting
from ledger.posting import post, post_batch, post_many
from ledger.refusals import BudgetExceeded, RefusedBefore
from ledger.reversal import reverse
from ledger.year_closing import close_year, reopen_year
from tests.books import new_entry
from tests.ledger.budget_books import BANK, RENT, SALES, a_budget, day, open_centres, planned, spend, spending

NORTH, SOUTH = {"cost_centre": "NORTH"}, {"cost_centre": "SOUTH"}
HALVES = {"cost_centre": {"NORTH": Decimal(50), "SOUTH": Decimal(50)}}


def test_spending_to_the_last_cent_is_posted_and_a_cent_more_is_refused_with_all_figures(scope):
    a_budget(*planned("100.00"), control="stop")
    spend("99.99")
    spend("0.01")

    with pytest.raises(BudgetExceeded) as caught:
        spend("0.01")

    assert caught.value.message == "5000 Rent passes the budget Plan v1 up to January 2026: 100.01 of 100.00."


def test_what_was_refused_stays_refused_under_its_key_when_the_budget_has_gone(scope):
    budget = a_budget(*planned("10.00"), control="stop")
    with pytest.raises(BudgetExceeded):
        spend("11.00", key="late")
    retire_budget(budget.pk)

    with pytest.raises(RefusedBefore) as caught:
        spend("11.00", key="late")

    assert caught.value.code == "budget_exceeded"
    assert spend("11.00", key="again")


def test_what_was_not_spent_is_there_in_later_months_year_to_date_and_lost_where_each_month_counts(scope):
    a_budget(*planned("10.00", "10.00"), control="stop", name="By year")
    spend("20.00", day(2))
    with pytest.raises(BudgetExceeded, match=r"up to February 2026: 20.01 of 20.00"):
        spend("0.01", day(2))

    a_budget(*planned("0.00", "0.00", "10.00", account=BANK), control="stop", basis="month", name="By month")
    with pytest.raises(BudgetExceeded, match=r"By month v1 in March 2026: 10.01 of 10.00"):
        post(new_entry((BANK, "10.01"), (SALES, "-10.01"), date=day(3)))


def test_a_late_posting_into_an_early_month_does_not_pass_the_plan_of_a_later_one(scope):
    a_budget(*planned("100.00", "100.00"), control="stop")
    spend("200.00", day(2))

    with pytest.raises(BudgetExceeded, match=r"up to February 2026: 250.00 of 200.00"):
        spend("50.00", day(1))


def test_months_without_a_plan_spend_what_is_left_and_days_outside_the_budget_are_free(scope):
    a_budget(*planned("100.00"), control="stop")
    spend("60.00", day(5))
    with pytest.raises(BudgetExceeded, match="up to May 2026"):
        spend("60.00", day(5))
    assert spend("500.00", datetime.date(2027, 1, 1)) and spend("500.00", datetime.date(2025, 12, 31))
    assert spend("40.00", day(5))


def test_each_part_of_a_split_line_counts_against_its_own_cost_centre(scope):
    open_centres()
    lines = [*planned("50.00", value="NORTH"), *planned("40.00", value="SOUTH"), *planned("5.00")]
    a_budget(*lines, control="stop", dimension="cost_centre")

    spend("80.00", splits=HALVES)
    with pytest.raises(BudgetExceeded, match=r"5000 Rent, SOUTH passes .*: 41.00 of 40.00"):
        spend("2.00", splits=HALVES)
    spend("10.00", dimensions=NORTH)
    with pytest.raises(BudgetExceeded, match="Rent, NORTH passes"):
        spend("0.01", dimensions=NORTH)
    # What carries no planned value has a plan of its own.
    spend("5.00")
    with pytest.raises(BudgetExceeded, match=r"5000 Rent passes .*: 5.01 of 5.00"):
        spend("0.01")


def test_a_cost_centre_without_a_plan_is_free_where_the_account_as_a_whole_has_none(scope):
    open_centres()
    a_budget(*planned("1.00", value="NORTH"), control="stop", dimension="cost_centre")

    assert spend("900.00", dimensions=SOUTH) and spend("900.00")


def test_a_reversal_gives_back_and_is_never_stopped_even_where_more_is_spent_than_planned(scope):
    first = spend("500.00")
    budget = a_budget(*planned("100.00"), control="stop")
    with pytest.raises(BudgetExceeded):
        spend("0.01")

    reverse(first.id, date=day(1), reason="Wrong")

    assert spend("100.00")
    with pytest.raises(BudgetExceeded):
        spend("0.01")
    retire_budget(budget.pk)
    assert spend("1.00")


def test_giving_back_a_part_is_not_stopped_where_more_than_planned_stays_spent(scope):
    first, _second = spend("500.00"), spend("500.00")
    a_budget(*planned("100.00"), control="stop")

    assert reverse(first.id, date=day(1), reason="Wrong")


def test_a_plan_below_zero_of_a_later_month_binds_when_that_month_moves(scope):
    a_budget(*planned("100.00", "-50.00"), control="stop")

    spend("80.00", day(1))
    with pytest.raises(BudgetExceeded, match=r"up to February 2026: 81.00 of 50.00"):
        spend("1.00", day(2))


def test_what_is_spent_and_given_back_in_one_batch_counts_as_nothing(scope):
    a_budget(*planned("10.00"), control="stop")

    assert post_many([spending("50.00"), new_entry((RENT, "-45.00"), (BANK, "45.00"), date=day(1))])
    with pytest.raises(BudgetExceeded):
        post_batch("batch", [spending("3.00"), spending("3.00")])


def test_income_is_a_goal_and_never_stopped(scope):
    a_budget(*planned("10.00", account=SALES), control="stop")

    assert post(new_entry((BANK, "900.00"), (SALES, "-900.00"), date=day(1)))
    assert post(new_entry((BANK, "-950.00"), (SALES, "950.00"), date=day(1)))


def test_drafts_retired_versions_and_budgets_that_only_compare_stop_nothing(scope):
    a_budget(*planned("1.00"), control="stop", active=False, name="Draft")
    a_budget(*planned("1.00"), name="Compared")
    retire_budget(a_budget(*planned("1.00"), control="stop", name="Retired").pk)

    assert spend("500.00")


def test_a_new_version_takes_the_place_of_the_one_that_stopped(scope):
    old = a_budget(*planned("100.00"), control="stop")
    new = new_version(old.pk, percent=Decimal(10))
    activate_budget(new.pk)

    spend("110.00")
    with pytest.raises(BudgetExceeded, match="Plan v2"):
        spend("0.01")


def test_closing_a_year_and_opening_it_again_is_not_spending(scope):
    from accounting.models import FiscalYear

    a_budget(*planned("100.00"), control="stop")
    spend("100.00", day(6))
    year = FiscalYear.objects.for_company(scope.company).get(name="2026")
    close_year(year.pk)
    with pytest.raises(BudgetExceeded, match=r"100.01 of 100.00"):
        spend("0.01", day(12, 31))
    reopen_year(year.pk, reason="Late bill")
    with pytest.raises(BudgetExceeded):
        spend("0.01", day(12, 31))


def test_a_year_opens_again_though_more_was_spent_than_is_planned_now(scope):
    from accounting.models import FiscalYear

    spend("150.00", day(6))
    a_budget(*planned("100.00"), control="stop")
    year = FiscalYear.objects.for_company(scope.company).get(name="2026")
    close_year(year.pk)

    assert reopen_year(year.pk, reason="Late bill")


def test_a_budget_that_warns_posts_and_says_so_and_a_trial_says_so_too(scope):
    a_budget(*planned("100.00"), control="warn")
    assert budget_warnings(scope.company, [spend("100.00").id]) == []

    trial = try_posting(day(1), lambda: [spend("5.00").id])
    passing = spend("7.00")

    [told] = budget_warnings(scope.company, [passing.id])
    assert told.sentence == "5000 Rent passes the budget Plan v1 up to January 2026: 107.00 of 100.00."
    assert [one.actual for one in trial.warnings] == [Decimal("105.00")]
