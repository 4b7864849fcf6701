"""The pages of recurring documents: repeated from a document, changed, and mended where something was in the way."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounting.close_checklist import checklist
from accounting.models import Period
from accounting.periods import set_lock_date
from invoicing.models import DocumentOccurrence, RecurringDocument
from invoicing.recurring_documents import make_due_documents, start_recurring_document
from tests.constitution.raw import system_scope
from tests.invoicing.papers import customer, draft, line, posted, supplier

JANUARY, FEBRUARY = datetime.date(2026, 1, 31), datetime.date(2026, 2, 28)


@pytest.fixture
def address(company):
    return lambda name, *args: reverse(f"invoicing:{name}", args=[company.slug, *args])


@pytest.fixture
def invoice(company):
    with system_scope(company):
        return posted(customer(), line("100.00"), date=datetime.date(2025, 12, 31))


@pytest.fixture
def stuck(company, invoice):
    """One whose January could not be made, since the books were locked, and whose February could not be sent."""
    with system_scope(company):
        set_lock_date("all", JANUARY)
        recurring = start_recurring_document(invoice.pk, start=JANUARY, does="send")
        make_due_documents(FEBRUARY)
    return recurring


def text(answer):
    return answer.content.decode()


def repeat(client, address, pattern, /, **changes):
    fields = {"start": "2026-01-31", "interval": "1", "frequency": "month", "does": "post"}
    return client.post(address("recurring-new", pattern.pk), {**fields, **changes})


def kept(company):
    with system_scope(company):
        return RecurringDocument.objects.for_company(company).get()


def occurrences(company):
    with system_scope(company):
        rows = DocumentOccurrence.objects.for_company(company).select_related("document").order_by("date")
        return [(one.document and one.document.date, one.problem_code, one.skipped) for one in rows]


def test_an_invoice_is_repeated_from_its_page(signed_in, address, invoice, company):
    client = signed_in("accountant")
    assert address("recurring-new", invoice.pk) in text(client.get(address("document-detail", invoice.pk)))
    form = text(client.get(address("recurring-new", invoice.pk)))
    assert 'value="2026-01-31"' in form and "{period}" in form and "Post it and send it" in form

    answer = repeat(client, address, invoice, interval="2", end="2026-06-30")
    page = text(client.get(answer.url))
    assert "Adatum, every 2 months" in page
    assert "31 Jan 2026 · 31 Mar 2026 · 31 May 2026" in page
    assert "INV-2025-00001" in page and "Nothing yet." in page
    listed = text(client.get(address("recurring-list")))
    assert "Every 2 months" in listed and "100.00" in listed and "Active" in listed
    assert "It comes again already" in text(client.get(address("recurring-new", invoice.pk)))


def test_a_form_that_is_sent_twice_starts_once_and_a_changed_one_says_so(signed_in, address, invoice, company):
    client = signed_in("accountant")
    (key,) = re.findall('name="recurring_id" value="([^"]+)"', text(client.get(address("recurring-new", invoice.pk))))
    first = repeat(client, address, invoice, recurring_id=key)
    again = repeat(client, address, invoice, recurring_id=key)
    changed = repeat(client, address, invoice, recurring_id=key, interval="3")
    assert (first.status_code, again.url) == (302, first.url)
    assert changed.status_code == 422 and "saved before, with other content" in text(changed)
    assert kept(company).interval == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": ""}, "This field is required"),
        ({"end": "2026-01-01"}, "The last date lies before the first"),
        ({"interval": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_is_typed_wrongly_stays_and_is_said_at_its_field(signed_in, address, invoice, changes, message):
    answer = repeat(signed_in("accountant"), address, invoice, **changes)
    assert answer.status_code == 422 and message in text(answer)


def test_only_invoices_and_bills_come_again_and_a_bill_is_not_sent(signed_in, address, company):
    client = signed_in("accountant")
    with system_scope(company):
        quote = draft(customer(), line("1.00"), kind="quote")
        bill = draft(supplier(), line("1.00"))
    assert "repeat/" not in text(client.get(address("document-detail", quote.pk)))
    assert client.get(address("recurring-new", quote.pk)).status_code == 404
    assert "Post it and send it" not in text(client.get(address("recurring-new", bill.pk)))
    assert repeat(client, address, bill, does="send").status_code == 422


def test_a_clerk_lets_drafts_come_again_and_no_more(signed_in, address, invoice, company):
    client = signed_in("clerk")
    assert repeat(client, address, invoice).status_code == 422
    answer = repeat(client, address, invoice, does="draft")
    assert answer.status_code == 302 and kept(company).does == "draft"
    with system_scope(company):
        posts = start_recurring_document(invoice.pk, start=JANUARY, does="post")
    page = text(client.get(address("recurring-detail", posts.pk)))
    assert "Pause" not in page and address("recurring-edit", posts.pk) not in page
    assert client.post(address("recurring-change", posts.pk), {"act": "pause"}).status_code == 403
    assert signed_in("auditor").post(address("recurring-change", posts.pk), {"act": "pause"}).status_code == 403


def test_it_is_paused_resumed_and_changed(signed_in, address, invoice, company):
    client = signed_in("accountant")
    page = repeat(client, address, invoice).url
    recurring = kept(company)
    with system_scope(company):
        other = draft(invoice.contact, line("7.00"), reference="Dearer")
    paused = client.post(address("recurring-change", recurring.pk), {"act": "pause", "version": "1"}, follow=True)
    assert "It is paused." in text(paused) and "Next, once it goes on" in text(paused)
    stale = client.post(address("recurring-change", recurring.pk), {"act": "resume", "version": "1"}, follow=True)
    assert "changed meanwhile" in text(stale)
    client.post(address("recurring-change", recurring.pk), {"act": "resume", "version": "2"})

    edit = address("recurring-edit", recurring.pk)
    assert "Dearer" in text(client.get(edit))
    sent = {"pattern": str(other.pk), "does": "draft", "end": "2026-03-31", "version": "3"}
    assert client.post(edit, {**sent, "end": "2025-03-31"}).status_code == 422
    assert client.post(edit, sent).url == page
    changed = kept(company)
    assert (changed.pattern_id, changed.does, changed.end, changed.is_active) == (
        other.pk, "draft", datetime.date(2026, 3, 31), True,
    )  # fmt: skip
    assert client.post(edit, sent).status_code == 422, "somebody changed it meanwhile"


def test_what_could_not_be_made_or_sent_is_shown_and_mended(signed_in, address, stuck, company):
    client = signed_in("accountant")
    detail = address("recurring-detail", stuck.pk)
    assert "2 to look at" in text(client.get(address("recurring-list") + "?state=problem"))
    page = text(client.get(detail))
    assert "not made" in page and "The books are locked" in page
    assert "not sent" in page and "has no e-mail address" in page

    january = address("occurrence-act", stuck.pk, JANUARY)
    refused = client.post(january, {"act": "retry", "on": "2026-01-31"})
    assert refused.status_code == 422 and "Try 31 Jan 2026 again" in text(refused)
    assert client.post(january, {"act": "retry", "on": "2026-02-01"}).url == detail
    february = address("occurrence-act", stuck.pk, FEBRUARY)
    assert client.post(february, {"act": "retry", "on": "2026-02-28"}).status_code == 422
    assert client.post(february, {"act": "skip", "reason": ""}).status_code == 422
    assert client.post(february, {"act": "skip", "reason": "Sent by post"}).url == detail
    assert occurrences(company) == [
        (datetime.date(2026, 2, 1), "no_mail_address", False), (FEBRUARY, "no_mail_address", True),
    ]  # fmt: skip
    assert "not sent by itself" in text(client.get(detail))
    assert client.post(address("occurrence-act", stuck.pk, "soon"), {"act": "skip"}).url == detail


def test_a_draft_that_something_is_made_like_is_not_deleted_and_its_page_says_why(signed_in, address, company):
    with system_scope(company):
        pattern = draft(customer(), line("1.00"))
        start_recurring_document(pattern.pk, start=JANUARY)
    answer = signed_in("accountant").post(address("document-act", pattern.pk), {"act": "delete", "version": "1"})
    assert answer.status_code == 409 and "A recurring document is made like this" in text(answer)


def test_the_list_is_narrowed_and_says_when_it_is_empty(signed_in, address, company, invoice):
    client = signed_in("accountant")
    assert "comes again by itself yet" in text(client.get(address("recurring-list")))
    repeat(client, address, invoice)
    assert "Adatum" in text(client.get(address("recurring-list") + "?kind=invoice&state=active"))
    assert "No recurring document matches." in text(client.get(address("recurring-list") + "?kind=bill"))
    assert client.get(address("recurring-list") + "?state=nonsense").status_code == 422
    file = client.get(address("recurring-list") + "?format=csv")
    assert "Adatum,invoice,INV-2025-00001,every month" in b"".join(file.streaming_content).decode()


def test_a_list_costs_the_same_for_1_20_and_200(signed_in, address, company, invoice):
    client = signed_in("accountant")
    costs = []
    for count in (1, 19, 180):
        with system_scope(company):
            RecurringDocument.objects.bulk_create(
                RecurringDocument(company=company, pattern=invoice, start=JANUARY, next_date=JANUARY)
                for _number in range(count)
            )
        client.get(address("recurring-list"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address("recurring-list")).status_code == 200
        costs.append(len(queries))
    assert len(set(costs)) == 1, costs


def test_the_page_of_one_costs_the_same_however_often_it_came(signed_in, address, company, invoice):
    client = signed_in("accountant")
    costs = []
    with system_scope(company):
        recurring = start_recurring_document(invoice.pk, start=datetime.date(2026, 1, 1), frequency="day")
    for day in (1, 5):
        with system_scope(company):
            assert make_due_documents(datetime.date(2026, 1, day))
        client.get(address("recurring-detail", recurring.pk))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address("recurring-detail", recurring.pk)).status_code == 200
        costs.append(len(queries))
    assert len(set(costs)) == 1, costs


def test_a_period_is_not_closed_while_something_should_have_come(signed_in, address, stuck, company):
    with system_scope(company):
        january = Period.objects.for_company(company).get(start=datetime.date(2026, 1, 1))
        later = Period.objects.for_company(company).get(start=datetime.date(2026, 3, 1))
        counts = [{one.code: one.count for one in checklist(period)} for period in (january, later)]
    assert [(one["recurring_documents"], one["recurring_documents_due"]) for one in counts] == [(1, 0), (1, 1)]


def test_a_stranger_finds_nothing(client, signed_in, address, stuck, other_company):
    from tests.conftest import make_member

    stranger = make_member(other_company, "owner")
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    for name in ("recurring-detail", "recurring-edit"):
        assert client.get(address(name, stuck.pk)).status_code == 404
        theirs = reverse(f"invoicing:{name}", args=[other_company.slug, stuck.pk])
        assert client.get(theirs).status_code == 404
