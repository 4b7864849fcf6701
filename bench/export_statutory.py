"""Statutory exports of 100,000 and of a million lines: how long they take, and how much memory the process takes at most.

    .venv/bin/python -m bench.export_statutory

Starts a PostgreSQL of its own. Every export is a process of its own, so that its highest memory is the export's.
"""

import datetime
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
SIZES = [int(size) for size in os.environ.get("BENCH_EXPORTED", "100000,1000000").split(",")]
# A DATEV batch holds 99,999 postings, so that a million lines are no question there.
FORMATS = {"fec": 10**9, "saft": 10**9, "datev": 100_000}
ACCOUNTS = 120
# Rows as posting makes them, written by the superuser with triggers off: only the export is measured.
FILL = """
INSERT INTO ledger_entry (id, company_id, journal_id, key, body_hash, date, memo, reference, line_count, reason, source,
    actor_type, actor_name, request_id, posted_at, posted_xid, epoch, leaf_hash)
  SELECT gen_random_uuid(), %(company)s, %(journal)s, 'bench ' || n, sha256(''), date '2026-01-01' + (n %% 365), 'Sale ' || n,
    'INV-' || n, 4, '', 'bench', 'system', 'bench', '', now(), pg_current_xact_id(), 1, sha256('')
  FROM generate_series(1, %(entries)s) n;
INSERT INTO ledger_line (id, company_id, entry_id, number, date, account_id, amount, currency, currency_amount, rate_source,
    statistical, memo, dimensions)
  SELECT gen_random_uuid(), e.company_id, e.id, k, e.date, (%(accounts)s::uuid[])[1 + abs(hashtext(e.key || k)) %% %(count)s],
    v.amount, 'EUR', v.amount, '', false, '', '{}'
  FROM ledger_entry e CROSS JOIN (VALUES (1, 70), (2, 50), (3, -100), (4, -20)) v(k, amount) WHERE e.company_id = %(company)s;
"""


def main() -> None:
    """Measure every size and format."""
    from bench.run import _prepare
    from config.servers import start_postgres

    folder = Path(tempfile.mkdtemp(prefix="daybook-bench-"))
    postgres = start_postgres(folder / "postgres")
    try:
        environment = os.environ | _prepare(quote(str(postgres.socket_dir), safe="")) | {"PYTHONPATH": str(ROOT)}
        for lines in SIZES:
            company = _call(environment, "fill", str(lines))
            for name, most in FORMATS.items():
                if lines <= most:
                    print(lines, name, _call(environment, name, company), flush=True)
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _call(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "bench.export_statutory", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip().splitlines()[-1]


def fill(lines: int) -> str:
    """A company with so many lines in 2026, all sealed; its short name."""
    import psycopg

    from accounting.fiscal_years import open_fiscal_year
    from accounting.models import Account
    from ledger.models import Journal
    from ledger.sealing import seal
    from tenants.companies import create_company
    from tenants.models import Company
    from tenants.scope import Actor, company_scope

    slug = f"bench-{lines}-{time.time_ns()}"
    company = create_company(slug=slug, name="Bench", base_currency="EUR")
    Company.objects.filter(pk=company.pk).update(tax_number="404833048", country="FR")
    with company_scope(company, actor=Actor.system("bench")):
        open_fiscal_year(datetime.date(2026, 1, 1))
        accounts = Account.objects.bulk_create(
            Account(company=company, code=f"{1000 + number}", name="Account", type="asset")
            for number in range(ACCOUNTS)
        )
        journal = Journal.objects.for_company(company).get(code="GEN")
    named = {"company": company.pk, "journal": journal.pk, "entries": lines // 4,
             "accounts": [account.pk for account in accounts], "count": ACCOUNTS}  # fmt: skip
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        for statement in FILL.strip().split(";\n"):
            superuser.execute(statement, named)
    seal(company)
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
        superuser.execute("VACUUM ANALYZE")
    return slug


def export(name: str, slug: str) -> str:
    """One export, written and packed as the job does it, but for its job."""
    from reports.result_file import ResultFile
    from reports.statutory.asked import Tally
    from reports.statutory.exporting import _asked
    from reports.statutory.formats import FORMATS as KNOWN
    from reports.statutory.parameters import checked_values
    from tenants.models import Company
    from tenants.scope import Actor, company_scope

    company = Company.objects.get(slug=slug)
    given = {"year": "2026"} | ({"adviser": "1001", "client": "1"} if name == "datev" else {})
    before, begun, length = _memory(), time.monotonic(), 0
    with company_scope(company, actor=Actor.system("bench")), ResultFile() as result:
        asked = _asked(company, checked_values(KNOWN[name].parameters, given), datetime.datetime.now(tz=datetime.UTC))
        file = KNOWN[name].write(asked, Tally())
        result.begin(file.name, file.content_type)
        for piece in file.pieces:
            length += len(piece)
            result.write(piece)
        written = _memory()
        kept = result.content()
    return json.dumps({
        "seconds": round(time.monotonic() - begun, 1), "megabytes": round(length / 1e6, 1),
        "kept_megabytes": round(len(kept.content) / 1e6, 1), "memory_before": before, "memory_written": written,
        "memory_packed": _memory(),
    })  # fmt: skip


def _memory() -> int:
    """The highest memory of the process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        print(fill(int(sys.argv[2])) if sys.argv[1] == "fill" else export(*sys.argv[1:]))
