"""Two connections at once: C6 posting and closing in both orders, C10 late committers and sealers, meanings that move."""

import datetime
import threading

import pytest
from django.utils import timezone
from psycopg.errors import CheckViolation

from accounting.lock_exceptions import approve_exception, ask_exception, end_exception
from accounting.models import Period
from accounting.periods import close_period, set_lock_date
from ledger.models import Block, Entry, EntrySeal
from ledger.sealing import seal
from tenants.scope import Actor, acting_as
from tests.constitution.raw import (
    committed_sale,
    enter,
    in_threads,
    inside,
    pid_of,
    raw_post,
    raw_sale,
    refused,
    seal_everything,
    system_scope,
    wait_until_blocked_by,
)  # fmt: skip

JANUARY = datetime.date(2025, 1, 15)


def close_january(company):
    with system_scope(company):
        return close_period(Period.objects.for_company(company).get(start=datetime.date(2025, 1, 1))).status


def lock_january(company):
    with system_scope(company):
        return set_lock_date("all", datetime.date(2025, 1, 31)).kind


def raw_update(company):
    from django.db import connection

    with system_scope(company), connection.cursor() as cursor:
        cursor.execute("UPDATE accounting_period SET status = 'closed' WHERE start = '2025-01-01'")
        return cursor.rowcount


@pytest.mark.parametrize("shut", [close_january, lock_january, raw_update])
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_who_closes_waits_for_the_poster_in_flight(
    committed_company, runtime_connection, superuser_connection, in_background, shut, end
):
    company = committed_company
    entry, rows = raw_sale(company, date=JANUARY)
    enter(runtime_connection, company)
    raw_post(runtime_connection, entry, rows)
    closer = in_background(lambda: shut(company))
    wait_until_blocked_by(superuser_connection, pid_of(runtime_connection))
    getattr(runtime_connection, end)()
    closer.join(30)
    assert not isinstance(closer.answers[0], Exception), closer.answers
    with system_scope(company):
        assert Entry.objects.for_company(company).count() == (1 if end == "commit" else 0)
    late, rows = raw_sale(company, date=JANUARY)
    with pytest.raises(CheckViolation), inside(runtime_connection, company) as connection:
        raw_post(connection, late, rows)


def test_who_ends_a_lock_exception_waits_for_the_poster_in_flight(
    committed_company, runtime_connection, superuser_connection, in_background
):
    company = committed_company
    with system_scope(company):
        with acting_as(Actor.system("asks")):
            later = timezone.now() + datetime.timedelta(hours=1)
            asked = ask_exception("all", start=JANUARY, expires_at=later, reason="late bill")
        approve_exception(asked.pk)
    lock_january(company)
    entry, rows = raw_sale(company, date=JANUARY)
    enter(runtime_connection, company)
    raw_post(runtime_connection, entry, rows)

    def end():
        with system_scope(company):
            return end_exception(asked.pk).revoked_by

    ending = in_background(end)
    wait_until_blocked_by(superuser_connection, pid_of(runtime_connection))
    runtime_connection.commit()
    ending.join(30)
    assert ending.answers == ["test"]
    late, rows = raw_sale(company, date=JANUARY)
    with pytest.raises(CheckViolation), inside(runtime_connection, company) as connection:
        raw_post(connection, late, rows)


@pytest.mark.parametrize(
    "shut",
    [
        "UPDATE accounting_period SET status = 'closed' WHERE start = '2025-01-01'",
        "INSERT INTO accounting_lockdate (id, company_id, kind, until, version) "
        "SELECT gen_random_uuid(), company_id, 'all', '2025-01-31', 1 FROM accounting_period LIMIT 1",
    ],
)
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_poster_waits_for_the_closing_in_flight_and_sees_its_end(
    committed_company, runtime_connection, superuser_connection, in_background, shut, end
):
    company = committed_company
    enter(runtime_connection, company)
    runtime_connection.execute(shut)
    poster = in_background(lambda: committed_sale(company, date=JANUARY))
    wait_until_blocked_by(superuser_connection, pid_of(runtime_connection))
    getattr(runtime_connection, end)()
    poster.join(30)
    kinds = ("PeriodClosed", "BooksLocked") if end == "commit" else ("Posted",)
    assert type(poster.answers[0]).__name__ in kinds, poster.answers


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("UPDATE accounting_account SET type = 'expense' WHERE code = '4000'", "account_type_fixed"),
        ("UPDATE accounting_unit SET decimals = 0 WHERE code = 'EUR'", "unit_fixed"),
        ("UPDATE tenants_company SET base_currency = 'USD' WHERE id = %(company)s", "base_currency_fixed"),
    ],
)
def test_what_gives_amounts_their_meaning_waits_for_the_first_poster(
    committed_company, runtime_connection, owner_connection, superuser_connection, change, constraint
):
    company = committed_company
    entry, rows = raw_sale(company)
    enter(runtime_connection, company)
    raw_post(runtime_connection, entry, rows)
    refusals = []

    def change_it():
        try:
            with inside(owner_connection, company):
                owner_connection.execute(change, {"company": company.pk})
        except CheckViolation as error:
            refusals.append(error.diag.constraint_name)

    changer = threading.Thread(target=change_it)
    changer.start()
    wait_until_blocked_by(superuser_connection, pid_of(runtime_connection))
    runtime_connection.commit()
    changer.join(30)
    assert refusals == [constraint]


def test_a_late_committer_is_sealed_afterwards_and_never_lost(committed_company, runtime_connection):
    company = committed_company
    early, rows = raw_sale(company, key="early")
    enter(runtime_connection, company)
    raw_post(runtime_connection, early, rows)
    committed_sale(company, key="later")
    assert seal(company) == 0  # the later entry waits: to number it now would leave the early one behind
    assert seal(company) == 0
    runtime_connection.commit()
    assert seal_everything(company) == 2
    with system_scope(company):
        order = EntrySeal.objects.for_company(company).order_by("number").values_list("entry__key", flat=True)
        assert list(order) == ["early", "later"]


