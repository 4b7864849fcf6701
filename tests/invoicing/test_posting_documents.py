"""Documents become entries: header, lines, number and entry together or not at all, and never changed after that."""

import dataclasses
import datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounting.contacts import change_contact
from accounting.models import Account, NumberUse, PaymentTerms, TermsInstalment
from accounting.periods import set_lock_date
from accounting.rates import MissingRate, set_rate
from accounting.units import use_currency
from invoicing.document_posting import post_document, post_documents
from invoicing.documents import change_document, content_of, delete_document, save_document
from invoicing.models import Document, DocumentLine, Instalment, TaxRow
from invoicing.refusals import (
    ApprovalNeeded,
    CreditLimitPassed,
    DocumentRefused,
    DocumentSettled,
    DuplicateBill,
    WrongContact,
)
from ledger.models import Entry, Line
from ledger.refusals import PeriodClosed
from tenants.approvals import set_rule
from tenants.refusal import Conflict
from tests.books import DAY
from tests.invoicing.papers import add_group, add_tax, booked, customer, draft, line, posted, supplier

D = Decimal


def rows_of_tax(document):
    rows = TaxRow.objects.for_company(document.company).filter(document=document)
    return [(row.tax_code.code, row.base, row.amount, row.deductible) for row in rows.order_by("number")]


def test_an_invoice_debits_receivables_and_credits_income_and_tax(scope):
    add_tax("V20", "20")
    invoice = posted(customer(), line("100.00", "2", "V20"), line("50.00"), reference="PO 7")
    assert (invoice.net, invoice.tax, invoice.total) == (D("250"), D("40"), D("290"))
    assert booked(invoice) == [("1100", D(290)), ("4000", D(-250)), ("2100", D(-40))]
    entry = Entry.objects.for_company(scope.company).get(pk=invoice.entry_id)
    assert (entry.reference, entry.journal.code, entry.date) == (invoice.number, "SAL", DAY)
    assert rows_of_tax(invoice) == [("V20", D(200), D(40), D(40))]
    [instalment] = Instalment.objects.for_company(scope.company).filter(document=invoice)
    assert instalment.line.sub_account.contact_id == invoice.contact_id and instalment.line.amount == 290


def test_a_bill_credits_payables_and_debits_cost_and_tax(scope):
    add_tax("P20", "20", "purchases")
    bill = posted(supplier(), line("100.00", tax="P20"), reference="R-1")
    assert booked(bill) == [("2000", D(-120)), ("5000", D(100)), ("2100", D(20))]
    assert bill.number.startswith("BILL-2026-")


@pytest.mark.parametrize(
    ("fields", "lines", "taxes"),
    [
        ({"deductible_percent": D(60)}, [("2000", -120), ("5000", 108), ("2100", 12)], [(100, 20, 12)]),
        (
            {"kind": "reverse_charge", "counter_account": "1500"},
            [("2000", -100), ("5000", 100), ("2100", 20), ("1500", -20)], [(100, 20, 20)],
        ),
        (
            {"kind": "reverse_charge", "counter_account": "1500", "deductible_percent": D(0)},
            [("2000", -100), ("5000", 120), ("1500", -20)], [(100, 20, 0)],
        ),
        ({"kind": "withheld"}, [("2000", -80), ("5000", 100), ("2100", -20)], [(100, 20, 20)]),
        ({"pending_account": "1500"}, [("2000", -120), ("5000", 100), ("1500", 20)], []),
    ],
)  # fmt: skip
def test_special_taxes_stand_where_they_belong(scope, fields, lines, taxes):
    add_tax("T", "20", "purchases", **fields)
    bill = posted(supplier(), line("100.00", tax="T"))
    assert booked(bill) == [(code, D(amount)) for code, amount in lines]
    assert [row[1:] for row in rows_of_tax(bill)] == [tuple(map(D, row)) for row in taxes]


def test_a_group_carries_its_taxes_in_their_order_and_compound_ones_on_those_before(scope):
    add_group("G", add_tax("A", "5"), add_tax("B", "9.5", compound=True))
    invoice = posted(customer(), line("100.00", tax="G"))
    assert rows_of_tax(invoice) == [("A", D(100), D(5), D(5)), ("B", D(105), D("9.98"), D("9.98"))]


def test_prices_may_include_their_tax(scope):
    add_tax("V19", "19")
    invoice = posted(customer(), line("353.90", tax="V19"), prices_include_tax=True)
    assert (invoice.net, invoice.tax, invoice.total) == (D("297.39"), D("56.51"), D("353.90"))


def test_in_another_currency_every_part_is_converted_and_the_entry_balances(scope):
    add_tax("V19", "19")
    set_rate("USD", DAY, D("0.913457"), source="ECB")
    buyer = customer(currency="USD")
    invoice = posted(buyer, line("33.33", "3", "V19"))
    assert (invoice.currency, invoice.total, invoice.rate) == ("USD", D("118.99"), D("0.913457"))
    found = dict(booked(invoice))
    assert sum(found.values()) == 0
    assert found["2100"] == D("-17.36") and found["4000"] == D("-91.34") and invoice.base_total == D("108.70")
    assert rows_of_tax(invoice) == [("V19", D("91.34"), D("17.36"), D("17.36"))]


