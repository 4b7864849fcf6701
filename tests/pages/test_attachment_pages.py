"""Files by the pages of drafts and entries: handed in, downloaded as they were, taken away from a draft only."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ledger.attachments import attach
from ledger.draft_approval import post_draft, submit_draft
from ledger.drafts import save_draft
from ledger.models import Attachment
from tenants.models import AuditEvent
from tests.books import sale
from tests.conftest import make_company
from tests.pages.conftest import drafted, fetched, inside, rule
from tests.pages.items import PDF


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def draft(company):
    with inside(company):
        return save_draft(drafted("12.00", "With a receipt"))


def text(answer):
    return answer.content.decode()


def upload(name="receipt.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def names(company):
    with inside(company):
        return list(Attachment.objects.for_company(company).order_by("added_at").values_list("name", flat=True))


def test_several_files_are_attached_to_a_draft_and_stand_on_its_pages(signed_in, page_of, company, draft):
    client = signed_in("clerk")
    files = [upload(), upload("scan.png", b"\x89PNG\r\n\x1a\n...")]
    answer = client.post(page_of("ledger:draft-attach", draft.pk), {"files": files}, follow=True)

    assert "2 files are attached" in text(answer)
    for name in ("ledger:draft-detail", "ledger:draft-edit"):
        page = text(client.get(page_of(name, draft.pk)))
        assert "receipt.pdf" in page
        assert "scan.png" in page
        assert 'enctype="multipart/form-data"' in page


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.pdf", b"", "1 byte to 25 MB"), ("run.exe", b"MZ....", "Files are PDF, images"),
        ("page.html", b"<html><script>", "Files are PDF, images"),
    ],
)  # fmt: skip
def test_a_refused_file_is_named_and_keeps_the_others_not_out(
    signed_in, page_of, company, draft, name, content, message
):
    files = [upload(name, content), upload()]
    answer = signed_in("clerk").post(page_of("ledger:draft-attach", draft.pk), {"files": files}, follow=True)

    assert f"{name}: " in text(answer)
    assert message in text(answer)
    assert names(company) == ["receipt.pdf"]


def test_a_file_that_is_too_large_is_not_even_read(signed_in, page_of, company, draft, monkeypatch):
    monkeypatch.setattr("ledger.attachments.LARGEST_ATTACHMENT", 5)
    answer = signed_in("clerk").post(page_of("ledger:draft-attach", draft.pk), {"files": [upload()]}, follow=True)

    assert "receipt.pdf: " in text(answer)
    assert names(company) == []


def test_nothing_chosen_is_said(signed_in, page_of, draft):
    assert "Choose a file" in text(signed_in("clerk").post(page_of("ledger:draft-attach", draft.pk), follow=True))


def test_the_block_alone_answers_a_page_that_stays_as_it_is(signed_in, page_of, company, draft):
    answer = signed_in("clerk").post(
        page_of("ledger:draft-attach", draft.pk),
        {"files": [upload(), upload("x.exe", b"MZ")]},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert "<html" not in text(answer)
    assert "receipt.pdf" in text(answer)
    assert 'role="alert">x.exe: ' in text(answer)


@pytest.fixture
def file(company, draft):
    with inside(company):
        return attach("receipt.pdf", PDF, draft_id=draft.pk)


def test_a_file_is_downloaded_as_it_was_and_the_reading_is_noted(signed_in, page_of, company, file):
    answer = signed_in("auditor").get(page_of("ledger:attachment-download", file.pk))

    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    with inside(company):
        assert (
            AuditEvent.objects.for_company(company)
            .filter(subject="ledger_attachment", subject_id=file.pk, operation="read")
            .exists()
        )


def test_a_file_of_a_draft_is_removed_until_the_draft_is_handed_over(signed_in, page_of, company, draft, file):
    rule(company)
    with inside(company):
        submit_draft(draft.pk)
    client = signed_in("clerk")
    remove = page_of("ledger:attachment-remove", file.pk)
    assert remove not in text(client.get(page_of("ledger:draft-detail", draft.pk)))
    assert "handed over" in text(client.post(remove, follow=True))
    client.post(page_of("ledger:draft-act", draft.pk), {"act": "withdraw"})
    assert remove in text(client.get(page_of("ledger:draft-detail", draft.pk)))
    assert "receipt.pdf” is removed" in text(client.post(remove, follow=True)).replace("&quot;", '"')
    assert names(company) == []


def test_the_files_of_a_posted_draft_are_its_entrys_and_stay(signed_in, page_of, company, draft, file):
    with inside(company):
        entry = post_draft(draft.pk).id
    client = signed_in("accountant")
    page = text(client.get(page_of("ledger:entry-detail", entry)))
    assert page_of("ledger:attachment-download", file.pk) in page
    assert page_of("ledger:attachment-remove", file.pk) not in page
    assert "stays" in text(client.post(page_of("ledger:attachment-remove", file.pk), follow=True))
    client.post(page_of("ledger:entry-attach", entry), {"files": [upload("late.pdf")]})
    assert "late.pdf" in text(client.get(page_of("ledger:entry-detail", entry)))
    assert names(company) == ["receipt.pdf", "late.pdf"]


def test_who_may_not_adds_and_removes_nothing(signed_in, page_of, company, draft, file, post_entries):
    (entry,) = post_entries(sale("5.00"))
    for role in ("auditor", "approver"):
        client = signed_in(role)
        assert "multipart/form-data" not in text(client.get(page_of("ledger:draft-detail", draft.pk)))
        assert client.post(page_of("ledger:draft-attach", draft.pk), {"files": [upload()]}).status_code == 403
        assert client.post(page_of("ledger:attachment-remove", file.pk)).status_code == 403
    clerk = signed_in("clerk")
    assert "multipart/form-data" not in text(clerk.get(page_of("ledger:entry-detail", entry.id)))
    assert clerk.post(page_of("ledger:entry-attach", entry.id), {"files": [upload()]}).status_code == 403
    assert names(company) == ["receipt.pdf"]


def test_files_of_another_company_are_not_there(signed_in, page_of, company):
    other = make_company()
    with inside(other):
        theirs = save_draft(drafted())
        file = attach("theirs.pdf", PDF, draft_id=theirs.pk)
        entry = post_draft(save_draft(drafted()).pk).id
    client = signed_in("accountant")

    assert client.get(page_of("ledger:attachment-download", file.pk)).status_code == 404
    assert client.post(page_of("ledger:attachment-remove", file.pk)).status_code == 404
    assert client.post(page_of("ledger:draft-attach", theirs.pk), {"files": [upload()]}).status_code == 404
    assert client.post(page_of("ledger:entry-attach", entry), {"files": [upload()]}).status_code == 404
    assert fetched(other, Attachment).name == "theirs.pdf"
