"""Documents reach their readers: logo, e-mail, public link; by page and API."""

import struct
import zlib
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounting.contacts import change_contact
from invoicing.document_files import file_of
from invoicing.document_posting import post_document
from invoicing.invoicing_settings import settings_of
from invoicing.logo import BadLogo, logo_of, remove_logo, set_logo
from invoicing.mail_templates import save_template, words_for
from invoicing.mail_words import BadWords, filled
from invoicing.mailing import NoMailAddress, mail_document
from invoicing.models import Document, DocumentLink, InvoicingSettings
from invoicing.pdf.pictures import size_of
from invoicing.public_links import LinkNotFound, address_of, opened, revoke_link, share_document
from invoicing.refusals import DocumentRefused
from jobs.models import OutboundMail
from tenants.models import AuditEvent
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, customer, draft, line, posted, supplier

D = Decimal


def png(colour=b"\x00\x60\xc0"):
    """A square of one pixel."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00" + colour))
        + chunk(b"IEND", b"")
    )  # fmt: skip


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    settings.PUBLIC_URL = "https://books.example.com/"


@pytest.fixture
def invoice(company):
    with system_scope(company):
        add_tax("V20", "20")
        buyer = customer(email="buyer@example.com")
        return posted(buyer, line("100.00", "2", "V20"), reference="PO 7")


def page(company, name, *args):
    return reverse(f"invoicing:{name}", args=[company.slug, *args])


def images_of(pdf):
    return pdf.count(b"/Subtype/Image")


# The logo


def test_a_logo_stands_on_documents_until_it_is_removed(company, invoice, django_capture_on_commit_callbacks):
    with system_scope(company):
        assert images_of(file_of(invoice, "pdf").content) == 0
        set_logo(png())
        assert images_of(file_of(invoice, "pdf").content) == 1
        path = settings_of(company).logo
        with django_capture_on_commit_callbacks(execute=True):
            set_logo(png(b"\xff\x00\x00"))
        assert not default_storage.exists(path) and logo_of(company) == png(b"\xff\x00\x00")
        remove_logo()
        assert logo_of(company) is None and images_of(file_of(invoice, "pdf").content) == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", png()[:40], b"x" * (1024 * 1024 + 1)],
    ids=["nothing", "a drawing", "cut off", "too large"],
)
def test_what_is_no_picture_is_no_logo(company, content):
    with system_scope(company), pytest.raises(BadLogo) as refused:
        set_logo(content)
    assert refused.value.place == "logo"


def test_the_size_of_a_jpeg_is_in_its_frame():
    tables, frame = b"\xff\xdb\x00\x04\xff\xc0", b"\xff\xc2\x00\x0b\x08\x00\x20\x00\x40\x03"
    assert size_of(b"\xff\xd8" + tables + frame) == (64, 32)
    for cut in (b"\xff\xd8\xff", b"\xff\xd8" + tables, b"GIF89a"):
        with pytest.raises(ValueError, match=r"picture|JPEG"):
            size_of(cut)


def test_a_logo_that_the_storage_lost_is_said(company):
    with system_scope(company):
        set_logo(png())
        InvoicingSettings.objects.for_company(company).update(logo="gone")
        with pytest.raises(BadLogo, match="not in the storage"):
            logo_of(company)


def test_the_logo_is_set_on_the_page_of_the_settings(signed_in, company):
    client = signed_in("owner")
    assert client.get(page(company, "logo")).status_code == 404
    sent = client.post(page(company, "logo"), {"logo": SimpleUploadedFile("a.png", png())}, follow=True)
    assert "Documents carry this logo from now on." in sent.content.decode()
    shown = client.get(page(company, "logo"))
    assert (shown.content, shown["Content-Type"]) == (png(), "image/png")
    refused = client.post(page(company, "logo"), {"logo": SimpleUploadedFile("a.png", b"no")}, follow=True)
    assert "A logo is a PNG or JPEG picture." in refused.content.decode()
    client.post(page(company, "logo"), {"act": "remove"})
    assert client.get(page(company, "logo")).status_code == 404
    assert signed_in("clerk").post(page(company, "logo"), {"act": "remove"}).status_code == 403
    with system_scope(company):
        assert settings_of(company).version == 3


# By e-mail


def test_a_document_is_sent_once_in_the_words_of_its_reader(company, invoice):
    with system_scope(company):
        mail = mail_document(invoice.pk, key="first")
        assert mail_document(invoice.pk, key="first").pk == mail.pk
        assert (mail.to, mail.subject) == (["buyer@example.com"], f"Invoice {invoice.number} from {company.name}")
        assert "over 240.00 EUR" in mail.body_text
        assert address_of(DocumentLink.objects.for_company(company).get()) in mail.body_text
        (file,) = mail.attachments
        assert file["name"] == f"{invoice.number}.pdf"
        with default_storage.open(file["path"]) as stored:
            assert stored.read().startswith(b"%PDF")
        assert mail_document(invoice.pk, key="second").pk != mail.pk
        assert OutboundMail.objects.for_company(company).filter(about_id=invoice.pk).count() == 2


def test_a_mail_carries_the_words_of_the_company_for_the_language(company, invoice):
    with system_scope(company):
        save_template("document", "", "No. {number}", "All: {total} {currency}")
        save_template("document", "de", "Nr. {number}", "Alles: {total}")
        mail = mail_document(invoice.pk, key="a", subject="", body="")
        assert (mail.subject, mail.body_text) == (f"No. {invoice.number}", "All: 240.00 EUR")
        assert not DocumentLink.objects.for_company(company).exists(), "a text without {link} shares nothing"
        german = customer("Contoso", email="c@example.com", language="de")
        mail = mail_document(posted(german, line("1234.50")).pk, key="b")
        assert (mail.subject.split()[0], mail.body_text) == ("Nr.", "Alles: 1.234,50")
        mail = mail_document(invoice.pk, key="c", subject="Mine {number}", body="{open} open", to=["x@example.com"])
        assert (mail.subject, mail.body_text, mail.to) == (f"Mine {invoice.number}", "240.00 open", ["x@example.com"])


def test_words_with_a_place_that_nothing_fills_are_refused(company, invoice):
    with system_scope(company):
        with pytest.raises(BadWords, match=r"\{nuber\}") as refused:
            save_template("document", "", "{nuber}", "x")
        assert refused.value.place == "subject"
        with pytest.raises(BadWords):
            save_template("document", "", "x", " ")
        with pytest.raises(BadWords):
            mail_document(invoice.pk, key="a", body="{secret}")
        assert words_for(company, "document", "de").subject == "{kind} {number} from {company}"
    assert filled("{a} {b} {{a}}", {"a": "1"}) == "1 {b} {1}"


def test_what_cannot_be_sent_is_refused(company, invoice):
    with system_scope(company):
        change_contact(invoice.contact, email="")
        with pytest.raises(NoMailAddress):
            mail_document(invoice.pk, key="a")
        for other in (draft(invoice.contact, line("1")), posted(supplier(), line("5"))):
            with pytest.raises(DocumentRefused):
                mail_document(other.pk, key="b", to=["a@example.com"])
        with pytest.raises(DocumentRefused):
            mail_document(invoice.pk, key="c", to=["a@example.com"], form="docx")
        quote = draft(invoice.contact, line("1"), kind="quote")
        assert mail_document(quote.pk, key="d", to=["a@example.com"]).to == ["a@example.com"]


def test_the_page_sends_what_was_typed_and_shows_what_was_sent(signed_in, company, invoice):
    client = signed_in("accountant")
    form = client.get(page(company, "document-mail", invoice.pk))
    assert "buyer@example.com" in (text := form.content.decode()) and "{link}" in text
    typed = {"to": "a@example.com, b@example.com", "cc": "", "subject": "S {number}", "body": "B", "form": "pdf",
             "layout": "modern", "key": "0198c2f0-0000-7000-8000-000000000001"}  # fmt: skip
    assert client.post(page(company, "document-mail", invoice.pk), {**typed, "to": "nobody"}).status_code == 422
    for _twice in range(2):
        assert client.post(page(company, "document-mail", invoice.pk), typed).status_code == 302
    with system_scope(company):
        (mail,) = OutboundMail.objects.for_company(company)
        assert (mail.to, mail.subject) == (["a@example.com", "b@example.com"], f"S {invoice.number}")
    shown = client.get(page(company, "document-detail", invoice.pk)).content.decode()
    assert "to a@example.com, b@example.com" in shown
    assert signed_in("auditor").get(page(company, "document-mail", invoice.pk)).status_code == 403


# By link


def test_a_link_shows_the_document_to_whoever_has_it_until_it_is_closed(company, invoice, client):
    with system_scope(company):
        link = share_document(invoice.pk)
        assert share_document(invoice.pk).pk == link.pk
        address = address_of(link)
    assert address.startswith("https://books.example.com/d/")
    path = address.removeprefix("https://books.example.com")
    answer = client.get(path)
    assert answer.status_code == 200 and "240.00" in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer" and "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    assert client.get(f"{path}pdf/").content.startswith(b"%PDF")
    assert client.get(f"{path}docx/").status_code == client.get(f"{path}logo/").status_code == 404
    with system_scope(company):
        assert DocumentLink.objects.for_company(company).get().first_seen_at
        reads = AuditEvent.objects.for_company(company).filter(operation="read", subject="invoicing_document")
        assert [(read.actor_type, read.actor_name) for read in reads] == [("visitor", "public link")]
        revoke_link(invoice.pk)
        assert client.get(path).status_code == client.get(f"{path}pdf/").status_code == 404
        assert address_of(share_document(invoice.pk)) != address


def test_a_link_cannot_be_guessed_or_taken_to_another_company(company, other_company, invoice, client):
    with system_scope(company):
        link = share_document(invoice.pk)
        path = address_of(link).removeprefix("https://books.example.com")
    secret = path.split("/")[3]
    wrong = [f"/d/{other_company.slug}/{secret}/", f"/d/{company.slug}/{secret[:-1]}x/", f"/d/{company.slug}/{link.pk}/",
             f"/d/nobody/{secret}/", f"/d/{company.slug}/x%00y/"]  # fmt: skip
    assert [client.get(one).status_code for one in wrong] == [404] * len(wrong)
    type(company).objects.filter(pk=company.pk).update(is_active=False)
    assert client.get(path).status_code == 404


def test_only_what_customers_get_is_shared(company, invoice):
    with system_scope(company):
        for other in (draft(invoice.contact, line("1")), posted(supplier(), line("5"))):
            with pytest.raises(DocumentRefused):
                share_document(other.pk)
        with pytest.raises(LinkNotFound):
            revoke_link(invoice.pk)
        with pytest.raises(LinkNotFound):
            opened("x")
        quote = draft(invoice.contact, line("1"), kind="quote")
        assert opened(address_of(share_document(quote.pk)).split("/")[-2]) == quote


def test_a_link_is_made_and_closed_on_the_page(signed_in, company, invoice):
    client = signed_in("accountant")
    detail = page(company, "document-detail", invoice.pk)
    assert "https://books.example.com/d/" in client.post(
        page(company, "document-share", invoice.pk), {"act": "share"}, follow=True
    ).content.decode()  # fmt: skip
    assert "not opened yet" in client.get(detail).content.decode()
    closed = client.post(page(company, "document-share", invoice.pk), {"act": "revoke"}, follow=True)
    assert "https://books.example.com/d/" not in closed.content.decode()
    assert signed_in("auditor").post(page(company, "document-share", invoice.pk)).status_code == 403


# Words by page; everything by API


def test_the_words_of_mails_are_kept_by_page(signed_in, company):
    client = signed_in("owner")
    assert "There are none yet" in client.get(page(company, "mail-template-list")).content.decode()
    typed = {"purpose": "document", "language": "", "subject": "{nuber}", "body": "x"}
    assert client.post(page(company, "mail-template-new"), typed).status_code == 422
    assert client.post(page(company, "mail-template-new"), {**typed, "subject": "{number}"}).status_code == 302
    with system_scope(company):
        template = save_template("document", "", "Nr {number}", "y")
    edit = page(company, "mail-template-edit", template.pk)
    stale = {**typed, "subject": "z", "version": template.version - 1}
    assert client.post(edit, stale).status_code == 409
    assert client.post(edit, {"act": "delete"}).status_code == 302
    assert client.get(edit).status_code == 404
    assert signed_in("clerk").get(page(company, "mail-template-new")).status_code == 403


def test_the_api_sends_and_shares(api, company, invoice, client):
    office = api("read", "write", "admin")
    sent = office.post(f"invoices/{invoice.pk}/mail/", {"to": ["a@example.com"]}, key="one")
    assert sent.status_code == 202 and sent.json()["to"] == ["a@example.com"], sent.json()
    assert office.post(f"invoices/{invoice.pk}/mail/", {"to": ["a@example.com"]}, key="one").json() == sent.json()
    assert office.post(f"invoices/{invoice.pk}/mail/", {}, key="k" * 200).status_code == 202
    refused = office.post(f"invoices/{invoice.pk}/mail/", {"to": ["a@example.com"], "body": "{x}"})
    assert (refused.status_code, refused.json()["code"], refused.json()["place"]) == (422, "invalid_template", "body")
    shared = office.post(f"invoices/{invoice.pk}/share/").json()
    assert client.get(shared["url"].removeprefix("https://books.example.com")).status_code == 200
    assert office.post(f"invoices/{invoice.pk}/unshare/").status_code == 204
    assert office.post(f"invoices/{invoice.pk}/unshare/").status_code == 404
    assert api("read").post(f"invoices/{invoice.pk}/share/").status_code == 403


def test_the_api_keeps_words_and_settings(api, company):
    office = api("read", "write", "admin")
    words = {"purpose": "document", "language": "de", "subject": "S", "body": "B"}
    saved = office.put("mail-templates/", words).json()
    assert office.get("mail-templates/").json()["results"] == [saved]
    assert office.delete(f"mail-templates/{saved['id']}/").status_code == 204
    assert office.delete(f"mail-templates/{saved['id']}/").status_code == 404
    read = office.get("invoicing-settings/")
    changed = office.patch(
        "invoicing-settings/", {"city": "Hamburg", "cash_step": "0.05", "dunning_account": "4000"}
    ).json()  # fmt: skip
    assert (changed["city"], changed["dunning_account"], changed["has_logo"]) == ("Hamburg", "4000", False)
    stale = office.patch("invoicing-settings/", {"city": "Bremen"}, **{"If-Match": read["ETag"]})
    assert stale.status_code == 412
    refused = office.patch("invoicing-settings/", {"dunning_account": "1100"})
    assert (refused.status_code, refused.json()["place"]) == (422, "dunning_account")
    assert api("read").patch("invoicing-settings/", {"city": "x"}).status_code == 403


def test_the_api_reads_the_tax_ledger_and_received_invoices(api, company, invoice):
    office = api("read", "write")
    (row,) = office.get("tax-rows/", document=str(invoice.pk)).json()["results"]
    assert (row["tax_code"], row["base"], row["amount"]) == ("V20", "200.000000", "40.000000")
    assert office.get("tax-rows/", start="2027-01-01").json()["results"] == []
    with system_scope(company):
        Document.objects.for_company(company)
        again = post_document(draft(invoice.contact, line("1")).pk)
    assert office.get("tax-rows/", document=str(again.pk)).json()["results"] == []
