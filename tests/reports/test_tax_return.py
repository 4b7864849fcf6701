"""The tax return: from the rows of the tax ledger, in their boxes, tied to the accounts, whatever the template."""

import datetime
from decimal import Decimal

import pytest

from accounting.models import Account
from accounting.tax_boxes import add_box
from accounting.tax_installation import TEMPLATES, install_taxes
from invoicing.crediting import credit_document
from invoicing.document_posting import post_document
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from reports.catalogue import CATALOGUE
from reports.table import Asked
from reports.tax_return import UnknownBox
from tests.invoicing.papers import add_tax, customer, line, posted, supplier

D = Decimal
MARCH, END = datetime.date(2026, 3, 1), datetime.date(2026, 3, 31)


@pytest.fixture
def books(scope):
    """Sales and purchases in March, a reverse charge, something in February, and two accounts of taxes."""
    for number, (code, name, formula) in enumerate(
        (("1", "Due", ""), ("3", "Total due", "1"), ("4", "Reclaimed", ""), ("5", "To pay", "3 - 4"), ("6", "Sales", ""),
         ("7", "Purchases", "")), 1
    ):  # fmt: skip
        add_box(code=code, name=name, formula=formula, number=number)
    Account.objects.create(company=scope.company, code="1590", name="Input tax", type="asset", subtype="tax_receivable")
    add_tax("S", "20", base_boxes=["6"], tax_boxes=["1"])
    add_tax("P", "20", "purchases", account="1590", base_boxes=["7"], tax_boxes=["4"])
    add_tax("RC", "20", "purchases", kind="reverse_charge", account="1590", counter_account="2100", base_boxes=["6", "7"],
            tax_boxes=["4"], counter_boxes=["1"])  # fmt: skip
    posted(customer(), line("50.00", tax="S"), date=datetime.date(2026, 2, 10))
    posted(customer("Fabrikam"), line("100.00", tax="S"), date=datetime.date(2026, 3, 10))
    posted(supplier(), line("30.00", tax="P"), line("10.00", tax="RC"), date=datetime.date(2026, 3, 12))
    return scope.company


def made(company, name="tax-return", start=MARCH, date=END, **asked):
    report = CATALOGUE[name].make(company, Asked(date, start, **asked))
    return [[cell.value for cell in row.cells] for row in report.rows], [str(one) for one in report.problems]


def boxes(company, **days):
    rows, problems = made(company, **days)
    return {row[0]: row[2] for row in rows}, problems


def test_each_row_counts_in_its_boxes_at_its_tax_point(books):
    found, problems = boxes(books)
    assert problems == []
    assert found == {"1": 22, "3": 22, "4": 8, "5": 14, "6": 110, "7": 40}
    assert boxes(books, start=datetime.date(2026, 2, 1))[0]["6"] == 160


def test_a_credit_note_takes_back_what_it_credits(books):
    invoice = posted(customer("Blue Yonder"), line("80.00", tax="S"), date=datetime.date(2026, 3, 20))
    note = credit_document(invoice.pk, date=datetime.date(2026, 3, 25), reason="Returned")
    post_document(note.pk)
    assert boxes(books) == ({"1": 22, "3": 22, "4": 8, "5": 14, "6": 110, "7": 40}, [])


def test_every_box_leads_to_rows_that_add_up_to_it(books):
    found, _problems = boxes(books)
    for box, amount in found.items():
        rows, _none = made(books, "tax-rows", box=box)
        assert rows[-1][-1] == amount == sum(row[-1] for row in rows[:-1]), box
    with pytest.raises(UnknownBox):
        made(books, "tax-rows", box="zebra")


def test_the_return_ties_to_the_accounts_and_a_payment_of_tax_explains_itself(books):
    lines = (NewLine("2100", D(5)), NewLine("1000", D(-5)))
    post(NewEntry("to the office", datetime.date(2026, 3, 30), lines))
    rows, problems = made(books, "tax-tie-out")
    assert problems == []
    assert {row[0]: row[1:] for row in rows} == {
        "1590 Input tax": [8, 0, 0, 8, 0], "2100 VAT payable": [22, 0, -5, 17, 0],
    }  # fmt: skip


def test_a_tax_point_in_another_month_explains_a_difference(books):
    posted(customer("Wingtip"), line("200.00", tax="S"), date=datetime.date(2026, 4, 2), tax_date=END)
    found, problems = boxes(books)
    assert (found["1"], problems) == (62, [])
    rows, problems = made(books, "tax-tie-out")
    assert problems == [] and {row[0]: row[1:4] for row in rows}["2100 VAT payable"] == [62, -40, 0]


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_the_boxes_of_every_template_are_reckoned(scope, template):
    for role in ("tax_payable", "tax_receivable"):
        Account.objects.create(company=scope.company, code=role, name=role, type="liability", role=role)
    install_taxes(template)
    rows, problems = made(scope.company)
    assert problems == [] and all(row[2] == 0 for row in rows)
