"""`verify` names a document, a payment or a row of the tax ledger that somebody with the keys has bent."""

from decimal import Decimal

import pytest
from django.db import connections, transaction

from accounting.models import Account
from invoicing.crediting import credit_document
from invoicing.document_posting import post_document
from invoicing.payment_posting import post_payment
from invoicing.payments import PartContent, PaymentContent, save_payment
from ledger.verification import verify_company
from tests.books import DAY
from tests.conftest import make_company
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, customer, line, posted, supplier

D = Decimal


_shared = []


@pytest.fixture
def books(committed_db):
    """Books that every test of this module bends and none changes: what is bent is rolled back."""
    if not _shared:
        _shared.append(make_books())
    return _shared[0]


def make_books():
    """An invoice with a discounted payment, a bill, a credit note, a tax on cash basis: all of it right."""
    company = make_company()
    with system_scope(company):
        Account.objects.create(
            company=company, code="4900", name="Discounts", type="income", subtype="revenue", role="discount_given"
        )
        add_tax("V20", "20")
        add_tax("P20", "20", "purchases", deductible_percent=D(50))
        add_tax("C20", "20", pending_account="1500")
        buyer = customer()
        first = posted(buyer, line("100.00", tax="V20"))
        part = PartContent(document=first.pk, amount=D("117.60"), discount=D("2.40"))
        post_payment(save_payment(PaymentContent("in", "customer", buyer.pk, DAY, D("117.60"), parts=[part])).pk)
        waiting = posted(buyer, line("50.00", tax="C20"))
        part = PartContent(document=waiting.pk, amount=D(60))
        post_payment(save_payment(PaymentContent("in", "customer", buyer.pk, DAY, D(60), parts=[part])).pk)
        bill = posted(supplier(), line("10.00", tax="P20"))
        post_document(credit_document(bill.pk, date=DAY, reason="Returned").pk)
    return company


def found(company, alias):
    return {finding.check for finding in verify_company(company, {}, using=alias)}


def test_what_was_done_right_is_found_right(books, superuser_alias):
    assert found(books, superuser_alias) == set()


INVOICE = "(SELECT id FROM invoicing_document WHERE company_id = %(company)s AND number = 'INV-2026-00001')"
ROW = f"document_id = {INVOICE} AND amount = 20"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (f"UPDATE invoicing_taxrow SET amount = 21 WHERE {ROW}", "tax_rows_of_document"),
        (f"UPDATE invoicing_taxrow SET base = 101 WHERE {ROW}", "tax_rows_of_document"),
        (f"UPDATE invoicing_taxrow SET deductible = 19 WHERE {ROW}", "tax_rows_of_document"),
        (f"UPDATE invoicing_taxrow SET percent = 19 WHERE {ROW}", "tax_rows_of_document"),
        (f"UPDATE invoicing_taxrow SET date = date + 1 WHERE {ROW}", "tax_rows_of_document"),
        (f"DELETE FROM invoicing_taxrow WHERE {ROW}", "tax_rows_of_document"),
        (f"UPDATE invoicing_document SET net = 99, tax = 21 WHERE id = {INVOICE}", "document_as_posted"),
        (f"UPDATE invoicing_document SET base_total = 1 WHERE id = {INVOICE}", "document_as_posted"),
        (f"UPDATE invoicing_document SET date = date + 1 WHERE id = {INVOICE}", "document_as_posted"),
        (f"UPDATE invoicing_instalment SET amount = 1 WHERE document_id = {INVOICE}", "document_as_posted"),
        (f"UPDATE invoicing_document SET number = 'INV-9' WHERE id = {INVOICE}", "document_number_in_register"),
        ("UPDATE invoicing_payment SET amount = amount + 1 WHERE company_id = %(company)s", "payment_as_posted"),
        ("UPDATE invoicing_payment SET number = number || 'x' WHERE company_id = %(company)s", "payment_as_posted"),
    ],
)
def test_what_was_bent_is_named(books, superuser_alias, change, check):
    connection = connections[superuser_alias]
    with transaction.atomic(using=superuser_alias):
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table in ("taxrow", "document", "instalment", "payment"):
                cursor.execute(f"ALTER TABLE invoicing_{table} DISABLE TRIGGER USER")
            cursor.execute(change, {"company": books.pk})
            assert cursor.rowcount
        assert check in found(books, superuser_alias)
        transaction.set_rollback(True, using=superuser_alias)
