"""Bare inserts: the same rows into tables with the same keys and no guard, by psycopg alone."""

import datetime
import json
import os
import time
import uuid

import psycopg

SINGLE, BATCHES, SIZE = 400, 4, 1000
DAY = datetime.date(2026, 3, 15)
TABLES = """
CREATE SCHEMA IF NOT EXISTS bare;
DROP TABLE IF EXISTS bare.line, bare.entry, bare.account;
CREATE TABLE bare.account (company_id uuid, id uuid, PRIMARY KEY (company_id, id));
CREATE TABLE bare.entry (company_id uuid, id uuid, key text, date date, memo text, posted_at timestamptz DEFAULT now(),
  PRIMARY KEY (company_id, id), UNIQUE (company_id, key));
CREATE TABLE bare.line (company_id uuid, id uuid, entry_id uuid, number int, account_id uuid, date date,
  amount numeric(24,6), currency text, memo text, PRIMARY KEY (company_id, id),
  FOREIGN KEY (company_id, entry_id) REFERENCES bare.entry, FOREIGN KEY (company_id, account_id) REFERENCES bare.account);
CREATE INDEX ON bare.line (company_id, account_id, date);
CREATE INDEX ON bare.line (company_id, entry_id);
"""
ENTRIES = (
    "INSERT INTO bare.entry (company_id, id, key, date, memo) "
    "SELECT %s, * FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::text[])"
)
LINES = (
    "INSERT INTO bare.line (company_id, id, entry_id, number, account_id, date, amount, currency, memo) "
    "SELECT %s, * FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::uuid[], %s::date[], %s::numeric[], %s::text[], %s::text[])"
)
COMPANY = uuid.uuid4()
ACCOUNTS = [uuid.uuid4() for _ in range(4)]
AMOUNTS = ["70.00", "50.00", "-100.00", "-20.00"]


def main() -> None:
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as connection:
        connection.execute(TABLES)
        for account in ACCOUNTS:
            connection.execute("INSERT INTO bare.account VALUES (%s, %s)", [COMPANY, account])
        for number in range(50):
            _post(connection, [f"warm {number}"])
        start = time.perf_counter()
        for number in range(SINGLE):
            _post(connection, [f"single {number}"])
        single = SINGLE / (time.perf_counter() - start)
        start = time.perf_counter()
        for number in range(BATCHES):
            _post(connection, [f"batch {number} {item}" for item in range(SIZE)])
        print(json.dumps({"single": single, "batch": BATCHES * SIZE / (time.perf_counter() - start)}))


def _post(connection: psycopg.Connection, keys: list[str]) -> None:
    ids = [uuid.uuid4() for _ in keys]
    count = len(keys)
    with connection.transaction():
        connection.execute(ENTRIES, [COMPANY, ids, keys, [DAY] * count, ["Sale"] * count])
        connection.execute(
            LINES,
            [
                COMPANY, [uuid.uuid4() for _ in range(4 * count)], [pk for pk in ids for _ in range(4)], [1, 2, 3, 4] * count,
                ACCOUNTS * count, [DAY] * 4 * count, AMOUNTS * count, ["EUR"] * 4 * count, [""] * 4 * count,
            ],
        )  # fmt: skip


main()
