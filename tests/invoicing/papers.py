"""Customers, suppliers and taxes for tests of documents, and the shortest way to one."""

import datetime
from decimal import Decimal
from typing import Any

from accounting.contacts import add_contact
from accounting.models import Account, Contact, TaxCode, TaxGroupMember, TaxRate
from invoicing.document_content import ContentLine, DocumentContent
from invoicing.document_posting import post_document
from invoicing.documents import save_document
from invoicing.models import Document
from tenants.scope import current_scope
from tests.books import DAY

EARLY = datetime.date(2000, 1, 1)


def add_tax(code: str, percent: str, use: str = "sales", **fields: Any) -> TaxCode:
    """A tax on account 2100 (VAT payable), at one rate for ever."""
    company = current_scope().company
    for name in ("account", "counter_account", "pending_account"):
        if isinstance(fields.get(name), str):
            fields[name] = Account.objects.for_company(company).get(code=fields[name])
    if fields.get("kind") != "group":
        fields.setdefault("account", Account.objects.for_company(company).get(code="2100"))
    tax = TaxCode.objects.create(company=company, code=code, name=f"Tax {code}", use=use, **fields)
    if fields.get("kind") != "group":
        TaxRate.objects.create(company=company, tax=tax, start=EARLY, percent=Decimal(percent))
    return tax


def add_group(code: str, *members: TaxCode, use: str = "sales") -> TaxCode:
    """A group of taxes in this order."""
    group = add_tax(code, "0", use, kind="group")
    TaxGroupMember.objects.bulk_create(
        TaxGroupMember(company=group.company, group=group, tax=tax, number=number)
        for number, tax in enumerate(members, 1)
    )
    return group


def customer(name: str = "Adatum", **fields: Any) -> Contact:
    return add_contact(name=name, is_customer=True, **fields)


def supplier(name: str = "Contoso", **fields: Any) -> Contact:
    return add_contact(name=name, is_supplier=True, **fields)


def line(price: str, quantity: str = "1", tax: str | None = "", **fields: Any) -> ContentLine:
    fields.setdefault("description", "Work")
    return ContentLine(quantity=Decimal(quantity), unit_price=Decimal(price), tax=tax, **fields)


def draft(contact: Contact, *lines: ContentLine, kind: str = "", **fields: Any) -> Document:
    """A draft of an invoice for a customer, of a bill from a supplier."""
    kind = kind or ("invoice" if contact.is_customer else "bill")
    if kind in ("bill", "supplier_credit"):
        lines = tuple(one if one.account else _bought(one) for one in lines)
    fields.setdefault("date", DAY)
    return save_document(DocumentContent(kind=kind, contact=contact.pk, lines=lines, **fields))


def _bought(one: ContentLine) -> ContentLine:
    import dataclasses

    return dataclasses.replace(one, account="5000")


def posted(contact: Contact, *lines: ContentLine, **fields: Any) -> Document:
    """The same, posted."""
    return post_document(draft(contact, *lines, **fields).pk)


def booked(document: Any) -> list[tuple[str, Decimal]]:
    """The entry of a document or payment: account and amount in base currency, in the order of its lines."""
    from ledger.models import Line

    lines = Line.objects.for_company(document.company_id).filter(entry=document.entry_id).order_by("number")
    return [(code, amount.normalize() + 0) for code, amount in lines.values_list("account__code", "amount")]
