"""Attachments: kept outside the database, compared with their hash, of the entry once it is posted, and of nobody else."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from ledger.attachments import (
    AttachmentDamaged,
    BadAttachment,
    attach,
    attachments_of,
    content_of,
    remove_attachment,
)
from ledger.draft_approval import post_draft, submit_draft
from ledger.drafts import DraftSettled, save_draft
from ledger.models import Attachment
from ledger.posting import post
from tenants.approvals import set_rule
from tests.books import sale
from tests.conftest import make_api_client, make_company
from tests.ledger.test_drafts import content

PDF = b"%PDF-1.7 a receipt"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def draft(scope):
    return save_draft(content())


def test_a_file_is_kept_outside_and_given_back_as_it_was(draft, files):
    made = attach("C:\\scans\\receipt.pdf", PDF, draft_id=draft.pk)

    assert (made.name, made.content_type, made.size) == ("receipt.pdf", "application/pdf", len(PDF))
    assert content_of(made.pk)[1] == PDF
    assert [path.read_bytes() for path in files.rglob("*") if path.is_file()] == [PDF]


def test_what_was_changed_in_the_storage_is_not_handed_out(draft, files):
    made = attach("receipt.pdf", PDF, draft_id=draft.pk)
    (files / made.path).write_bytes(PDF + b"!")
    with pytest.raises(AttachmentDamaged):
        content_of(made.pk)
    (files / made.path).unlink()
    with pytest.raises(AttachmentDamaged):
        content_of(made.pk)


def test_the_files_of_a_draft_are_the_entrys_when_it_is_posted_and_stay(scope, draft):
    made = attach("receipt.pdf", PDF, draft_id=draft.pk)
    posted = post_draft(draft.pk)

    assert [one.pk for one in attachments_of(entry_id=posted.id)] == [made.pk]
    with pytest.raises(DraftSettled):
        remove_attachment(made.pk)
    for act in (
        lambda rows: rows.delete(),
        lambda rows: rows.update(name="other.pdf"),
        lambda rows: rows.update(entry=None),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act(Attachment.objects.for_company(scope.company).filter(pk=made.pk))


def test_the_file_of_a_draft_may_go_until_it_is_handed_over(scope, draft, django_capture_on_commit_callbacks):
    made = attach("receipt.pdf", PDF, draft_id=draft.pk)
    kept = attach("other.pdf", PDF, draft_id=draft.pk)
    with django_capture_on_commit_callbacks(execute=True):
        remove_attachment(made.pk)
    assert not default_storage.exists(made.path)
    set_rule("entry")
    submit_draft(draft.pk)
    with pytest.raises(DraftSettled):
        remove_attachment(kept.pk)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("empty.pdf", b""), ("page.html", b"<html>"), ("evil.pdf", b"MZ\x90"), ("macro.svg", b"<svg onload=x>"),
        ("null.txt", b"a\x00b"), ("", PDF), ("nul\x00.pdf", PDF), ("large.pdf", PDF + b"x" * 25 * 1024 * 1024),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused(draft, name, body):
    with pytest.raises(BadAttachment if "\x00" not in name else Exception):
        attach(name, body, draft_id=draft.pk)
    assert not attachments_of(draft_id=draft.pk).exists()


@pytest.mark.parametrize(("name", "body", "kind"), [
    ("a.xlsx", b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("a.zip", b"PK\x03\x04", "application/zip"), ("a.TXT", b"text", "text/plain"), ("a.png", b"\x89PNG\r\n\x1a\n", "image/png"),
])  # fmt: skip
def test_the_type_is_what_the_file_holds(draft, name, body, kind):
    assert attach(name, body, draft_id=draft.pk).content_type == kind


def finds_a_virus(name, content):
    return "EICAR" if b"EICAR" in content else ""


def test_the_virus_scanner_has_a_word(draft, settings):
    settings.VIRUS_SCAN = "tests.ledger.test_attachments.finds_a_virus"
    with pytest.raises(BadAttachment):
        attach("a.pdf", PDF + b"EICAR", draft_id=draft.pk)
    assert attach("a.pdf", PDF, draft_id=draft.pk)


def test_files_by_the_api_are_downloads_and_nobody_elses(api, company, scope):
    entry = post(sale("5.00")).id
    books = api("admin")
    address = f"{books.base}entries/{entry}/attachments/"
    made = books.client.post(address, {"file": SimpleUploadedFile("receipt “1”.pdf", PDF)})
    assert made.status_code == 201, made.json()
    shown = books.get(f"attachments/{made.json()['id']}/")
    assert (shown.content, shown["Content-Type"], shown["X-Content-Type-Options"]) == (
        PDF,
        "application/pdf",
        "nosniff",
    )
    assert shown["Content-Disposition"].startswith("attachment")
    assert books.get(f"entries/{entry}/attachments/").json()["results"][0]["sha256"] == made.json()["sha256"]
    assert books.delete(f"attachments/{made.json()['id']}/").json()["code"] == "draft_settled"
    assert (
        books.client.post(address, {"file": SimpleUploadedFile("x.html", b"<html>")}).json()["code"] == "bad_attachment"
    )

    stranger = make_api_client(make_company(), "admin")
    assert stranger.get(f"attachments/{made.json()['id']}/").status_code == 404
    theirs = f"{stranger.base}entries/{entry}/attachments/"
    assert stranger.client.get(theirs).status_code == 404
    assert stranger.client.post(theirs, {"file": SimpleUploadedFile("receipt.pdf", PDF)}).status_code == 404
