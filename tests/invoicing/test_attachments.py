"""Files of documents: added while there is work to do, kept once it is posted, gone with the draft, nobody else's."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from invoicing.bill_import import receive_bill
from invoicing.document_attachments import attach_to_document, files_of_document, remove_from_document
from invoicing.document_posting import post_document
from invoicing.documents import delete_document
from invoicing.einvoice.ubl import ubl_of
from invoicing.models import Document
from invoicing.refusals import DocumentSettled
from ledger.attachments import AttachmentNotFound, content_of
from tenants.permissions import permissions_of_role
from tenants.refusal import NotPermitted
from tenants.scope import Actor, acting_as
from tests.conftest import make_api_client, make_company
from tests.constitution.raw import system_scope
from tests.invoicing.paper_samples import Sold, sample
from tests.invoicing.papers import add_tax, customer, draft, line, supplier

PDF = b"%PDF-1.7 a delivery note"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def names(document):
    return [file.name for file in files_of_document(document.pk).order_by("name")]


def test_a_file_of_a_draft_may_go_and_that_of_a_posted_document_stays(scope, django_capture_on_commit_callbacks):
    invoice = draft(customer(), line("10.00"))
    first = attach_to_document(invoice.pk, "note.pdf", PDF)
    second = attach_to_document(invoice.pk, "order.pdf", PDF)
    with django_capture_on_commit_callbacks(execute=True):
        remove_from_document(invoice.pk, first.pk)
    assert not default_storage.exists(first.path)
    post_document(invoice.pk)
    with pytest.raises(DocumentSettled):
        remove_from_document(invoice.pk, second.pk)
    with pytest.raises(AttachmentNotFound):
        remove_from_document(invoice.pk, first.pk)
    attach_to_document(invoice.pk, "late.pdf", PDF)
    assert names(invoice) == ["late.pdf", "order.pdf"]
    assert content_of(second.pk)[1] == PDF


def test_who_only_drafts_adds_nothing_to_what_is_posted(scope):
    invoice = draft(customer(), line("10.00"))
    clerk = Actor(type="user", name="Clerk", permissions=permissions_of_role("clerk"))
    with acting_as(clerk):
        attach_to_document(invoice.pk, "note.pdf", PDF)
    post_document(invoice.pk)
    with acting_as(clerk), pytest.raises(NotPermitted):
        attach_to_document(invoice.pk, "late.pdf", PDF)


def test_a_draft_goes_with_its_files(scope, django_capture_on_commit_callbacks):
    invoice = draft(customer(), line("10.00"))
    kept = attach_to_document(invoice.pk, "note.pdf", PDF)
    with django_capture_on_commit_callbacks(execute=True):
        delete_document(invoice.pk)
    assert not default_storage.exists(kept.path)
    assert not Document.objects.for_company(scope.company).filter(pk=invoice.pk).exists()


def test_an_e_invoice_stays_with_the_bill_that_it_became(scope):
    add_tax("P19", "19", "purchases")
    supplier("Adventure Works GmbH", tax_number="DE136695976", country="DE")
    xml = ubl_of(sample(Sold("10.00")))
    bill = receive_bill("r-1.xml", xml)
    (file,) = files_of_document(bill.pk)
    assert (file.name, content_of(file.pk)[1]) == ("r-1.xml", xml)


def test_files_by_the_page_and_by_the_api(signed_in, api, company):
    with system_scope(company):
        invoice = draft(customer(), line("10.00"))
    client = signed_in("accountant")
    page = reverse("invoicing:document-detail", args=[company.slug, invoice.pk])
    add = reverse("invoicing:document-attach", args=[company.slug, invoice.pk])
    refused = client.post(add, {"files": SimpleUploadedFile("page.html", b"<html>")}, follow=True)
    assert "page.html: Files are PDF" in refused.content.decode()
    assert client.post(add, {"files": SimpleUploadedFile("note.pdf", PDF)}).status_code == 302
    shown = client.get(page).content.decode()
    assert "note.pdf" in shown and "Remove" in shown

    books = api("admin")
    (file,) = books.get(f"invoices/{invoice.pk}/attachments/").json()["results"]
    assert (file["name"], file["source"], file["source_id"]) == ("note.pdf", "document", str(invoice.pk))
    assert books.get(f"attachments/{file['id']}/").content == PDF
    made = books.client.post(
        f"{books.base}invoices/{invoice.pk}/attachments/", {"file": SimpleUploadedFile("b.pdf", PDF)}
    )
    assert made.status_code == 201
    assert books.get(f"bills/{invoice.pk}/attachments/").status_code == 404
    assert books.delete(f"invoices/{invoice.pk}/attachments/{file['id']}/").status_code == 204
    stranger = make_api_client(make_company(), "admin")
    assert stranger.get(f"invoices/{invoice.pk}/attachments/").status_code == 404

    post = reverse("invoicing:document-act", args=[company.slug, invoice.pk])
    client.post(post, {"act": "post", "version": 1})
    posted = client.get(page).content.decode()
    assert "What is posted keeps its files." in posted and "b.pdf" in posted
    assert 'hx-confirm="Remove' not in posted
