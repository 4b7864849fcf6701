"""The index of open items: told by every posting and settlement, and never the reason why an open item is missed."""

import datetime
import itertools
from decimal import Decimal

from django.db import connection

from accounting.accounts import change_account
from accounting.models import Account
from ledger.allocation import allocate
from ledger.allocation_plan import Pair
from ledger.allocation_undo import undo_settlement
from ledger.models import Allocation, Line, OpenLine, Settlement
from ledger.open_items import open_items
from ledger.settlement_checks import SETTLEMENT_CHECKS
from tests.ledger.test_open_items import APRIL, LATER, MARCH, MAY, customer, on_account  # noqa: F401

DATES = (MARCH - datetime.timedelta(days=1), MARCH, APRIL, MAY, LATER)


def listed(company):
    return set(OpenLine.objects.for_company(company).values_list("pk", flat=True))


def misfits(company):
    check = next(one for one in SETTLEMENT_CHECKS if one.name == "open_lines_listed")
    with connection.cursor() as cursor:
        cursor.execute(check.sql, {"company": company.pk})
        return cursor.fetchall()


def reckoned(company, date, known_at=None):
    """What is open by reading every line and every allocation."""
    taken = Allocation.objects.for_company(company).filter(date__lte=date)
    lines = Line.objects.for_company(company).filter(date__lte=date, account__open_item=True)
    if known_at:
        taken = taken.filter(settlement__settled_at__lte=known_at)
        lines = lines.filter(entry__posted_at__lte=known_at)
    left = {line.pk: line.currency_amount for line in lines}
    for one in taken:
        left[one.debit_line_id] -= one.debit_amount
        left[one.credit_line_id] += one.credit_amount
    return {line: amount for line, amount in left.items() if amount}


def test_a_line_is_listed_until_it_is_settled_wholly_and_again_when_that_is_taken_back(scope, customer):  # noqa: F811
    invoice = on_account("invoice", MARCH, "100.00")
    first = on_account("first", APRIL, "-30.00", against="1000")
    second = on_account("second", MAY, "-70.00", against="1000")
    assert listed(scope.company) == {invoice, first, second}
    allocate([Pair(invoice, first)], key="a")
    assert listed(scope.company) == {invoice, second}
    whole = allocate([Pair(invoice, second)], key="b")
    assert listed(scope.company) == set()
    undo_settlement(whole.id, date=MAY, reason="The bank took it back")
    assert listed(scope.company) == {invoice, second}
    assert misfits(scope.company) == []


def test_what_was_open_at_any_date_as_known_at_any_moment_is_what_every_line_says(scope, customer):  # noqa: F811
    lines = [on_account(f"d{n}", date, "40.00") for n, date in enumerate((MARCH, APRIL, MAY))]
    paid = [on_account(f"c{n}", date, "-25.00", against="1000") for n, date in enumerate((APRIL, MAY, LATER))]
    first = allocate([Pair(lines[0], paid[0])], key="first")
    allocate([Pair(lines[0], paid[1], Decimal(15))], key="rest")
    allocate([Pair(lines[1], paid[2])], key="second")
    undo_settlement(first.id, date=LATER, reason="Wrong one")
    moments = [None, *Settlement.objects.for_company(scope.company).values_list("settled_at", flat=True)]
    for date, known_at in itertools.product(DATES, moments):
        now = {one.line_id: one.residual for one in open_items(scope.company, date, known_at=known_at)}
        assert now == reckoned(scope.company, date, known_at), (date, known_at)


def test_an_account_brings_its_lines_along_when_it_begins_to_have_open_items(scope, customer):  # noqa: F811
    invoice = on_account("invoice", MARCH, "100.00")
    account = Account.objects.for_company(scope.company).get(code="4000")
    other = Line.objects.for_company(scope.company).get(account=account).pk
    account = change_account(account, open_item=True)
    assert listed(scope.company) == {invoice, other}
    change_account(account, open_item=False)
    assert listed(scope.company) == {invoice}
    assert misfits(scope.company) == []


def test_a_long_history_of_settled_lines_is_not_read(scope, customer):  # noqa: F811
    def rows_read():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute("SELECT pg_stat_get_xact_tuples_fetched('ledger_line'::regclass) + "
                           "pg_stat_get_xact_tuples_returned('ledger_line'::regclass)")  # fmt: skip
            return cursor.fetchone()[0]

    for number in range(30):
        pair = [on_account(f"i{number}", MARCH, "1.00"), on_account(f"p{number}", APRIL, "-1.00", against="1000")]
        allocate([Pair(*pair)], key=f"s{number}")
    still = on_account("open", MAY, "5.00")
    before = rows_read()
    assert [one.line_id for one in open_items(scope.company, LATER)] == [still]
    assert rows_read() - before <= 4
