"""Items as lists and files show them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounting.amounts import rate_text
from accounting.models import Item
from tenants.models import Company

POINTERS = ("income_account", "expense_account", "sales_tax", "purchase_tax")
COLUMNS = ("code", "name", "description", "unit", "sale_price", "purchase_price", "currency", *POINTERS, "is_active")


def list_items(company: Company, *, text: str = "", state: str = "active") -> Any:
    """The items by code, with what they point at; `state` is active, retired or all."""
    rows = Item.objects.for_company(company).select_related(*POINTERS)
    if state in ("active", "retired"):
        rows = rows.filter(is_active=state == "active")
    return matching(rows, text).order_by("code", "id")


def matching(rows: Any, text: str) -> Any:
    """The items whose code, name or description holds the text."""
    if not text:
        return rows
    return rows.filter(Q(code__icontains=text) | Q(name__icontains=text) | Q(description__icontains=text))


def item_register(items: Any) -> Iterator[list[Any]]:
    """The items as rows of a file."""
    yield list(COLUMNS)
    for item in items.iterator(chunk_size=500):
        yield [_plain(getattr(item, name)) for name in COLUMNS]


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return rate_text(value)
    return getattr(value, "code", value) if value is not None else ""
