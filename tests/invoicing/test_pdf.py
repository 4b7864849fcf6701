"""What is printed is what was posted: texts, totals, pages, payment QR, and the same bytes every time."""

import dataclasses
import datetime
import gc
import io
import re
from decimal import Decimal

import psutil
import pytest
from pypdf import PdfReader

from invoicing.pdf import LAYOUTS, pages_of, pdf_of
from invoicing.pdf.formats import formats_of
from invoicing.pdf.payment_qr import transfer_payload
from invoicing.pdf.typesetting import CannotBePrinted
from invoicing.totals import Rules
from tests.invoicing.paper_samples import BUYER, DAY, SELLER, Sold, in_parts, sample

D = Decimal
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10" fill="#123"/></svg>'


def text_of(pdf):
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    return re.sub(r"[\s\u200b]+", " ", " ".join(pages))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_invoice_shows_what_was_posted(layout):
    document = sample(
        Sold("120.00", "12.5", discount="10", item="CONS-01", description="Migration of the ledger"),
        Sold("0.0125", "12000", percent="7", unit="C62", description="API calls"),
        Sold("250.00", percent="0", category="E", description="Course", unit=""),
        notes="Thank you.",
    )
    text = text_of(pdf_of(document, layout=layout, logo=SVG))
    for shown in (
        "Invoice", "INV-2026-00042", "Mar 15, 2026", "Apr 14, 2026", "PO 4711", "Adventure Works GmbH", "10115 Berlin",
        "Contoso SARL", "Bâtiment B", "France", "VAT no. FR40303265045", "CONS-01", "Migration of the ledger", "12.5 h",
        "10%", "1,350.00", "12,000 pcs", "0.0125", "19%", "256.50", "10.50", "VAT 0 %: Exempt under article 132",
        "1,750.00", "267.00", "2,017.00", "30 days net", "DE89 3704 0044 0532 0130 00", "COBADEFFXXX", "Scan to pay",
        "Thank you.", "Registered in Berlin", "Page 1 of 1",
    ):  # fmt: skip
        assert shown in text, shown


@pytest.mark.parametrize("layout", LAYOUTS)
def test_200_lines_run_over_pages_with_the_head_of_the_table_on_each(layout):
    document = sample(*[Sold(f"{n}.37", "3", description=f"Article {n}") for n in range(1, 201)])
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf_of(document, layout=layout))).pages]
    assert 4 <= len(pages) <= 12
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page.replace("\n", " ")
        assert "Unit price" in page or "Article" not in page
        assert ("continued" in page) == (number > 1)
    whole = "\n".join(pages)
    assert [int(found) for found in re.findall(r"Article (\d+)", whole)] == list(range(1, 201))
    assert formats_of("en", 2).money(document.total) in whole


def test_the_same_document_makes_the_same_bytes():
    document = sample(Sold("10.00"))
    first = pdf_of(document)
    assert first == pdf_of(document) and first != pdf_of(dataclasses.replace(document, number="INV-2"))
    found = PdfReader(io.BytesIO(first)).metadata
    assert found.title == "Invoice INV-2026-00042" and found.creation_date.date() == DAY


def test_instalments_and_early_payment_are_spelled_out():
    document = in_parts(sample(Sold("100.00", "10")), [(30, "50"), (60, "50")])
    document = dataclasses.replace(
        document, discount_percent=D(2), discount_until=DAY + datetime.timedelta(days=10)
    )  # fmt: skip
    text = text_of(pdf_of(document))
    assert "Apr 14, 2026 595.00 EUR" in text and "May 14, 2026 595.00 EUR" in text
    assert "If paid by Mar 25, 2026 you pay 1,166.20 EUR (2% discount)." in text


def test_a_foreign_document_shows_its_tax_in_base_currency_and_what_is_withheld():
    document = sample(Sold("33.33", "3", withheld="10"), currency="USD", base_tax=D("17.36"))
    text = text_of(pdf_of(document))
    assert "Withheld tax −10.00" in text and "Total USD 108.99" in text and "Tax in EUR: 17.36" in text


@pytest.mark.parametrize(
    ("decimals", "currency", "price", "total"),
    [(0, "JPY", "333", "1,099"), (3, "KWD", "333.333", "1,099.999"), (4, "CLF", "333.3333", "1,099.9999")],
)
def test_currencies_keep_their_decimals(decimals, currency, price, total):
    document = sample(
        Sold(price, "3", percent="10"), rules=Rules(decimals=decimals), currency=currency, base_currency=currency
    )
    assert f"Total {currency} {total}" in text_of(pdf_of(document))


