"""C5: a row belongs to one company and points only at rows of the same company; a stranger sees nothing."""

import psycopg
import pytest
from django.db import DatabaseError, transaction
from psycopg.errors import CheckViolation, ForeignKeyViolation, InsufficientPrivilege, RestrictViolation

from accounting.models import Account, SubAccount, Unit
from tests.constitution.raw import (
    committed_sale,
    ids_of,
    insert_entry,
    insert_lines,
    inside,
    raw_post,
    raw_sale,
    refused,
    seal_everything,
    system_scope,
)  # fmt: skip

COMPANY_TABLES = (
    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'company_id' "
    "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
)


# The owner's trigger functions write these for the company of the row that changed, whatever the scope is.
WRITTEN_BY_DATABASE = {"accounting_generation": "all", "tenants_auditevent": "insert"}


def company_tables(raw, role, *acts):
    found = [name for (name,) in raw.execute(COMPANY_TABLES).fetchall()]
    raw.rollback()
    assert {"ledger_entry", "ledger_line", "accounting_account", "tenants_auditevent"} <= set(found)
    open_to_owner = {table for table, act in WRITTEN_BY_DATABASE.items() if role == "owner" and act in ("all", *acts)}
    return [table for table in found if table not in open_to_owner]


def with_a_row_everywhere(company):
    """Rows in as many tables as one sale, a seal and a sub-account fill."""
    with system_scope(company):
        account = Account.objects.for_company(company).get(code="1100")
        SubAccount.objects.create(company=company, account=account, code="C1", name="Customer")
    committed_sale(company)
    seal_everything(company)


@pytest.mark.parametrize("role", ["runtime", "owner"])
def test_without_a_scope_no_company_table_shows_a_row(committed_company, raw_connection, role):
    with_a_row_everywhere(committed_company)
    raw = raw_connection(role)
    seen = {}
    for table in company_tables(raw, role):
        for scope in ("", None):
            with raw.transaction(force_rollback=True):
                if scope is not None:
                    raw.execute("SELECT set_config('app.company_id', %s, true)", [scope])
                seen[table] = raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    assert {table for table, count in seen.items() if count} == set()


@pytest.mark.parametrize("role", ["runtime", "owner"])
def test_in_a_scope_no_table_shows_a_row_of_another_company(committed_company, other_company, raw_connection, role):
    for company in (committed_company, other_company):
        with_a_row_everywhere(company)
    raw = raw_connection(role)
    tables = company_tables(raw, role)
    with inside(raw, committed_company):
        companies = {table: raw.execute(f"SELECT DISTINCT company_id FROM {table}").fetchall() for table in tables}
    assert {row for rows in companies.values() for row in rows} == {(committed_company.pk,)}


@pytest.mark.parametrize("role", ["runtime", "owner"])
def test_no_row_can_be_inserted_for_another_company(committed_company, other_company, raw_connection, role):
    with_a_row_everywhere(committed_company)
    raw = raw_connection(role)
    tried = set()
    for table in company_tables(raw, role, "insert"):
        copy = (
            f"INSERT INTO {table} SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), "
            f"'company_id', %s::uuid))).* FROM {table} r LIMIT 1"
        )
        with inside(raw, committed_company):
            if not raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
                continue
            tried.add(table)
            with pytest.raises(InsufficientPrivilege), raw.transaction():
                raw.execute(copy, [other_company.pk])
    assert {"ledger_entry", "ledger_line", "accounting_account", "ledger_entryseal"} <= tried


@pytest.mark.parametrize("role", ["runtime", "owner"])
def test_no_row_can_be_moved_to_another_company(committed_company, other_company, raw_connection, role):
    with_a_row_everywhere(committed_company)
    raw = raw_connection(role)
    for table in company_tables(raw, role):
        with inside(raw, committed_company):
            if not raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
                continue
            with pytest.raises((InsufficientPrivilege, RestrictViolation, CheckViolation)), raw.transaction():
                raw.execute(f"UPDATE {table} SET company_id = %s", [other_company.pk])


def foreign(company, other, field):
    """A sale that points at a row of another company in one field."""
    entry, rows = raw_sale(company)
    theirs = ids_of(other)
    if field == "account":
        rows[0]["account_id"] = theirs.accounts["1000"]
    elif field == "journal":
        entry["journal_id"] = theirs.journals["GEN"]
    elif field == "reverses":
        entry["reverses_id"] = committed_sale(other).id
    else:
        with system_scope(other):
            sub = SubAccount.objects.create(company=other, account_id=theirs.accounts["1100"], code="S", name="S")
        rows[0].update(account_id=ids_of(company).accounts["1100"], sub_account_id=sub.pk)
    return entry, rows


@pytest.mark.parametrize("field", ["account", "journal", "sub_account", "reverses"])
def test_the_posting_function_refuses_a_row_of_another_company(
    committed_company, other_company, runtime_connection, field
):
    entry, rows = foreign(committed_company, other_company, field)
    with pytest.raises((ForeignKeyViolation, CheckViolation)), inside(runtime_connection, committed_company) as raw:
        raw_post(raw, entry, rows)


