"""Who may do what: the rights in the catalogue, compared with authority.txt, which a person has read.

After a migration that adds rights: `UPDATE_AUTHORITY=1 pytest tests/constitution/test_authority.py`, then read the diff.
"""

import difflib
import os
from pathlib import Path

import pytest
from psycopg.errors import InsufficientPrivilege

FILE = Path(__file__).with_name("authority.txt")
TABLES = """
SELECT c.relname || ' (' || CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' ELSE 'table' END || '): '
  || coalesce(string_agg(g.who || ' ' || g.rights, '; ' ORDER BY g.who), '-')
FROM pg_class c LEFT JOIN LATERAL (
  SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS who,
         string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ' ' ORDER BY a.privilege_type) AS rights
  FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner GROUP BY a.grantee) g ON true
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S', 'v', 'm', 'f')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
GROUP BY c.relname, c.relkind ORDER BY c.relname COLLATE "C"
"""
FUNCTIONS = """
SELECT p.oid::regprocedure::text || CASE WHEN p.prosecdef THEN ' (as its owner)' ELSE '' END || ': ' || coalesce((
  SELECT string_agg(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, ' ' ORDER BY a.grantee)
  FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee <> p.proowner), '-')
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.proname COLLATE "C", 1
"""
POSTED = ("ledger_entry", "ledger_line", "ledger_block", "ledger_entryseal", "ledger_refusal", "ledger_sealstate",
          "ledger_limit", "ledger_monthbalance", "ledger_daybalance", "ledger_subaccountbalance", "ledger_openline",
          "tenants_auditevent", "accounting_generation")  # fmt: skip


def authority(connection):
    lines = ["# table or sequence: role and its rights (the owner has them all)"]
    lines += [row[0] for row in connection.execute(TABLES).fetchall()]
    lines += ["", "# function: who may execute it beside the owner"]
    lines += [row[0] for row in connection.execute(FUNCTIONS).fetchall()]
    return lines


def test_the_rights_are_the_ones_that_were_reviewed(owner_connection):
    now = authority(owner_connection)
    if os.environ.get("UPDATE_AUTHORITY"):
        FILE.write_text("\n".join(now) + "\n")
    reviewed = FILE.read_text().splitlines()
    assert list(difflib.unified_diff(reviewed, now, "reviewed", "database", lineterm="", n=0)) == []


def test_the_runtime_role_only_reads_what_the_database_writes(owner_connection):
    for table in POSTED:
        rights = owner_connection.execute(
            "SELECT array_agg(right_) FROM unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER']) "
            "right_ WHERE has_table_privilege('daybook_app', %s, right_)", [table],
        ).fetchone()[0]  # fmt: skip
        assert (table, rights) == (table, ["SELECT"])


def test_no_function_of_ours_is_open_to_everybody(owner_connection):
    assert [line for line in authority(owner_connection) if line.endswith("PUBLIC") or ": PUBLIC" in line] == []


def test_the_runtime_role_owns_nothing_and_has_no_powers(owner_connection):
    role = owner_connection.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = 'daybook_app'"
    ).fetchone()
    assert role == (False,) * 5
    owned = owner_connection.execute("SELECT count(*) FROM pg_class WHERE relowner = 'daybook_app'::regrole").fetchone()
    member = owner_connection.execute(
        "SELECT count(*) FROM pg_auth_members WHERE member = 'daybook_app'::regrole"
    ).fetchone()
    assert (owned, member) == ((0,), (0,))


@pytest.mark.parametrize(
    "act",
    [
        "CREATE TABLE public.mine (id int)",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "SET ROLE daybook_owner",
        "SET session_replication_role = replica",
        "ALTER TABLE ledger_entry DISABLE TRIGGER append_only",
        "ALTER TABLE ledger_entry DISABLE ROW LEVEL SECURITY",
        "CREATE TRIGGER mine BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "SELECT public.ledger_open_epoch(gen_random_uuid())",
        "SELECT public.ledger_roll_up(gen_random_uuid(), 1)",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY accounting_currency TO PROGRAM 'true'",
    ],
)
def test_the_runtime_role_may_not(runtime_connection, act):
    with pytest.raises(InsufficientPrivilege):
        runtime_connection.execute(act)
    runtime_connection.rollback()
