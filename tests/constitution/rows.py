"""A row for any table, made from the catalogue, so that every constraint can be attacked, new ones too.

Rows are made by the superuser with every trigger of ours off, in a transaction that is rolled back: what refuses an
attack is then the guard under attack and nothing else.
"""

import contextlib
import datetime
import functools
import hashlib
import itertools
import re
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.types.json import Jsonb

from ledger.catalogue import Guard, listed_guards

GUARDS = listed_guards()
FOREIGN_KEY = re.compile(r"FOREIGN KEY \((.*?)\) REFERENCES (\w+)\((.*?)\)")
CHOICES = re.compile(r"\(\((\w+)\)::text = ANY \(\(?ARRAY\['([^']*)'")
COLUMNS = """
  SELECT a.attname, format_type(a.atttypid, NULL), CASE WHEN a.atttypid = 'varchar'::regtype THEN a.atttypmod - 4 END,
    a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
  FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  ORDER BY a.attnum"""
# What a column must hold where neither its type nor a choice of its CHECKs says it.
EXAMPLES: dict[str, dict[str, Any]] = {
    "accounting_currency": {"decimals": 2},
    "accounting_contact": {"country": "", "credit_limit": None},
    "accounting_contactaddress": {"country": ""},
    "accounting_contactbankaccount": {"account_number": "1"},
    "accounting_numberuse": {"outcome": "used"},
    "accounting_paymentterms": {"discount_days": 0},
    "accounting_taxcode": {"deductible_percent": 100},
    "accounting_termsinstalment": {"percent": 100, "months": 0, "days": 0},
    "accounting_unit": {"decimals": 2},
    "invoicing_document": {
        "number": "",
        "net": 0,
        "tax": 0,
        "withheld": 0,
        "rounding": 0,
        "total": 0,
        "discount_percent": 0,
    },
    "invoicing_payment": {"number": ""},
    "invoicing_documentoccurrence": {"skipped": True},
    "invoicing_dunninglevel": {"days": 1, "interest_percent": 0},
    "invoicing_recurringdocument": {"interval": 1},
    "ledger_budget": {"start": "2026-01-01", "end": "2026-12-31", "state": "active"},
    "ledger_budgetline": {"month": "2026-01-01"},
    "ledger_occurrence": {"skipped": True},
    "ledger_recurringentry": {"interval": 1},
    "reports_reportdecision": {"kind": "signed", "by_type": "user"},
    "reports_reportrun": {"schedule_id": None, "occurrence": None},
    "reports_statementlayout": {"is_usual": True, "statement": "balance-sheet"},
    "tenants_approvalrule": {"approvals": 1},
    "ledger_attachment": {"source": ""},
    "jobs_job": {"state": "queued"},
    "jobs_outboundmail": {"to": Jsonb(["a@example.com"]), "next_at": datetime.datetime.now(datetime.UTC)},
    "jobs_webhookdelivery": {"state": "waiting", "next_at": datetime.datetime.now(datetime.UTC)},
    "jobs_webhookendpoint": {"url": "https://example.com/", "is_active": True, "disabled_reason": ""},
    "jobs_webhooksecret": {"secret": "whsec_x"},
    "jobs_jobfile": {"content": b"x", "size": 1, "sha256": hashlib.sha256(b"x").digest()},
    "tenants_company": {"year_start_month": 1},
}
# Columns that may be empty, of rows that must point at something all the same.
POINTING = {"ledger_attachment": "entry_id", "invoicing_paymentpart": "document_id"}
_numbers = itertools.count(100)
CURRENCIES = {line[:3] for line in (settings.BASE_DIR / "accounting" / "currencies.csv").read_text().splitlines()}


def guards(kind: str, like: str = "") -> list[Guard]:
    """The listed guards of a kind whose definition holds a text."""
    return [guard for guard in GUARDS if guard.kind == kind and like in guard.definition]


def reference(guard: Guard) -> tuple[list[str], str, list[str]]:
    """Columns, target and target columns of a foreign key."""
    found = FOREIGN_KEY.search(guard.definition)
    assert found, guard
    return found[1].replace('"', "").split(", "), found[2], found[3].replace('"', "").split(", ")


