"""C7: an account with a floor or ceiling never passes it."""

from decimal import Decimal

import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from accounting.models import Account, SubAccount
from ledger import refusals
from ledger.balances import balances
from ledger.limits import set_limit
from ledger.models import Limit
from ledger.posting import post, post_batch
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from tests.books import DAY, new_entry, sale
from tests.constitution.raw import (
    committed_sale,
    enter,
    ids_of,
    in_threads,
    insert_entry,
    insert_lines,
    inside,
    pid_of,
    raw_post,
    raw_sale,
    refused,
    system_scope,
    wait_until_blocked_by,
)  # fmt: skip


def floor_under_the_bank(company, floor="0"):
    with system_scope(company):
        return set_limit(ids_of(company).accounts["1000"], floor=Decimal(floor))


def spending(amount, key=""):
    return new_entry(("1000", f"-{amount}"), ("5000", amount), key=key)


def bank_balance(company):
    bank = ids_of(company).accounts["1000"]
    with system_scope(company):
        return sum(b.amount for b in balances(company, DAY) if b.account_id == bank)


def test_twenty_spenders_at_once_never_overdraw_and_the_sum_is_right(committed_company):
    company = committed_company
    committed_sale(company, "100.00")
    floor_under_the_bank(company)

    def spend(number):
        with system_scope(company):
            return post(spending("10.00", key=f"spend {number}"))

    answers = in_threads(20, spend)
    assert sorted(type(answer).__name__ for answer in answers) == ["LimitExceeded"] * 10 + ["Posted"] * 10
    assert bank_balance(company) == 0
    with system_scope(company):
        limit = Limit.objects.for_company(company).get()
    assert (limit.balance, limit.sequence) == (0, 10)


def wallets(company, count):
    with system_scope(company):
        account = Account.objects.for_company(company).get(code="1100")
        subs = [SubAccount(company=company, account=account, code=f"W{n}", name="Wallet") for n in range(count)]
        SubAccount.objects.bulk_create(subs)
        for sub in subs:
            set_limit(account.pk, sub_account_id=sub.pk, floor=Decimal(0))
    return account, subs


def top_up(sub, amount):
    return NewEntry(f"{sub.pk}:{amount}:{id(object())}", DAY, (
        NewLine("1100", Decimal(amount), sub_account=sub.pk), NewLine("4000", -Decimal(amount)),
    ))  # fmt: skip


def test_batches_that_touch_the_same_wallets_in_another_order_do_not_deadlock(committed_company):
    company = committed_company
    _account, subs = wallets(company, 6)

    def work(number):
        ordered = subs if number % 2 else subs[::-1]
        with system_scope(company):
            return post_batch(f"batch {number}", [top_up(sub, "1") for sub in ordered])

    answers = in_threads(16, work)
    assert {type(answer).__name__ for answer in answers} == {"list"}, answers
    with system_scope(company):
        assert {limit.balance for limit in Limit.objects.for_company(company)} == {Decimal(16)}


def test_two_wallets_of_one_account_do_not_wait_for_each_other(committed_company, runtime_connection):
    company = committed_company
    account, subs = wallets(company, 2)
    entry, rows = raw_sale(company, "1.00")
    rows[0].update(account_id=account.pk, sub_account_id=subs[0].pk)
    enter(runtime_connection, company)
    raw_post(runtime_connection, entry, rows)  # stays open and holds the row of the first wallet
    with system_scope(company):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
        assert post(top_up(subs[1], "1.00"))
    runtime_connection.rollback()


def test_a_limit_of_the_account_holds_over_all_its_sub_accounts(committed_company):
    company = committed_company
    account, subs = wallets(company, 2)
    with system_scope(company):
        set_limit(account.pk, ceiling=Decimal(10))
        post(top_up(subs[0], "6.00"))
        with pytest.raises(refusals.LimitExceeded):
            post(top_up(subs[1], "4.01"))
        post(top_up(subs[1], "4.00"))


def test_a_batch_that_dips_and_recovers_in_one_statement_is_counted_as_a_whole(scope):
    bank = Account.objects.for_company(scope.company).get(code="1000")
    set_limit(bank.pk, floor=Decimal(0))
    assert len(post_batch("b", [spending("10.00"), sale("10.00")])) == 2
    with pytest.raises(refusals.LimitExceeded):
        post_batch("c", [spending("10.00"), sale("9.99")])


def test_a_reversal_keeps_the_limit_too(scope):
    posted = post(sale("10.00"))
    set_limit(Account.objects.for_company(scope.company).get(code="1000").pk, floor=Decimal(0))
    post(spending("5.00"))
    with pytest.raises(refusals.LimitExceeded):
        reverse(posted.id, date=DAY, reason="mistake")


def test_a_limit_starts_from_what_the_lines_say(scope):
    post(sale("10.00"))
    bank = Account.objects.for_company(scope.company).get(code="1000")
    assert set_limit(bank.pk, floor=Decimal(10)).balance == 10
    with pytest.raises(refusals.LimitExceeded):
        set_limit(bank.pk, floor=Decimal("10.01"))


@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_rows_past_the_floor_are_refused(committed_company, raw_connection, role):
    floor_under_the_bank(committed_company)
    entry, rows = raw_sale(committed_company, "-0.01")
    with refused(CheckViolation, "limit_floor"), inside(raw_connection(role), committed_company) as connection:
        insert_entry(connection, entry)
        insert_lines(connection, rows)


def test_the_runtime_role_cannot_move_the_limit_row(committed_company, runtime_connection):
    floor_under_the_bank(committed_company)
    for attack in ("UPDATE ledger_limit SET balance = 1000", "DELETE FROM ledger_limit"):
        with pytest.raises(InsufficientPrivilege), inside(runtime_connection, committed_company) as connection:
            connection.execute(attack)


def test_a_trigger_on_a_temporary_table_cannot_move_the_limit_row(committed_company, runtime_connection):
    floor_under_the_bank(committed_company)
    with pytest.raises(InsufficientPrivilege), inside(runtime_connection, committed_company) as connection:
        connection.execute("CREATE TEMP TABLE innocent (LIKE ledger_line)")
        connection.execute(
            "CREATE TRIGGER t AFTER INSERT ON innocent REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT "
            "EXECUTE FUNCTION public.ledger_guard_lines()"
        )


def test_a_limit_waits_for_the_posters_in_flight_and_counts_them(
    committed_company, runtime_connection, superuser_connection
):
    company = committed_company
    entry, rows = raw_sale(company, "-5.00")
    import threading

    answers = []
    enter(runtime_connection, company)
    raw_post(runtime_connection, entry, rows)
    setter = threading.Thread(
        target=lambda: answers.extend(in_threads(1, lambda _n: floor_under_the_bank(company, "-4")))
    )
    setter.start()
    wait_until_blocked_by(superuser_connection, pid_of(runtime_connection))
    runtime_connection.commit()
    setter.join(30)
    assert [type(answer).__name__ for answer in answers] == ["LimitExceeded"]


def test_a_limit_that_is_no_number_is_refused(committed_company, runtime_connection):
    bank = ids_of(committed_company).accounts["1000"]
    with pytest.raises(CheckViolation), inside(runtime_connection, committed_company) as connection:
        connection.execute(
            "SELECT public.ledger_set_limit(%s, %s, NULL, 'EUR', NULL, 'NaN')", [committed_company.pk, bank]
        )
