"""Documents as files, settings of invoicing, received e-invoices: by page and API."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounting.contacts import add_contact
from invoicing.invoicing_settings import InvalidInvoicingSettings, change_settings, settings_of
from invoicing.models import Document
from tenants.models import AuditEvent
from tenants.refusal import Conflict
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, draft, line, posted

D = Decimal
ADDRESS = {"street": "Hauptstr. 1", "postal_code": "10115", "city": "Berlin", "country": "DE"}


@pytest.fixture
def invoice(company):
    """One that can be an e-invoice: both sides have an address and a tax number."""
    type(company).objects.filter(pk=company.pk).update(country="DE", tax_number="DE136695976")
    company.refresh_from_db()
    with system_scope(company):
        change_settings(
            street="Hafenstr. 5", postal_code="20457", city="Hamburg", email="office@example.com",
            iban="DE89370400440532013000",
        )  # fmt: skip
        add_tax("V19", "19")
        add_tax("P19", "19", "purchases")
        buyer = add_contact(
            name="Adatum", is_customer=True, country="DE", tax_number="DE129273398", addresses=[ADDRESS]
        )
        yield posted(buyer, line("100.00", "2", "V19"))


def page(company, name, *args):
    return reverse(f"invoicing:{name}", args=[company.slug, *args])


@pytest.mark.parametrize(
    ("form", "begins"), [("pdf", b"%PDF"), ("facturx", b"%PDF"), ("ubl", b"<?xml"), ("cii", b"<?xml")]
)
def test_a_posted_invoice_is_saved_in_every_form(signed_in, api, company, invoice, form, begins):
    answer = signed_in("clerk").get(page(company, "document-file", invoice.pk, form))
    assert answer.status_code == 200 and answer.content.startswith(begins)
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{invoice.number}')
    again = api("read").get(f"invoices/{invoice.pk}/{form}/")
    assert again.status_code == 200 and again.content.startswith(begins)
    with system_scope(company):
        reads = AuditEvent.objects.for_company(company).filter(operation="read", subject="invoicing_document")
        assert reads.count() == 2


def test_what_stands_in_the_way_of_an_e_invoice_is_said(signed_in, company, invoice):
    with system_scope(company):
        change_settings(city="", street="", postal_code="")
        kept = draft(invoice.contact, line("1.00"))
    client = signed_in("accountant")
    assert client.get(page(company, "document-file", invoice.pk, "ubl")).status_code == 422
    refused = client.get(page(company, "document-file", kept.pk, "ubl"))
    assert refused.status_code == 422 and "Only what is posted is an e-invoice." in refused.content.decode()
    assert client.get(page(company, "document-file", kept.pk, "pdf") + "?layout=modern").status_code == 200
    assert client.get(page(company, "document-file", kept.pk, "pdf") + "?layout=loud").status_code == 422


def test_settings_are_checked_and_changed_with_the_version_that_was_seen(signed_in, company, scope):
    assert settings_of(company).write_off_cap == 5
    for changes, place in (
        ({"iban": "DE00"}, "iban"), ({"cash_step": D(-1)}, "cash_step"), ({"write_off_cap": D(-1)}, "write_off_cap"),
        ({"email": "nobody"}, "email"), ({"tax_rounding": "never"}, "tax_rounding"), ({"shoe": 1}, "shoe"),
    ):  # fmt: skip
        with pytest.raises(InvalidInvoicingSettings) as refused:
            change_settings(**changes)
        assert refused.value.place == place
    changed = change_settings(iban="DE89 3704 0044 0532 0130 00")
    assert changed.iban == "DE89370400440532013000"
    with pytest.raises(Conflict):
        change_settings(version=changed.version - 1, city="Bonn")
    client = signed_in("owner")
    form = {"city": "Bonn", "tax_rounding": "line", "write_off_cap": "2", "version": changed.version}
    assert client.post(page(company, "settings"), form).status_code == 302
    assert (settings_of(company).city, settings_of(company).tax_rounding) == ("Bonn", "line")
    assert client.post(page(company, "settings"), form).status_code == 409
    reader = signed_in("clerk")
    assert reader.get(page(company, "settings")).status_code == 200
    assert reader.post(page(company, "settings"), form).status_code == 403


def test_a_received_e_invoice_becomes_the_draft_of_a_bill(signed_in, company, invoice):
    client = signed_in("accountant")
    xml = client.get(page(company, "document-file", invoice.pk, "ubl")).content
    upload = page(company, "bill-import")
    unknown = client.post(upload, {"file": SimpleUploadedFile("invoice.xml", xml)})
    assert unknown.status_code == 422 and "No supplier has this tax number" in unknown.content.decode()
    with system_scope(company):
        add_contact(name="Ourselves", is_supplier=True, country="DE", tax_number="DE136695976")
    sent = client.post(upload, {"file": SimpleUploadedFile("invoice.xml", xml)})
    assert sent.status_code == 302, sent.content.decode()
    with system_scope(company):
        bill = Document.objects.for_company(company).get(kind="bill")
        assert (bill.total, bill.reference, bill.state) == (D(238), invoice.number, "draft")
    broken = client.post(upload, {"file": SimpleUploadedFile("invoice.xml", b"<xml")})
    assert broken.status_code in (400, 422)
