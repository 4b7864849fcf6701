"""The trial balance at 1 and 5 million lines, in the database, beside a full scan of the lines."""

import datetime
import json
import os
import time
from typing import Any

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402

from accounting.fiscal_years import open_fiscal_year  # noqa: E402
from accounting.models import Account  # noqa: E402
from bench.median import median  # noqa: E402
from bench.read_text_ledgers import time_text_ledgers  # noqa: E402
from ledger.balances import balances  # noqa: E402
from ledger.models import Journal  # noqa: E402
from ledger.sealing import seal  # noqa: E402
from tenants.companies import create_company  # noqa: E402
from tenants.scope import Actor, company_scope  # noqa: E402

ACTOR = Actor.system("bench")
ACCOUNTS = 120
SIZES = [int(size) for size in os.environ.get("BENCH_LINES", "1000000,5000000").split(",")]
# Rows as posting makes them, written by the superuser with triggers off: only the reading is measured.
FILL = """
INSERT INTO ledger_entry (id, company_id, journal_id, key, body_hash, date, memo, reference, line_count, reason, source,
    actor_type, actor_name, request_id, posted_at, posted_xid, epoch, leaf_hash)
  SELECT gen_random_uuid(), %(company)s, %(journal)s, 'bench ' || n, sha256(''), date '2022-01-01' + (n %% 1826), 'Sale', '',
    4, '', 'bench', 'system', 'bench', '', now(), pg_current_xact_id(), 1, sha256('')
  FROM generate_series(1, %(entries)s) n;
INSERT INTO ledger_line (id, company_id, entry_id, number, date, account_id, amount, currency, currency_amount, rate_source,
    statistical, memo, dimensions)
  SELECT gen_random_uuid(), e.company_id, e.id, k, e.date, (%(accounts)s::uuid[])[1 + abs(hashtext(e.key || k)) %% %(count)s],
    v.amount, 'EUR', v.amount, '', false, '', '{}'
  FROM ledger_entry e CROSS JOIN (VALUES (1, 70), (2, 50), (3, -100), (4, -20)) v(k, amount) WHERE e.company_id = %(company)s;
"""
SCAN = """
SELECT account_id, currency, sum(amount), sum(currency_amount) FROM ledger_line
WHERE company_id = %s AND date <= %s GROUP BY account_id, currency
"""


def main() -> None:
    print(json.dumps({"rows": [_measure(lines) for lines in SIZES]}))


def _measure(lines: int) -> dict[str, Any]:
    company = create_company(slug=f"bench-{lines}-{time.time_ns()}", name="Bench", base_currency="EUR")
    with company_scope(company, actor=ACTOR):
        for year in range(2022, 2027):
            open_fiscal_year(datetime.date(year, 1, 1))
        accounts = Account.objects.bulk_create(
            Account(company=company, code=f"{number:04}", name="Account", type="asset") for number in range(ACCOUNTS)
        )
        journal = Journal.objects.for_company(company).get(code="GEN")
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        for statement in FILL.strip().split(";\n"):
            superuser.execute(
                statement,
                {
                    "company": company.pk, "journal": journal.pk, "entries": lines // 4,
                    "accounts": [account.pk for account in accounts], "count": ACCOUNTS,
                },
            )  # fmt: skip
    seal(company)
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
        superuser.execute("VACUUM ANALYZE")
    date = datetime.date(2026, 6, 17)
    with company_scope(company, actor=ACTOR):
        ours = median(lambda: balances(company, date))
        scan = median(lambda: _full_scan(company.pk, date), times=5)
        assert {(b.account_id, b.amount) for b in balances(company, date)} == {
            (row[0], row[2]) for row in _full_scan(company.pk, date) if row[2]
        }
        peers = time_text_ledgers(date) if lines == min(SIZES) else {}
    return {"lines": lines, "daybook_ms": ours * 1000, "scan_ms": scan * 1000, "peers": peers}


def _full_scan(company_id: object, date: datetime.date) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(SCAN, [company_id, date])
        return cursor.fetchall()


main()
