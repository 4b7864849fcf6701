"""Invoices, bills and payments from a table: the same as typed by hand, all of them or none, and taken back whole."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.fiscal_years import open_fiscal_year
from accounting.items import add_item
from accounting.models import Period
from accounting.table_kinds import Undoing, table_kind
from accounting.table_outcome import NEW, REFUSED
from invoicing.document_content import ContentLine, DocumentContent
from invoicing.document_listing import documents_of
from invoicing.documents import save_document
from invoicing.models import BOOKED, Document, DocumentLine, DocumentTax, Instalment, Payment, PaymentPart
from invoicing.payments import PartContent, PaymentContent, save_payment
from ledger.balances import balances
from ledger.models import Entry
from tenants.permissions import permissions_of_role
from tenants.refusal import NotPermitted
from tenants.scope import Actor, acting_as
from tests.accounting.table_files import became, csv_of, imported, places
from tests.books import DAY
from tests.invoicing.papers import add_tax, booked, customer, line, posted, supplier

D = Decimal
LEFT_OUT = {"id", "document_id", "payment_id", "created_at", "changed_at", "reference"}


def plain(row):
    return {name: value for name, value in row.__dict__.items() if not name.startswith("_") and name not in LEFT_OUT}


def whole(document):
    """A document with all its rows."""
    parts = [
        [
            plain(row)
            for row in model.objects.for_company(document.company_id).filter(document=document).order_by("number")
        ]
        for model in (DocumentLine, DocumentTax, Instalment)
    ]
    return [plain(Document.objects.for_company(document.company_id).get(pk=document.pk)), *parts]


def documents(scope, **wanted):
    return Document.objects.for_company(scope.company).filter(**wanted).order_by("date", "reference")


def row(document="R-1", contact="Adatum", date="2026-03-15", **cells):
    return {"document": document, "contact": contact, "date": date, **cells}


def figures(company):
    found = balances(company, Period.objects.for_company(company).latest("end").end)
    return {b.account_id: b.amount for b in found if b.amount}


def undone(name, made, date=DAY):
    return table_kind(name).undo(Undoing([one.pk for one in made], date, "wrong file", lambda *_: None))


def test_an_invoice_of_a_table_is_the_invoice_of_the_form(scope):
    adatum, _twin = customer(), customer("Contoso")
    add_tax("S20", "20")
    add_item(code="HOUR", name="Consulting", unit="HUR", sale_price=D("120"))
    typed = save_document(
        DocumentContent(
            kind="invoice", contact=adatum.pk, date=DAY, tax_date=datetime.date(2026, 3, 1), currency="USD",
            rate=D("0.9"), prices_include_tax=True, tax_rounding="line", notes="Thank you", memo="ours",
            reference="PO 7", due_date=datetime.date(2026, 4, 30),
            lines=[
                ContentLine(item="HOUR", quantity=D("7.5"), tax="S20"),
                ContentLine(description="Travel", unit_price=D("33.335"), discount_percent=D("10"), account="4000", tax=""),
            ],
        )
    )  # fmt: skip
    head = {"tax_date": "2026-03-01", "currency": "USD", "rate": "0.9", "prices_include_tax": "yes",
            "tax_rounding": "line", "notes": "Thank you", "memo": "ours", "reference": "PO 7",
            "due_date": "2026-04-30"}  # fmt: skip

    report = imported("invoices", csv_of(
        row(**head, item="HOUR", quantity="7.5", tax="S20"),
        {"document": "R-1", "description": "Travel", "unit_price": "33.335", "discount_percent": "10", "account": "4000",
         "tax": "-"},
    ))  # fmt: skip

    assert (places(report), became(report)) == ([], [NEW])
    assert report.outcomes[0].about == f"{typed.total:.2f} USD, 2 lines"
    assert whole(documents(scope).exclude(pk=typed.pk).get()) == whole(typed)


def test_a_bill_of_a_table_is_the_bill_of_the_form_and_keeps_the_suppliers_number(scope):
    contoso = supplier(expense_account=None)
    add_tax("P20", "20", "purchases")
    typed = save_document(
        DocumentContent(kind="bill", contact=contoso.pk, date=DAY, reference="4711", stated_taxes={"P20": D("20.01")},
                        lines=[ContentLine(description="Rent", unit_price=D("100"), account="5000", tax="P20")])
    )  # fmt: skip

    imported("bills", csv_of(row("4712", contoso.code, description="Rent", unit_price="100", account="5000", tax="P20",
                                 stated_taxes="P20=20.01")))  # fmt: skip

    read = documents(scope, reference="4712").get()
    assert (whole(read), read.total) == (whole(typed), D("120.01"))


def test_documents_are_posted_at_once_where_that_is_wanted_in_the_order_of_their_dates(scope):
    customer()
    rows = [row("B", date="2026-03-20", unit_price="10"), row("A", date="2026-03-10", unit_price="20"),
            row("C", date="2026-03-20", unit_price="30")]  # fmt: skip

    report = imported("invoices", csv_of(*rows), post=True)

    assert (places(report), became(report)) == ([], [NEW, NEW, NEW])
    found = {one.reference: (one.state, one.number[-4:]) for one in documents(scope)}
    assert found == {"A": ("posted", "0001"), "B": ("posted", "0002"), "C": ("posted", "0003")}
    assert booked(documents(scope, reference="A").get()) == [("1100", 20), ("4000", -20)]


@pytest.mark.parametrize(
    ("cells", "place", "code"),
    [
        ({"contact": ""}, "contact", "required"),
        ({"contact": "Nobody"}, "contact", "wrong_contact"),
        ({"contact": "Contoso"}, "contact", "wrong_contact"),
        ({"contact": "Twin"}, "contact", "wrong_contact"),
        ({"date": "15.03.2026"}, "date", "bad_date"),
        ({"due_date": "2026-03-01"}, "due_date", "invalid_document"),
        ({"currency": "XXX"}, "currency", "invalid_document"),
        ({"terms": "NONE"}, "terms", "unknown_payment_terms"),
        ({"fiscal_position": "NONE"}, "fiscal_position", "unknown_fiscal_position"),
        ({"tax_rounding": "up"}, "tax_rounding", "invalid_choice"),
        ({"stated_taxes": "20"}, "stated_taxes", "invalid_document"),
        ({"item": "NONE"}, "item", "invalid_document"),
        ({"account": "1100"}, "account", "invalid_document"),
        ({"account": "4711"}, "account", "unknown_account"),
        ({"tax": "NONE"}, "tax", "unknown_tax"),
        ({"quantity": "0.0000001"}, "quantity", "bad_amount"),
        ({"unit_price": "1,234"}, "unit_price", "ambiguous_amount"),
        ({"discount_percent": "101"}, "discount_percent", "invalid_document"),
        ({"dimensions": "SALES"}, "dimensions", "invalid_document"),
        ({"document": ""}, "document", "missing_value"),
    ],
)
def test_a_wrong_row_is_refused_as_by_hand_at_its_cell(scope, cells, place, code):
    customer(), customer("Twin"), customer("Twin"), supplier()

    report = imported("invoices", csv_of(row("A", unit_price="1"), {**row("B", unit_price="1"), **cells}))

    assert places(report) == [(f"rows[3].{place}", code)]
    assert not documents(scope).exists()


def test_rows_of_one_document_that_differ_in_their_head_are_refused(scope):
    customer(), customer("Contoso")
    rows = [row(unit_price="1"), row(contact="Contoso", date="2026-03-16", unit_price="2"),
            row("R-1", "", "", unit_price="3"), row("R-2", unit_price="4")]  # fmt: skip

    report = imported("invoices", csv_of(*rows))

    assert places(report) == [("rows[3].contact", "conflicting_document"), ("rows[3].date", "conflicting_document")]
    assert became(report) == [REFUSED, NEW]
    assert not documents(scope).exists()


def test_what_cannot_be_posted_is_refused_whole_with_every_place(scope):
    customer(credit_limit=D("100"))
    rows = [row("A", unit_price="60"), row("B", unit_price="60"), row("C", unit_price="-1"),
            row("D", date="2031-01-01", unit_price="1"), row("E", unit_price="1")]  # fmt: skip

    report = imported("invoices", csv_of(*rows), post=True)

    assert places(report) == [
        ("rows[3].contact", "credit_limit_passed"), ("rows[4]", "invalid_document"), ("rows[5].date", "no_period"),
    ]  # fmt: skip
    assert became(report) == [NEW, REFUSED, REFUSED, REFUSED, NEW]
    assert not documents(scope).exists() and not Entry.objects.for_company(scope.company).exists()


def test_a_suppliers_number_that_is_entered_already_is_refused_when_it_is_posted(scope):
    posted(supplier(), line("10", account="5000"), reference="4711")

    report = imported("bills", csv_of(row("4711", "Contoso", unit_price="10", account="5000")), post=True)

    assert places(report) == [("rows[2]", "duplicate_bill")] or places(report) == [
        ("rows[2].reference", "duplicate_bill")
    ]
    assert documents(scope).count() == 1


def test_a_dry_run_posts_and_takes_it_back(scope):
    customer()

    report = imported("invoices", csv_of(row(unit_price="10")), dry_run=True, post=True)

    assert (places(report), became(report)) == ([], [NEW])
    assert not documents(scope).exists() and not Entry.objects.for_company(scope.company).exists()


def test_imported_drafts_are_thrown_away_and_posted_documents_credited(scope):
    customer()
    before = figures(scope.company)
    imported("invoices", csv_of(row("A", unit_price="10"), row("B", unit_price="20")), post=True)
    made = list(documents(scope))
    imported("invoices", csv_of(row("C", unit_price="30")))
    draft = documents(scope, reference="C").get()

    assert undone("invoices", [*made, draft]) == {"deleted": 1, "credited": 2, "gone": 0}
    assert undone("invoices", [*made, draft]) == {"deleted": 0, "credited": 0, "gone": 3}
    assert (figures(scope.company), documents(scope, kind="credit_note", state="posted").count()) == (before, 2)
    assert not documents(scope, reference="C").exists()


def test_a_clerk_imports_drafts_and_posts_none(scope):
    customer()
    clerk = Actor("person", "Clerk", permissions=permissions_of_role("clerk"))

    with acting_as(clerk):
        assert became(imported("invoices", csv_of(row(unit_price="1")))) == [NEW]
        with pytest.raises(NotPermitted):
            imported("invoices", csv_of(row("B", unit_price="1")), post=True)


def paid(**cells):
    return {"contact": "Adatum", "date": "2026-03-31", "amount": "100.00", **cells}


def payments(scope):
    return Payment.objects.for_company(scope.company).order_by("date", "amount")


def open_of(document):
    return documents_of(document.company, sorted(BOOKED), DAY).get(pk=document.pk).open_amount


def test_a_payment_of_a_table_is_the_payment_of_the_form(scope):
    adatum = customer()
    first, second = posted(adatum, line("70")), posted(adatum, line("50"), reference="PO 7")
    day = datetime.date(2026, 3, 31)
    typed = save_payment(
        PaymentContent(
            direction="in", role="customer", contact=adatum.pk, date=day, amount=D("100"), account="1000", method="cash",
            reference="Statement 7", memo="ours",
            parts=[PartContent(document=first.pk, amount=D("60")), PartContent(document=second.pk, amount=D("40"))],
        )
    )  # fmt: skip

    report = imported("payments", csv_of(
        paid(account="1000", method="cash", reference="Statement 7", memo="ours", documents=f"{first.number}:60,00; PO 7")
    ))  # fmt: skip

    assert (places(report), became(report)) == ([], [NEW])
    read = payments(scope).exclude(pk=typed.pk).get()
    parts = PaymentPart.objects.for_company(scope.company).order_by("number")
    assert plain(read) == plain(payments(scope).get(pk=typed.pk))
    assert list(map(plain, parts.filter(payment=read))) == list(map(plain, parts.filter(payment=typed)))


def test_posted_payments_settle_what_they_name_in_the_order_of_the_file(scope):
    adatum, contoso = customer(), supplier()
    invoice, bill = posted(adatum, line("150")), posted(contoso, line("80"), reference="4711")
    rows = [paid(documents=invoice.number), paid(documents=invoice.number),
            paid(contact="Contoso", amount="80", documents="4711")]  # fmt: skip

    report = imported("payments", csv_of(*rows), post=True)

    assert (places(report), became(report)) == ([], [NEW] * 3)
    assert (open_of(invoice), open_of(bill)) == (0, 0)
    assert [(one.direction, one.state, one.amount) for one in payments(scope)] == [
        ("out", "posted", 80), ("in", "posted", 100), ("in", "posted", 100)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "place", "code"),
    [
        ({"contact": "Nobody"}, "contact", "wrong_contact"),
        ({"amount": ""}, "amount", "required"),
        ({"amount": "0"}, "amount", "bad_amount"),
        ({"amount": "100.005"}, "amount", "too_precise"),
        ({"way": "gift"}, "way", "invalid_payment"),
        ({"way": "payment"}, "contact", "wrong_contact"),
        ({"account": "4000"}, "account", "invalid_payment"),
        ({"method": "barter"}, "method", "invalid_choice"),
        ({"documents": "INV-9"}, "documents", "invalid_payment"),
        ({"documents": "SAME"}, "documents", "invalid_payment"),
        ({"documents": "PAID"}, "documents", "invalid_payment"),
        ({"documents": "OTHER:10"}, "documents", "invalid_payment"),
        ({"documents": "OPEN:1,234"}, "documents", "invalid_payment"),
        ({"documents": "OPEN:200"}, "documents", "invalid_payment"),
    ],
)
def test_a_wrong_payment_is_refused_as_by_hand_at_its_cell(scope, cells, place, code):
    adatum = customer()
    posted(adatum, line("10"), reference="SAME"), posted(adatum, line("10"), reference="SAME")
    posted(adatum, line("0"), reference="PAID"), posted(adatum, line("90"), reference="OPEN")
    posted(customer("Fabrikam"), line("10"), reference="OTHER")

    report = imported("payments", csv_of(paid(), paid(**cells)))

    assert [place for place, _code in places(report)] == [f"rows[3].{place}"]
    assert [code for _place, code in places(report)] == [code]
    assert not payments(scope).exists()


def test_more_than_is_open_is_refused_when_it_is_posted(scope):
    invoice = posted(customer(), line("50"))

    report = imported("payments", csv_of(paid(documents=f"{invoice.number}:60")), post=True)

    assert [code for _place, code in places(report)] == ["over_allocated"]
    assert not payments(scope).exists()


def test_imported_payments_are_thrown_away_or_reversed(scope):
    invoice = posted(customer(), line("100"))
    before = figures(scope.company)
    imported("payments", csv_of(paid(documents=invoice.number)), post=True)
    imported("payments", csv_of({"way": "receipt", **paid(amount="5")}, paid(amount="7", date="2026-04-01")))
    made = list(payments(scope).filter(state="posted"))
    drafts = list(payments(scope).filter(state="draft"))

    assert len(drafts) == 2
    day = datetime.date(2026, 4, 2)
    assert undone("payments", [*made, *drafts], day) == {"deleted": 2, "reversed": 1, "gone": 0}
    assert undone("payments", [*made, *drafts], day) == {"deleted": 0, "reversed": 0, "gone": 3}
    assert (figures(scope.company), open_of(invoice)) == (before, 100)


def test_the_import_costs_the_same_for_each_document(scope):
    customer(), open_fiscal_year(DAY)

    def cost(count, start):
        rows = [row(f"R{n}", unit_price="10", description="Work") for n in range(start, start + count)]
        with CaptureQueriesContext(connection) as queries:
            assert became(imported("invoices", csv_of(*rows), post=True)) == [NEW] * count
        return len(queries)

    cost(2, 0)
    two, six, thirty = cost(2, 2), cost(6, 10), cost(30, 20)
    assert (thirty - six) / 24 == (six - two) / 4
