"""The list of 100,000 invoices, as a person signed in opens it: the page itself, its tabs, a search, the sums over it."""

import json
import os
import statistics
import time
from decimal import Decimal
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("STATIC_STORAGE", "django.contrib.staticfiles.storage.StaticFilesStorage")
django.setup()

from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from accounting.business_day import business_day  # noqa: E402
from bench.invoice_books import ACTOR, copy_books, draft_invoices, new_company  # noqa: E402
from invoicing.document_posting import post_documents  # noqa: E402
from invoicing.models import Document  # noqa: E402
from invoicing.payment_posting import post_payment  # noqa: E402
from invoicing.payments import PartContent, PaymentContent, save_payment  # noqa: E402
from tenants.models import Company, Membership, User  # noqa: E402
from tenants.scope import company_scope  # noqa: E402

COUNT = int(os.environ.get("BENCH_LISTED", "100000"))
ORIGINALS, TIMES = 400, 11
PART = Decimal(500)
PAGES = {
    "first page": "", "page 1,000": "?page=1000", "unpaid": "?state=unpaid", "overdue": "?state=overdue",
    "paid": "?state=paid", "search": "?text=Customer+07",
}  # fmt: skip


def main() -> None:
    few, many = _company(), _company()
    copy_books(many, COUNT // ORIGINALS - 1)
    with company_scope(many, actor=ACTOR):
        assert Document.objects.for_company(many).filter(state="posted").count() == COUNT
    clients = {company: _signed_in(company) for company in (many, few)}
    views = {name: ("invoicing:document-list", query) for name, query in PAGES.items()}
    views["sums"] = ("invoicing:document-sums", "")
    print(json.dumps({"count": COUNT, "few": ORIGINALS, "pages": {
        name: _timed({company: (client, reverse(view, args=[company.slug, "invoices"]) + query)
                      for company, client in clients.items()})
        for name, (view, query) in views.items()
    }}))  # fmt: skip


def _company() -> Company:
    """One with a few invoices, posted and paid by the product's own acts."""
    company = new_company("listed")
    drafts = draft_invoices(company, ORIGINALS)
    with company_scope(company, actor=ACTOR):
        documents = post_documents(drafts)
        for contact in {one.contact_id for one in documents}:
            _pay(company, contact, [one for one in documents if one.contact_id == contact])
    return company


def _pay(company: Company, contact: UUID, documents: list[Document]) -> None:
    """Of a customer's invoices two in four are paid, one is paid in part, and one is not, due or overdue as it is."""
    parts = [
        PartContent(one.pk, amount=one.total if number % 4 < 2 else PART)
        for number, one in enumerate(documents)
        if number % 4 < 3
    ]
    amount = sum((part.amount for part in parts), Decimal(0))
    content = PaymentContent("in", "customer", contact, business_day(company), amount, parts=parts)
    post_payment(save_payment(content).pk)


def _signed_in(company: Company) -> Client:
    user = User.objects.create(email=f"{company.slug}@example.com", name="Bench")
    with company_scope(company, actor=ACTOR):
        Membership.objects.create(company=company, user=user, role="accountant")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _timed(pages: dict[Company, tuple[Client, str]]) -> dict[str, float]:
    """Milliseconds until the page of many is there, in turns with that of few; the first time of each is left out."""
    spent: dict[Company, list[float]] = {company: [] for company in pages}
    for _time in range(TIMES):
        for company, (client, path) in pages.items():
            start = time.perf_counter()
            answer = client.get(path, headers={"host": "localhost"})
            spent[company].append((time.perf_counter() - start) * 1000)
            assert answer.status_code == 200, answer
    many, few = (sorted(times[1:]) for times in spent.values())
    return {"ms": statistics.median(many), "best": many[0], "few": statistics.median(few)}


main()
