"""Daybook posts 10,000 invoices of 3 lines in one run in the background, and somebody watches how far it is."""

import json
import os
import threading
import time
from uuid import UUID

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from bench.invoice_books import ACTOR, copy_books, draft_invoices, new_company  # noqa: E402
from invoicing.bulk_posting import ask_to_post  # noqa: E402
from invoicing.models import Document  # noqa: E402
from jobs.models import Job  # noqa: E402
from jobs.running import run  # noqa: E402
from tenants.scope import company_scope  # noqa: E402

COUNT = int(os.environ.get("BENCH_INVOICES", "10000"))
ORIGINALS = 200
EVERY = 0.25


def main() -> None:
    company = new_company("many-invoices")
    draft_invoices(company, ORIGINALS)
    copy_books(company, COUNT // ORIGINALS - 1)
    with company_scope(company, actor=ACTOR):
        rows = Document.objects.for_company(company)
        job = ask_to_post(list(rows.values_list("pk", flat=True)))
    seen: set[int] = set()
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(job.pk, seen, ended))
    watcher.start()
    start, computed = time.perf_counter(), time.process_time()
    run(company.pk, job.pk)
    seconds, own = time.perf_counter() - start, time.process_time() - computed
    ended.set()
    watcher.join()
    with company_scope(company, actor=ACTOR):
        result = Job.objects.for_company(company).get(pk=job.pk).result
        assert result["posted"] == rows.filter(state="posted").count() == COUNT, result
    print(json.dumps({"count": COUNT, "seconds": seconds, "python_seconds": own, "progress": len(seen - {0, COUNT})}))


def _watch(job: UUID, seen: set[int], ended: threading.Event) -> None:
    """What anybody else sees of the job while it runs: how many are done."""
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
        while not ended.wait(EVERY):
            row = superuser.execute("SELECT done FROM jobs_job WHERE id = %s", [job]).fetchone()
            seen.add(row[0] if row else 0)


main()
