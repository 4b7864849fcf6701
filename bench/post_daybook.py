"""Daybook posts: the public act, every guard on."""

import datetime
import json
import os
import time
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from accounting.fiscal_years import open_fiscal_year  # noqa: E402
from accounting.models import Account  # noqa: E402
from ledger.posting import post, post_batch  # noqa: E402
from ledger.proposals import NewEntry, NewLine  # noqa: E402
from tenants.companies import create_company  # noqa: E402
from tenants.scope import Actor, company_scope  # noqa: E402

SINGLE, BATCHES, SIZE = 400, 4, 1000
DAY = datetime.date(2026, 3, 15)
ACTOR = Actor.system("bench")
LINES = tuple(
    NewLine(code, Decimal(amount))
    for code, amount in (("1", "70.00"), ("2", "50.00"), ("3", "-100.00"), ("4", "-20.00"))
)


def main() -> None:
    company = create_company(slug=f"bench-{time.time_ns()}", name="Bench", base_currency="EUR")
    with company_scope(company, actor=ACTOR):
        open_fiscal_year(DAY)
        Account.objects.bulk_create(
            Account(company=company, code=code, name=code, type="asset") for code in ("1", "2", "3", "4")
        )
    for number in range(50):
        _post_one(company, f"warm {number}")
    start = time.perf_counter()
    for number in range(SINGLE):
        _post_one(company, f"single {number}")
    single = SINGLE / (time.perf_counter() - start)
    start = time.perf_counter()
    for number in range(BATCHES):
        with company_scope(company, actor=ACTOR):
            post_batch(f"batch {number}", [NewEntry("", DAY, LINES, memo="Sale") for _ in range(SIZE)])
    print(json.dumps({"single": single, "batch": BATCHES * SIZE / (time.perf_counter() - start)}))


def _post_one(company: object, key: str) -> None:
    with company_scope(company, actor=ACTOR):
        post(NewEntry(key, DAY, LINES, memo="Sale"))


main()
