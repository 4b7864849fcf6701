"""Payments settle documents: in part, over, many to many, across currencies; nothing is lost and all can be undone."""

import datetime
import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from accounting.models import Account, PaymentTerms, TermsInstalment
from accounting.rates import set_rate
from invoicing.crediting import credit_document
from invoicing.document_posting import post_document
from invoicing.models import Payment, PaymentPart, TaxRow
from invoicing.payment_posting import post_payment
from invoicing.payments import PartContent, PaymentContent, change_payment, delete_payment, save_payment
from invoicing.refusals import ApprovalNeeded, PaymentRefused, PaymentSettled, WriteOffTooLarge
from ledger.models import Line
from ledger.open_items import open_items
from ledger.refusals import OverAllocated
from tenants.approvals import set_rule
from tests.books import DAY
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, booked, customer, line, posted, supplier

D = Decimal
PAID = DAY + datetime.timedelta(days=10)


@pytest.fixture
def roles(scope):
    for code, name, kind, subtype, role in (
        ("4900", "Discounts given", "income", "revenue", "discount_given"),
        ("5800", "Discounts received", "expense", "cost_of_sales", "discount_received"),
        ("5950", "Write-offs", "expense", "operating", "write_off"),
        ("4950", "Exchange gains", "income", "exchange_gain", "exchange_gain"),
        ("5960", "Exchange losses", "expense", "exchange_loss", "exchange_loss"),
        ("1900", "Prepayments made", "asset", "prepayment", "supplier_prepayments"),
        ("2900", "Prepayments received", "liability", "customer_deposit", "customer_prepayments"),
        ("2190", "VAT not due yet", "liability", "tax_payable", ""),
    ):
        Account.objects.create(
            company=scope.company, code=code, name=name, type=kind, subtype=subtype, role=role,
            open_item=subtype in ("prepayment", "customer_deposit"),
        )  # fmt: skip
    return scope


def part(document, amount="0", **fields):
    return PartContent(document=document.pk, amount=D(amount), **{k: D(v) for k, v in fields.items()})


def paid(contact, amount, *parts, direction="", date=PAID, **fields):
    direction = direction or ("in" if contact.is_customer else "out")
    role = "customer" if contact.is_customer else "supplier"
    content = PaymentContent(direction, role, contact.pk, date, D(amount), parts=parts, **fields)
    return post_payment(save_payment(content).pk)


def open_of(thing, date=datetime.date.max):
    return sum(one.residual for one in open_items(thing.company, date) if one.entry_id == thing.entry_id)


def test_a_payment_settles_an_invoice(roles):
    buyer = customer()
    invoice = posted(buyer, line("100.00"))
    payment = paid(buyer, "100.00", part(invoice, "100.00"))
    assert booked(payment) == [("1100", D(-100)), ("1000", D(100))]
    assert (open_of(invoice), open_of(payment), payment.number) == (0, 0, "RCT-2026-00001")


def test_in_part_and_over(roles):
    buyer = customer()
    invoice = posted(buyer, line("100.00"))
    paid(buyer, "30.00", part(invoice, "30.00"))
    assert open_of(invoice) == 70
    over = paid(buyer, "90.00", part(invoice, "70.00"))
    assert (open_of(invoice), open_of(over)) == (0, -20)
    with pytest.raises(OverAllocated):
        paid(buyer, "1.00", part(invoice, "1.00"))


def test_one_payment_for_many_bills_and_many_payments_for_one(roles):
    seller = supplier()
    bills = [posted(seller, line(price)) for price in ("100.00", "50.00", "25.00")]
    payment = paid(seller, "160.00", part(bills[0], "100"), part(bills[1], "50"), part(bills[2], "10"))
    assert booked(payment) == [("2000", D(160)), ("1000", D(-160))]
    paid(seller, "15.00", part(bills[2], "15"))
    assert [open_of(bill) for bill in bills] == [0, 0, 0]


def test_instalments_are_settled_as_they_fall_due(roles):
    terms = PaymentTerms.objects.create(company=roles.company, code="2X", name="Two parts")
    for number in (1, 2):
        TermsInstalment.objects.create(company=roles.company, terms=terms, number=number, percent=50, months=3 - number)
    buyer = customer()
    invoice = posted(buyer, line("100.00"), terms="2X")
    paid(buyer, "60.00", part(invoice, "60"))
    left = {
        row.due_date.month: next(
            (i.residual for i in open_items(roles.company, datetime.date.max) if i.line_id == row.line_id), 0
        )
        for row in invoice.instalments.filter(company=roles.company)
    }
    assert left == {4: 0, 5: 40}


