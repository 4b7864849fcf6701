"""Year-end: the result goes to retained earnings, exactly, once, and back again."""

import datetime
from decimal import Decimal

import pytest

from accounting.accounts import open_account
from accounting.models import AccountDimension, Dimension, DimensionValue, FiscalYear, Period
from accounting.periods import close_period
from ledger import refusals
from ledger.balances import balances
from ledger.models import Entry, Line
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import ReasonNeeded
from ledger.year_closing import NothingToClose, YearOrder, close_year, reopen_year
from tests.books import sale

END = datetime.date(2026, 12, 31)


@pytest.fixture
def year(scope):
    return FiscalYear.objects.for_company(scope.company).get(name="2026")


def figures(company, date=END):
    found = {}
    for one in balances(company, date):
        found[one.account_id] = found.get(one.account_id, 0) + one.amount
    codes = dict(Line.objects.for_company(company).values_list("account_id", "account__code"))
    return {codes[pk]: amount for pk, amount in found.items() if amount}


def test_the_result_goes_to_retained_earnings_and_the_next_year_begins_with_it(scope, year):
    """T30: the opening of a year is the closing of the one before, and its result is nothing."""
    post(sale("100.00"))
    post(NewEntry("rent", datetime.date(2026, 5, 1), (NewLine("5000", Decimal(30)), NewLine("1000", Decimal(-30)))))
    [closing] = close_year(year.pk)

    assert figures(scope.company) == {"1000": 70, "3100": -70}
    assert figures(scope.company, datetime.date(2027, 1, 1)) == {"1000": 70, "3100": -70}
    entry = Entry.objects.for_company(scope.company).get(pk=closing.id)
    assert (entry.date, entry.journal.kind, entry.source, entry.source_id) == (END, "closing", "year_close", year.pk)
    with pytest.raises(NothingToClose):
        close_year(year.pk)


def test_late_entries_are_closed_by_another_entry_and_reopening_takes_all_back(scope, year):
    post(sale("100.00"))
    close_year(year.pk)
    post(sale("5.00"))
    close_year(year.pk)
    assert figures(scope.company)["3100"] == -105

    with pytest.raises(ReasonNeeded):
        reopen_year(year.pk, reason=" ")
    assert len(reopen_year(year.pk, reason="Audit")) == 2
    assert figures(scope.company) == {"1000": 105, "4000": -105}
    close_year(year.pk)
    assert figures(scope.company)["3100"] == -105


def test_foreign_and_analysed_results_are_emptied_in_every_currency_and_dimension(scope, year):
    company = scope.company
    project = Dimension.objects.create(company=company, code="project", name="Project")
    for code in ("P1", "P2"):
        DimensionValue.objects.create(company=company, dimension=project, code=code, name=code)
    fees = open_account(code="4100", name="Fees", type="income", subtype="revenue")
    AccountDimension.objects.create(company=company, account=fees, dimension=project)
    for key, amount, rate, value in (("a", -100, "0.9", "P1"), ("b", 100, "0.8", "P1"), ("c", -50, "0.9", "P2")):
        foreign = NewLine("4100", Decimal(amount), "USD", rate=Decimal(rate), dimensions={"project": value})
        base = -round(Decimal(amount) * Decimal(rate), 2)
        post(NewEntry(key, datetime.date(2026, 4, 1), (foreign, NewLine("1000", base))))
    close_year(year.pk)

    left = Line.objects.for_company(company).filter(account=fees)
    for value in ("P1", "P2"):
        rows = [line for line in left if line.dimensions == {"project": value}]
        assert sum(line.amount for line in rows) == 0
        assert sum(line.currency_amount for line in rows) == 0
    assert figures(company)["3100"] == -55


def test_years_close_in_order_and_a_closed_last_period_keeps_the_year_as_it_is(scope, year):
    post(sale("10.00", date=datetime.date(2025, 5, 1)))
    post(sale("20.00"))
    with pytest.raises(YearOrder):
        close_year(year.pk)
    before = FiscalYear.objects.for_company(scope.company).get(name="2025")
    close_year(before.pk)
    close_year(year.pk)
    with pytest.raises(YearOrder):
        reopen_year(before.pk, reason="Audit")
    for period in Period.objects.for_company(scope.company).filter(end__lte=END).order_by("start"):
        close_period(period)
    with pytest.raises(refusals.PeriodClosed):
        reopen_year(year.pk, reason="Audit")


def test_a_year_of_nothing_has_nothing_to_close(scope, year):
    with pytest.raises(NothingToClose):
        close_year(year.pk)
