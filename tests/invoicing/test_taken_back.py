"""What is taken back is taken back once, with the tax that was due by it, whoever asks, however often."""

import datetime

from invoicing.models import TaxRow
from invoicing.payment_reversal import reverse_payment
from ledger.allocation_undo import undo_settlement
from ledger.models import Line, Settlement
from tests.invoicing.papers import add_tax, customer, line, posted
from tests.invoicing.test_payments import PAID, open_of, paid, part, roles  # noqa: F401

LATER = PAID + datetime.timedelta(days=5)


def test_a_payment_that_is_taken_back_twice_is_taken_back_once(roles):  # noqa: F811
    payment = paid(customer(), "50.00")
    for _again in range(2):
        reverse_payment(payment.pk, date=LATER, reason="Returned by the bank")
        assert open_of(payment) == 0, "it and what took it back settle each other"
    assert Settlement.objects.for_company(roles.company).exclude(undoes=None).count() == 0


def test_tax_on_cash_basis_goes_back_with_the_settlement(roles):  # noqa: F811
    add_tax("C20", "20", pending_account="2190")
    invoice = posted(customer(), line("100.00", tax="C20"))
    paid(invoice.contact, "120.00", part(invoice, "120.00"))
    settlement = Settlement.objects.for_company(roles.company).get()
    undo_settlement(settlement.pk, date=LATER, reason="It paid another invoice")
    assert open_of(invoice) == 120
    assert sum(row.amount for row in TaxRow.objects.for_company(roles.company)) == 0, (
        "nothing is settled, nothing is due"
    )
    lines = Line.objects.for_company(roles.company)
    assert sum(row.amount for row in lines.filter(account__code="2190")) == -20
