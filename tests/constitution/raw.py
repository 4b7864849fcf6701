"""Tools of the attacker: raw rows, the posting function without Python before it, threads, and waiting for locks."""

import contextlib
import datetime
import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import connections

from tests.books import DAY

PATIENCE = 20  # seconds until a wait is given up


def system_scope(company: Any) -> Any:
    from tenants.scope import Actor, company_scope

    return company_scope(company, actor=Actor.system("test"))


def ids_of(company: Any) -> SimpleNamespace:
    """The ids of a company's accounts and journals by code."""
    from accounting.models import Account
    from ledger.models import Journal

    with system_scope(company):
        return SimpleNamespace(
            accounts=dict(Account.objects.for_company(company).values_list("code", "id")),
            journals=dict(Journal.objects.for_company(company).values_list("code", "id")),
        )


def enter(connection: psycopg.Connection, company: Any) -> None:
    """Name the company to row-level security until the transaction ends."""
    connection.execute("SELECT set_config('app.company_id', %s, true)", [str(company.pk)])


@contextlib.contextmanager
def inside(connection: psycopg.Connection, company: Any) -> Iterator[psycopg.Connection]:
    """A transaction in the scope of a company that leaves nothing behind."""
    with connection.transaction(force_rollback=True):
        enter(connection, company)
        yield connection


@contextlib.contextmanager
def refused(kind: type[Exception], constraint: str = "") -> Iterator[None]:
    """Demand that the database refuses, and by which guard."""
    with pytest.raises(kind) as caught:
        yield
    if constraint:
        assert caught.value.diag.constraint_name == constraint, caught.value


def header(company: Any, **fields: Any) -> dict[str, Any]:
    """The columns of an entry with nothing wrong in them."""
    now = datetime.datetime.now(datetime.UTC)
    return {
        "id": uuid.uuid4(), "company_id": company.pk, "journal_id": ids_of(company).journals["GEN"],
        "key": f"raw:{uuid.uuid4()}", "body_hash": b"h" * 32, "date": DAY, "memo": "", "reference": "", "line_count": 2,
        "reverses_id": None, "reason": "", "source": "", "source_id": None, "actor_type": "x", "actor_id": None,
        "actor_name": "x", "request_id": "", "posted_at": now, "epoch": 1, "leaf_hash": b"l" * 32, **fields,
    }  # fmt: skip


def line(company: Any, entry: dict[str, Any], number: int, account: str, amount: Any, **fields: Any) -> dict[str, Any]:
    """The columns of a line with nothing wrong in them."""
    return {
        "id": uuid.uuid4(), "company_id": company.pk, "entry_id": entry["id"], "number": number, "date": entry["date"],
        "account_id": ids_of(company).accounts.get(account), "sub_account_id": None, "amount": amount,
        "currency": "EUR", "currency_amount": amount, "rate": None, "rate_source": "", "statistical": False,
        "memo": "", "dimensions": "{}", **fields,
    }  # fmt: skip


def insert(connection: psycopg.Connection, table: str, rows: list[dict[str, Any]], **expressions: str) -> None:
    """Insert rows in one statement; `expressions` are columns computed by the database."""
    columns = [*rows[0], *expressions]
    one = "(" + ", ".join([*["%s"] * len(rows[0]), *expressions.values()]) + ")"
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * len(rows))}",
        [value for row in rows for value in row.values()],
    )


def insert_entry(connection: psycopg.Connection, entry: dict[str, Any]) -> None:
    insert(connection, "ledger_entry", [entry], posted_xid="pg_current_xact_id()")


def insert_lines(connection: psycopg.Connection, lines: list[dict[str, Any]]) -> None:
    insert(connection, "ledger_line", lines)


_TYPES = (
    "uuid uuid text bytea date text text int uuid text text uuid "
    "uuid uuid int uuid uuid numeric text numeric numeric text boolean text"
).split()
_POST = (
    "SELECT key, entry_id, replayed, refusal, message, place FROM public.ledger_post(%s, "
    + ", ".join(f"%s::{kind}[]" for kind in _TYPES)
    + ", %s::text[]::jsonb[])"
)


def raw_post(
    connection: psycopg.Connection, entry: dict[str, Any], lines: list[dict[str, Any]]
) -> list[tuple[Any, ...]]:
    """Call the posting function as the runtime role may, with none of Python's checks before it."""
    return raw_post_many(connection, [(entry, lines)])


def raw_post_many(
    connection: psycopg.Connection, entries: list[tuple[dict[str, Any], list[dict[str, Any]]]]
) -> list[tuple[Any, ...]]:
    heads = [
        [e[name] for name in ("id", "journal_id", "key", "body_hash", "date", "memo", "reference", "line_count",
                              "reverses_id", "reason", "source", "source_id")]
        for e, _lines in entries
    ]  # fmt: skip
    lines = [
        [row[name] for name in ("id", "entry_id", "number", "account_id", "sub_account_id", "amount", "currency",
                                "currency_amount", "rate", "rate_source", "statistical", "memo", "dimensions")]
        for _e, rows in entries for row in rows
    ]  # fmt: skip
    columns = [*map(list, zip(*heads, strict=True)), *(map(list, zip(*lines, strict=True)) if lines else [[]] * 13)]
    return connection.execute(_POST, [entries[0][0]["company_id"], *columns]).fetchall()


def raw_sale(company: Any, amount: str = "100.00", **fields: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Bank against sales, as rows."""
    entry = header(company, **fields)
    value = Decimal(amount)
    return entry, [line(company, entry, 1, "1000", value), line(company, entry, 2, "4000", -value)]


def committed_sale(company: Any, amount: str = "100.00", **fields: Any) -> Any:
    """Post through Python, committed."""
    from ledger.posting import post
    from tests.books import sale

    with system_scope(company):
        return post(sale(amount, **{"key": f"sale:{uuid.uuid4()}", **fields}))


def seal_everything(company: Any) -> int:
    """Seal until nothing waits; a transaction anywhere in the cluster may hold the watermark back for a moment."""
    from ledger.models import Entry, EntrySeal
    from ledger.sealing import seal

    count = 0
    deadline = datetime.datetime.now() + datetime.timedelta(seconds=PATIENCE)
    while True:
        count += seal(company)
        with system_scope(company):
            waiting = Entry.objects.for_company(company).count() - EntrySeal.objects.for_company(company).count()
        if not waiting:
            return count
        assert datetime.datetime.now() < deadline, f"{waiting} entries wait for the sealer"


def in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run the work in so many threads at once, each on connections of its own; exceptions are answers too."""

    def run(number: int) -> Any:
        try:
            return work(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def pid_of(connection: psycopg.Connection) -> int:
    return connection.info.backend_pid


def wait_until_blocked_by(watcher: psycopg.Connection, blocker: int) -> int:
    """Wait until some backend waits for this one, and say which."""
    deadline = datetime.datetime.now() + datetime.timedelta(seconds=PATIENCE)
    while datetime.datetime.now() < deadline:
        found = watcher.execute(
            "SELECT pid FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid)) LIMIT 1", [blocker]
        ).fetchone()
        watcher.rollback()
        if found:
            return int(found[0])
    raise AssertionError(f"nobody waited for backend {blocker}")


def dimensions(**values: str) -> str:
    return json.dumps(values)
