"""C3: the same idempotency key makes one entry for ever."""

import datetime
import threading

import pytest
from django.db import connection

from accounting.models import Period
from accounting.periods import close_period, reopen_period
from ledger import refusals
from ledger.models import Entry, Refusal
from ledger.posting import post, post_batch
from tests.books import DAY, new_entry, sale
from tests.constitution.raw import (
    committed_sale,
    enter,
    in_threads,
    inside,
    pid_of,
    raw_post,
    raw_post_many,
    raw_sale,
    refused,
    system_scope,
    wait_until_blocked_by,
)  # fmt: skip


def close_january(company):
    close_period(Period.objects.for_company(company).get(start=datetime.date(2025, 1, 1)))


def test_twenty_threads_with_one_key_make_one_entry(committed_company):
    company = committed_company

    def attack(number):
        with system_scope(company):
            return post(sale("10.00", key="one"))

    answers = in_threads(20, attack)
    assert {type(answer).__name__ for answer in answers} == {"Posted"}, answers
    assert len({answer.id for answer in answers}) == 1
    assert sum(not answer.replayed for answer in answers) == 1
    with system_scope(company):
        assert Entry.objects.for_company(company).filter(key="one").count() == 1


def test_twenty_threads_with_one_key_and_twenty_bodies_make_one_entry(committed_company):
    company = committed_company

    def attack(number):
        with system_scope(company):
            return post(sale(f"{number + 1}.00", key="one"))

    answers = in_threads(20, attack)
    assert sorted(type(answer).__name__ for answer in answers) == ["KeyReused"] * 19 + ["Posted"]


def test_twenty_batches_with_one_key_make_one_batch(committed_company):
    company = committed_company

    def attack(number):
        with system_scope(company):
            return post_batch("batch", [sale("1.00", key="x"), sale("2.00", key="y"), sale("3.00", key="z")])

    answers = in_threads(20, attack)
    assert {type(answer).__name__ for answer in answers} == {"list"}, answers
    with system_scope(company):
        assert Entry.objects.for_company(company).count() == 3


def test_a_batch_that_changed_is_another_body_for_each_of_its_keys(scope):
    post_batch("batch", [sale("1.00"), sale("2.00")])
    for changed in ([sale("1.00"), sale("2.01")], [sale("1.00")], [sale("1.00"), sale("2.00"), sale("3.00")]):
        with pytest.raises(refusals.KeyReused):
            post_batch("batch", changed)


def test_the_database_refuses_a_second_entry_under_a_key_without_python(committed_company, owner_connection):
    from tests.constitution.raw import insert_entry, insert_lines

    committed_sale(committed_company, key="k")
    entry, rows = raw_sale(committed_company, key="k")
    with refused(Exception, "entry_key"), inside(owner_connection, committed_company) as connection:
        insert_entry(connection, entry)
        insert_lines(connection, rows)


def test_the_posting_function_refuses_another_body_without_python(committed_company, runtime_connection):
    committed_sale(committed_company, key="k")
    entry, rows = raw_sale(committed_company, key="k")
    with refused(Exception, "key_reused"), inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, rows)


def test_a_twin_in_flight_is_waited_for_and_then_answered_with_the_same_entry(
    committed_company, runtime_connection, superuser_connection
):
    from ledger.proposals import body_hash

    company = committed_company
    entry, rows = raw_sale(company, "10.00", key="twin", body_hash=body_hash(sale("10.00", key="twin")))
    answers = []
    with runtime_connection.transaction():
        enter(runtime_connection, company)
        raw_post(runtime_connection, entry, rows)

        def attack():
            answers.extend(in_threads(1, lambda _n: committed_sale(company, "10.00", key="twin")))

        twin = threading.Thread(target=attack)
        twin.start()
        wait_until_blocked_by(superuser_connection, pid_of(runtime_connection))
    twin.join(30)
    assert [(answer.id, answer.replayed) for answer in answers] == [(entry["id"], True)]


def test_a_refusal_of_state_stays_after_the_state_has_changed(scope):
    close_january(scope.company)
    entry = sale("1.00", key="late", date=datetime.date(2025, 1, 5))
    with pytest.raises(refusals.PeriodClosed):
        post(entry)
    reopen_period(Period.objects.for_company(scope.company).get(start=datetime.date(2025, 1, 1)), reason="forgot one")

    with pytest.raises(refusals.RefusedBefore) as caught:
        post(entry)
    assert caught.value.code == "period_closed"
    assert post(sale("1.00", key="late again", date=datetime.date(2025, 1, 5)))


def test_a_frozen_key_with_another_body_is_refused_as_reused(scope):
    close_january(scope.company)
    with pytest.raises(refusals.PeriodClosed):
        post(sale("1.00", key="late", date=datetime.date(2025, 1, 5)))
    with pytest.raises(refusals.KeyReused):
        post(sale("2.00", key="late", date=datetime.date(2025, 1, 5)))


@pytest.mark.parametrize(
    "wrong", [(("1000", "1.00"), ("4000", "-2.00")), (("0815", "1.00"), ("4000", "-1.00")), (("1000", "1.00"),)]
)
def test_a_refusal_of_form_is_not_frozen(scope, wrong):
    with pytest.raises(Exception):  # noqa: B017, PT011
        post(new_entry(*wrong, key="k"))
    assert not Refusal.objects.for_company(scope.company).filter(key="k").exists()
    assert post(sale("1.00", key="k", date=DAY))


def test_a_posted_key_is_never_frozen_afterwards(committed_company, runtime_connection):
    committed_sale(committed_company, key="k")
    with inside(runtime_connection, committed_company) as connection:
        connection.execute(
            "SELECT public.ledger_freeze(%s, 'k', %s, 'period_closed', 'm', '')", [committed_company.pk, b"h" * 32]
        )
        assert connection.execute("SELECT count(*) FROM ledger_refusal WHERE key = 'k'").fetchone() == (0,)


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_refusal_is_not_frozen_under_a_key_that_a_batch_in_flight_is_posting(
    committed_company, runtime_connection, superuser_connection, in_background, end
):
    company = committed_company
    enter(runtime_connection, company)
    raw_post_many(runtime_connection, [raw_sale(company, key="first"), raw_sale(company, key="second")])

    def freeze():
        with system_scope(company), connection.cursor() as cursor:
            cursor.execute(
                "SELECT public.ledger_freeze(%s, 'second', %s, 'period_closed', 'm', '')", [company.pk, b"h" * 32]
            )

    freezer = in_background(freeze)
    wait_until_blocked_by(superuser_connection, pid_of(runtime_connection))
    getattr(runtime_connection, end)()
    freezer.join(30)

    with system_scope(company):
        posted = Entry.objects.for_company(company).filter(key="second").count()
        frozen = Refusal.objects.for_company(company).filter(key="second").count()
    assert (posted, frozen) == ((1, 0) if end == "commit" else (0, 1))
