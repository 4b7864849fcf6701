"""Tables in the background: by a real worker, once for each file, and undone again."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse as url

from accounting.contacts import add_contact
from accounting.models import Contact
from accounting.table_import import MADE, PREVIEW, ask_to_import, kept_report, run_import
from accounting.table_import_undo import NothingToUndo, ReasonNeeded, ask_to_undo
from accounting.table_kinds import table_kind
from invoicing.models import Document
from jobs.files import files_of
from jobs.models import Job, State
from jobs.running import run
from tenants.refusal import NotPermitted
from tenants.scope import Actor, acting_as, company_scope
from tests.accounting.table_files import csv_of
from tests.conftest import make_api_client, make_member
from tests.jobs.conftest import look
from tests.jobs.until import until

DAY = datetime.date(2026, 3, 31)
CONTACTS = csv_of({"code": "A", "name": "Adatum", "is_customer": "yes"}, {"code": "B", "name": "Contoso"})
INVOICES = csv_of(
    {"document": "R-1", "contact": "Adatum", "date": "2026-03-15", "unit_price": "10"},
    {"document": "R-2", "contact": "Adatum", "date": "2026-03-15", "unit_price": "20"},
)


def inside(company):
    return company_scope(company, actor=Actor.system("test"))


def asked(company, table="contacts", data=CONTACTS, dry_run=False, **options):
    with inside(company):
        return ask_to_import(table_kind(table), data, name="file.csv", dry_run=dry_run, options=options)


def done(company, *args, **options):
    job = asked(company, *args, **options)
    run(company.pk, job.pk)
    return look(job)


def undone(job, date=DAY, reason="wrong file"):
    with inside(job.company):
        undo = ask_to_undo(job, date=date, reason=reason)
    run(job.company_id, undo.pk)
    return look(undo)


def codes(company):
    with inside(company):
        return list(Contact.objects.for_company(company).order_by("code").values_list("code", flat=True))


def states(company):
    with inside(company):
        rows = Document.objects.for_company(company).order_by("kind", "reference", "number")
        return list(rows.values_list("kind", "state"))


def counts(job):
    return {name: job.result[name] for name in ("rows", "new", "changed", "unchanged", "refused", "problem_count")}


NEW_TWO = {"rows": 2, "new": 2, "changed": 0, "unchanged": 0, "refused": 0, "problem_count": 0}


def test_a_worker_imports_invoices_posts_them_and_undoes_the_import(committed_company, worker):
    with inside(committed_company):
        add_contact(name="Adatum", is_customer=True)
    worker()
    job = asked(committed_company, "invoices", INVOICES, post=True)
    until(lambda: look(job).state == State.SUCCEEDED, seconds=60)

    assert counts(look(job)) == NEW_TWO
    assert states(committed_company) == [("invoice", "posted")] * 2
    with inside(committed_company):
        undo = ask_to_undo(look(job), date=DAY, reason="wrong file")
    until(lambda: look(undo).state == State.SUCCEEDED, seconds=60)

    assert look(undo).result == {"deleted": 0, "credited": 2, "gone": 0}
    assert states(committed_company) == [("credit_note", "posted")] * 2 + [("invoice", "posted")] * 2


def test_a_preview_says_what_would_be_and_is_not_undone(committed_company):
    job = done(committed_company, dry_run=True)

    assert (counts(job), codes(committed_company)) == (NEW_TWO, [])
    with inside(committed_company):
        assert [one["name"] for one in kept_report(job.pk, PREVIEW)["outcomes"]] == ["A Adatum", "B Contoso"]
        assert {file.name for file in files_of(job)} == {"table", PREVIEW}
        with pytest.raises(NothingToUndo):
            ask_to_undo(job, date=DAY, reason="x")


def test_the_same_file_is_imported_once_until_it_is_undone(committed_company):
    nameless = csv_of({"name": "Adatum"})
    first, again = done(committed_company, data=nameless), done(committed_company, data=nameless)
    looked = done(committed_company, data=nameless, dry_run=True)

    assert (first.result["imported_before"], codes(committed_company)) == ("", ["C00001"])
    assert [job.result["imported_before"] for job in (again, looked)] == [str(first.pk)] * 2
    undone(first)
    assert codes(committed_company) == []
    once_more = done(committed_company, data=nameless)
    assert (once_more.result["imported_before"], codes(committed_company)) == ("", ["C00001"])


def test_documents_of_a_file_that_was_undone_are_made_anew(committed_company):
    with inside(committed_company):
        add_contact(name="Adatum", is_customer=True)
    undone(done(committed_company, "invoices", INVOICES, post=True))

    assert counts(done(committed_company, "invoices", INVOICES)) == NEW_TWO
    assert states(committed_company).count(("invoice", "draft")) == 2


def test_a_job_that_is_run_again_after_a_crash_makes_nothing_twice(committed_company):
    job = asked(committed_company, data=csv_of({"name": "Adatum"}))
    run(committed_company.pk, job.pk)

    class Again:
        """The same job, as a worker sees it that does not know what the first one has done."""

        id, parameters, company, actor = job.pk, job.parameters, committed_company, Actor.system("test")
        progress = staticmethod(lambda *_: None)
        file = staticmethod(lambda _name: csv_of({"name": "Adatum"}))

    assert run_import(Again()) == look(job).result
    assert codes(committed_company) == ["C00001"]


def test_with_a_refused_row_nothing_is_kept_and_nothing_can_be_undone(committed_company):
    job = done(committed_company, data=csv_of({"code": "A", "name": "A"}, {"code": "B", "name": "B", "email": "no"}))

    assert (job.state, codes(committed_company)) == (State.SUCCEEDED, [])
    assert job.result["problems"] == [
        {"row": 3, "place": "rows[3].email", "code": "invalid_contact", "message": "This is no e-mail address."}
    ]
    with inside(committed_company), pytest.raises(NothingToUndo):
        ask_to_undo(job, date=DAY, reason="x")


def test_undoing_twice_is_undoing_once(committed_company):
    job = done(committed_company)
    first = undone(job)

    assert undone(job, datetime.date(2026, 4, 1), "another reason").pk == first.pk
    assert (first.result, codes(committed_company)) == ({"deleted": 2, "retired": 0, "gone": 0}, [])


def test_an_undo_that_failed_may_be_asked_for_again_on_another_day(committed_company):
    with inside(committed_company):
        add_contact(name="Adatum", is_customer=True)
    job = done(committed_company, "invoices", INVOICES, post=True)

    failed = undone(job, datetime.date(2031, 1, 1))

    assert (failed.state, failed.error_code) == (State.FAILED, "no_period")
    assert states(committed_company) == [("invoice", "posted")] * 2
    assert undone(job).result == {"deleted": 0, "credited": 2, "gone": 0}


def test_an_undo_says_why_and_asks_for_the_rights_of_what_it_does(committed_company):
    job = done(committed_company)
    with inside(committed_company):
        with pytest.raises(ReasonNeeded):
            ask_to_undo(job, date=DAY, reason=" ")
        with acting_as(Actor("person", "Nobody", permissions=frozenset())), pytest.raises(NotPermitted):
            ask_to_undo(job, date=DAY, reason="x")


def sent(client, path, **fields):
    file = SimpleUploadedFile("contacts.csv", fields.pop("data", CONTACTS))
    return client.client.post(client.base + path, {"file": file, **fields})


def test_the_api_imports_and_undoes(committed_company):
    reader, writer = make_api_client(committed_company, "read"), make_api_client(committed_company, "write")

    answer = sent(writer, "imports/contacts/", dry_run="false", update="true")
    job = Job(pk=answer.json()["id"], company=committed_company)
    run(committed_company.pk, job.pk)

    assert (answer.status_code, answer.json()["kind"]) == (202, "accounting.import_table"), answer.json()
    assert reader.client.get(answer["Location"]).json()["result"]["new"] == 2
    assert sent(reader, "imports/contacts/").status_code == 403
    assert sent(writer, "imports/invoices/").status_code == 403
    assert sent(writer, "imports/contacts/", columns="Konto = nothing").json()["code"] == "bad_columns"
    assert sent(writer, "imports/contacts/", post="true").json()["code"] == "unknown_field"
    assert writer.post(f"imports/items/{job.pk}/undo/", {"reason": "x"}).status_code == 404
    assert reader.post(f"imports/contacts/{job.pk}/undo/", {"reason": "x"}).status_code == 403
    undo = writer.post(f"imports/contacts/{job.pk}/undo/", {"reason": "x", "date": "2026-03-31"}, key="k")
    assert (undo.status_code, undo.json()["kind"]) == (202, "accounting.undo_table_import")
    assert reader.get("imports/contacts/template/").content.decode("utf-8-sig").startswith("code,name,is_customer")


def test_another_company_finds_no_import_of_this_one(committed_company, other_company):
    job = done(committed_company)
    stranger = make_api_client(other_company, "admin")

    assert stranger.post(f"imports/contacts/{job.pk}/undo/", {"reason": "x"}).status_code == 404


def test_the_pages_go_from_the_file_to_the_preview_the_import_and_its_undoing(committed_company, client):
    client.force_login(make_member(committed_company, "accountant"))
    slug, role = committed_company.slug, "accounting:table-import"
    pages = {name: url(f"{role}-list", args=[slug]) for name in ["list"]}

    assert "Nothing was imported yet." in client.get(pages["list"]).content.decode()
    file = SimpleUploadedFile("contacts.csv", CONTACTS)
    preview = client.post(pages["list"], {"table": "contacts", "file": file})
    run(committed_company.pk, preview.url.rstrip("/").rpartition("/")[2])
    shown = client.get(preview.url).content.decode()
    assert "The file can be imported." in shown and "A Adatum" in shown

    pk = preview.url.rstrip("/").rpartition("/")[2]
    confirmed = client.post(url(f"{role}-confirm", args=[slug, pk]))
    again = client.post(url(f"{role}-confirm", args=[slug, pk]))
    made = confirmed.url.rstrip("/").rpartition("/")[2]
    run(committed_company.pk, made)
    assert again.url == confirmed.url
    shown = client.get(confirmed.url).content.decode()
    assert "The file is imported." in shown and "Undo this import" in shown
    with inside(committed_company):
        adatum = Contact.objects.for_company(committed_company).get(code="A")
    assert url("accounting:contact-detail", args=[slug, adatum.pk]) in shown

    undo = url(f"{role}-undo", args=[slug, made])
    refused = client.post(undo, {"date": "2026-03-31", "reason": ""})
    assert (refused.status_code, "Undo this import" in refused.content.decode()) == (422, True)
    followed = client.post(undo, {"date": "2026-03-31", "reason": "wrong file"})
    run(committed_company.pk, followed.url.rstrip("/").rpartition("/")[2])
    assert "This import is undone:" in client.get(confirmed.url).content.decode()
    assert "Undone" in client.get(pages["list"]).content.decode()
    assert codes(committed_company) == []


def test_the_pages_say_what_is_wrong_with_a_file(committed_company, client):
    client.force_login(make_member(committed_company, "accountant"))
    page = url("accounting:table-import-list", args=[committed_company.slug])

    assert client.post(page, {"table": "contacts"}).status_code == 422
    job = done(committed_company, data=csv_of({"name": "A", "email": "no"}), dry_run=True)
    shown = client.get(url("accounting:table-import-detail", args=[committed_company.slug, job.pk])).content.decode()
    assert "1 problem: nothing was kept." in shown and "rows[2].email" in shown and "no e-mail address" in shown


def test_a_clerk_is_offered_what_a_clerk_may_make(committed_company, client):
    client.force_login(make_member(committed_company, "clerk"))
    page = url("accounting:table-import-list", args=[committed_company.slug])

    assert client.get(page).status_code == 200
    file = SimpleUploadedFile("i.csv", INVOICES)
    assert client.post(page, {"table": "invoices", "file": file, "post": "on"}).status_code == 403


def test_a_list_and_a_preview_cost_the_same_for_1_20_and_200_rows(committed_company, client):
    client.force_login(make_member(committed_company, "accountant"))
    page = url("accounting:table-import-list", args=[committed_company.slug])
    costs = []
    for count in (1, 20, 200):
        rows = csv_of(*({"code": f"{count}-{n}", "name": "X"} for n in range(count)))
        job = done(committed_company, "items", rows, dry_run=True)
        detail = url("accounting:table-import-detail", args=[committed_company.slug, job.pk])
        for address in (page, detail):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            costs.append((address == page, len(queries)))

    assert len(set(costs)) == 2, costs


@pytest.mark.parametrize("kind", ["contacts", "items", "invoices", "bills", "payments"])
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_empty_table_can_be_filled_in_and_imported_as_it_is(company, signed_in, kind, format):
    from tests.accounting.table_files import imported, places

    page = url("accounting:table-import-template", args=[company.slug, kind])
    template = signed_in("accountant").get(f"{page}?format={format}")
    with inside(company):
        add_contact(name="Adatum Ltd", is_customer=True, is_supplier=True)

        assert (template.status_code, places(imported(kind, template.content))) == (200, [])


def test_the_file_of_an_import_is_kept_with_its_job(committed_company):
    job = done(committed_company)

    with inside(committed_company):
        assert {file.name for file in files_of(job)} == {"table", MADE}
        assert [one["became"] for one in kept_report(job.pk, MADE)["outcomes"]] == ["new", "new"]
