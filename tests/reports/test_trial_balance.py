"""The trial balance as a function: opening, movement and closing of one moment."""

import datetime
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.balances import balances, balances_at
from ledger.posting import post
from reports.trial_balance import trial_balance
from tests.books import sale

END_OF_MARCH = datetime.date(2026, 3, 31)


def test_the_movement_lies_between_opening_and_closing(scope):
    post(sale("10.00", date=datetime.date(2026, 2, 1)))
    post(sale("32.00", date=datetime.date(2026, 3, 1)))

    report = trial_balance(scope.company, END_OF_MARCH, start=datetime.date(2026, 3, 1))

    rows = {row.account.code: (row.opening, row.debit, row.credit, row.closing) for row in report.rows}
    assert rows["1000"] == (Decimal(10), Decimal(32), Decimal(0), Decimal(42))
    assert rows["4000"] == (Decimal(-10), Decimal(0), Decimal(32), Decimal(-42))
    assert (report.opening, report.debit, report.credit, report.closing) == (0, 32, 32, 0)
    assert report.closing_debit == report.closing_credit == 42
    assert [(group.type, group.closing) for group in report.groups] == [("asset", 42), ("income", -42)]


def test_opening_and_closing_are_read_in_one_statement(scope):
    trial_balance(scope.company, END_OF_MARCH)
    with CaptureQueriesContext(connection) as whole:
        trial_balance(scope.company, END_OF_MARCH)
    with CaptureQueriesContext(connection) as ranged:
        trial_balance(scope.company, END_OF_MARCH, start=datetime.date(2026, 3, 1))

    assert len(ranged) == len(whole)


def test_many_dates_in_one_statement_are_each_as_alone(scope):
    for month in (1, 2, 3):
        post(sale(f"{month}.00", date=datetime.date(2026, month, 15)))
    dates = [datetime.date(2026, 1, 15), datetime.date(2026, 2, 28), datetime.date(2026, 3, 14), END_OF_MARCH]

    assert [sorted(found, key=str) for found in balances_at(scope.company, dates)] == [
        sorted(balances(scope.company, date), key=str) for date in dates
    ]
