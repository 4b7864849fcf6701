"""C2: what is posted never changes."""

import contextlib
import datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from psycopg.errors import CheckViolation, InsufficientPrivilege, RestrictViolation

from ledger.models import Block, Entry, EntrySeal, Line
from ledger.posting import post
from ledger.reversal import reverse
from tests.books import sale
from tests.constitution.raw import (
    committed_sale,
    header,
    ids_of,
    inside,
    line,
    raw_post,
    raw_sale,
    refused,
    seal_everything,
    system_scope,
)  # fmt: skip
from tests.constitution.test_c01_balance import insert_entry, insert_lines

POSTED = [
    "ledger_entry", "ledger_line", "ledger_entryseal", "ledger_block", "ledger_refusal", "tenants_auditevent",
    "tenants_idempotentrequest", "accounting_numberuse",
]  # fmt: skip


@contextlib.contextmanager
def nothing_kept(connection):
    with connection.transaction(force_rollback=True):
        yield connection


# The guards fire per statement: they need no row to refuse.
CHANGES = {
    "update": "UPDATE {} SET company_id = company_id",
    "delete": "DELETE FROM {}",
    "truncate": "TRUNCATE {} CASCADE",
    "merge": "MERGE INTO {0} t USING (SELECT id FROM {0} LIMIT 1) s ON t.id = s.id WHEN MATCHED THEN DELETE",
    "upsert": "INSERT INTO {0} SELECT * FROM {0} LIMIT 1 ON CONFLICT (id) DO UPDATE SET company_id = excluded.company_id",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", POSTED)
def test_the_runtime_role_has_no_right_to_change_posted_rows(runtime_connection, table, change):
    denied = f"permission denied for table {table}$"
    with pytest.raises(InsufficientPrivilege, match=denied), nothing_kept(runtime_connection) as connection:
        connection.execute(CHANGES[change].format(table))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", POSTED)
@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_triggers_refuse_owner_and_superuser(raw_connection, role, table, change):
    with refused(RestrictViolation, "append_only"), nothing_kept(raw_connection(role)) as connection:
        connection.execute(CHANGES[change].format(table))


@pytest.mark.parametrize("change", ["update", "delete", "truncate"])
@pytest.mark.parametrize("table", POSTED)
def test_triggers_refuse_a_superuser_that_plays_replication(superuser_connection, table, change):
    with refused(RestrictViolation, "append_only"), nothing_kept(superuser_connection) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(CHANGES[change].format(table))


@pytest.mark.parametrize("table", ["accounting_account", "ledger_journal", "tenants_company"])
def test_truncating_master_data_does_not_take_the_posted_rows_along(committed_company, superuser_connection, table):
    with refused(RestrictViolation, "append_only"), inside(superuser_connection, committed_company) as connection:
        connection.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "table", ["accounting_accountdimension", "accounting_lockdate", "tenants_membership", "jobs_job"]
)
@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_no_company_table_is_emptied_past_the_audit_trail(committed_company, raw_connection, role, table):
    with refused(RestrictViolation, "append_only"), inside(raw_connection(role), committed_company) as connection:
        connection.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("model", [Entry, Line, Block, EntrySeal])
def test_the_orm_can_neither_update_nor_delete(scope, model):
    post(sale("1.00"))
    rows = model.objects.for_company(scope.company)
    for attack in (
        lambda: rows.update(company=scope.company),
        lambda: model.objects.for_company(scope.company)._raw_delete("default"),
        lambda: model.objects.bulk_update([row], ["company"]) if (row := rows.first()) else rows.update(id=None),
    ):
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            attack()
        assert isinstance(caught.value.__cause__, InsufficientPrivilege)


def test_an_entry_object_can_neither_be_saved_nor_deleted(scope):
    entry = Entry.objects.for_company(scope.company).get(pk=post(sale("1.00")).id)
    entry.memo = "something else"
    for attack in (entry.save, entry.delete, lambda: entry.save(update_fields=["memo"])):
        with pytest.raises((DatabaseError, Exception)), transaction.atomic():
            attack()
    assert Entry.objects.for_company(scope.company).get(pk=entry.pk).memo == ""


