"""Invoices of 3 lines as PDF, one after the other in one process: how many a second, and what memory it takes."""

import json
import os
import time

import django
import psutil  # type: ignore[import-untyped]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from bench.invoice_books import ACTOR, draft_invoices, new_company  # noqa: E402
from invoicing.document_files import file_of  # noqa: E402
from invoicing.document_posting import post_documents  # noqa: E402
from invoicing.models import Document  # noqa: E402
from tenants.scope import company_scope  # noqa: E402

COUNT = int(os.environ.get("BENCH_PDFS", "3000"))
DOCUMENTS, WARM = 100, 20
# After so many its memory is read.
READ_AT = (100, 1000, 3000, 10_000)


def main() -> None:
    company = new_company("printed")
    drafts = draft_invoices(company, DOCUMENTS)
    with company_scope(company, actor=ACTOR):
        ids = [one.pk for one in post_documents(drafts)]
        rows = Document.objects.for_company(company).select_related("company", "contact")
        for pk in ids[:WARM]:
            _print(rows.get(pk=pk))
    process, memory = psutil.Process(), {}
    start, computed = time.perf_counter(), time.process_time()
    for number in range(1, COUNT + 1):
        with company_scope(company, actor=ACTOR):
            _print(rows.get(pk=ids[number % DOCUMENTS]))
        if number in READ_AT:
            memory[number] = process.memory_info().rss / 2**20
    seconds, own = time.perf_counter() - start, time.process_time() - computed
    print(json.dumps({"count": COUNT, "rate": COUNT / seconds, "core_rate": COUNT / own, "memory": memory}))


def _print(document: Document) -> None:
    assert file_of(document, "pdf").content.startswith(b"%PDF")


main()
