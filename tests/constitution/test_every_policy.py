"""Row-level security of each company table that is listed in ledger/guards.txt, with rows of two companies in it."""

import uuid

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.constitution.rows import a_row, attack, guards, put

TABLES = [guard.table for guard in guards("row-level security")]
ROLES = ("daybook_app", "daybook_owner")
# The owner's trigger functions write these for the company of the row that changed, whatever the scope is.
WRITTEN_BY_DATABASE = {"accounting_generation": ("read", "written"), "tenants_auditevent": ("written",)}


def become(raw, role, company):
    raw.execute(psycopg.sql.SQL("SET LOCAL ROLE {}").format(psycopg.sql.Identifier(role)))
    raw.execute("SELECT set_config('app.company_id', %s, true)", [str(company)])


def bound(table, act):
    """The roles that may not do this outside the scope."""
    return [role for role in ROLES if role == "daybook_app" or act not in WRITTEN_BY_DATABASE.get(table, ())]


@pytest.mark.parametrize("table", TABLES)
def test_a_scope_shows_the_rows_of_its_company_and_no_scope_shows_none(superuser_connection, table):
    raw = superuser_connection
    with attack(raw, table):
        ours, _theirs = a_row(raw, table), a_row(raw, table)
        for role in bound(table, "read"):
            for company, seen in ((ours["company_id"], [(ours["company_id"],)]), ("", [])):
                become(raw, role, company)
                assert raw.execute(f"SELECT company_id FROM {table}").fetchall() == seen


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_written_for_another_company(superuser_connection, table):
    raw = superuser_connection
    with attack(raw, table):
        ours, theirs = a_row(raw, table), a_row(raw, table)
        raw.execute(f"DELETE FROM {table} WHERE id = %s", [theirs["id"]])
        raw.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO daybook_app")
        for role in bound(table, "written"):
            become(raw, role, ours["company_id"])
            with pytest.raises(InsufficientPrivilege, match="row-level security"), raw.transaction():
                put(raw, table, theirs)
            with pytest.raises(InsufficientPrivilege, match="row-level security"), raw.transaction():
                raw.execute(f"UPDATE {table} SET company_id = %s", [theirs["company_id"]])


@pytest.mark.parametrize("table", WRITTEN_BY_DATABASE)
def test_the_database_itself_writes_for_the_company_of_the_row(superuser_connection, table):
    raw = superuser_connection
    with attack(raw, table):
        row = a_row(raw, table)
        raw.execute(f"DELETE FROM {table} WHERE id = %s", [row["id"]])
        become(raw, "daybook_owner", uuid.uuid4())
        put(raw, table, row)


def test_a_person_sees_their_own_memberships_in_every_company_and_no_others(superuser_connection):
    raw = superuser_connection
    with attack(raw):
        user = a_row(raw, "tenants_user")["id"]
        own = [a_row(raw, "tenants_membership", user_id=user)["id"] for _n in range(2)]
        a_row(raw, "tenants_membership")
        become(raw, "daybook_app", "")
        raw.execute("SELECT set_config('app.user_id', %s, true)", [str(user)])
        assert sorted(raw.execute("SELECT id FROM tenants_membership").fetchall()) == sorted((id,) for id in own)