def test_a_missing_rate_is_refused(scope):
    with pytest.raises(MissingRate):
        posted(customer(currency="USD"), line("10.00"))
    assert not NumberUse.objects.for_company(scope.company).exists()


def test_instalments_are_open_items_of_their_own(scope):
    terms = PaymentTerms.objects.create(company=scope.company, code="3X", name="Three parts")
    for number, percent in enumerate(("33.33", "33.33", "33.34"), 1):
        TermsInstalment.objects.create(
            company=scope.company, terms=terms, number=number, percent=D(percent), months=number
        )
    invoice = posted(customer(), line("100.00"), terms="3X")
    rows = Instalment.objects.for_company(scope.company).filter(document=invoice)
    assert [(str(row.due_date), row.amount, row.line.amount) for row in rows] == [
        ("2026-04-15", D("33.33"), D("33.33")), ("2026-05-15", D("33.33"), D("33.33")),
        ("2026-06-15", D("33.34"), D("33.34")),
    ]  # fmt: skip
    assert invoice.due_date == datetime.date(2026, 6, 15)


def test_cash_rounding_has_a_line_of_its_own(scope):
    invoice = posted(customer(), line("9.98"), cash_step=D("0.05"))
    assert (invoice.rounding, invoice.total) == (D("0.02"), D("10.00"))
    assert booked(invoice) == [("1100", D(10)), ("4000", D("-9.98")), ("5900", D("-0.02"))]


def test_numbers_follow_each_other_and_drafts_take_none(scope):
    buyer = customer()
    first = draft(buyer, line("1.00"))
    thrown = draft(buyer, line("2.00"))
    delete_document(thrown.pk)
    second = draft(buyer, line("3.00"))
    done = post_documents([first.pk, second.pk])
    assert [one.number for one in done] == ["INV-2026-00001", "INV-2026-00002"]
    assert posted(buyer, line("4.00")).number == "INV-2026-00003"


def test_a_refused_posting_leaves_nothing_and_no_gap(scope):
    buyer = customer()
    early = draft(buyer, line("1.00"))
    set_lock_date("sales", DAY)
    with pytest.raises(PeriodClosed), transaction.atomic():
        post_document(early.pk)
    assert not Entry.objects.for_company(scope.company).exists()
    later = posted(buyer, line("1.00"), date=datetime.date(2026, 4, 1))
    assert later.number == "INV-2026-00001"


def test_posting_twice_is_once(scope):
    invoice = draft(customer(), line("10.00"))
    first, second = post_document(invoice.pk), post_document(invoice.pk)
    assert (first.number, first.entry_id) == (second.number, second.entry_id)
    assert Entry.objects.for_company(scope.company).count() == 1


