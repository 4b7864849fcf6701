"""A received electronic invoice becomes the draft of a bill with the totals of the file, or is refused and says why."""

import dataclasses
from decimal import Decimal

import pytest

from accounting.models import Account, ContactBankAccount
from accounting.named_rows import UnknownTax
from invoicing.bill_import import import_bill
from invoicing.document_posting import post_document
from invoicing.einvoice.cii import cii_of
from invoicing.einvoice.facturx import facturx_of
from invoicing.einvoice.reading import read_invoice
from invoicing.einvoice.refusals import TotalsDiffer, UnknownSupplier
from invoicing.einvoice.ubl import ubl_of
from invoicing.models import Document, DocumentLine, InvoicingSettings
from invoicing.totals import Rules
from tests.books import DAY
from tests.invoicing.paper_samples import Sold, sample
from tests.invoicing.papers import add_tax, customer, supplier

D = Decimal


@pytest.fixture
def taxes(scope):
    add_tax("P19", "19", "purchases")
    add_tax("P7", "7", "purchases")
    add_tax("V19", "19")


def sent(*sold, write=ubl_of, **fields):
    return read_invoice(write(sample(*sold, **fields)))


@pytest.mark.parametrize("write", [ubl_of, cii_of, facturx_of])
def test_an_invoice_becomes_a_bill_with_the_totals_of_the_file(scope, taxes, write):
    seller = supplier("Somebody else", tax_number="DE136695976", country="DE")
    received = sent(
        Sold("120.00", "12.5", discount="10", description="Work"), Sold("0.0125", "12000", percent="7", unit="C62"),
        write=write, notes="Thank you",
    )  # fmt: skip
    bill = import_bill(received)
    assert (bill.kind, bill.state, bill.contact_id, bill.reference) == ("bill", "draft", seller.pk, "INV-2026-00042")
    assert (bill.date, bill.due_date, bill.currency, bill.notes) == (DAY, received.due_date, "EUR", "Thank you")
    assert (bill.net, bill.tax, bill.total) == (D("1500.00"), D("267.00"), D("1767.00"))
    rows = DocumentLine.objects.for_company(scope.company).filter(document=bill).order_by("number")
    assert [(row.quantity, row.unit_price, row.discount_percent, row.unit, row.tax_code.code) for row in rows] == [
        (D("12.5"), D(120), D(10), "HUR", "P19"), (D(12000), D("0.0125"), D(0), "C62", "P7"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "country"), [("DE136695976", "DE"), ("136695976", "DE"), ("DE136695976", "")]
)  # fmt: skip
def test_a_supplier_is_found_by_tax_number_however_it_is_kept(scope, taxes, number, country):
    seller = supplier("X", tax_number=number, country=country)
    assert import_bill(sent(Sold("1.00"))).contact_id == seller.pk


def test_a_supplier_is_found_by_approved_account_and_then_by_name(scope, taxes):
    named = supplier("adventure works gmbh")
    assert import_bill(sent(Sold("1.00"))).contact_id == named.pk
    banked = supplier("Bank customer")
    account = ContactBankAccount.objects.create(
        company=scope.company, contact=banked, holder="X", iban="DE89370400440532013000", proposed_by="x"
    )
    assert import_bill(sent(Sold("2.00"))).contact_id == named.pk
    account.state, account.decided_at = "approved", account.proposed_at
    account.save()
    assert import_bill(sent(Sold("3.00"))).contact_id == banked.pk


def test_a_stranger_is_refused_with_what_was_read(scope, taxes):
    customer("Adventure Works GmbH", tax_number="DE136695976", country="DE")
    supplier("Other", tax_number="DE999999999")
    with pytest.raises(UnknownSupplier) as refused:
        import_bill(sent(Sold("1.00")))
    assert refused.value.code == "unknown_supplier" and "Adventure Works GmbH" in refused.value.message
    assert refused.value.context["iban"] == "DE89370400440532013000"
    supplier("First", tax_number="DE136695976")
    supplier("Second", tax_number="DE136695976")
    with pytest.raises(UnknownSupplier):
        import_bill(sent(Sold("1.00")))


def test_a_tax_that_nobody_has_is_refused_with_its_line(scope, taxes):
    supplier("Adventure Works GmbH")
    with pytest.raises(UnknownTax) as refused:
        import_bill(sent(Sold("1.00"), Sold("1.00", percent="5")))
    assert refused.value.place == "lines[1].tax"


def test_under_reverse_charge_our_own_rate_counts(scope, taxes):
    add_tax("PRC", "19", "purchases", kind="reverse_charge", counter_account="1500", category="AE")
    rent = Account.objects.for_company(scope.company).get(code="5000")
    supplier("Adventure Works GmbH", expense_account=rent)
    bill = import_bill(sent(Sold("100.00", percent="0", category="AE")))
    assert (bill.tax, bill.total) == (D(0), D(100))
    assert post_document(bill.pk).number.startswith("BILL-")


def test_the_tax_is_what_the_supplier_stated(scope, taxes):
    supplier("Adventure Works GmbH")
    bill = import_bill(sent(*[Sold("0.33")] * 30, rules=Rules(per_line=True)))
    assert bill.stated_taxes == {"P19": "1.80"} and (bill.tax, bill.total) == (D("1.80"), D("11.70"))


def test_a_sum_in_coins_stays_one_and_our_own_coins_do_not_count(scope, taxes):
    supplier("Adventure Works GmbH")
    bill = import_bill(sent(Sold("8.39"), rules=Rules(cash_step=D("0.05"))))
    assert (bill.rounding, bill.total) == (D("0.02"), D("10.00"))
    InvoicingSettings.objects.create(company=scope.company, cash_step=D("0.05"))
    assert import_bill(sent(Sold("8.39"))).total == D("9.98")


def test_prices_that_included_tax_come_to_the_same(scope, taxes):
    supplier("Adventure Works GmbH")
    received = sent(
        Sold("353.90"), Sold("99.99", "3", discount="7.5"), Sold("0.01", "17", percent="7"), Sold("-5.55", "2"),
        rules=Rules(inclusive=True),
    )  # fmt: skip
    assert import_bill(received).total == received.payable


def test_a_credit_note_of_a_supplier_is_one(scope, taxes):
    supplier("Adventure Works GmbH")
    found = import_bill(sent(Sold("100.00"), kind="credit_note", number="CN-1"))
    assert (found.kind, found.reference, found.total) == ("supplier_credit", "CN-1", D("119.00"))


def test_totals_that_differ_are_refused_and_nothing_is_kept(scope, taxes):
    supplier("Adventure Works GmbH")
    received = dataclasses.replace(sent(Sold("100.00")), payable=D("120.00"))
    with pytest.raises(TotalsDiffer) as refused:
        import_bill(received)
    assert (refused.value.context["total"], refused.value.context["payable"]) == ("119.00", "120.00")
    assert not Document.objects.for_company(scope.company).exists()
