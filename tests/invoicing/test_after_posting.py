"""After posting: credits are used for other documents, payments are taken back, approvals are asked for."""

import datetime
from decimal import Decimal

import pytest

from accounting.contacts import add_contact
from invoicing.applying import apply_credit
from invoicing.approving import decide_document, decide_payment, submit_document, submit_payment, withdraw_document
from invoicing.crediting import credit_document
from invoicing.document_posting import post_document
from invoicing.documents import change_document, content_of
from invoicing.models import TaxRow
from invoicing.payment_posting import post_payment
from invoicing.payment_reversal import reverse_payment
from invoicing.payments import PaymentContent, save_payment
from invoicing.printed import printed_document
from invoicing.refusals import ApprovalNeeded, DocumentRefused, DocumentSettled
from ledger.models import Line
from ledger.refusals import BelongsToDocument
from ledger.reversal import reverse
from tenants.approvals import SelfApproval, set_rule
from tenants.permissions import permissions_of_role
from tenants.scope import Actor, acting_as
from tests.books import DAY
from tests.conftest import make_member
from tests.invoicing.papers import add_tax, booked, customer, draft, line, posted, supplier
from tests.invoicing.test_payments import PAID, open_of, paid, part, roles  # noqa: F401

D = Decimal
LATER = PAID + datetime.timedelta(days=5)


def actor(company, role):
    user = make_member(company, role)
    return Actor(type="user", name=str(user), id=user.pk, permissions=permissions_of_role(role))


def test_what_is_open_in_favour_of_a_customer_is_used_for_what_they_owe(roles):  # noqa: F811
    buyer = customer()
    over = paid(buyer, "70.00")
    first, second = posted(buyer, line("50.00")), posted(buyer, line("50.00"))
    apply_credit(over.pk, [first.pk, second.pk], key="use")
    assert (open_of(over), open_of(first), open_of(second)) == (0, 0, 30)
    invoice = posted(buyer, line("20.00"))
    paid(buyer, "20.00", part(invoice, "20.00"))
    note = post_document(credit_document(invoice.pk, date=PAID, reason="Returned").pk)
    apply_credit(note.pk, [second.pk], key="use note")
    assert (open_of(note), open_of(second)) == (0, 10)
    with pytest.raises(DocumentRefused):
        apply_credit(note.pk, [second.pk], key="again")


def test_a_credit_is_not_used_for_somebody_else(roles):  # noqa: F811
    over = paid(customer(), "70.00")
    with pytest.raises(DocumentRefused):
        apply_credit(over.pk, [posted(customer("Fabrikam"), line("1.00")).pk], key="k")


def test_a_payment_that_is_taken_back_opens_what_it_settled(roles):  # noqa: F811
    add_tax("V20", "20")
    buyer = customer()
    invoice = posted(buyer, line("100.00", tax="V20"))
    payment = paid(buyer, "117.60", part(invoice, "117.60", discount="2.40"))
    reverse_payment(payment.pk, date=LATER, reason="Returned by the bank")
    assert open_of(invoice) == 120 and open_of(payment) == 0
    assert open_of(invoice, PAID) == 0, "the past stays as it was"
    rows = TaxRow.objects.for_company(roles.company).order_by("date").values_list("date", "amount")
    assert list(rows) == [(DAY, D(20)), (PAID, D("-0.4")), (LATER, D("0.4"))]
    assert reverse_payment(payment.pk, date=LATER, reason="Returned by the bank").pk == payment.pk
    assert TaxRow.objects.for_company(roles.company).count() == 3
    again = paid(buyer, "120.00", part(invoice, "120.00"), date=LATER)
    assert open_of(again) == 0


def test_tax_on_cash_basis_goes_back_with_the_payment(roles):  # noqa: F811
    add_tax("C20", "20", pending_account="2190")
    buyer = customer()
    invoice = posted(buyer, line("100.00", tax="C20"))
    payment = paid(buyer, "120.00", part(invoice, "120.00"))
    reverse_payment(payment.pk, date=LATER, reason="Returned by the bank")
    lines = Line.objects.for_company(roles.company)
    assert sum(row.amount for row in lines.filter(account__code="2100")) == 0
    assert sum(row.amount for row in lines.filter(account__code="2190")) == -20
    assert sum(row.amount for row in TaxRow.objects.for_company(roles.company)) == 0


