"""The statements, the aged receivables and a page of the general ledger at 1 and 5 million lines, in the database.

Every sale is paid by the next entry a month later, but for the last 2,000, which stay open however large the books are.
"""

import datetime
import json
import os
import resource
import time
from itertools import islice
from typing import Any

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from accounting.fiscal_years import open_fiscal_year  # noqa: E402
from accounting.models import Account, SubAccount  # noqa: E402
from bench.median import median  # noqa: E402
from ledger.models import Journal  # noqa: E402
from ledger.open_items import open_items  # noqa: E402
from ledger.sealing import seal  # noqa: E402
from reports.catalogue import CATALOGUE  # noqa: E402
from reports.renderers.as_csv import csv_of  # noqa: E402
from reports.table import Asked  # noqa: E402
from reports.views_reports import PAGE  # noqa: E402
from tenants.companies import create_company  # noqa: E402
from tenants.scope import Actor, company_scope  # noqa: E402

ACTOR = Actor.system("bench")
SIZES = [int(size) for size in os.environ.get("BENCH_LINES", "1000000,5000000").split(",")]
OPEN = 2_000
KINDS = (("asset", "bank", 4), ("income", "revenue", 40), ("expense", "operating", 75))
DATE = datetime.date(2026, 6, 17)
YEAR = datetime.date(2026, 1, 1)
# Rows as posting makes them, written by the superuser with triggers off: only the reading is measured.
FILL = """
INSERT INTO ledger_entry (id, company_id, journal_id, key, body_hash, date, memo, reference, line_count, reason, source,
    actor_type, actor_name, request_id, posted_at, posted_xid, epoch, leaf_hash)
  SELECT md5(%(salt)s || n)::uuid, %(company)s, %(journal)s, 'bench ' || n, sha256(''),
    date '2022-01-01' + ((n + 1) / 2 %% 1780) + CASE WHEN n %% 2 = 0 THEN 30 ELSE 0 END, 'Sale', '', 4, '', 'bench', 'system',
    'bench', '', now(), pg_current_xact_id(), 1, sha256('')
  FROM generate_series(1, %(entries)s) n;
INSERT INTO ledger_line (id, company_id, entry_id, number, date, account_id, sub_account_id, amount, currency,
    currency_amount, rate_source, statistical, memo, dimensions)
  SELECT md5(%(salt)s || n || '.' || k)::uuid, %(company)s, md5(%(salt)s || n)::uuid, k,
    date '2022-01-01' + ((n + 1) / 2 %% 1780) + CASE WHEN n %% 2 = 0 THEN 30 ELSE 0 END,
    CASE WHEN n %% 2 = k %% 2 AND k < 3 AND (n %% 2 = 1 OR n <= %(settled)s) THEN %(receivable)s
         WHEN k IN (1, 4) THEN (%(bank)s::uuid[])[1 + n %% 4]
         WHEN n %% 2 = 1 OR k = 2 THEN (%(revenue)s::uuid[])[1 + (n + k) %% 40]
         ELSE (%(operating)s::uuid[])[1 + (n / 2) %% 75] END,
    CASE WHEN n %% 2 = k %% 2 AND k < 3 AND (n %% 2 = 1 OR n <= %(settled)s)
         THEN (%(customers)s::uuid[])[1 + (n + 1) / 2 %% 500] END,
    v.amount, 'EUR', v.amount, '', false, '', '{}'
  FROM generate_series(1, %(entries)s) n CROSS JOIN (VALUES (1, 100), (2, -100), (3, 70), (4, -70)) v(k, amount);
INSERT INTO ledger_settlement (id, company_id, key, body_hash, date, reason, source, actor_type, actor_name, settled_at,
    settled_xid, epoch)
  SELECT md5(%(salt)s || n || '.s')::uuid, %(company)s, 'bench ' || n, sha256(''), date '2022-01-01' + (n / 2 %% 1780) + 30, '',
    'bench', 'system', 'bench', now(), pg_current_xact_id(), 1 FROM generate_series(2, %(settled)s, 2) n;
INSERT INTO ledger_allocation (id, company_id, settlement_id, number, date, debit_line_id, credit_line_id, debit_amount,
    credit_amount, base_amount, debit_month, credit_month)
  SELECT md5(%(salt)s || n || '.a')::uuid, %(company)s, md5(%(salt)s || n || '.s')::uuid, 1,
    date '2022-01-01' + (n / 2 %% 1780) + 30, md5(%(salt)s || (n - 1) || '.1')::uuid, md5(%(salt)s || n || '.2')::uuid, 100, 100, 100,
    date_trunc('month', date '2022-01-01' + (n / 2 %% 1780)), date_trunc('month', date '2022-01-01' + (n / 2 %% 1780) + 30)
  FROM generate_series(2, %(settled)s, 2) n;
INSERT INTO ledger_openline (id, company_id, account_id, sub_account_id, date)
  SELECT l.id, l.company_id, l.account_id, l.sub_account_id, l.date FROM ledger_line l
  WHERE l.company_id = %(company)s AND l.account_id = %(receivable)s AND NOT EXISTS (SELECT 1 FROM ledger_allocation a
    WHERE a.company_id = l.company_id AND l.id IN (a.debit_line_id, a.credit_line_id));
"""
LAST = datetime.date(2027, 1, 31)
ASKED = {
    "trial balance": ("trial-balance", Asked(DATE, YEAR, compare="year")),
    "profit and loss, 12 columns": ("profit-and-loss", Asked(DATE, datetime.date(2025, 7, 1), by="month")),
    "balance sheet": ("balance-sheet", Asked(DATE, compare="year")),
    "aged receivables, today": ("aged-receivables", Asked(LAST)),
    "aged receivables, half a year back": ("aged-receivables", Asked(DATE)),
    "general ledger, a page": ("general-ledger", Asked(DATE, YEAR)),
}


