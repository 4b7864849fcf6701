"""Webhooks learn of documents and payments: once for each act, and only of what was committed."""

from decimal import Decimal

import pytest
from django.db import transaction

from accounting.periods import set_lock_date
from invoicing.crediting import credit_document
from invoicing.document_posting import post_document
from invoicing.payment_reversal import reverse_payment
from jobs.models import WebhookDelivery, WebhookEvent
from jobs.webhook_endpoints import add_endpoint
from ledger.refusals import PeriodClosed
from tests.books import DAY
from tests.invoicing.papers import customer, draft, line, posted
from tests.invoicing.test_payments import PAID, paid, part, roles  # noqa: F401

D = Decimal


def told(scope):
    rows = WebhookEvent.objects.for_company(scope.company).order_by("at", "id")
    return [(row.type, row.payload["number"]) for row in rows]


@pytest.fixture
def listening(roles):  # noqa: F811
    add_endpoint(url="https://example.com/hook")
    return roles


def test_each_act_is_told_once(listening):
    buyer = customer()
    invoice = posted(buyer, line("100.00"))
    post_document(invoice.pk)
    payment = paid(buyer, "100.00", part(invoice, "100.00"))
    reverse_payment(payment.pk, date=PAID, reason="Returned")
    post_document(credit_document(invoice.pk, date=PAID, reason="Returned").pk)
    assert sorted(told(listening)) == [
        ("credit_note.posted", "CN-2026-00001"), ("invoice.paid", "INV-2026-00001"),
        ("invoice.posted", "INV-2026-00001"), ("payment.posted", "RCT-2026-00001"),
        ("payment.reversed", "RCT-2026-00001"),
    ]  # fmt: skip
    assert WebhookDelivery.objects.for_company(listening.company).count() == 5


def test_what_is_refused_is_not_told(listening):
    invoice = draft(customer(), line("100.00"))
    set_lock_date("sales", DAY)
    with pytest.raises(PeriodClosed), transaction.atomic():
        post_document(invoice.pk)
    assert told(listening) == []


def test_a_part_payment_does_not_say_paid(listening):
    buyer = customer()
    invoice = posted(buyer, line("100.00"))
    paid(buyer, "40.00", part(invoice, "40.00"))
    assert "invoice.paid" not in [event for event, _number in told(listening)]