def test_a_discount_takes_its_tax_back(roles):
    add_tax("V20", "20")
    buyer = customer()
    invoice = posted(buyer, line("100.00", tax="V20"))
    payment = paid(buyer, "117.60", part(invoice, "117.60", discount="2.40"))
    assert booked(payment) == [("1100", D(-120)), ("1000", D("117.6")), ("4900", D(2)), ("2100", D("0.4"))]
    assert open_of(invoice) == 0
    rows = TaxRow.objects.for_company(roles.company).order_by("date").values_list("date", "base", "amount")
    assert list(rows) == [(DAY, D(100), D(20)), (PAID, D(-2), D("-0.4"))]


def test_a_discount_taken_from_a_supplier(roles):
    add_tax("P20", "20", "purchases", deductible_percent=D(50))
    seller = supplier()
    bill = posted(seller, line("100.00", tax="P20"))
    payment = paid(seller, "108.00", part(bill, "108.00", discount="12.00"))
    assert booked(payment) == [("2000", D(120)), ("1000", D(-108)), ("5800", D(-11)), ("2100", D(-1))]


def test_a_little_may_be_written_off_and_no_more(roles):
    buyer = customer()
    invoice = posted(buyer, line("100.00"))
    payment = paid(buyer, "97.00", part(invoice, "97.00", write_off="3.00"), reason="Bank charges")
    assert booked(payment) == [("1100", D(-100)), ("1000", D(97)), ("5950", D(3))]
    other = posted(buyer, line("100.00"))
    paid(buyer, "50.00", part(other, "50.00", write_off="3.00"), reason="Bank charges")
    with pytest.raises(WriteOffTooLarge):
        paid(buyer, "1.00", part(other, "1.00", write_off="2.01"), reason="Again")
    with pytest.raises(PaymentRefused) as refused:
        paid(buyer, "1.00", part(other, "1.00", write_off="1.00"))
    assert refused.value.place == "reason"


def test_a_payment_in_advance_stands_on_its_own_account(roles):
    buyer = customer()
    payment = paid(buyer, "80.00", prepayment=True)
    assert booked(payment) == [("2900", D(-80)), ("1000", D(80))]


def test_what_was_paid_too_much_is_given_back(roles):
    buyer = customer()
    over = paid(buyer, "20.00")
    refund = paid(buyer, "20.00", PartContent(refunds=over.pk, amount=D(20)), direction="out")
    assert booked(refund) == [("1100", D(20)), ("1000", D(-20))]
    assert (open_of(over), open_of(refund)) == (0, 0)


def test_a_credit_note_is_paid_out(roles):
    buyer = customer()
    invoice = posted(buyer, line("50.00"))
    paid(buyer, "50.00", part(invoice, "50.00"))
    note = post_document(credit_document(invoice.pk, date=PAID, reason="Returned").pk)
    assert open_of(note) == -50
    refund = paid(buyer, "50.00", part(note, "50.00"), direction="out")
    assert (open_of(note), open_of(refund)) == (0, 0)


def test_partial_payments_at_three_rates_leave_nothing_in_either_currency(roles):
    """T25: each payment realises its own difference in its own period."""
    buyer = customer(currency="USD")
    for day, rate in ((0, "0.90"), (10, "0.91"), (20, "0.88"), (30, "0.95")):
        set_rate("USD", DAY + datetime.timedelta(days=day), D(rate), source="ECB")
    invoice = posted(buyer, line("100.00"))
    for day, amount in ((10, "33.33"), (20, "33.33"), (30, "33.34")):
        date = DAY + datetime.timedelta(days=day)
        paid(buyer, amount, part(invoice, amount), date=date)
    assert not open_items(roles.company, datetime.date.max)
    rows = Line.objects.for_company(roles.company).filter(account__code__in=("4950", "5960")).order_by("date")
    assert [(row.date, row.amount) for row in rows] == [
        (DAY + datetime.timedelta(days=10), D("-0.33")), (DAY + datetime.timedelta(days=20), D("0.67")),
        (DAY + datetime.timedelta(days=30), D("-1.67")),
    ]  # fmt: skip


def test_an_invoice_in_one_currency_is_paid_in_another(roles):
    """T26: of the same value on the same day there is no gain."""
    set_rate("USD", DAY, D("0.9"), source="ECB")
    buyer = customer(currency="USD")
    invoice = posted(buyer, line("100.00"))
    payment = paid(buyer, "90.00", PartContent(document=invoice.pk, amount=D(100), spent=D(90)), currency="EUR")
    assert (open_of(invoice), open_of(payment)) == (0, 0)
    assert not Line.objects.for_company(roles.company).filter(account__code__in=("4950", "5960")).exists()


