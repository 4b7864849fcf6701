"""C1: an entry balances exactly, has two lines or more, and exists whole or not at all."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from psycopg.errors import CheckViolation, InsufficientPrivilege

from ledger import refusals
from ledger.models import Entry, Line
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from tests.books import DAY, new_entry, sale
from tests.constitution.raw import (
    committed_sale,
    enter,
    header,
    insert_entry,
    insert_lines,
    inside,
    line,
    raw_post,
    raw_sale,
    refused,
)  # fmt: skip

CENT = Decimal("0.01")
WRITERS = ["owner", "superuser"]


def days(company, entry, number, account, amount, **fields):
    return line(company, entry, number, account, Decimal(0), currency="DAY", currency_amount=Decimal(amount), **fields)


def test_python_refuses_a_cent_too_much_with_the_difference(scope):
    with pytest.raises(refusals.Unbalanced) as caught:
        post(new_entry(("1000", "100.01"), ("4000", "-100.00")))
    assert caught.value.context["difference"] == "0.01"


def test_the_posting_function_refuses_a_cent_too_much(committed_company, runtime_connection):
    entry, (debit, credit) = raw_sale(committed_company)
    debit["amount"] = debit["currency_amount"] = debit["amount"] + CENT
    with refused(CheckViolation, "entry_balances"), inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, [debit, credit])


@pytest.mark.parametrize("lines", [0, 1, 3])
def test_the_posting_function_refuses_another_number_of_lines_than_announced(
    committed_company, runtime_connection, lines
):
    entry, rows = raw_sale(committed_company)
    amounts = {0: [], 1: [Decimal(1)], 3: [Decimal(2), Decimal(-1), Decimal(-1)]}[lines]
    rows = [line(committed_company, entry, n, "1000", amount) for n, amount in enumerate(amounts, 1)]
    with pytest.raises(CheckViolation), inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, rows)


def test_the_posting_function_refuses_an_entry_of_one_line(committed_company, runtime_connection):
    entry, rows = raw_sale(committed_company, line_count=1)
    with refused(CheckViolation, "entry_two_lines"), inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, rows[:1])


@pytest.mark.parametrize("role", WRITERS)
def test_rows_out_of_balance_by_a_cent_are_refused(committed_company, raw_connection, role):
    entry, (debit, credit) = raw_sale(committed_company)
    credit["amount"] = credit["currency_amount"] = credit["amount"] + CENT
    with refused(CheckViolation, "entry_balances"), inside(raw_connection(role), committed_company) as connection:
        insert_entry(connection, entry)
        insert_lines(connection, [debit, credit])


@pytest.mark.parametrize("role", WRITERS)
def test_a_header_without_lines_does_not_survive_the_commit(committed_company, raw_connection, role):
    connection = raw_connection(role)
    entry = header(committed_company)
    enter(connection, committed_company)
    insert_entry(connection, entry)
    with refused(CheckViolation, "entry_is_whole"):
        connection.commit()
    enter(connection, committed_company)
    assert connection.execute("SELECT count(*) FROM ledger_entry WHERE id = %s", [entry["id"]]).fetchone() == (0,)


def test_a_header_without_lines_does_not_survive_when_the_scope_is_left_before_the_commit(
    committed_company, owner_connection
):
    enter(owner_connection, committed_company)
    insert_entry(owner_connection, header(committed_company))
    owner_connection.execute("SELECT set_config('app.company_id', '', true)")
    with refused(CheckViolation, "entry_is_whole"):
        owner_connection.commit()


def test_one_line_alone_is_refused_though_it_is_announced(committed_company, owner_connection):
    with refused(CheckViolation, "entry_two_lines"), inside(owner_connection, committed_company) as connection:
        insert_entry(connection, header(committed_company, line_count=1))


def test_a_line_of_nothing_is_refused(committed_company, owner_connection):
    entry, rows = raw_sale(committed_company, line_count=3)
    rows.append(line(committed_company, entry, 3, "5000", Decimal(0)))
    with refused(CheckViolation, "line_not_zero"), inside(owner_connection, committed_company) as connection:
        insert_entry(connection, entry)
        insert_lines(connection, rows)


def test_the_two_sides_of_an_entry_cannot_arrive_in_two_statements(committed_company, owner_connection):
    entry, rows = raw_sale(committed_company)
    with pytest.raises(CheckViolation), inside(owner_connection, committed_company) as connection:
        insert_entry(connection, entry)
        insert_lines(connection, rows[:1])


def test_a_second_balanced_statement_adds_no_lines_to_an_entry_of_the_same_transaction(
    committed_company, owner_connection
):
    entry, rows = raw_sale(committed_company)
    more = [
        line(committed_company, entry, 3, "1000", Decimal(7)),
        line(committed_company, entry, 4, "4000", Decimal(-7)),
    ]
    with refused(CheckViolation, "entry_is_whole"), inside(owner_connection, committed_company) as connection:
        insert_entry(connection, entry)
        insert_lines(connection, rows)
        insert_lines(connection, more)


def test_lines_are_numbered_from_one_without_gap(committed_company, owner_connection):
    entry, (debit, credit) = raw_sale(committed_company)
    credit["number"] = 3
    with refused(CheckViolation, "entry_is_whole"), inside(owner_connection, committed_company) as connection:
        insert_entry(connection, entry)
        insert_lines(connection, [debit, credit])


@pytest.mark.parametrize("role", WRITERS)
def test_a_committed_entry_takes_no_more_lines(committed_company, raw_connection, role):
    posted = committed_sale(committed_company)
    entry = header(committed_company, id=posted.id)
    late = [line(committed_company, entry, n, "1000", Decimal(amount)) for n, amount in ((3, 5), (4, -5))]
    with refused(CheckViolation, "entry_is_final"), inside(raw_connection(role), committed_company) as connection:
        insert_lines(connection, late)


def test_an_entry_cannot_be_kept_open_for_lines_of_a_later_transaction(committed_company, owner_connection):
    entry, rows = raw_sale(committed_company)
    with refused(CheckViolation, "entry_is_final"), inside(owner_connection, committed_company) as connection:
        later = connection.execute("SELECT (pg_current_xact_id()::text::bigint + 1)::text").fetchone()[0]
        insert_entry_at(connection, entry, later)
        insert_lines(connection, rows)


def insert_entry_at(connection, entry, xid):
    columns = ", ".join([*entry, "posted_xid"])
    marks = ", ".join(["%s"] * len(entry)) + ", %s::xid8"
    connection.execute(f"INSERT INTO ledger_entry ({columns}) VALUES ({marks})", [*entry.values(), xid])


@pytest.mark.parametrize("taken", ["2", "2.51"])
def test_days_balance_in_days(committed_company, runtime_connection, taken):
    entry = header(committed_company)
    rows = [
        days(committed_company, entry, 1, "9000", "2.5", statistical=True),
        days(committed_company, entry, 2, "9010", f"-{taken}", statistical=True),
    ]
    with refused(CheckViolation, "entry_balances"), inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, rows)


def test_days_cannot_escape_their_balance_by_calling_themselves_money(committed_company, runtime_connection):
    entry = header(committed_company)
    rows = [days(committed_company, entry, 1, "9000", "2.5"), days(committed_company, entry, 2, "9010", "-2")]
    with refused(CheckViolation, "unit_kind"), inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, rows)


def test_a_line_in_base_currency_says_the_same_amount_twice(committed_company, runtime_connection):
    entry, (debit, credit) = raw_sale(committed_company)
    debit["currency_amount"] = Decimal(1_000_000)
    with refused(CheckViolation, "base_amount"), inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, [debit, credit])


def test_money_cannot_be_made_by_a_line_without_base_amount(committed_company, runtime_connection):
    entry, rows = raw_sale(committed_company, line_count=3)
    rows.append(line(committed_company, entry, 3, "1000", Decimal(0), currency_amount=Decimal(500)))
    with refused(CheckViolation, "base_amount"), inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, rows)


def test_a_line_in_foreign_currency_carries_its_rate(committed_company, runtime_connection):
    entry, (debit, credit) = raw_sale(committed_company)
    debit.update(currency="USD", currency_amount=Decimal(120))
    with refused(CheckViolation, "base_amount"), inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, [debit, credit])


def test_the_orm_cannot_write_entries_or_lines_at_all(scope):
    posted = post(sale("1.00"))
    entry = Entry.objects.for_company(scope.company).get(pk=posted.id)
    some_line = Line.objects.for_company(scope.company).filter(entry_id=posted.id).first()
    for attack in (
        lambda: Entry.objects.create(company=scope.company, journal_id=entry.journal_id, key="x", date=DAY, line_count=2,
                                         body_hash=b"", posted_xid="0", posted_at=entry.posted_at, leaf_hash=b""),
        lambda: Line.objects.bulk_create([Line(company=scope.company, entry=entry, number=9, date=DAY, amount=1,
                                               account_id=some_line.account_id, currency="EUR", currency_amount=1)]),
        entry.save,
        some_line.save,
    ):  # fmt: skip
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            attack()
        assert isinstance(caught.value.__cause__, InsufficientPrivilege)


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_line"])
def test_the_runtime_role_cannot_insert_rows_beside_the_posting_function(committed_company, runtime_connection, table):
    # Row-level security refuses such a row too, by the same code: the right itself must be missing.
    with (
        pytest.raises(InsufficientPrivilege, match="permission denied"),
        inside(runtime_connection, committed_company) as connection,
    ):
        connection.execute(f"INSERT INTO {table} (id) VALUES (gen_random_uuid())")


def test_what_is_refused_leaves_neither_header_nor_lines(scope):
    with pytest.raises(refusals.Unbalanced):
        post(NewEntry("k", DAY, (NewLine("1000", Decimal(1)), NewLine("4000", Decimal("-0.99")))))
    assert not Entry.objects.for_company(scope.company).filter(key="k").exists()
