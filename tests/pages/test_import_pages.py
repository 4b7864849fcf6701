"""The report of an import: what a dry run found, and the import that follows it once."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from jobs.models import Job, State
from ledger.journal_import import import_journal
from ledger.models import Entry
from tests.pages.conftest import inside

GOOD = b"2026-03-01 * Rent\n  Expenses:Rent  5.00 EUR\n  Assets:Cash\n"
BAD = b"2026-03-01 * Rent\n  Expenses:Rent  5.00 EUR\n  Assets:Cash  -4.00 EUR\n"


def preview(client, page_of, company, content):
    """Hand the file in, and do the dry run as the worker would."""
    client.post(page_of("ledger:import-list"), {"file": SimpleUploadedFile("old.journal", content), "format": ""})
    with inside(company):
        job = Job.objects.for_company(company).order_by("-id").first()
        report = import_journal(content, "hledger", key="preview", dry_run=True).as_json()
        Job.objects.for_company(company).filter(pk=job.pk).update(
            state=State.SUCCEEDED, result=report, finished_at=timezone.now()
        )
    return job


def test_a_clean_preview_says_what_would_come_and_is_confirmed_once(signed_in, page_of, company):
    client = signed_in("accountant")
    job = preview(client, page_of, company, GOOD)
    page = client.get(page_of("ledger:import-detail", job.pk)).content.decode()
    first = client.post(page_of("ledger:import-confirm", job.pk))
    second = client.post(page_of("ledger:import-confirm", job.pk))

    assert "Import 1 entry" in page
    assert "Expenses:Rent" in page
    assert first.url == second.url != page_of("ledger:import-detail", job.pk)
    with inside(company):
        assert Job.objects.for_company(company).count() == 2
        assert not Entry.objects.for_company(company).exists()


def test_a_preview_with_problems_lists_them_and_offers_no_import(signed_in, page_of, company):
    client = signed_in("accountant")
    job = preview(client, page_of, company, BAD)
    page = client.get(page_of("ledger:import-detail", job.pk)).content.decode()
    listed = client.get(page_of("ledger:import-list")).content.decode()

    assert "nothing was stored" in page
    assert page_of("ledger:import-confirm", job.pk) not in page
    assert '<span class="badge error">1 problem</span>' in page
    assert '<span class="badge error">1 problem</span>' in listed
    client.post(page_of("ledger:import-confirm", job.pk))
    with inside(company):
        assert Job.objects.for_company(company).count() == 1


def test_progress_asks_the_page_to_load_again_when_the_job_has_ended(signed_in, page_of, company):
    client = signed_in("accountant")
    job = preview(client, page_of, company, GOOD)
    answer = client.get(page_of("ledger:import-progress", job.pk))

    assert answer["HX-Refresh"] == "true"
    assert "hx-get" not in answer.content.decode()