@functools.cache
def reached(table: str) -> list[str]:
    """The table, and every table that a row of it may point at, however far away."""
    found = [table]
    for one in found:
        targets = {reference(guard)[1] for guard in guards("constraint", "FOREIGN KEY") if guard.table == one}
        found += sorted(targets - set(found))
    return found


_columns: dict[tuple[str, str], dict[str, tuple[str, int | None, bool]]] = {}


def columns_of(raw: psycopg.Connection, table: str) -> dict[str, tuple[str, int | None, bool]]:
    """Type, longest length and need of a value, by column."""
    place = raw.info.dbname, table
    if place not in _columns:
        found = raw.execute(COLUMNS, [table]).fetchall()
        _columns[place] = {name: (kind, longest, needed) for name, kind, longest, needed in found}
    return _columns[place]


def _letters(number: int) -> str:
    return "".join(chr(65 + number // 26**power % 26) for power in (2, 1, 0))


def fresh(kind: str, longest: int | None = None) -> Any:
    """A value of a type that no row has yet."""
    number = next(_numbers)
    if kind in ("text", "character varying"):
        letters = _letters(number)
        # The currencies of the world are there already.
        while letters in CURRENCIES:
            letters = _letters(next(_numbers))
        return letters[-(longest or 3) :]
    values: dict[str, Any] = {
        "uuid": uuid.uuid4(), "numeric": Decimal(1), "boolean": False, "jsonb": Jsonb({}), "xid8": str(number),
        "date": datetime.date(3000, 1, 1) + datetime.timedelta(number), "bytea": str(number).encode(),
        "timestamp with time zone": datetime.datetime.now(datetime.UTC), "integer": number, "bigint": number,
        "smallint": number % 32_768,
    }  # fmt: skip
    return [] if kind.endswith("[]") else values[kind]


def a_row(raw: psycopg.Connection, table: str, company: uuid.UUID | None = None, **given: Any) -> dict[str, Any]:
    """Insert a row with nothing wrong in it, and the rows that it points at; `given` are columns to fill."""
    columns = columns_of(raw, table)
    if "company_id" in columns:
        given = {"company_id": company or a_row(raw, "tenants_company")["id"], **given}
    row = {**EXAMPLES.get(table, {}), **given}
    for guard in guards("constraint", "FOREIGN KEY"):
        if guard.table == table:
            names, target, keys = reference(guard)
            if any((columns[name][2] or name == POINTING.get(table)) and name not in row for name in names):
                pointed = a_row(raw, target, row.get("company_id"))
                row = {name: pointed[key] for name, key in zip(names, keys, strict=True)} | row
    for guard in guards("constraint", "CHECK"):
        if guard.table == table and (choice := CHOICES.search(guard.definition)):
            row.setdefault(choice[1], choice[2])
    row |= {name: fresh(*column[:2]) for name, column in columns.items() if column[2] and name not in row}
    put(raw, table, row)
    return row


def put(raw: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
    """Insert the row as it is."""
    raw.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join([sql.Placeholder()] * len(row)),
        ),
        list(row.values()),
    )  # fmt: skip


@contextlib.contextmanager
def attack(raw: psycopg.Connection, *tables: str, awake: str = "", on: str = "") -> Iterator[None]:
    """A transaction that leaves nothing behind, with every trigger of ours off but one.

    Where the tables are named that rows will be made in, those that they reach are enough: every trigger costs time.
    """
    places = sorted({place for table in tables for place in reached(table)}) or None
    with raw.transaction(force_rollback=True):
        statements = raw.execute(
            "SELECT string_agg(format('ALTER TABLE %%I DISABLE TRIGGER %%I', c.relname, t.tgname), ';') FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND (t.tgname, c.relname) <> (%s, %s) "
            "AND coalesce(c.relname = ANY (%s::text[]), true)",
            [awake, on, places],
        ).fetchone()
        raw.execute(statements[0] or "SELECT")
        raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield


def alone(raw: psycopg.Connection, guard: Guard, types: str) -> None:
    """Take away the other constraints of these types on the table: what refuses then is the guard itself."""
    found = raw.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND conname <> %s AND contype::text = ANY (%s)",
        [guard.table, guard.name, list(types)],
    ).fetchall()
    for (name,) in found:
        raw.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {} CASCADE").format(
                sql.Identifier(guard.table), sql.Identifier(name)
            )
        )