def test_the_balance_counts_a_late_committer_the_moment_it_commits(committed_company, runtime_connection):
    from ledger.balances import balances

    company = committed_company
    committed_sale(company, "1.00")
    seal_everything(company)
    early, rows = raw_sale(company, "10.00")
    enter(runtime_connection, company)
    raw_post(runtime_connection, early, rows)
    committed_sale(company, "100.00")

    def total():
        with system_scope(company):
            return sum(balance.debit for balance in balances(company, datetime.date(2026, 12, 31)))

    assert (seal(company), total()) == (0, 101)
    runtime_connection.commit()
    assert total() == 111
    seal_everything(company)
    assert total() == 111


def test_a_sealer_that_meets_another_does_nothing_and_does_not_wait(
    committed_company, runtime_connection, owner_connection
):
    company = committed_company
    committed_sale(company)
    seal_everything(company)
    committed_sale(company)
    enter(runtime_connection, company)
    runtime_connection.execute("SELECT public.ledger_seal(%s)", [company.pk])
    with inside(owner_connection, company) as connection:
        connection.execute("SET LOCAL lock_timeout = '2s'")
        assert connection.execute("SELECT public.ledger_seal(%s)", [company.pk]).fetchone() == (0,)
    runtime_connection.commit()
    seal_everything(company)
    with system_scope(company):
        assert EntrySeal.objects.for_company(company).count() == 2
        assert Block.objects.for_company(company).count() == 2


def test_twenty_sealers_at_once_make_one_chain(committed_company, superuser_connection):
    company = committed_company
    for _n in range(5):
        committed_sale(company)
    answers = in_threads(20, lambda _n: seal(company))
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    seal_everything(company)
    chain = superuser_connection.execute(
        "SELECT number, entry_count, previous_hash = lag(hash) OVER (ORDER BY number) FROM ledger_block "
        "WHERE company_id = %s ORDER BY number", [company.pk],
    ).fetchall()  # fmt: skip
    assert [number for number, _count, _linked in chain] == list(range(1, len(chain) + 1))
    assert sum(count for _number, count, _linked in chain) == 5
    assert all(linked for _number, _count, linked in chain[1:])


def test_a_sealer_that_is_rolled_back_leaves_everything_to_the_next(committed_company, runtime_connection):
    company = committed_company
    committed_sale(company)
    with inside(runtime_connection, company) as connection:
        connection.execute("SELECT public.ledger_seal(%s)", [company.pk])
    assert seal_everything(company) == 1


def test_who_opens_an_epoch_seals_the_tail_whatever_its_transactions_are_called(
    committed_company, owner_connection, superuser_connection
):
    company = committed_company
    committed_sale(company)
    seal_everything(company)
    committed_sale(company)
    enter(superuser_connection, company)
    superuser_connection.execute("ALTER TABLE ledger_entry DISABLE TRIGGER append_only")
    superuser_connection.execute(
        "UPDATE ledger_entry e SET posted_xid = '99999999999' WHERE company_id = %s AND NOT EXISTS (SELECT 1 FROM "
        "ledger_entryseal x WHERE x.company_id = e.company_id AND x.entry_id = e.id)", [company.pk],
    )  # fmt: skip
    superuser_connection.execute("ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER append_only")
    superuser_connection.commit()
    assert seal(company) == 0
    enter(owner_connection, company)
    assert owner_connection.execute("SELECT public.ledger_open_epoch(%s)", [company.pk]).fetchone() == (2,)
    owner_connection.commit()
    with system_scope(company):
        assert EntrySeal.objects.for_company(company).count() == 2
    committed_sale(company)
    assert seal_everything(company) == 1


def test_an_entry_that_the_watermark_has_passed_keeps_the_next_epoch_shut(
    committed_company, owner_connection, superuser_connection
):
    company = committed_company
    committed_sale(company)
    seal_everything(company)
    committed_sale(company)
    with inside(superuser_connection, company) as connection:
        connection.execute("UPDATE ledger_sealstate SET next_xid = '99999999999' WHERE company_id = %s", [company.pk])
        with refused(CheckViolation, "tail_sealed"):
            connection.execute("SELECT public.ledger_open_epoch(%s)", [company.pk])


def test_who_opens_an_epoch_waits_for_the_poster_of_the_old_one(
    committed_company, runtime_connection, owner_connection, superuser_connection
):
    company = committed_company
    committed_sale(company)
    seal_everything(company)
    entry, rows = raw_sale(company)
    enter(runtime_connection, company)
    raw_post(runtime_connection, entry, rows)
    answers = []

    def open_epoch():
        with owner_connection.transaction():
            enter(owner_connection, company)
            answers.append(owner_connection.execute("SELECT public.ledger_open_epoch(%s)", [company.pk]).fetchone())

    opener = threading.Thread(target=open_epoch)
    opener.start()
    wait_until_blocked_by(superuser_connection, pid_of(runtime_connection))
    runtime_connection.commit()
    opener.join(30)
    assert answers == [(2,)]
    with system_scope(company):
        assert EntrySeal.objects.for_company(company).count() == 2


def test_entries_of_a_new_epoch_are_counted_and_sealed(committed_company, owner_connection):
    company = committed_company
    committed_sale(company)
    seal_everything(company)
    enter(owner_connection, company)
    assert owner_connection.execute("SELECT public.ledger_open_epoch(%s)", [company.pk]).fetchone() == (2,)
    owner_connection.commit()
    committed_sale(company)
    assert seal_everything(company) == 1
