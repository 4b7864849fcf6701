"""The dashboard reads the same engine as the reports: its figures are theirs, whether years are closed or not."""

import datetime
from decimal import Decimal

import pytest

from accounting.models import FiscalYear
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.year_closing import close_year
from reports.catalogue import CATALOGUE
from reports.dashboard import dashboard
from reports.monthly_result import months_up_to, results_of
from reports.periods import Period
from reports.table import Asked
from tenants.inboxes import Inbox
from tests.invoicing.papers import customer, line, posted, supplier

D = Decimal
DECEMBER = datetime.date(2026, 12, 31)


def book(key, date, amount):
    post(NewEntry(key, date, (NewLine("1000", D(amount)), NewLine("4000", -D(amount)))))


@pytest.fixture
def books(scope):
    for month in (1, 6, 12):
        book(f"sale {month}", datetime.date(2026, month, 9), str(month))
    return scope.company


def test_a_closed_december_earned_what_it_earned(books):
    before = dashboard(books, DECEMBER)
    close_year(FiscalYear.objects.for_company(books).get(name="2026").pk)
    after = dashboard(books, DECEMBER)
    assert [month.income for month in after.months] == [
        1,
        0,
        0,
        0,
        0,
        6,
        0,
        0,
        0,
        0,
        0,
        12,
    ] and after.months == before.months
    (profit,) = [one for one in after.figures if one.label.startswith("Net profit")]
    report = CATALOGUE["profit-and-loss"].make(books, Asked(DECEMBER, datetime.date(2026, 1, 1)))
    (last,) = [row for row in report.rows if row.standing == "total"]
    assert profit.amount == last.cells[1].value == 19 and "profit-and-loss" in profit.url


def test_what_is_late_is_what_the_aged_reports_say(scope):
    day = datetime.date(2026, 3, 1)
    posted(customer(), line("10.00"), date=day, due_date=day)
    posted(customer("Fabrikam"), line("5.00"), date=day, due_date=day + datetime.timedelta(days=60))
    posted(supplier(), line("7.00"), date=day, due_date=day)
    figures = {one.label: one.amount for one in dashboard(scope.company, day + datetime.timedelta(days=9)).figures}
    assert (figures["Overdue from customers"], figures["Overdue to suppliers"]) == (10, 7)
    assert figures["Receivables"] == 15


def test_tasks_are_the_inboxes_in_which_something_waits(books):
    waiting, empty = Inbox("Drafts", "ledger:approval-list", 3), Inbox("Documents", "invoicing:approval-list", 0)
    assert dashboard(books, DECEMBER, [waiting, empty]).tasks == [waiting]


def test_months_follow_each_other_and_days_may_be_any(books):
    periods = months_up_to(datetime.date(2026, 2, 28), 3)
    assert periods == [
        Period(datetime.date(2025, 12, 1), datetime.date(2025, 12, 31)),
        Period(datetime.date(2026, 1, 1), datetime.date(2026, 1, 31)),
        Period(datetime.date(2026, 2, 1), datetime.date(2026, 2, 28)),
    ]
    assert [one.profit for one in results_of(books, periods)] == [0, 1, 0]