def test_two_half_payments_keep_the_odd_cent_of_a_tax_on_cash_basis(roles):
    """T29, and the cent reaches the tax return."""
    add_tax("C20", "20", pending_account="2190")
    buyer = customer()
    invoice = posted(buyer, line("1.65", tax="C20"))
    assert invoice.total == D("1.98") and not TaxRow.objects.for_company(roles.company).exists()
    for day in (10, 20):
        paid(buyer, "0.99", part(invoice, "0.99"), date=DAY + datetime.timedelta(days=day))
    rows = TaxRow.objects.for_company(roles.company).order_by("date").values_list("base", "amount")
    assert list(rows) == [(D("0.83"), D("0.17")), (D("0.82"), D("0.16"))]
    sums = Line.objects.for_company(roles.company).filter(account__code__in=("2100", "2190"))
    assert sum(row.amount for row in sums.filter(account__code="2190")) == 0
    assert sum(row.amount for row in sums.filter(account__code="2100")) == D("-0.33")


def test_a_discount_takes_its_tax_out_of_what_waits(roles):
    add_tax("C20", "20", pending_account="2190")
    buyer = customer()
    invoice = posted(buyer, line("100.00", tax="C20"))
    paid(buyer, "117.60", part(invoice, "117.60", discount="2.40"))
    lines = Line.objects.for_company(roles.company)
    assert sum(row.amount for row in lines.filter(account__code="2190")) == 0
    assert sum(row.amount for row in lines.filter(account__code="2100")) == D("-19.60")


def test_a_payment_above_the_limit_waits_for_somebody_else(roles):
    set_rule("payment", minimum=D(1000))
    seller = supplier()
    paid(seller, "999.99")
    with pytest.raises(ApprovalNeeded):
        paid(seller, "1000.00")
    paid(customer(), "5000.00")


def test_posting_twice_is_once_and_what_is_posted_stays(roles):
    buyer = customer()
    payment = paid(buyer, "10.00")
    assert post_payment(payment.pk).number == payment.number
    with pytest.raises(PaymentSettled):
        delete_payment(payment.pk)
    rows = Payment.objects.for_company(roles.company).filter(pk=payment.pk)
    for act in (
        lambda: rows.update(memo="x"),
        lambda: rows.delete(),
        lambda: PaymentPart.objects.create(
            company=roles.company, payment=payment, number=1, refunds=payment, amount=1, spent=1
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"amount": D("0.001")}, "amount"),
        ({"amount": D(-1)}, "amount"),
        ({"amount": D("NaN")}, "amount"),
        ({"account": "4000"}, "account"),
        ({"currency": "XXX"}, "currency"),
        ({"method": "barter"}, "method"),
        ({"direction": "up"}, "direction"),
        ({"parts": [PartContent(amount=D(1))]}, "parts[0]"),
    ],
)
def test_what_cannot_be_kept_says_where(roles, fields, place):
    from tenants.refusal import Refused

    given = {"direction": "in", "role": "customer", "contact": customer().pk, "date": PAID, "amount": D(10)}
    with pytest.raises(Refused) as refused:
        save_payment(PaymentContent(**{**given, **fields}))
    assert refused.value.place == place


def test_the_documents_are_theirs_and_of_the_right_kind(roles):
    buyer, other = customer(), customer("Fabrikam")
    invoice = posted(buyer, line("10.00"))
    for contact, direction in ((other, "in"), (buyer, "out")):
        with pytest.raises(PaymentRefused):
            paid(contact, "10.00", part(invoice, "10.00"), direction=direction)
    with pytest.raises(PaymentRefused):
        paid(buyer, "5.00", part(invoice, "10.00"))


def test_a_draft_changes_as_a_whole(roles):
    buyer = customer()
    invoice = posted(buyer, line("10.00"))
    content = PaymentContent("in", "customer", buyer.pk, PAID, D(10))
    made = save_payment(content)
    import dataclasses

    changed = change_payment(made.pk, dataclasses.replace(content, parts=[part(invoice, "10.00")]), version=1)
    assert changed.version == 2 and PaymentPart.objects.for_company(roles.company).count() == 1
    delete_payment(made.pk)
    assert not Payment.objects.for_company(roles.company).exists()


def test_two_payments_of_one_invoice_at_once_settle_it_once(committed_company):
    """T16: one wins, the other is told what is open; nothing is doubled."""
    with system_scope(committed_company):
        buyer = customer()
        invoice = posted(buyer, line("10.00"))
        content = PaymentContent("in", "customer", buyer.pk, PAID, D(10), parts=[part(invoice, "10.00")])
        drafts = [save_payment(content).pk for _number in range(2)]
    outcomes = []

    def post(pk):
        try:
            with system_scope(committed_company):
                outcomes.append(post_payment(pk).number)
        except OverAllocated:
            outcomes.append("over_allocated")
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(pk,)) for pk in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["RCT-2026-00001", "over_allocated"]
