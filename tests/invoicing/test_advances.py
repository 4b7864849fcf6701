"""Payments in advance and credits are used for documents; what is settled by hand has the same consequences."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse as address_of

from accounting.models import Account
from invoicing.advances import advance_of
from invoicing.applying import apply_credit
from invoicing.crediting import credit_document
from invoicing.document_posting import post_document
from invoicing.models import Instalment, Payment, TaxRow
from invoicing.payment_reversal import reverse_payment
from invoicing.refusals import DocumentRefused
from jobs.models import WebhookEvent
from jobs.webhook_endpoints import add_endpoint
from ledger.allocation import allocate_lines
from ledger.allocation_undo import undo_settlement
from ledger.models import Entry, Line, Settlement
from ledger.open_items import tie_outs
from ledger.refusals import BelongsToDocument
from ledger.reversal import reverse
from ledger.verification import CHECKS
from tests.books import DAY
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, customer, line, posted, supplier
from tests.invoicing.test_payments import PAID, open_of, paid, part, roles  # noqa: F401

D = Decimal
LATER = PAID + datetime.timedelta(days=5)


def balance(scope, code):
    return sum(row.amount for row in Line.objects.for_company(scope.company).filter(account__code=code))


def left_of(payment):
    return sum(abs(item.residual) for item in advance_of(payment.company, payment))


def assert_tied(scope):
    assert CHECKS and all(one.is_equal for one in tie_outs(scope.company, datetime.date(2026, 12, 31)))


def test_an_advance_is_used_in_parts_for_what_is_owed(roles):  # noqa: F811
    buyer = customer()
    advance = paid(buyer, "80.00", prepayment=True)
    first, second = posted(buyer, line("50.00")), posted(buyer, line("50.00"))
    apply_credit(advance.pk, [first.pk], key="a")
    assert (left_of(advance), open_of(first), balance(roles, "2900"), balance(roles, "1100")) == (30, 0, -30, 50)
    apply_credit(advance.pk, [second.pk], key="b")
    assert (left_of(advance), open_of(second), balance(roles, "2900"), balance(roles, "1100")) == (0, 20, 0, 20)
    with pytest.raises(DocumentRefused) as refused:
        apply_credit(advance.pk, [second.pk], key="c")
    assert refused.value.place == "documents"
    assert_tied(roles)


def test_an_advance_to_a_supplier_in_another_currency_brings_the_difference(roles):  # noqa: F811
    seller = supplier(currency="USD")
    advance = paid(seller, "100.00", prepayment=True, currency="USD", rate=D("0.90"))
    bill = posted(seller, line("100.00"), rate=D("0.95"))
    apply_credit(advance.pk, [bill.pk], key="a")
    assert (left_of(advance), open_of(bill), balance(roles, "1900"), balance(roles, "2000")) == (0, 0, 0, 0)
    assert balance(roles, "4950") == -5
    assert_tied(roles)


def test_a_used_advance_that_is_taken_back_is_owed_again(roles):  # noqa: F811
    add_tax("C20", "20", pending_account="2190")
    buyer = customer()
    advance = paid(buyer, "150.00", prepayment=True)
    invoice = posted(buyer, line("100.00", tax="C20"))
    apply_credit(advance.pk, [invoice.pk], key="a")
    assert balance(roles, "2190") == 0
    (use,) = Entry.objects.for_company(roles.company).filter(source="advance")
    with pytest.raises(BelongsToDocument):
        reverse(use.pk, date=LATER, reason="By hand")
    reverse_payment(advance.pk, date=LATER, reason="Returned by the bank")
    assert (left_of(advance), open_of(invoice), balance(roles, "2900")) == (0, 120, 0)
    assert (balance(roles, "2190"), balance(roles, "2100")) == (-20, 0)
    assert_tied(roles)


def lines_of(*things):
    found = []
    for one in things:
        instalments = Instalment.objects.for_company(one.company_id).filter(document=one.pk)
        found += [one.line_id] if isinstance(one, Payment) else list(instalments.values_list("line", flat=True))
    return found


def test_what_is_settled_by_hand_moves_its_tax_and_is_told_of(roles):  # noqa: F811
    add_tax("C20", "20", pending_account="2190")
    buyer = customer()
    add_endpoint("https://portal.example.com/in", events=["invoice.paid"])
    invoice, payment = posted(buyer, line("100.00", tax="C20")), paid(buyer, "120.00")
    settled = allocate_lines(lines_of(invoice, payment), date=PAID, key="by hand")
    assert (balance(roles, "2190"), balance(roles, "2100")) == (0, -20)
    told = WebhookEvent.objects.for_company(roles.company).filter(type="invoice.paid", subject_id=invoice.pk)
    assert told.count() == 1
    allocate_lines(lines_of(invoice, payment), date=PAID, key="by hand")
    undo_settlement(settled.id, date=LATER, reason="Another invoice")
    assert (balance(roles, "2190"), balance(roles, "2100"), open_of(invoice)) == (-20, 0, 120)
    assert sum(row.amount for row in TaxRow.objects.for_company(roles.company)) == 0
    paid(buyer, "120.00", part(invoice, "120.00"), date=LATER)
    assert balance(roles, "2100") == -20


def test_an_advance_is_used_by_the_page(signed_in, company):
    with system_scope(company):
        Account.objects.create(company=company, code="2900", name="Advances", type="liability", open_item=True,
                               subtype="customer_deposit", role="customer_prepayments")  # fmt: skip
        buyer = customer()
        advance, invoice = paid(buyer, "80.00", prepayment=True), posted(buyer, line("50.00"))
    client = signed_in("accountant")
    page = address_of("invoicing:payment-detail", args=[company.slug, advance.pk])
    apply = address_of("invoicing:credit-apply", args=[company.slug, advance.pk])
    assert apply in client.get(page).content.decode()
    shown = client.get(apply).content.decode()
    assert invoice.number in shown and "80.00 EUR of it are open" in shown
    refused = client.post(apply, {"key": "k", "date": ""})
    assert refused.status_code == 422 and "nothing left to set off" in refused.content.decode()
    assert client.post(apply, {"key": "k", "date": "", "document": [str(invoice.pk)]}).status_code == 302
    again = client.get(page).content.decode()
    assert "Left of the advance" in again and "30.00" in again
    with system_scope(company):
        assert open_of(invoice) == 0 and Settlement.objects.for_company(company).filter(source="advance").count() == 1


def test_a_credit_note_is_set_off_by_the_page(signed_in, company):
    with system_scope(company):
        buyer = customer()
        first = posted(buyer, line("50.00"))
        paid(buyer, "50.00", part(first, "50.00"))
        note = post_document(credit_document(first.pk, date=PAID, reason="Returned").pk)
        second = posted(buyer, line("20.00"), date=DAY)
    client = signed_in("accountant")
    apply = address_of("invoicing:credit-apply", args=[company.slug, note.pk])
    assert apply in client.get(address_of("invoicing:document-detail", args=[company.slug, note.pk])).content.decode()
    assert client.post(apply, {"key": "k", "date": "", "document": [str(second.pk)]}).status_code == 302
    with system_scope(company):
        assert (open_of(note), open_of(second)) == (-30, 0)
    assert signed_in("auditor").get(apply).status_code == 403
