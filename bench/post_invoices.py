"""Daybook drafts and posts invoices of 3 lines and 2 taxes, one after the other, and counts the queries of one posting."""

import json
import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounting.models import Contact  # noqa: E402
from bench.invoice_books import ACTOR, draft_invoice, new_company  # noqa: E402
from invoicing.document_posting import post_document  # noqa: E402
from tenants.models import Company  # noqa: E402
from tenants.scope import company_scope  # noqa: E402

WARM, SINGLE = 10, 100


def main() -> None:
    company = new_company("invoices")
    with company_scope(company, actor=ACTOR):
        contact = Contact.objects.for_company(company).order_by("code")[0]
    for number in range(WARM):
        _post(company, _draft(company, contact, number))
    start = time.perf_counter()
    drafts = [_draft(company, contact, number) for number in range(SINGLE)]
    drafted = time.perf_counter()
    for one in drafts:
        _post(company, one)
    posted = time.perf_counter()
    queries = _queries(company, _draft(company, contact, SINGLE))
    figures = {"draft": SINGLE / (drafted - start), "post": SINGLE / (posted - drafted)}
    print(json.dumps({**figures, "queries": queries}))


def _draft(company: Company, contact: Contact, number: int) -> object:
    with company_scope(company, actor=ACTOR):
        return draft_invoice(company, contact, number).pk


def _post(company: Company, pk: object) -> None:
    with company_scope(company, actor=ACTOR):
        post_document(pk)


def _queries(company: Company, pk: object) -> int:
    """Of posting one, its savepoints and the settings of its transaction left out."""
    with company_scope(company, actor=ACTOR), CaptureQueriesContext(connection) as queries:
        post_document(pk)
    return sum("SAVEPOINT" not in one["sql"] for one in queries)


main()
