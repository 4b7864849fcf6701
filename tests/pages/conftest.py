"""Pages in the hands of people: addresses of a company, books with something in them."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from tests.books import new_entry, sale


@pytest.fixture
def page_of(company: Any) -> Any:
    """The address of a page of the company: `page_of("ledger:entry-list")`."""
    return lambda name, *args: reverse(name, args=[company.slug, *args])


@pytest.fixture
def post_entries(company: Any) -> Any:
    """Posts entries as the system: `post_entries(sale("5.00"))`; answers with what was posted."""
    from ledger.posting import post_many
    from tenants.scope import Actor, company_scope

    def post(*entries: Any) -> Any:
        with company_scope(company, actor=Actor.system("test")):
            return post_many(entries)

    return post


def inside(company: Any) -> Any:
    """Inside the company: rows are seen nowhere else."""
    from tenants.scope import Actor, company_scope

    return company_scope(company, actor=Actor.system("test"))


def fill_books(company: Any) -> None:
    """A year of a small trade: sales, rent, dollars, days of leave, a reversal; sealed, but for the last entry."""
    from accounting.accounts import freeze_account, open_account
    from accounting.models import Account
    from accounting.rates import set_rate
    from ledger.posting import post_many
    from ledger.proposals import NewEntry, NewLine
    from ledger.reversal import reverse as reverse_entry
    from ledger.sealing import seal
    from tenants.scope import Actor, company_scope

    with company_scope(company, actor=Actor.system("Ann Example")):
        heading = open_account(code="10", name="Liquid funds", type="asset", subtype="heading")
        Account.objects.for_company(company).filter(code__in=["1000", "1010"]).update(parent=heading)
        open_account(code="6100", name="Travel and subsistence, including conference fees", type="expense")
        freeze_account(open_account(code="6900", name="Sundry expenses", type="expense"))
        set_rate("USD", datetime.date(2026, 1, 1), Decimal("0.91"), source="ECB")
        for year in (2025, 2026):
            for month in range(1, 13 if year == 2025 else 12):
                day = datetime.date(year, month, 12)
                amount = Decimal(40_000 + 3171 * month + (year - 2025) * 6000) / 4
                post_many([
                    sale(f"{amount:.2f}", date=day, memo=f"Sales {day:%B}", reference=f"INV-{day:%y%m}"),
                    new_entry(("5000", "3850.50"), ("1000", "-3850.50"), date=day, memo="Rent of the office, harbour side"),
                    new_entry(("5000", f"{amount / 3:.2f}"), ("2100", f"-{amount / 3:.2f}"), date=day, memo="Services"),
                ])  # fmt: skip
        post_many([
            NewEntry("usd", datetime.date(2026, 5, 4), (
                NewLine("1010", Decimal("1200"), currency="USD"), NewLine("4000", Decimal("-1092"))), memo="Dollars"),
            NewEntry("days", datetime.date(2026, 6, 1), (
                NewLine("9000", Decimal("2.5"), currency="DAY"), NewLine("9010", Decimal("-2.5"), currency="DAY"))),
        ])  # fmt: skip
        wrong = post_many([sale("77.00", key="wrong", date=datetime.date(2026, 7, 1), memo="Posted twice")])[0]
        reverse_entry(wrong.id, date=datetime.date(2026, 7, 2), reason="Entered twice")
    seal(company)
    with company_scope(company, actor=Actor.system("Ann Example")):
        post_many([sale("1250.00", key="tail", date=datetime.date(2026, 11, 20), memo="Not sealed yet")])
