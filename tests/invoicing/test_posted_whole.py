"""The database takes a posted document only whole: each part that does not fit is refused at the posting."""

import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounting.models import NumberUse
from invoicing.document_posting import post_document
from invoicing.models import Document, DocumentLine, DocumentTax, Instalment, Payment
from invoicing.payments import PaymentContent, save_payment
from ledger.models import Entry
from ledger.posting import post
from tests.books import DAY, sale
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, customer, draft, line, posted

D = Decimal


def posting(document, entry=None, **fields):
    """Mark a draft as posted behind the back of the act, with the entry of another document."""
    Document.objects.for_company(document.company).filter(pk=document.pk).update(
        state="posted", posted_at=timezone.now(), entry=entry, **fields
    )


@pytest.fixture
def good(scope):
    """A document that is posted as it should be, to take its entry."""
    add_tax("V20", "20")
    return posted(customer(), line("100.00", tax="V20"))


def broken(name, act):
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        act()
    assert refused.value.__cause__.diag.constraint_name == name


@pytest.mark.parametrize(
    ("model", "change", "name"),
    [
        (DocumentLine, {"net": D(99)}, "document_lines_add_up"),
        (DocumentTax, {"amount": D(19)}, "document_taxes_add_up"),
        (Instalment, {"amount": D(119)}, "document_instalments_posted"),
    ],
)
def test_parts_that_do_not_add_up_are_refused(good, model, change, name):
    other = draft(good.contact, line("50.00", tax="V20", discount_percent=D(100)))
    rows = model.objects.for_company(good.company).filter(document=other)
    rows.update(**change)
    broken(name, lambda: posting(other, number="INV-9", base_total=other.total))


def test_the_entry_is_its_own_and_the_number_in_the_register(good):
    other = draft(good.contact, line("50.00", discount_percent=D(100)))
    broken("document_number_registered", lambda: posting(other, number="INV-9", base_total=D(0)))
    use = NumberUse.objects.for_company(good.company).get()
    assert (use.text, use.subject, use.subject_id) == (good.number, "invoice", good.pk)
    entry = Entry.objects.for_company(good.company).get(pk=post(sale("5.00")).id)
    broken("document_entry_its_own", lambda: posting(other, entry=entry, number="INV-9", base_total=D(0)))


def test_a_payment_posts_its_own_amount(scope):
    buyer = customer()
    payment = save_payment(PaymentContent("in", "customer", buyer.pk, DAY, D(10)))
    entry = Entry.objects.for_company(scope.company).filter(pk=posted(buyer, line("10.00")).entry_id).get()
    rows = Payment.objects.for_company(scope.company).filter(pk=payment.pk)
    broken(
        "payment_entry_its_own",
        lambda: rows.update(state="posted", posted_at=timezone.now(), number="RCT-9", entry=entry),
    )


def test_a_line_cannot_slip_in_while_the_document_is_being_posted(committed_company):
    """Who adds a line waits for who is posting, and is refused then."""
    with system_scope(committed_company):
        invoice = draft(customer(), line("10.00"))
    is_posted, outcome = threading.Event(), []

    def slip_in():
        try:
            is_posted.wait(30)
            with system_scope(committed_company):
                DocumentLine.objects.create(company=committed_company, document_id=invoice.pk, number=9)
        except DatabaseError as error:
            outcome.append(error.__cause__.diag.constraint_name)
        finally:
            connection.close()

    thread = threading.Thread(target=slip_in)
    thread.start()
    with system_scope(committed_company):
        post_document(invoice.pk)
        is_posted.set()
        thread.join(0.3)
        assert thread.is_alive(), "it waits"
    thread.join(30)
    assert outcome == ["document_posted_stays"]
