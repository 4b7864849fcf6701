"""Every kind of document is a valid electronic invoice: by the official schemas and rules, and by our own."""

import dataclasses
import io
from decimal import Decimal

import pytest
from lxml import etree
from pypdf import PdfReader

from invoicing.einvoice.cii import cii_of
from invoicing.einvoice.facturx import facturx_of
from invoicing.einvoice.missing import einvoice_problems
from invoicing.einvoice.reading import read_einvoice
from invoicing.einvoice.refusals import EInvoiceNotPossible
from invoicing.einvoice.rules import findings_of
from invoicing.einvoice.ubl import ubl_of
from invoicing.totals import Rules
from tests.invoicing.official_rules import failed_rules, schema_errors
from tests.invoicing.paper_samples import BUYER, DAY, SELLER, Sold, in_parts, sample

D = Decimal
WRITERS = [ubl_of, cii_of]
DOCUMENTS = {
    "discounts and rates": sample(
        Sold("120.00", "12.5", discount="10", item="A1", description="Work\non site"),
        Sold("0.0125", "12000", percent="7", unit="C62"), Sold("250", percent="0", category="E"),
    ),
    "prices with tax, in coins": sample(
        Sold("1234.5", "3.25"), Sold("99.90", "2", percent="7", discount="33.333333"), Sold("-5.55", "3"),
        rules=Rules(inclusive=True, cash_step=D("0.05")),
    ),
    "tax by line": sample(*[Sold("0.33", "1")] * 40, rules=Rules(per_line=True)),
    "credit note": sample(
        Sold("100", "2"), kind="credit_note", number="CN-3", credited_number="INV-1", credited_date=DAY, reason="Back"
    ),
    "debit note": sample(Sold("100", "2"), kind="debit_note"),
    "foreign and withheld": sample(Sold("33.33", "3", withheld="10"), currency="USD", base_tax=D("17.36")),
    "reverse charge": sample(Sold("10", percent="0", category="AE")),
    "within the EU": sample(Sold("10", percent="0", category="K")),
    "export": sample(Sold("10", percent="0", category="G")),
    "outside the scope": sample(Sold("10", category="")),
    "zero rate": sample(Sold("10", percent="0", category="Z"), notes="x & <y>\x01"),
    "yen": sample(Sold("333", "3", percent="10"), rules=Rules(decimals=0), currency="JPY", base_currency="JPY"),
    "in parts, with a discount": dataclasses.replace(
        in_parts(sample(Sold("100")), [(30, "50"), (60, "50")]), discount_percent=D(2), discount_until=DAY
    ),
    "nothing to pay": sample(Sold("100", discount="100")),
    "without a bank": sample(Sold("100"), iban=""),
    "seller without a VAT number": sample(
        Sold("100"), seller=dataclasses.replace(SELLER, country="US", tax_number="12-3456789")
    ),
}  # fmt: skip


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_passes_the_official_schemas_and_rules_and_our_own(name, write):
    written = write(DOCUMENTS[name])
    assert schema_errors(written) == []
    assert failed_rules(written) == []
    assert findings_of(written) == []


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_written_reads_back_as_it_was(name, write):
    document, invoice = DOCUMENTS[name], read_einvoice(write(DOCUMENTS[name]))
    sums = invoice.sums
    assert (sums.net, sums.tax, sums.gross) == (document.net, document.tax, document.gross)
    assert (sums.prepaid or 0, sums.rounding or 0) == (document.withheld, document.rounding)
    assert sums.payable == document.total
    assert [line.net for line in invoice.lines] == [line.net for line in document.lines]
    assert (invoice.number, invoice.date, invoice.currency) == (document.number, document.date, document.currency)
    assert (invoice.preceding, invoice.preceding_date) == (document.credited_number, document.credited_date)
    assert invoice.seller.name == document.seller.name and invoice.buyer.country == "FR"


@pytest.mark.parametrize("write", WRITERS)
def test_the_details_stand_where_the_standard_wants_them(write):
    first = read_einvoice(write(DOCUMENTS["discounts and rates"]))
    assert (first.type_code, first.order, first.due_date) == ("380", "PO 4711", DOCUMENTS["yen"].due_date)
    assert (first.seller.vat_number, first.buyer.vat_number) == ("DE136695976", "FR40303265045")
    assert (first.payment.means, first.payment.account) == ("58", "DE89370400440532013000")
    line = first.lines[0]
    assert (line.name, line.description, line.unit, line.price) == ("Work", "on site", "HUR", D("120.00"))
    [allowance] = line.allowances
    assert (allowance.amount, allowance.base, allowance.percent) == (D("150.00"), D("1500.00"), D(10))
    assert [(row.category, row.percent, row.taxable, row.amount, row.reason_code) for row in first.breakdowns] == [
        ("S", D(19), D("1350.00"), D("256.50"), ""), ("S", D(7), D("150.00"), D("10.50"), ""),
        ("E", D(0), D("250.00"), D("0.00"), "VATEX-EU-132"),
    ]  # fmt: skip
    foreign = read_einvoice(write(DOCUMENTS["foreign and withheld"]))
    assert (foreign.tax_currency, foreign.sums.tax_in_accounting, foreign.sums.prepaid) == ("EUR", D("17.36"), D(10))
    assert foreign.notes == ["Withheld 10 % of 10.00 USD is withheld and counts as paid."]
    parts = read_einvoice(write(DOCUMENTS["in parts, with a discount"]))
    assert parts.terms == (
        "30 days net; 59.50 EUR due on Apr 14, 2026; 59.50 EUR due on May 14, 2026; "
        "If paid by Mar 15, 2026 you pay 116.62 EUR (2% discount)."
    )
    assert read_einvoice(write(DOCUMENTS["credit note"])).type_code == "381"
    assert read_einvoice(write(DOCUMENTS["debit note"])).type_code == "383"
    assert read_einvoice(write(DOCUMENTS["within the EU"])).delivery_country == "FR"
    outside = read_einvoice(write(DOCUMENTS["outside the scope"]))
    assert not outside.seller.vat_number and outside.breakdowns[0].reason_code == "VATEX-EU-O"