def test_a_credit_note_says_what_it_credits_and_asks_for_nothing():
    document = sample(
        Sold("100.00"), kind="credit_note", number="CN-3", credited_number="INV-1", credited_date=DAY, reason="Returned"
    )
    text = text_of(pdf_of(document))
    assert "Credit note CN-3" in text and "INV-1 of Mar 15, 2026" in text and "Total credit EUR 119.00" in text
    assert "IBAN" not in text and "Due" not in text


@pytest.mark.parametrize(
    ("kind", "title"),
    [("debit_note", "Debit note"), ("bill", "Bill"), ("quote", "Quote"), ("purchase_order", "Purchase order")],
)
def test_every_kind_has_its_title(kind, title):
    text = text_of(pdf_of(sample(Sold("10.00"), kind=kind), layout="modern"))
    assert title in text and "Scan to pay" not in text


def test_an_order_is_on_the_paper_of_the_buyer():
    text = text_of(pdf_of(sample(Sold("10.00"), kind="purchase_order")))
    assert text.index("Contoso SARL") < text.index("Adventure Works GmbH")


def test_in_german_amounts_and_dates_are_german():
    document = sample(Sold("1234.50", "3.25"), rules=Rules(inclusive=True, cash_step=D("0.05")), language="de")
    text = text_of(pdf_of(document))
    assert "15.03.2026" in text and "4.012,15" in text and "19 %" in text and "Frankreich" in text


def test_what_people_write_is_text_and_nothing_else():
    written = '#panic("x") $a$ *b* @c <d> \\ // {e} [f] "g"'
    text = text_of(pdf_of(sample(Sold("10.00", description=written), notes=written, footer=written)))
    assert text.count('#panic("x") $a$ *b* @c <d> \\ // {e} [f] "g"') == 3


@pytest.mark.parametrize("layout", LAYOUTS)
def test_long_names_stay_on_the_paper(layout):
    buyer = dataclasses.replace(BUYER, name="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau" * 3)
    document = sample(Sold("10.00", item="X" * 60, description="y" * 300), buyer=buyer, reference="z" * 200)
    [page] = PdfReader(io.BytesIO(pdf_of(document, layout=layout))).pages
    places = []
    page.extract_text(visitor_text=lambda text, _cm, tm, _font, _size: places.append(tm[4]) if text.strip() else None)
    assert min(places) >= 0 and max(places) < float(page.mediabox.width) - 20


def test_why_a_closed_period_was_opened_is_nobody_elses_business():
    assert "Late bill" not in text_of(pdf_of(sample(Sold("10.00"), reason="Late bill")))


def test_a_draft_is_called_one():
    assert "Draft" in text_of(pdf_of(sample(Sold("10.00"), number="")))


@pytest.mark.parametrize(("layout", "logo"), [("baroque", None), ("modern", b"no picture")])
def test_what_cannot_be_set_is_refused(layout, logo):
    with pytest.raises(CannotBePrinted):
        pdf_of(sample(Sold("10.00")), layout=layout, logo=logo)


def test_pages_can_be_looked_at():
    pages = pages_of(sample(*[Sold("1.00")] * 60), layout="modern")
    assert len(pages) > 1 and all(page.startswith(b"\x89PNG") for page in pages)


def test_the_payment_qr_says_who_gets_how_much_for_what():
    assert transfer_payload(sample(Sold("100.00"))).split("\n") == [
        "BCD", "002", "1", "SCT", "COBADEFFXXX", "Adventure Works GmbH", "DE89370400440532013000", "EUR119", "", "",
        "INV-2026-00042",
    ]  # fmt: skip
    longest = sample(Sold("1.00"), account_holder="ä" * 90, number="n" * 60)
    assert len(transfer_payload(longest).encode()) <= 331


@pytest.mark.parametrize(
    "changes",
    [{"kind": "credit_note"}, {"kind": "quote"}, {"currency": "USD"}, {"iban": ""}, {"iban": "DE00"},
     {"total": D(0)}, {"total": D(-5)}, {"total": D("1000000000")}, {"number": ""}],
)  # fmt: skip
def test_nothing_else_has_a_payment_qr(changes):
    assert transfer_payload(sample(Sold("100.00"), **changes)) == ""


def test_memory_stays_flat_over_hundreds_of_documents():
    process = psutil.Process()

    def make(count):
        for number in range(count):
            pdf_of(sample(Sold("10.00", str(number + 1)), number=f"INV-{number}", seller=SELLER))
        gc.collect()
        return process.memory_info().rss

    before = make(60)
    assert make(240) - before < 40_000_000
