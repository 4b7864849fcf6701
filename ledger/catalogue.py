"""The guards that must be in the database, compared with its catalogue; one that is gone, off or rewritten is named."""

import re
from collections.abc import Iterator

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL

# trigger on table -> how it must be enabled (A: always, O: except in replication)
TRIGGERS = {
    ("ledger_entry", "guard_entries"): "O",
    ("ledger_entry", "entry_complete"): "O",
    ("ledger_line", "guard_lines"): "O",
    ("accounting_period", "lock_books"): "O",
    ("accounting_lockdate", "lock_books"): "O",
    ("accounting_numberuse", "number_follows"): "O",
    ("tenants_company", "keep_meaning"): "O",
    ("accounting_unit", "keep_meaning"): "O",
    ("accounting_account", "keep_meaning"): "O",
    **{
        (table, trigger): "A"
        for table in (
            "ledger_entry", "ledger_line", "ledger_refusal", "ledger_block", "ledger_entryseal", "tenants_auditevent",
            "tenants_idempotentrequest", "accounting_numberuse",
        )
        for trigger in ("append_only", "never_truncated")
    },
}  # fmt: skip

CONSTRAINTS = {
    "entry_key", "entry_reversed_once", "entry_two_lines", "entry_not_itself", "line_number", "line_not_zero",
    "line_statistical", "line_one_side", "limit_floor", "limit_ceiling", "limit_once", "refusal_key", "block_number",
    "entry_seal_once", "entry_seal_number", "entry_seal_position", "ledger_line_entry_dated",
    "ledger_line_account_id_company", "ledger_line_sub_account_of_account", "ledger_entry_journal_id_company",
    "ledger_entry_reverses_id_company", "fiscal_year_once", "period_once", "number_use_once",
    "line_is_number", "line_precision", "line_size",
    "limit_is_number", "exchange_rate_is_number", "ledger_limit_sub_account_of_account",
}  # fmt: skip


_FUNCTION = re.compile(r"CREATE FUNCTION public\.(\w+)\s*\(.*?\$\$(.*?)\$\$", re.DOTALL)


def missing_guards(using: str) -> list[str]:
    """Triggers, constraints, functions and row-level security that should be there and are not, or are switched off,
    or, for functions, are not as the migrations made them."""
    return [*_missing_from_tables(using), *_changed_functions(using)]


def _changed_functions(using: str) -> list[str]:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        found = dict(cursor.fetchall())
    return [f"function {name}" for name, body in dict(_functions()).items() if found.get(name) != body]


def _functions() -> Iterator[tuple[str, str]]:
    """Name and body of every function of the migrations, in their order."""
    graph = MigrationLoader(None).graph
    for target in graph.leaf_nodes():
        for node in graph.forwards_plan(target):
            for operation in graph.nodes[node].operations:
                if isinstance(operation, RunSQL) and isinstance(operation.sql, str):
                    yield from _FUNCTION.findall(operation.sql)


def _missing_from_tables(using: str) -> list[str]:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace"
        )
        triggers = {(table, name): enabled for table, name, enabled in cursor.fetchall()}
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND convalidated "
            "UNION SELECT relname FROM pg_class WHERE relkind = 'i' AND relnamespace = 'public'::regnamespace"
        )
        constraints = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'company_id' "
            "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT (c.relrowsecurity "
            "AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))"
        )
        open_tables = [name for (name,) in cursor.fetchall()]
    return [
        *(f"trigger {name} on {table}" for (table, name), on in TRIGGERS.items() if triggers.get((table, name)) != on),
        *(f"constraint {name}" for name in sorted(CONSTRAINTS - constraints)),
        *(f"row-level security of {table}" for table in open_tables),
    ]