def test_what_is_posted_cannot_be_changed_or_deleted(scope):
    invoice = posted(customer(), line("10.00"))
    with pytest.raises(DocumentSettled):
        change_document(invoice.pk, content_of(invoice))
    with pytest.raises(DocumentSettled):
        delete_document(invoice.pk)
    documents = Document.objects.for_company(scope.company).filter(pk=invoice.pk)
    for act in (
        lambda: documents.update(memo="x"),
        lambda: documents.update(state="draft"),
        lambda: DocumentLine.objects.for_company(scope.company).filter(document=invoice).update(quantity=2),
        lambda: DocumentLine.objects.for_company(scope.company).filter(document=invoice).delete(),
        lambda: DocumentLine.objects.create(company=scope.company, document=invoice, number=9),
        lambda: Instalment.objects.for_company(scope.company).filter(document=invoice).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert documents.get().memo == ""


def test_a_draft_changes_with_the_version_that_was_seen(scope):
    invoice = draft(customer(), line("10.00"))
    changed = change_document(invoice.pk, content_of(invoice, lines=[line("20.00")]), version=1)
    assert (changed.version, changed.total) == (2, D(20))
    with pytest.raises(Conflict):
        change_document(invoice.pk, content_of(invoice), version=1)


def test_a_draft_of_the_callers_own_id_is_kept_once(scope):
    from tenants.fields import new_id

    buyer, pk = customer(), new_id()
    made = content_of(draft(buyer, line("10.00")))
    assert save_document(made, document_id=pk).pk == save_document(made, document_id=pk).pk == pk
    with pytest.raises(Conflict):
        save_document(dataclasses.replace(made, reference="other"), document_id=pk)


@pytest.mark.parametrize(
    ("lines", "fields", "place"),
    [
        ([], {}, "lines"),
        ([line("10.00", account="")], {}, "lines[0].account"),
        ([line("-10.00")], {}, "lines"),
        ([line("10.00")], {"kind": "quote"}, "kind"),
    ],
)
def test_what_cannot_be_posted_says_where(scope, lines, fields, place):
    invoice = draft(customer(), *lines, **fields)
    with pytest.raises(DocumentRefused) as refused:
        post_document(invoice.pk)
    assert refused.value.place == place


@pytest.mark.parametrize(
    ("one", "fields", "place"),
    [
        (line("10.00", tax="NONE"), {}, "lines[0].tax"),
        (line("10.00", account="9999"), {}, "lines[0].account"),
        (line("10.00", account="1100"), {}, "lines[0].account"),
        (line("10.00", quantity="NaN"), {}, "lines[0].quantity"),
        (line("1e17", quantity="100"), {}, "lines"),
        (line("10.0000000000001"), {}, "lines[0].unit_price"),
        (line("10.00", discount_percent=D(101)), {}, "lines[0].discount_percent"),
        (line("10.00"), {"currency": "XXX"}, "currency"),
        (line("10.00"), {"due_date": datetime.date(2026, 3, 1)}, "due_date"),
        (line("10.00", description="a\x00b"), {}, "lines[0].description"),
    ],
)
def test_what_cannot_be_kept_says_where(scope, one, fields, place):
    from tenants.refusal import Refused

    with pytest.raises(Refused) as refused:
        draft(customer(), one, **fields)
    assert refused.value.place == place


def test_invoices_go_to_customers_and_bills_come_from_suppliers(scope):
    with pytest.raises(WrongContact):
        draft(customer(), line("1.00"), kind="bill")
    with pytest.raises(WrongContact):
        draft(supplier(), line("1.00"), kind="invoice")


def test_the_same_bill_is_not_entered_twice(scope):
    seller = supplier()
    posted(seller, line("100.00"), reference="R-1")
    with pytest.raises(DuplicateBill):
        posted(seller, line("100.00"), reference="r-1")
    posted(supplier("Fabrikam"), line("100.00"), reference="R-1")


def test_a_customer_owes_no_more_than_the_credit_limit(scope):
    buyer = customer(credit_limit=D(100))
    posted(buyer, line("60.00"))
    with pytest.raises(CreditLimitPassed):
        posted(buyer, line("40.01"))
    posted(buyer, line("40.00"))
    change_contact(buyer, credit_limit=None)
    posted(buyer, line("1.00"))


def test_a_bill_above_the_limit_waits_for_somebody_else(scope):
    set_rule("bill", minimum=D(100))
    posted(supplier(), line("99.99"))
    with pytest.raises(ApprovalNeeded):
        posted(supplier("Fabrikam"), line("100.00"))


def test_a_document_of_nothing_has_a_number_and_no_entry(scope):
    invoice = posted(customer(), line("50.00", discount_percent=D(100)))
    assert invoice.number and invoice.entry_id is None and invoice.state == "posted"


def test_positions_put_other_taxes_and_accounts_in_the_place_of_the_usual_ones(scope):
    from accounting.models import FiscalPosition, FiscalPositionAccount, FiscalPositionTax

    usual, abroad = add_tax("V20", "20"), add_tax("EX", "0", category="G", exemption_reason="Export")
    sales = Account.objects.for_company(scope.company).get(code="4000")
    other = Account.objects.create(company=scope.company, code="4010", name="Exports", type="income", subtype="revenue")
    position = FiscalPosition.objects.create(company=scope.company, name="Export", countries=["US"])
    FiscalPositionTax.objects.create(company=scope.company, position=position, source=usual, target=abroad)
    FiscalPositionAccount.objects.create(company=scope.company, position=position, source=sales, target=other)
    here = posted(customer("Here", sales_tax=usual), line("100.00", tax=None))
    there = posted(customer("There", sales_tax=usual, country="US"), line("100.00", tax=None))
    assert booked(here) == [("1100", D(120)), ("4000", D(-100)), ("2100", D(-20))]
    assert booked(there) == [("1100", D(100)), ("4010", D(-100))]
    assert rows_of_tax(there) == [("EX", D(100), D(0), D(0))]


def test_four_decimals_and_none(scope):
    for code, price, total in (("JPY", "333", D(999)), ("CLF", "0.3333", D("0.9999"))):
        use_currency(code)
        set_rate(code, DAY, D("0.0061") if code == "JPY" else D(36), source="test")
        invoice = posted(customer(code), line(price, "3"), currency=code)
        assert invoice.total == total
        lines = Line.objects.for_company(scope.company).filter(entry=invoice.entry_id)
        assert sum(one.amount for one in lines) == 0 and sum(one.currency_amount for one in lines) == 0


def test_one_invoice_posts_in_at_most_twelve_queries(scope):
    """Besides the savepoints around them; one of the queries asks for webhooks."""
    add_tax("V20", "20")
    buyer = customer()
    posted(buyer, line("1.00", tax="V20"))
    invoice = draft(buyer, line("1.00", tax="V20"), line("2.00", tax="V20"), line("3.00"))
    with CaptureQueriesContext(connection) as queries:
        post_document(invoice.pk)
    asked = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    assert len(asked) <= 12, asked
