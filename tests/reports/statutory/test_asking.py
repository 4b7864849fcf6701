"""Statutory exports are asked for by page and by API, made by a job, and kept with it."""

import re

import pytest
from django.urls import reverse

from jobs.enqueue import enqueue
from jobs.models import Job, State
from jobs.running import run
from reports.statutory.exporting import KIND, ask_to_export, statutory_exports
from reports.statutory.refusals import BadExportParameter, UnknownStatutoryFormat
from tenants.models import AuditEvent
from tenants.refusal import NotPermitted
from tenants.scope import Actor, company_scope
from tests.books import sale
from tests.conftest import make_api_client, make_member
from tests.reports.statutory.exported import SIREN, inside, job_of, post, refusal_of, settled
from tests.reports.statutory.read_fec import read_fec

FEC = {"format": "fec", "parameters": {"year": "2026"}}


@pytest.fixture
def french(committed_company):
    return settled(committed_company, tax_number=SIREN, country="FR")


def page_of(company, name="reports:statutory"):
    return reverse(name, args=[company.slug])


def key_on(page):
    return re.search(r'name="key" value="([^"]+)"', page).group(1)


def jobs_of(company):
    with inside(company):
        return list(statutory_exports(company))


def test_a_person_chooses_a_year_and_fetches_the_file(french, client):
    post(french, sale("12.30"))
    client.force_login(make_member(french, "auditor"), "django.contrib.auth.backends.ModelBackend")
    empty = client.get(page_of(french)).content.decode()
    assert "Nothing has been exported yet." in empty and "FEC (France)" in empty

    asked = {"format": "fec", "year": "2026", "separator": "pipe", "key": key_on(empty)}
    for _again in range(2):
        shown = client.post(page_of(french), asked, follow=True).content.decode()
    assert "The export is under way." in shown
    (job,) = jobs_of(french)
    waiting = client.get(page_of(french, "reports:statutory-list")).content.decode()
    assert "Waiting" in waiting and "hx-trigger" in waiting

    run(french.pk, job.pk)

    listed = client.get(page_of(french, "reports:statutory-list")).content.decode()
    (address,) = re.findall(r'href="([^"]+FEC20261231\.txt/)"', listed)
    assert "Done" in listed and "hx-trigger" not in listed
    answer = client.get(address)
    assert answer["Content-Disposition"] == f'attachment; filename="{SIREN}FEC20261231.txt"'
    assert len(read_fec(answer.content, "|")) == 2


def test_what_is_wrong_is_said_at_its_field(french, client):
    client.force_login(make_member(french, "clerk"), "django.contrib.auth.backends.ModelBackend")
    settled(french, tax_number="")
    refused = client.post(page_of(french), {"format": "fec", "year": "2026", "separator": "tab"})
    assert refused.status_code == 422 and "The FEC is named by the SIREN" in refused.content.decode()
    refused = client.post(page_of(french), {"format": "fec", "year": "1999", "separator": "tab"})
    assert refused.status_code == 422 and "Select a valid choice" in refused.content.decode()
    assert client.get(page_of(french) + "?format=zebra").status_code == 200
    assert jobs_of(french) == []


