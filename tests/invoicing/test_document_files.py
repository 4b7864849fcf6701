"""The files of posted documents: on paper and as electronic invoices, with the totals that are in the books."""

import io
import re
from decimal import Decimal

import pytest
from pypdf import PdfReader

from accounting.models import ContactAddress
from accounting.rates import set_rate
from invoicing.crediting import credit_document
from invoicing.document_files import document_einvoice_problems, document_facturx, document_pdf, document_xml
from invoicing.document_posting import post_document
from invoicing.einvoice.reading import read_invoice
from invoicing.einvoice.refusals import EInvoiceNotPossible
from invoicing.models import InvoicingSettings
from tests.books import DAY
from tests.invoicing.official_rules import failed_rules, schema_errors
from tests.invoicing.papers import add_group, add_tax, customer, draft, line, posted

D = Decimal


@pytest.fixture
def seller(scope):
    """A company that has all that an electronic invoice asks for."""
    company = scope.company
    company.country, company.tax_number = "DE", "DE136695976"
    InvoicingSettings.objects.create(
        company=company, street="Hauptstraße 1", postal_code="10115", city="Berlin", email="billing@example.com",
        iban="DE89370400440532013000", bic="COBADEFFXXX", footer="Registered in Berlin",
    )  # fmt: skip
    return company


def buyer(**fields):
    contact = customer("Contoso SARL", country="FR", tax_number="FR40303265045", **fields)
    ContactAddress.objects.create(
        company=contact.company, contact=contact, number=1, street="12 rue de la Paix", postal_code="75002",
        city="Paris", country="FR",
    )  # fmt: skip
    return contact


def text_of(pdf):
    return re.sub(r"[\s\u200b]+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def test_the_sums_agree_on_invoice_paper_and_xml(seller):
    add_tax("V19", "19")
    invoice = posted(buyer(), *[line("17.65", "3", "V19")] * 60, reference="PO 7")
    text = text_of(document_pdf(seller, invoice, "classic"))
    assert f"{invoice.total:,.2f}" in text and invoice.number in text and "Page 2 of" in text
    for syntax in ("ubl", "cii"):
        written = document_xml(seller, invoice, syntax)
        found = read_invoice(written)
        assert (found.net, found.tax, found.payable) == (invoice.net, invoice.tax, invoice.total)
        assert schema_errors(written) == [] and failed_rules(written) == []
    assert read_invoice(document_facturx(seller, invoice)).payable == invoice.total


def test_a_line_carries_the_tax_of_its_own_group(seller):
    held = add_tax("W10", "10", kind="withheld")
    add_group("G19", add_tax("V19", "19"), held)
    add_group("G7", held, add_tax("V7", "7"))
    invoice = posted(buyer(), line("100.00", tax="G19"), line("100.00", tax="G7"))
    found = read_invoice(document_xml(seller, invoice, "ubl"))
    assert [row.percent for row in found.lines] == [D(19), D(7)]
    assert (found.prepaid, found.payable) == (D("20.00"), invoice.total) == (D("20.00"), D("206.00"))


def test_a_line_with_two_taxes_has_no_place_in_the_standard(seller):
    add_group("G", add_tax("A", "5"), add_tax("B", "9.5", compound=True))
    invoice = posted(buyer(), line("100.00", tax="G"))
    with pytest.raises(EInvoiceNotPossible) as refused:
        document_xml(seller, invoice, "cii")
    assert refused.value.place == "lines"
    assert "109.98" not in text_of(document_pdf(seller, invoice)) and "114.98" in text_of(document_pdf(seller, invoice))


def test_a_credit_note_names_what_it_credits(seller):
    add_tax("V19", "19")
    invoice = posted(buyer(), line("100.00", tax="V19"))
    note = post_document(credit_document(invoice.pk, date=DAY, reason="Returned").pk)
    found = read_invoice(document_xml(seller, note, "ubl"))
    assert (found.type_code, found.preceding, found.payable) == ("381", invoice.number, D("119.00"))
    assert invoice.number in text_of(document_pdf(seller, note, "compact"))


def test_in_another_currency_the_tax_is_told_in_our_own_as_well(seller):
    add_tax("V19", "19")
    set_rate("USD", DAY, D("0.913457"), source="ECB")
    invoice = posted(buyer(currency="USD"), line("33.33", "3", "V19"))
    assert b'<cbc:TaxAmount currencyID="EUR">17.36</cbc:TaxAmount>' in document_xml(seller, invoice, "ubl")
    assert "Tax in EUR: 17.36" in text_of(document_pdf(seller, invoice, "modern"))


def test_what_is_missing_is_said_before(scope):
    add_tax("V19", "19")
    invoice = draft(customer(), line("100.00", tax="V19"))
    places = [place for place, _message in document_einvoice_problems(scope.company, invoice)]
    assert {"number", "seller.address", "buyer.country"} <= set(places)
    assert "Draft" in text_of(document_pdf(scope.company, invoice))
    with pytest.raises(EInvoiceNotPossible):
        document_xml(scope.company, invoice, "edifact")
