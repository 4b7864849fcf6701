"""What strangers send is read as it is written, or refused with the place: bombs, broken files and nonsense alike."""

import io
from decimal import Decimal
from fractions import Fraction

import pytest
from pypdf import PdfWriter

from invoicing.einvoice.cii import cii_of
from invoicing.einvoice.facturx import facturx_of
from invoicing.einvoice.reading import read_invoice
from invoicing.einvoice.refusals import UnreadableEInvoice
from invoicing.einvoice.ubl import ubl_of
from tests.invoicing.paper_samples import DAY, Sold, sample

D = Decimal
DOCUMENT = sample(Sold("120.00", "12.5", discount="10", item="A1", description="Work\non site"), Sold("5", percent="7"))
UBL = ubl_of(DOCUMENT)
BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">%s]><a>&c9;</a>""" % b"".join(
    b'<!ENTITY c%d "%s">' % (n, b"&%s;" % (b"c%d" % (n - 1) if n else b"b") * 10) for n in range(10)
)


@pytest.mark.parametrize("write", [ubl_of, cii_of, facturx_of])
def test_a_received_invoice_says_what_was_sent(write):
    found = read_invoice(write(DOCUMENT))
    assert (found.number, found.date, found.currency, found.type_code) == ("INV-2026-00042", DAY, "EUR", "380")
    assert (found.seller_name, found.seller_tax_numbers) == ("Adventure Works GmbH", ["DE136695976"])
    assert (found.seller_iban, found.order) == ("DE89370400440532013000", "PO 4711")
    first, second = found.lines
    assert (first.description, first.item_code, first.quantity, first.unit) == ("Work\non site", "A1", D("12.5"), "HUR")
    assert (first.price, first.discount, first.net) == (Fraction(120), D("150.00"), D("1350.00"))
    assert (second.category, second.percent) == ("S", D(7))
    assert [(row.percent, row.base, row.amount) for row in found.taxes] == [
        (D(19), D("1350.00"), D("256.50")), (D(7), D("5.00"), D("0.35")),
    ]  # fmt: skip
    assert (found.net, found.tax, found.gross, found.payable) == (D(1355), D("256.85"), D("1611.85"), D("1611.85"))


def test_allowances_and_charges_of_the_whole_become_lines_of_their_own():
    whole = b"""<cac:AllowanceCharge><cbc:ChargeIndicator>%s</cbc:ChargeIndicator>
      <cbc:AllowanceChargeReason>%s</cbc:AllowanceChargeReason><cbc:Amount currencyID="EUR">10.00</cbc:Amount>
      <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:TaxCategory></cac:AllowanceCharge>"""
    added = whole % (b"false", b"Bonus") + whole % (b"true", b"Freight") + b"<cac:TaxTotal>"
    found = read_invoice(UBL.replace(b"<cac:TaxTotal>", added, 1))
    assert [(line.description, line.net, line.percent) for line in found.lines[2:]] == [
        ("Bonus", D("-10.00"), D(19)), ("Freight", D("10.00"), D(19)),
    ]  # fmt: skip


def test_a_price_may_be_for_many():
    found = read_invoice(
        UBL.replace(
            b"</cac:Price>", b'<cbc:BaseQuantity unitCode="HUR">100</cbc:BaseQuantity></cac:Price>', 1
        )
    )  # fmt: skip
    assert found.lines[0].price == Fraction(120, 100)


def test_times_and_zones_behind_a_date_do_not_matter():
    found = read_invoice(UBL.replace(b"2026-03-15</cbc:IssueDate>", b"2026-03-15+01:00</cbc:IssueDate>"))
    assert found.date == DAY


def blank_pdf(name=""):
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    if name:
        writer.add_attachment(name, b"<a/>")
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"hello", b"<a>", b"<a/>", BOMB, b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', b"<a>" * 100 + b"</a>" * 100,
        BOMB.decode().replace('version="1.0"', 'version="1.0" encoding="utf-16"').encode("utf-16"),
        b"<a>" * 100_000, b"<a>" + b" " * 10_000_001 + b"</a>", b"%PDF-1.7 broken", blank_pdf(),
        blank_pdf("other.xml"), blank_pdf("factur-x.xml"), UBL[:-200],
        UBL.replace(b"<cbc:ID>INV-2026-00042</cbc:ID>", b""), UBL.replace(b"CommonBasicComponents-2", b"Other-2"),
    ],
    ids=range(18),
)  # fmt: skip
def test_what_is_no_invoice_is_refused(data):
    with pytest.raises(UnreadableEInvoice) as refused:
        read_invoice(data)
    assert refused.value.code == "unreadable_einvoice" and refused.value.place


@pytest.mark.parametrize(
    ("written", "instead", "place"),
    [
        (b">1355.00</cbc:TaxExclusiveAmount>", b">NaN</cbc:TaxExclusiveAmount>", "TaxExclusiveAmount"),
        (b">1350.00</cbc:LineExtensionAmount>", b">1e3</cbc:LineExtensionAmount>", "LineExtensionAmount"),
        (b">12.5</cbc:InvoicedQuantity>", b">twelve</cbc:InvoicedQuantity>", "InvoicedQuantity"),
        (b">12.5</cbc:InvoicedQuantity>", b"></cbc:InvoicedQuantity>", "lines[0]"),
        (b"2026-03-15</cbc:IssueDate>", b"2026-02-30</cbc:IssueDate>", "IssueDate"),
        (b"2026-03-15</cbc:IssueDate>", b"soon</cbc:IssueDate>", "IssueDate"),
    ],
)
def test_a_number_or_date_that_is_none_is_refused_with_its_place(written, instead, place):
    assert written in UBL
    with pytest.raises(UnreadableEInvoice) as refused:
        read_invoice(UBL.replace(written, instead, 1))
    assert place in refused.value.place


def test_a_pdf_may_call_its_invoice_as_zugferd_did():
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.add_attachment("ZUGFeRD-invoice.xml", cii_of(DOCUMENT))
    writer.write(made)
    assert read_invoice(made.getvalue()).payable == DOCUMENT.total
