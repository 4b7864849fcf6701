"""Books with invoices for the measurements of documents: made by the product's own acts, copied where many are wanted."""

import datetime
import os
import time
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg

from accounting.business_day import business_day
from accounting.contacts import add_contact
from accounting.models import Contact
from invoicing.document_content import ContentLine, DocumentContent
from invoicing.documents import save_document
from invoicing.models import Document
from tenants.companies import create_company
from tenants.models import Company
from tenants.scope import Actor, company_scope

ACTOR = Actor.system("bench")
CONTACTS = 40
DAYS = 200  # how long before today the first invoice was written
LINES = (("Consulting", "12", "95.00", "STD"), ("Travel", "1", "180.50", "RED"), ("Postage", "3", "4.90", "STD"))
# Which rows of a company a copy has of its own, and what of each points to another of them. The parts of a document come
# before it: to what is posted no part is added, not even with triggers off.
COPIED = {
    "ledger_entry": (), "ledger_line": ("entry_id",), "ledger_openline": (), "ledger_settlement": (),
    "ledger_allocation": ("settlement_id", "debit_line_id", "credit_line_id"),
    "invoicing_documentline": ("document_id", "credits_id"), "invoicing_documenttax": ("document_id",),
    "invoicing_instalment": ("document_id", "line_id"), "invoicing_document": ("entry_id", "credits_id"),
    "invoicing_taxrow": ("document_id", "entry_id"), "invoicing_paymentpart": ("payment_id", "document_id"),
    "invoicing_payment": ("entry_id", "line_id"),
}  # fmt: skip
# What is unique within a company says which copy it is; drafts have no number.
TEXTS = {
    "ledger_entry": "key",
    "ledger_settlement": "key",
    "invoicing_document": "number",
    "invoicing_payment": "number",
}
# A copy has the id of its original with the number of the copy in front: in order of time, as ids are.
ID = "overlay({0}::text placing lpad(to_hex(n), 4, '0') from 1 for 4)::uuid"


def new_company(slug: str) -> Company:
    """A company with the shipped chart and taxes, and customers."""
    options = {"chart": "ifrs"}
    company = create_company(
        slug=f"{slug}-{time.time_ns()}", name="Bench Ltd", base_currency="EUR", country="DE", options=options
    )
    with company_scope(company, actor=ACTOR):
        for number in range(CONTACTS):
            address = {"street": f"{number} Market Street", "postal_code": "10115", "city": "Berlin", "country": "DE"}
            add_contact(name=f"Customer {number:02}", is_customer=True, country="DE", addresses=[address])
    return company


def draft_invoices(company: Company, count: int) -> list[UUID]:
    """Drafts of 3 lines and 2 taxes for all customers in turn, due 30 days after their dates up to today."""
    with company_scope(company, actor=ACTOR):
        contacts = list(Contact.objects.for_company(company).order_by("code"))
        return [draft_invoice(company, contacts[number % CONTACTS], number).pk for number in range(count)]


def draft_invoice(company: Company, contact: Contact, number: int) -> Document:
    """One of them; in the current scope."""
    date = business_day(company) - datetime.timedelta(days=DAYS - number * 7 % DAYS)
    lines = [
        ContentLine(description, Decimal(quantity), Decimal(price), tax=tax)
        for description, quantity, price, tax in LINES
    ]
    due = date + datetime.timedelta(days=30)
    content = DocumentContent("invoice", contact.pk, date, lines, due_date=due, reference=f"PO {number}")
    return save_document(content)


def copy_books(company: Company, times: int) -> None:
    """Each document, entry, payment and settlement of the company again, so many times.

    By the superuser with triggers off: posting them is measured elsewhere.
    """
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        for table in COPIED:
            superuser.execute(_copying(superuser, table), {"company": company.pk, "times": times})
        for table in COPIED:
            superuser.execute(f"VACUUM ANALYZE {table}")


def _copying(superuser: Any, table: str) -> Any:
    rows = superuser.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s", [table]
    )
    columns = [name for (name,) in rows]
    own = {name: ID.format(name) for name in ("id", *COPIED[table])}
    if text := TEXTS.get(table):
        own[text] = f"CASE {text} WHEN '' THEN '' ELSE {text} || '-' || n END"
    values = ", ".join(own.get(name, name) for name in columns)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
        f"FROM {table}, generate_series(1, %(times)s) n WHERE company_id = %(company)s"
    )