def main() -> None:
    print(json.dumps({"rows": [_measure(lines) for lines in SIZES]}))


def _measure(lines: int) -> dict[str, Any]:
    company = create_company(slug=f"reports-{lines}-{time.time_ns()}", name="Bench", base_currency="EUR")
    with company_scope(company, actor=ACTOR):
        values = _masters(company, lines // 4)
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        for statement in FILL.strip().split(";\n"):
            superuser.execute(statement.rstrip(";"), values)
    seal(company)
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
        superuser.execute("VACUUM ANALYZE")
    spent = {}
    with company_scope(company, actor=ACTOR):
        for label, (name, asked) in ASKED.items():
            spent[label] = 1000 * median(lambda name=name, asked=asked: _read(company, name, asked))  # type: ignore[misc]
        export = _export(company) if lines == min(SIZES) else {}
        then = len(open_items(company, DATE))
    return {"lines": lines, "ms": spent, "export": export, "open_then": then}


def _export(company: Any) -> dict[str, Any]:
    """The whole general ledger as CSV: how many rows, how long, and by how much memory grew meanwhile."""
    report = CATALOGUE["general-ledger"].make(company, Asked(datetime.date(2027, 12, 31), datetime.date(2022, 1, 1)))
    pieces = csv_of(report)
    for _piece in islice(pieces, 10_000):
        pass
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    rows = 10_000 + sum(1 for _piece in pieces)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"rows": rows, "seconds": time.perf_counter() - start, "grown_mb": grown / 1024}


def _masters(company: Any, entries: int) -> dict[str, Any]:
    """Years, accounts and customers, and what the rows are filled with."""
    for year in range(2022, 2028):
        open_fiscal_year(datetime.date(year, 1, 1))
    made = {
        subtype: [
            Account(company=company, code=f"{subtype}{number:03}", name=subtype, type=kind, subtype=subtype)
            for number in range(count)
        ]
        for kind, subtype, count in KINDS
    }
    receivable = Account(company=company, code="1100", name="Receivables", type="asset", subtype="receivable",
                         open_item=True, control=True)  # fmt: skip
    Account.objects.bulk_create([receivable, *(account for own in made.values() for account in own)])
    customers = SubAccount.objects.bulk_create(
        SubAccount(company=company, account=receivable, code=f"C{number:03}", name="Customer") for number in range(500)
    )
    return {
        "company": company.pk, "journal": Journal.objects.for_company(company).get(code="GEN").pk, "entries": entries,
        "settled": entries - 2 * OPEN, "salt": str(company.pk), "receivable": receivable.pk,
        "customers": [one.pk for one in customers], **{name: [one.pk for one in own] for name, own in made.items()},
    }  # fmt: skip


def _read(company: Any, name: str, asked: Asked) -> None:
    """The report as its page reads it: one page of rows."""
    report = CATALOGUE[name].make(company, asked)
    rows = list(islice(report.rows, PAGE))
    report.close()
    assert rows, name
    assert not report.problems, (name, report.problems)


main()
