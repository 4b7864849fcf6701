"""Contacts as lists and files show them."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from accounting.models import Contact, FiscalPosition
from tenants.models import Company

KINDS = ("customer", "supplier")
# What their documents start from.
POINTERS = (
    "income_account", "expense_account", "sales_tax", "purchase_tax", "fiscal_position", "customer_terms",
    "supplier_terms",
)  # fmt: skip
COLUMNS = (
    "code", "name", "is_customer", "is_supplier", "country", "tax_number", "registration", "email", "phone", "language",
    "currency", "credit_limit", "is_active", *POINTERS,
)  # fmt: skip


def list_contacts(company: Company, *, text: str = "", kind: str = "", state: str = "active") -> Any:
    """The contacts by name; `kind` is customer or supplier, `state` active, retired, merged or all."""
    rows = Contact.objects.for_company(company)
    if kind in KINDS:
        rows = rows.filter(**{f"is_{kind}": True})
    if state == "active":
        rows = rows.filter(is_active=True)
    elif state == "retired":
        rows = rows.filter(is_active=False, merged_into=None)
    elif state == "merged":
        rows = rows.exclude(merged_into=None)
    if text:
        rows = rows.filter(
            Q(code__icontains=text) | Q(name__icontains=text) | Q(email__icontains=text) | Q(tax_number__icontains=text)
        )
    return rows.order_by("name", "id")


def contact_register(contacts: Any) -> Iterator[list[Any]]:
    """The contacts as rows of a file, with the first address."""
    yield [*COLUMNS, "street", "supplement", "postal_code", "city", "region", "address_country"]
    for contact in contacts.select_related(*POINTERS).prefetch_related("addresses").iterator(chunk_size=500):
        address = next(iter(contact.addresses.all()), None)
        names = ("street", "supplement", "postal_code", "city", "region", "country")
        where = [getattr(address, name) for name in names] if address else [""] * len(names)
        yield [*(_plain(getattr(contact, name)) for name in COLUMNS), *where]


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, FiscalPosition):
        return value.name
    return "" if value is None else getattr(value, "code", value)
