"""C6: nothing is posted into a closed period; tests/constitution/test_races.py has the races."""

import datetime

import pytest
from psycopg.errors import CheckViolation, InvalidTransactionState

from accounting.models import Account, FiscalYear, LockDate, Period
from accounting.periods import close_period, set_lock_date
from ledger import refusals
from ledger.posting import post
from tests.books import new_entry, sale
from tests.constitution.raw import (
    committed_sale,
    enter,
    ids_of,
    insert_entry,
    insert_lines,
    inside,
    raw_post,
    raw_sale,
    refused,
    system_scope,
)  # fmt: skip

JANUARY = datetime.date(2025, 1, 15)


def period_of(company, date=JANUARY):
    return Period.objects.for_company(company).get(start__lte=date, end__gte=date)


STATES = {
    "closed": ("period_open", lambda company: close_period(period_of(company))),
    "soft-closed": ("period_soft_closed", lambda company: close_period(period_of(company), soft=True)),
    "locked": ("books_locked", lambda company: set_lock_date("all", datetime.date(2025, 1, 31))),
    "without a year": ("period_exists", lambda company: None),
}


@pytest.fixture(params=STATES)
def shut(request, committed_company):
    """A company with a day on which nothing may be posted, and the guard that says so."""
    constraint, shut_it = STATES[request.param]
    with system_scope(committed_company):
        shut_it(committed_company)
    day = JANUARY if request.param != "without a year" else datetime.date(2099, 1, 1)
    return committed_company, day, constraint


def test_the_posting_function_refuses_a_day_that_is_shut(shut, runtime_connection):
    company, day, constraint = shut
    entry, rows = raw_sale(company, date=day)
    with refused(CheckViolation, constraint), inside(runtime_connection, company) as connection:
        raw_post(connection, entry, rows)


@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_rows_of_a_day_that_is_shut_are_refused(shut, raw_connection, role):
    company, day, constraint = shut
    entry, rows = raw_sale(company, date=day)
    with refused(CheckViolation, constraint), inside(raw_connection(role), company) as connection:
        insert_entry(connection, entry)
        insert_lines(connection, rows)


def test_one_entry_on_a_shut_day_takes_its_batch_with_it(shut):
    from ledger.posting import post_batch

    company, day, _constraint = shut
    with pytest.raises(refusals.PostingRefused), system_scope(company):
        post_batch("b", [sale("1.00"), sale("2.00", date=day)])


@pytest.mark.parametrize("edge", ["2025-01-01", "2025-01-31"])
def test_the_first_and_the_last_day_of_a_closed_period_are_closed(scope, edge):
    close_period(period_of(scope.company))
    with pytest.raises(refusals.PeriodClosed):
        post(sale("1.00", date=datetime.date.fromisoformat(edge)))
    assert post(sale("1.00", date=datetime.date(2025, 2, 1)))


def test_a_lock_date_locks_its_own_day_and_not_the_next(scope):
    set_lock_date("all", datetime.date(2025, 1, 31))
    with pytest.raises(refusals.BooksLocked):
        post(sale("1.00", date=datetime.date(2025, 1, 31)))
    assert post(sale("1.00", date=datetime.date(2025, 2, 1)))


def test_a_lock_of_sales_concerns_the_sales_journal_only(scope):
    LockDate.objects.create(company=scope.company, kind="sales", until=datetime.date(2025, 1, 31))
    with pytest.raises(refusals.BooksLocked):
        post(sale("1.00", date=JANUARY, journal="SAL"))
    assert post(sale("1.00", date=JANUARY))


def test_a_lock_of_tax_concerns_the_lines_on_tax_accounts_only(committed_company, runtime_connection):
    company = committed_company
    with system_scope(company):
        Account.objects.for_company(company).filter(code="4000").update(subtype="tax_payable")
        LockDate.objects.create(company=company, kind="tax", until=datetime.date(2025, 1, 31))
        with pytest.raises(refusals.BooksLocked) as caught:
            post(sale("1.00", date=JANUARY))
        assert caught.value.place == "date"
        assert post(sale("1.00", date=datetime.date(2025, 2, 1)))
        assert post(new_entry(("1000", "1.00"), ("5000", "-1.00"), date=JANUARY))
    entry, rows = raw_sale(company, date=JANUARY)
    with refused(CheckViolation, "tax_locked"), inside(runtime_connection, company) as connection:
        raw_post(connection, entry, rows)


def test_a_reason_opens_a_soft_closed_period_and_not_a_closed_one(scope):
    close_period(period_of(scope.company), soft=True)
    assert post(sale("1.00", date=JANUARY, reason="late invoice"))
    close_period(period_of(scope.company))
    with pytest.raises(refusals.PeriodClosed):
        post(sale("1.00", date=JANUARY, reason="late invoice"))


@pytest.mark.parametrize(
    "change", ["start = '2025-01-20'", "\"end\" = '2025-01-10'", 'start = start + 1000, "end" = "end" + 1000']
)
def test_a_period_cannot_be_pulled_away_from_under_its_entries(committed_company, owner_connection, change):
    committed_sale(committed_company, date=JANUARY)
    with refused(CheckViolation, "period_days_fixed"), inside(owner_connection, committed_company) as connection:
        connection.execute(f"UPDATE accounting_period SET {change} WHERE start = '2025-01-01'")


def test_a_period_with_entries_cannot_be_deleted(committed_company, owner_connection):
    committed_sale(committed_company, date=JANUARY)
    with refused(CheckViolation, "period_days_fixed"), inside(owner_connection, committed_company) as connection:
        connection.execute("DELETE FROM accounting_period WHERE start = '2025-01-01'")


def test_a_second_open_period_cannot_be_laid_over_a_closed_one(committed_company, runtime_connection):
    with system_scope(committed_company):
        close_period(period_of(committed_company))
        year = FiscalYear.objects.for_company(committed_company).get(name="2025")
    with refused(Exception, "period_once"), inside(runtime_connection, committed_company) as connection:
        connection.execute(
            'INSERT INTO accounting_period (id, company_id, fiscal_year_id, number, start, "end", status, version) '
            "VALUES (gen_random_uuid(), %s, %s, 99, '2025-01-10', '2025-01-20', 'open', 1)",
            [committed_company.pk, year.pk],
        )


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_an_old_snapshot_cannot_post_into_a_period_closed_meanwhile(committed_company, runtime_connection, level):
    company = committed_company
    entry, rows = raw_sale(company, date=JANUARY)
    runtime_connection.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
    enter(runtime_connection, company)
    assert runtime_connection.execute("SELECT count(*) FROM accounting_account").fetchone()[0]
    with system_scope(company):
        close_period(period_of(company))
    with refused(InvalidTransactionState, "read_committed"):
        raw_post(runtime_connection, entry, rows)
    runtime_connection.rollback()


def test_an_inactive_journal_takes_no_entries(committed_company, runtime_connection):
    company = committed_company
    entry, rows = raw_sale(company)
    with refused(CheckViolation, "journal_active"), inside(runtime_connection, company) as connection:
        connection.execute(
            "UPDATE ledger_journal SET is_active = false WHERE id = %s", [ids_of(company).journals["GEN"]]
        )
        raw_post(connection, entry, rows)