def test_a_credit_note_of_a_tax_on_cash_basis_makes_nothing_due(roles):  # noqa: F811
    add_tax("C20", "20", pending_account="2190")
    invoice = posted(customer(), line("100.00", tax="C20"))
    post_document(credit_document(invoice.pk, date=PAID, reason="Returned").pk)
    lines = Line.objects.for_company(roles.company)
    for code in ("2100", "2190"):
        assert sum(row.amount for row in lines.filter(account__code=code)) == 0
    assert sum(row.amount for row in TaxRow.objects.for_company(roles.company)) == 0


def test_a_bill_goes_past_maker_and_checker(scope):
    set_rule("bill", minimum=D(100))
    seller = supplier()
    with acting_as(actor(scope.company, "accountant")):
        bill = draft(seller, line("100.00"))
        with pytest.raises(ApprovalNeeded):
            post_document(bill.pk)
        submitted = submit_document(bill.pk, version=1)
        assert submitted.state == "submitted"
        with pytest.raises(DocumentSettled):
            change_document(bill.pk, content_of(bill))
    controller = actor(scope.company, "controller")
    with acting_as(controller):
        assert decide_document(bill.pk, approve=True).state == "approved"
    with acting_as(actor(scope.company, "owner")):
        assert post_document(bill.pk).state == "posted"


def test_nobody_approves_what_they_made_and_a_rejection_can_be_mended(scope):
    set_rule("bill")
    owner = actor(scope.company, "owner")
    seller = supplier()
    with acting_as(owner):
        bill = draft(seller, line("100.00"))
        submit_document(bill.pk)
        with pytest.raises(SelfApproval):
            decide_document(bill.pk, approve=True)
    with acting_as(actor(scope.company, "approver")):
        decide_document(bill.pk, approve=False, reason="Wrong price")
    with acting_as(owner):
        assert change_document(bill.pk, content_of(bill)).state == "draft"
        submit_document(bill.pk)
        assert withdraw_document(bill.pk).state == "draft"


def test_a_payment_goes_past_maker_and_checker(roles):  # noqa: F811
    set_rule("payment", minimum=D(10))
    seller = supplier()
    with acting_as(actor(roles.company, "accountant")):
        payment = save_payment(PaymentContent("out", "supplier", seller.pk, PAID, D(10)))
        submit_payment(payment.pk)
    with acting_as(actor(roles.company, "approver")):
        decide_payment(payment.pk, approve=True)
    assert booked(post_payment(payment.pk)) == [("2000", D(10)), ("1000", D(-10))]


def test_what_is_printed_is_as_it_was_posted(scope):
    from accounting.contacts import change_contact

    buyer = add_contact(
        name="Adatum",
        is_customer=True,
        country="DE",
        addresses=[{"street": "Hauptstr. 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}],
    )
    add_tax("V20", "20")
    invoice = posted(buyer, line("100.00", tax="V20"))
    change_contact(buyer, name="Adatum SE", addresses=[])
    shown = printed_document(scope.company, invoice)
    assert (shown.buyer.name, shown.buyer.city, shown.seller.name) == ("Adatum", "Berlin", scope.company.name)
    assert [(one.percent, one.base, one.amount) for one in shown.taxes] == [(D(20), D(100), D(20))]
    assert shown.lines[0].percent == 20 and shown.gross == 120


def test_the_entry_of_a_document_is_reversed_by_its_document_alone(roles):  # noqa: F811
    buyer = customer()
    invoice = posted(buyer, line("100.00"))
    payment = paid(buyer, "100.00", part(invoice, "100.00"))
    for thing in (invoice, payment):
        with pytest.raises(BelongsToDocument):
            reverse(thing.entry_id, date=LATER, reason="By hand")
    reverse_payment(payment.pk, date=LATER, reason="Returned")
    assert open_of(invoice) == 100
