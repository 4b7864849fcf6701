"""C4: a batch is all or nothing."""

import psycopg
import pytest

from ledger import refusals
from ledger.models import Entry, Line
from ledger.posting import post_batch, post_many
from tests.books import new_entry, sale
from tests.constitution.raw import (
    enter,
    ids_of,
    inside,
    pid_of,
    raw_post_many,
    raw_sale,
    refused,
    seal_everything,
    system_scope,
)  # fmt: skip


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_entry_takes_the_whole_batch_with_it(scope, place):
    batch = [sale("1.00"), sale("2.00"), sale("3.00")]
    batch[place] = new_entry(("1000", "1.00"), ("4000", "-1.01"))
    with pytest.raises(refusals.Unbalanced):
        post_batch("b", batch)
    assert not Entry.objects.for_company(scope.company).exists()
    assert not Line.objects.for_company(scope.company).exists()


def test_the_posting_function_alone_is_all_or_nothing(committed_company, runtime_connection):
    good, bad = raw_sale(committed_company), raw_sale(committed_company)
    bad[1][0]["amount"] += 1
    with pytest.raises(psycopg.Error), runtime_connection.transaction():
        enter(runtime_connection, committed_company)
        raw_post_many(runtime_connection, [good, bad])
    with inside(runtime_connection, committed_company) as connection:
        assert connection.execute("SELECT count(*) FROM ledger_entry").fetchone() == (0,)


def test_a_connection_killed_in_the_middle_leaves_nothing(committed_company, runtime_connection, superuser_connection):
    company = committed_company
    enter(runtime_connection, company)
    raw_post_many(runtime_connection, [raw_sale(company, f"{n}.00", key=f"k#{n}") for n in range(1, 51)])
    superuser_connection.execute("SELECT pg_terminate_backend(%s, 10000)", [pid_of(runtime_connection)])
    with pytest.raises(psycopg.OperationalError):
        runtime_connection.commit()

    with system_scope(company):
        assert not Entry.objects.for_company(company).exists()
        assert not Line.objects.for_company(company).exists()
        posted = post_many([sale(f"{n}.00", key=f"k#{n}") for n in range(1, 51)])
    assert [entry.replayed for entry in posted] == [False] * 50
    assert seal_everything(company) == 50


def test_an_exception_after_the_batch_takes_it_back(committed_company):
    company = committed_company
    with pytest.raises(ZeroDivisionError), system_scope(company):
        post_batch("b", [sale("1.00"), sale("2.00")])
        raise ZeroDivisionError
    with system_scope(company):
        assert not Entry.objects.for_company(company).exists()


def test_lines_meant_for_an_entry_outside_the_batch_are_not_written(committed_company, runtime_connection):
    company = committed_company
    first = raw_sale(company)
    entry, rows = raw_sale(company)
    stray = [dict(row, id=ids_of(company).accounts["1000"], entry_id=first[0]["id"]) for row in rows[:1]]
    with inside(runtime_connection, company) as connection:
        raw_post_many(connection, [first])
        raw_post_many(connection, [(entry, [*rows, *stray])])
        counts = connection.execute("SELECT count(*) FROM ledger_line GROUP BY entry_id").fetchall()
    assert counts == [(2,), (2,)]


def test_the_same_entry_twice_in_one_call_is_refused(committed_company, runtime_connection):
    entry, rows = raw_sale(committed_company)
    with refused(psycopg.IntegrityError), inside(runtime_connection, committed_company) as connection:
        raw_post_many(connection, [(entry, rows), (dict(entry, key="other"), [])])