@pytest.mark.parametrize("field", ["account", "journal", "sub_account", "reverses"])
@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_rows_cannot_point_at_another_company(committed_company, other_company, raw_connection, role, field):
    entry, rows = foreign(committed_company, other_company, field)
    with pytest.raises((ForeignKeyViolation, CheckViolation)), inside(raw_connection(role), committed_company) as raw:
        insert_entry(raw, entry)
        insert_lines(raw, rows)
        raw.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_line_cannot_name_the_sub_account_of_another_account(committed_company, runtime_connection):
    company = committed_company
    with system_scope(company):
        account = Account.objects.for_company(company).get(code="1100")
        sub = SubAccount.objects.create(company=company, account=account, code="S", name="S")
    entry, rows = raw_sale(company)
    rows[0].update(account_id=ids_of(company).accounts["2000"], sub_account_id=sub.pk)
    with refused(ForeignKeyViolation, "ledger_line_sub_account_of_account"), inside(runtime_connection, company) as raw:
        raw_post(raw, entry, rows)


def test_a_sub_account_with_lines_cannot_move_to_another_account(committed_company, owner_connection):
    company = committed_company
    with system_scope(company):
        account = Account.objects.for_company(company).get(code="1100")
        sub = SubAccount.objects.create(company=company, account=account, code="S", name="S")
    entry, rows = raw_sale(company)
    rows[0].update(account_id=account.pk, sub_account_id=sub.pk)
    with pytest.raises(ForeignKeyViolation), inside(owner_connection, company) as raw:
        raw_post(raw, entry, rows)
        raw.execute("UPDATE accounting_subaccount SET account_id = %s WHERE id = %s",
                    [ids_of(company).accounts["2000"], sub.pk])  # fmt: skip


@pytest.mark.parametrize(
    "call",
    [
        "ledger_seal(%(company)s)",
        "ledger_set_limit(%(company)s, gen_random_uuid(), NULL, 'EUR', 0, NULL)",
        "ledger_freeze(%(company)s, 'k', 'h', 'c', 'm', '')",
    ],
)
def test_the_functions_of_the_ledger_act_in_the_scope_only(committed_company, other_company, runtime_connection, call):
    with pytest.raises(InsufficientPrivilege), inside(runtime_connection, committed_company) as raw:
        raw.execute(f"SELECT public.{call}", {"company": other_company.pk})


def test_nothing_is_posted_for_another_company_than_the_scope(committed_company, other_company, runtime_connection):
    entry, rows = raw_sale(other_company)
    with pytest.raises(InsufficientPrivilege), inside(runtime_connection, committed_company) as raw:
        raw_post(raw, entry, rows)


def test_a_scope_that_is_no_company_is_an_error_and_no_door(committed_company, runtime_connection):
    with pytest.raises(psycopg.DataError), runtime_connection.transaction(force_rollback=True):
        runtime_connection.execute("SELECT set_config('app.company_id', 'everything', true)")
        runtime_connection.execute("SELECT count(*) FROM accounting_account")


def test_the_scope_ends_with_its_transaction(committed_company):
    with system_scope(committed_company):
        assert Account.objects.for_company(committed_company).exists()
    assert not Account.objects.filter(company=committed_company).exists()


def test_the_orm_cannot_write_for_another_company(committed_company, other_company):
    theirs = ids_of(other_company).accounts["1000"]
    with system_scope(committed_company):
        assert not Account.objects.filter(company=other_company).update(name="mine")
        assert Account.objects.filter(pk=theirs).delete()[0] == 0
        for attack in (
            lambda: Account.objects.create(company=other_company, code="X", name="X", type="asset"),
            lambda: Unit.objects.bulk_create([Unit(company=other_company, code="X", name="X", kind="commodity")]),
            lambda: Account.objects.for_company(committed_company).filter(code="1000").update(company=other_company),
        ):
            with pytest.raises(DatabaseError) as caught, transaction.atomic():
                attack()
            assert isinstance(caught.value.__cause__, InsufficientPrivilege)


def test_a_limit_cannot_name_the_sub_account_of_another_account(committed_company, runtime_connection):
    company = committed_company
    with system_scope(company):
        account = Account.objects.for_company(company).get(code="1100")
        sub = SubAccount.objects.create(company=company, account=account, code="S", name="S")
    with pytest.raises(ForeignKeyViolation), inside(runtime_connection, company) as raw:
        raw.execute("SELECT public.ledger_set_limit(%s, %s, %s, 'EUR', 0, NULL)",
                    [company.pk, ids_of(company).accounts["2000"], sub.pk])  # fmt: skip


def test_the_base_currency_of_a_strangers_books_stays(committed_company, other_company, runtime_connection):
    committed_sale(other_company)
    with refused(CheckViolation, "base_currency_fixed"), inside(runtime_connection, committed_company) as raw:
        raw.execute("UPDATE tenants_company SET base_currency = 'USD' WHERE id = %s", [other_company.pk])


def test_a_join_compares_the_company_too(scope):
    from ledger.models import Line

    sql = str(Line.objects.for_company(scope.company).select_related("account").query)
    join = sql.split(" INNER JOIN ")[1].split(" WHERE ", maxsplit=1)[0]
    assert join.count('"company_id"') == 2, join


def test_two_companies_use_the_same_key_and_code(committed_company, other_company):
    assert committed_sale(committed_company, key="same").id != committed_sale(other_company, key="same").id