def test_greece_has_a_prefix_of_its_own():
    seller = dataclasses.replace(SELLER, country="GR", tax_number="094259216")
    assert read_einvoice(ubl_of(sample(Sold("1"), seller=seller))).seller.vat_number == "EL094259216"


def untaxed(**changes):
    document = sample(Sold("10", percent="0", category="AE"))
    return dataclasses.replace(document, taxes=[dataclasses.replace(document.taxes[0], **changes)])


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (sample(Sold("10"), kind="quote"), "kind"),
        (sample(Sold("10"), number=""), "number"),
        (sample(Sold("10"), seller=dataclasses.replace(SELLER, country="")), "seller.country"),
        (sample(Sold("10"), seller=dataclasses.replace(SELLER, street="", city="")), "seller.address"),
        (sample(Sold("10"), seller=dataclasses.replace(SELLER, tax_number="")), "seller.tax_number"),
        (sample(Sold("10"), buyer=dataclasses.replace(BUYER, country="")), "buyer.country"),
        (sample(Sold("10"), buyer=dataclasses.replace(BUYER, name=" ")), "buyer.name"),
        (sample(Sold("10", percent="0", category="K"), buyer=dataclasses.replace(BUYER, tax_number="")),
         "buyer.tax_number"),
        (sample(Sold("1.005"), rules=Rules(decimals=3), currency="KWD"), "currency"),
        (sample(Sold("1.0005"), rules=Rules(decimals=4), currency="CLF"), "currency"),
        (sample(Sold("10"), currency="DAY2"), "currency"),
        (sample(Sold("10", description="")), "lines[0].description"),
        (sample(Sold("10"), Sold("10", category="")), "lines[1].tax"),
        (untaxed(exemption_code="", exemption_reason=""), "taxes"),
        (untaxed(percent=D(5)), "lines"),
        (sample(Sold("10", percent="0", category="S")), "taxes"),
    ],
)  # fmt: skip
def test_what_has_no_place_in_the_standard_is_refused_with_its_place(document, place):
    assert place in [where for where, _message in einvoice_problems(document)]
    with pytest.raises(EInvoiceNotPossible) as refused:
        ubl_of(document)
    assert refused.value.place == place and refused.value.code == "einvoice_not_possible"


def test_amounts_with_three_decimals_that_need_two_are_possible():
    document = sample(Sold("1.500", "3"), rules=Rules(decimals=3), currency="KWD", base_currency="KWD")
    document = dataclasses.replace(document, tax=D("0.860"), total=D("5.360"))
    assert [place for place, _message in einvoice_problems(document)] == []


def test_factur_x_is_a_pdf_a_3_that_carries_the_invoice_and_says_so():
    document = DOCUMENTS["discounts and rates"]
    made = facturx_of(document, layout="modern")
    assert made == facturx_of(document, layout="modern")
    reader = PdfReader(io.BytesIO(made), strict=True)
    assert reader.attachments["factur-x.xml"] == [cii_of(document)]
    [file] = [one.get_object() for one in reader.root_object["/AF"]]
    assert file["/AFRelationship"] == "/Alternative" and file["/EF"]["/F"].get_object()["/Subtype"] == "/text/xml"
    metadata = etree.fromstring(reader.root_object["/Metadata"].get_object().get_data())
    texts = {etree.QName(one).localname: one.text for one in metadata.iter() if one.text and isinstance(one.tag, str)}
    assert (texts["part"], texts["conformance"]) == ("3", "B")
    assert (texts["DocumentFileName"], texts["DocumentType"]) == ("factur-x.xml", "INVOICE")
    assert (texts["Version"], texts["ConformanceLevel"]) == ("1.0", "EN 16931")
    assert findings_of(made) == [] and read_einvoice(made).sums.payable == document.total


def test_a_sign_that_no_font_has_is_refused():
    with pytest.raises(EInvoiceNotPossible):
        facturx_of(sample(Sold("10", description="\U0001d12b\U00012000")))