def test_a_program_asks_once_under_its_key_and_finds_the_job(french):
    post(french, sale("12.30"))
    reader, writer = make_api_client(french, "read"), make_api_client(french, "write", "post")
    first = reader.post("statutory-exports/", FEC, key="k")
    again = reader.post("statutory-exports/", FEC, key="k")
    other = reader.post("statutory-exports/", {**FEC, "parameters": {"year": "2025"}}, key="k")

    assert (first.status_code, first.json()["kind"]) == (202, KIND), first.json()
    assert again.json()["id"] == first.json()["id"] and again["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    (job,) = jobs_of(french)
    run(french.pk, job.pk)
    (listed,) = reader.get("statutory-exports/").json()["results"]
    assert (listed["id"], listed["state"], listed["parameters"]["format"]) == (str(job.pk), "succeeded", "fec")
    assert listed["result"]["lines"] == 2 and listed["result"]["debit"] == "12.30"
    assert reader.get("statutory-exports/?state=failed").json()["results"] == []
    file = reader.client.get(f"{first['Location']}files/{listed['result']['file']}/")
    assert file.status_code == 200 and len(read_fec(file.content)) == 2
    assert writer.get("statutory-exports/").status_code in (200, 403)


@pytest.mark.parametrize(("body", "code", "place"), [
    ({"format": "zebra", "parameters": {}}, "invalid_choice", "format"),
    ({"format": "fec", "parameters": {}}, "invalid_parameter", "year"),
    ({"format": "fec", "parameters": {"year": "1999"}}, "invalid_parameter", "year"),
    ({"format": "fec", "parameters": {"year": "2026", "separator": "semicolon"}}, "invalid_parameter", "separator"),
    ({"format": "fec", "parameters": {"year": "2026", "color": "red"}}, "invalid_parameter", "color"),
])  # fmt: skip
def test_the_api_names_what_is_wrong(french, body, code, place):
    answer = make_api_client(french, "read").post("statutory-exports/", body)
    assert answer.status_code in (400, 422), answer.json()
    assert answer.json()["code"] == code and place in str(answer.json()), answer.json()


def test_who_may_not_export_is_refused(french):
    nobody = Actor(type="user", name="Nobody", permissions=frozenset())
    with company_scope(french, actor=nobody), pytest.raises(NotPermitted):
        ask_to_export("fec", {"year": "2026"})


def test_an_unknown_format_and_parameters_of_another_are_refused(french):
    with inside(french):
        with pytest.raises(UnknownStatutoryFormat):
            ask_to_export("zebra", {"year": "2026"})
        with pytest.raises(BadExportParameter) as refused:
            ask_to_export("fec", {"year": "2026", "adviser": "1001"})
    assert refused.value.place == "adviser"


def test_the_trail_notes_who_took_the_books_away(french):
    job_of(french, "fec")
    with inside(french):
        read = AuditEvent.objects.for_company(french).filter(operation="read", subject="ledger_entry").latest("id")
    assert read.after["export"] == "fec" and read.after["year"] == "2026"


def test_entries_without_a_number_are_named_and_wait(french, monkeypatch):
    post(french, sale("1.00", memo="Late"))
    monkeypatch.setattr("reports.sealed_books.seal", lambda company, even_empty=False: 0)
    monkeypatch.setattr("reports.sealed_books.PATIENCE", 0)
    job = job_of(french, "fec")
    assert (job.state, job.error_code) == (State.FAILED, "unsealed_entries") and "Late" in job.error_message
    monkeypatch.undo()
    assert job_of(french, "fec").state == State.SUCCEEDED


def test_the_list_holds_nothing_but_statutory_exports(french, client):
    with inside(french):
        enqueue("ledger.export_journal", {"format": "hledger"})
    assert make_api_client(french, "read").get("statutory-exports/").json()["results"] == []
    client.force_login(make_member(french, "auditor"), "django.contrib.auth.backends.ModelBackend")
    assert "Nothing has been exported yet." in client.get(page_of(french)).content.decode()


def test_another_company_sees_none_of_it(french, other_company):
    job_of(french, "fec")
    stranger = make_api_client(other_company, "read")
    assert stranger.get("statutory-exports/").json()["results"] == []
    with inside(other_company):
        assert not Job.objects.for_company(other_company).filter(kind=KIND).exists()


def test_a_large_file_is_packed(french, monkeypatch):
    monkeypatch.setattr("reports.result_file.LARGEST_PLAIN", 10)
    post(french, sale("1.00"))
    assert job_of(french, "fec").result["file"] == f"{SIREN}FEC20261231.txt.zip"
    monkeypatch.setattr("reports.result_file.LARGEST_FILE", 10)
    assert refusal_of(french, "fec") == "file_too_large"
