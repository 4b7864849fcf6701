"""django-ledger drafts and posts invoices of 3 items, one after the other: it has no other way, and no taxes."""

import datetime
import json
import time
from decimal import Decimal
from typing import Any

from bench.peer import set_up

WARM, SINGLE = 3, 30
WHEN = datetime.datetime(2026, 3, 15, 12, tzinfo=datetime.UTC)
ITEMS = (("Consulting", "12", "95.00"), ("Travel", "1", "180.50"), ("Postage", "3", "4.90"))

ACCOUNTS = (
    ("1010", "asset_ca_cash", "debit"), ("1100", "asset_ca_recv", "debit"), ("2200", "lia_cl_def_rev", "credit"),
    ("4010", "in_operational", "credit"), ("5010", "cogs_regular", "debit"),
)  # fmt: skip


def main() -> None:
    set_up("django_ledger", ["django_ledger"], DJANGO_LEDGER_USE_DEPRECATED_BEHAVIOR=False)
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django_ledger.models import EntityModel

    user = User.objects.create(username=f"bench {time.time_ns()}")
    entity = EntityModel.create_entity(name="Bench", use_accrual_method=True, admin=user, fy_start_month=1)
    customer, items = _books(entity)
    for _ in range(WARM):
        _post(entity, user, _draft(entity, customer, items))
    start = time.perf_counter()
    drafts = [_draft(entity, customer, items) for _ in range(SINGLE)]
    drafted = time.perf_counter()
    for one in drafts:
        _post(entity, user, one)
    posted = time.perf_counter()
    invoice = _draft(entity, customer, items)
    with CaptureQueriesContext(connection) as queries:
        _post(entity, user, invoice)
    asked = sum("SAVEPOINT" not in one["sql"] for one in queries)
    figures = {"draft": SINGLE / (drafted - start), "post": SINGLE / (posted - drafted)}
    print(json.dumps({**figures, "queries": asked}))


def _books(entity: Any) -> tuple[Any, list[Any]]:
    entity.create_chart_of_accounts(assign_as_default=True, commit=True, coa_name="Bench")
    for code, role, side in ACCOUNTS:
        entity.create_account(
            code=code, role=role, name=code, balance_type=side, active=True, is_role_default=True
        )  # fmt: skip
    unit = entity.create_uom(name="Piece", unit_abbr="pc")
    items = [entity.create_item_service(name=name, uom_model=unit) for name, _quantity, _price in ITEMS]
    address = {"address_1": "1 Market Street", "city": "Berlin", "country": "DE", "email": "buyer@example.com"}
    return entity.create_customer({"customer_name": "Customer", **address}), items


def _draft(entity: Any, customer: Any, items: list[Any]) -> Any:
    invoice = entity.create_invoice(customer_model=customer, terms="net_30", date_draft=WHEN.date())
    rows = {
        item.item_number: {
            "quantity": Decimal(quantity), "unit_cost": Decimal(price), "total_amount": Decimal(quantity) * Decimal(price),
        }
        for item, (_name, quantity, price) in zip(items, ITEMS, strict=True)
    }  # fmt: skip
    invoice.migrate_itemtxs(itemtxs=rows, operation=invoice.ITEMIZE_APPEND, commit=True)
    return invoice


def _post(entity: Any, user: Any, invoice: Any) -> None:
    """Into the books, in one transaction: reviewed and approved, which posts."""
    from django.db import transaction

    with transaction.atomic():
        invoice.mark_as_review(date_in_review=WHEN.date(), commit=True)
        invoice.mark_as_approved(entity_slug=entity.slug, user_model=user, date_approved=WHEN, commit=True)
    assert (invoice.is_approved(), invoice.amount_due) == (True, Decimal("1335.20"))


main()
