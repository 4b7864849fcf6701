"""`make bench`: starts a durable PostgreSQL of its own, lets every contender post in turns, reads trial balances, posts,
lists and prints invoices, prints ratios and writes docs/benchmarks.md.

The contenders run as processes of their own, in turns, round after round; the median of the rounds is compared.
"""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from bench import report_invoices, report_statements
from config.servers import ensure_roles_and_database, start_postgres, start_valkey

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".venv-bench" / "bin" / "python"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
CONTENDERS = {
    "bare": (sys.executable, "bench.post_bare"),
    "daybook": (sys.executable, "bench.post_daybook"),
    "hordak": (str(PEERS), "bench.post_hordak"),
    "django-ledger": (str(PEERS), "bench.post_django_ledger"),
}
INVOICES = {
    "daybook": (sys.executable, "bench.post_invoices"),
    "django-ledger": (str(PEERS), "bench.post_invoices_django_ledger"),
}


def main() -> None:
    """Measure everything and write the report."""
    folder = Path(tempfile.mkdtemp(prefix="daybook-bench-"))
    postgres = start_postgres(folder / "postgres")
    valkey = start_valkey(folder / "valkey", persist=False)
    try:
        host = quote(str(postgres.socket_dir), safe="")
        environment = os.environ | _prepare(host) | {"REDIS_URL": valkey.url, "PYTHONPATH": str(ROOT)}
        posting = _in_turns(CONTENDERS, environment)
        reading = _call(sys.executable, "bench.read_trial_balance", environment)
        statements = _call(sys.executable, "bench.read_reports", environment)
        serving = _call(sys.executable, "bench.serve_chart", environment)
        invoices = _of_invoices(environment)
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
    report = _report(posting, reading, serving, [*report_statements.of_reports(statements), *invoices])
    (ROOT / "docs" / "benchmarks.md").write_text(report, encoding="utf-8")
    print(report)


def _prepare(host: str) -> dict[str, str]:
    """A database for Daybook, migrated, and one for each peer."""
    superuser = f"postgresql://postgres@/postgres?host={host}"
    ensure_roles_and_database(superuser, "daybook")
    with psycopg.connect(superuser, autocommit=True) as connection:
        for name in ("hordak", "django_ledger"):
            connection.execute(f"CREATE DATABASE {name}")
    variables = {
        "SECRET_KEY": "bench",
        "LOG_LEVEL": "ERROR",
        "BENCH_HOST": host,
        "BENCH_SUPERUSER_URL": f"postgresql://postgres@/daybook?host={host}",
        "DATABASE_URL": f"postgresql://daybook_app@/daybook?host={host}",
        "DATABASE_OWNER_URL": f"postgresql://daybook_owner@/daybook?host={host}",
    }
    migrate = [sys.executable, "manage.py", "migrate", "--database", "owner", "--skip-checks", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env=os.environ | variables, check=True)
    return variables


def _in_turns(contenders: dict[str, tuple[str, str]], environment: dict[str, str]) -> dict[str, dict[str, list[float]]]:
    """Entries or invoices a second by contender and kind, one figure a round."""
    figures: dict[str, dict[str, list[float]]] = {}
    for turn in range(ROUNDS):
        for name, (python, module) in contenders.items():
            answer = _call(python, module, environment)
            for kind, rate in answer.items():
                figures.setdefault(name, {}).setdefault(kind, []).append(rate)
            print(f"round {turn + 1}/{ROUNDS} {name}: {answer}", flush=True)
    return figures


def _of_invoices(environment: dict[str, str]) -> list[str]:
    """What the report says of invoices."""
    posting = _in_turns(INVOICES, environment)
    once = {}
    for module in ("post_many_invoices", "invoice_list", "invoice_pdfs"):
        once[module] = _call(sys.executable, f"bench.{module}", environment)
        once[module]["load"] = os.getloadavg()[0]
        print(f"{module}: {once[module]}", flush=True)
    return [
        *report_invoices.of_posting(posting),
        *report_invoices.of_many(once["post_many_invoices"], posting),
        *report_invoices.of_list(once["invoice_list"]),
        *report_invoices.of_pdfs(once["invoice_pdfs"]),
    ]


def _call(python: str, module: str, environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run([python, "-m", module], cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def _report(
    posting: dict[str, dict[str, list[float]]], reading: dict[str, Any], serving: dict[str, float], invoices: list[str]
) -> str:
    medians = {
        name: {kind: statistics.median(rates) for kind, rates in kinds.items()} for name, kinds in posting.items()
    }
    ours = medians["daybook"]
    lines = [
        "# Benchmarks",
        "",
        f"Made by `make bench`: {ROUNDS} rounds in turns, medians, one client, PostgreSQL 18 with fsync on,",
        f"{os.cpu_count()} cores, Python {platform.python_version()}. The ratios count; absolutes belong to the machine.",
        "",
        "## Posting an entry of 4 lines",
        "",
        "Daybook posts through `ledger.posting` with every guard on. `bare` inserts the same rows into plain tables with",
        "the same keys and no guard; its batch is the same rows in one statement a table.",
        "",
        "| contender | single, entries/s | Daybook is | batch of 1,000, entries/s | Daybook is |",
        "|---|---|---|---|---|",
    ]
    for name, kinds in medians.items():
        row = [name]
        for kind in ("single", "batch"):
            rate = kinds.get(kind)
            row += [f"{rate:,.0f}", f"{ours[kind] / rate:.2f}x"] if rate else ["none", ""]
        lines.append("| " + " | ".join(row) + " |")
    lines += _of_reading(reading) + _of_serving(serving) + invoices
    return "\n".join(lines) + "\n"


def _of_reading(reading: dict[str, Any]) -> list[str]:
    lines = [
        "",
        "## Trial balance",
        "",
        "In the database, at a date in the middle of a month, median of 20; beside it a full scan of the lines.",
        "",
        "| lines | Daybook, ms | full scan, ms | ratio |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {row['lines']:,} | {row['daybook_ms']:.1f} | {row['scan_ms']:.1f} | {row['scan_ms'] / row['daybook_ms']:.0f}x |"
        for row in reading["rows"]
    ]
    lines += [
        "",
        "The same balances from the export of the smaller books, by the programs of plain-text accounting, which read",
        "the whole file each time:",
        "",
        "| program | lines | seconds | Daybook is |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {row['lines']:,} | {seconds:.1f} | {seconds * 1000 / row['daybook_ms']:,.0f}x |"
        for row in reading["rows"]
        for name, seconds in row["peers"].items()
    ]
    return lines


def _of_serving(serving: dict[str, float]) -> list[str]:
    return [
        "",
        "## The chart of accounts over HTTP",
        "",
        "100 accounts by the API, beside a view that does nothing but let the caller in; one connection, in turns.",
        "",
        "| view | requests/s | of the empty view |",
        "|---|---|---|",
        *(f"| {name} | {rate:,.0f} | {rate / serving['empty']:.0%} |" for name, rate in serving.items()),
    ]


if __name__ == "__main__":
    main()
