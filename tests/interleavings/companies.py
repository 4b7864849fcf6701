"""Many companies that are alike: one is made as people make it, its rows are copied for every order that is tried.

To make each one anew took two thirds of the time of a test.
"""

import datetime
import functools
import uuid
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from accounting.fiscal_years import open_fiscal_year
from tenants.companies import create_company
from tenants.models import Company
from tests.books import add_books
from tests.constitution.raw import system_scope

_COLUMNS = """
  SELECT c.table_name, c.column_name, c.udt_name = 'uuid' FROM information_schema.columns c
  JOIN pg_class t ON t.relname = c.table_name AND t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace
  WHERE c.table_schema = 'public' AND c.is_generated = 'NEVER' AND c.table_name <> 'tenants_auditrecord'
    AND c.table_name IN (SELECT table_name FROM information_schema.columns WHERE column_name = 'company_id')
  ORDER BY c.table_name, c.ordinal_position
"""


def new_company(superuser: psycopg.Connection) -> Company:
    """A company with a small chart and the years 2025 and 2026."""
    model = _model(superuser.info.dbname)
    id = uuid.uuid4()
    with superuser.transaction():
        # Copied rows are whole as they are: no trigger has anything to add.
        superuser.execute("SET LOCAL session_replication_role = replica")
        superuser.execute(
            "INSERT INTO tenants_company SELECT (jsonb_populate_record(c, %s)).* FROM tenants_company c WHERE id = %s",
            [Jsonb({"id": str(id), "slug": f"meeting-{id}"}), model.pk],
        )
        superuser.execute(_copy(superuser, model.pk).format(model=sql.Literal(model.pk), copy=sql.Literal(id)))
    return Company.objects.get(pk=id)


def close_companies(superuser: psycopg.Connection) -> None:
    """Nobody works in the copies any more: rounds of the tests to come would visit them all."""
    with superuser.transaction():
        superuser.execute("SET LOCAL session_replication_role = replica")
        superuser.execute("UPDATE tenants_company SET is_active = false WHERE is_active AND slug LIKE 'meeting-%'")


@functools.cache
def _model(database: str) -> Company:
    company = create_company(slug=f"model-{uuid.uuid4()}", name="Meeting", base_currency="EUR")
    with system_scope(company):
        for year in (2025, 2026):
            open_fiscal_year(datetime.date(year, 1, 1))
        add_books()
    return company


_copies: dict[Any, sql.SQL] = {}


def _copy(superuser: psycopg.Connection, model: Any) -> sql.SQL:
    """The statements that copy every row of the model; an id becomes the same other id wherever it stands."""
    if model not in _copies:
        tables: dict[str, dict[str, bool]] = {}
        for table, column, is_id in superuser.execute(_COLUMNS).fetchall():
            tables.setdefault(table, {})[column] = is_id
        used = [name for name in tables if _has_rows(superuser, name, model)]
        _copies[model] = sql.SQL("; ".join(_copy_table(name, tables[name]) for name in used))
    return _copies[model]


def _has_rows(superuser: psycopg.Connection, table: str, model: Any) -> bool:
    found = superuser.execute(
        sql.SQL("SELECT FROM {} WHERE company_id = %s LIMIT 1").format(sql.Identifier(table)), [model]
    )
    return bool(found.rowcount)


def _copy_table(table: str, columns: dict[str, bool]) -> str:
    values = {
        name: "{copy}::uuid"
        if name == "company_id"
        else f"md5({{copy}}::text || {name}::text)::uuid"
        if is_id
        else f'"{name}"'
        for name, is_id in columns.items()
    }
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values.values())} FROM {table} WHERE company_id = {{model}}"
    )