def test_the_account_of_posted_lines_cannot_be_deleted_by_anybody(committed_company, superuser_connection):
    committed_sale(committed_company)
    account = ids_of(committed_company).accounts["4000"]
    with pytest.raises(Exception, match="violates foreign key"), inside(superuser_connection, committed_company) as raw:
        raw.execute("DELETE FROM accounting_account WHERE id = %s", [account])


def test_a_reversal_that_is_no_mirror_is_refused(committed_company, runtime_connection):
    original = committed_sale(committed_company, "100.00")
    entry, _rows = raw_sale(committed_company, reverses_id=original.id)
    rows = [
        line(committed_company, entry, 1, "1000", Decimal(-99)),
        line(committed_company, entry, 2, "4000", Decimal(99)),
    ]
    with refused(CheckViolation, "reversal_mirrors"), inside(runtime_connection, committed_company) as connection:
        raw_post(connection, entry, rows)


def test_an_entry_is_reversed_once_whatever_the_key(committed_company, owner_connection):
    original = committed_sale(committed_company)
    with system_scope(committed_company):
        reverse(original.id, date=datetime.date(2026, 4, 1), reason="wrong customer")
    entry = header(committed_company, reverses_id=original.id)
    rows = [
        line(committed_company, entry, 1, "1000", Decimal(-100)),
        line(committed_company, entry, 2, "4000", Decimal(100)),
    ]
    with refused(Exception, "entry_reversed_once"), inside(owner_connection, committed_company) as connection:
        insert_entry(connection, entry)
        insert_lines(connection, rows)


def test_seals_and_blocks_stay_after_sealing(committed_company, owner_connection):
    committed_sale(committed_company)
    assert seal_everything(committed_company) == 1
    for table in ("ledger_entryseal", "ledger_block"):
        with refused(RestrictViolation, "append_only"), inside(owner_connection, committed_company) as connection:
            connection.execute(f"DELETE FROM {table} WHERE company_id = %s", [committed_company.pk])


def test_what_gives_posted_amounts_their_meaning_stays(committed_company, owner_connection):
    committed_sale(committed_company)
    for statement in (
        "UPDATE tenants_company SET base_currency = 'USD' WHERE id = %(company)s",
        "UPDATE accounting_unit SET decimals = 0 WHERE company_id = %(company)s AND code = 'EUR'",
        "UPDATE accounting_unit SET kind = 'statistical' WHERE company_id = %(company)s AND code = 'EUR'",
        "UPDATE accounting_account SET type = 'asset' WHERE company_id = %(company)s AND code = '4000'",
    ):
        with pytest.raises(CheckViolation), inside(owner_connection, committed_company) as connection:
            connection.execute(statement, {"company": committed_company.pk})


@pytest.mark.parametrize("operation", ["INSERT", "UPDATE", "DELETE"])
def test_the_runtime_role_cannot_forge_the_audit_trail(committed_company, runtime_connection, operation):
    with pytest.raises(InsufficientPrivilege), inside(runtime_connection, committed_company) as connection:
        connection.execute(
            "SELECT public.tenants_note(%s, 'update', 'x', gen_random_uuid(), NULL, NULL)", [committed_company.pk]
        )


def test_a_trigger_on_a_temporary_table_cannot_write_the_audit_trail_of_a_stranger(
    committed_company, other_company, runtime_connection
):
    with pytest.raises(InsufficientPrivilege), inside(runtime_connection, committed_company) as connection:
        connection.execute("CREATE TEMP TABLE innocent (id uuid, company_id uuid)")
        connection.execute(
            "CREATE TRIGGER t AFTER INSERT ON innocent REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT "
            "EXECUTE FUNCTION public.tenants_audit()"
        )
        connection.execute("INSERT INTO innocent VALUES (gen_random_uuid(), %s)", [other_company.pk])
