"""Invoices and bills that come again: each date once, missed ones caught up, what is in the way said and mended."""

import datetime
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.models import TaxRate
from accounting.payment_terms import add_terms
from accounting.periods import set_lock_date
from invoicing import recurring_documents
from invoicing.approving import decide_document
from invoicing.document_posting import post_document
from invoicing.documents import change_document, content_of, delete_document
from invoicing.models import Document, DocumentOccurrence, RecurringDocument
from invoicing.recurring_documents import (
    RecurringDocumentNotFound,
    RecurringDocumentRefused,
    change_recurring_document,
    make_due_documents,
    occurrences_of_documents,
    retry_document_occurrence,
    skip_document_occurrence,
    start_recurring_document,
)
from invoicing.refusals import ApprovalNeeded, DocumentRepeated
from jobs.models import OutboundMail
from ledger.kept_once import SavedBefore
from ledger.recurrence import period_of
from ledger.reversal import ReasonNeeded
from tenants.approvals import set_rule
from tenants.models import AuditEvent
from tenants.permissions import permissions_of_role
from tenants.refusal import Conflict, NotPermitted, Refused
from tenants.scope import Actor, acting_as
from tests.constitution.raw import system_scope
from tests.invoicing.papers import add_tax, customer, draft, line, posted, supplier

D = Decimal
JANUARY, FEBRUARY, MARCH = datetime.date(2026, 1, 31), datetime.date(2026, 2, 28), datetime.date(2026, 3, 31)


@pytest.fixture
def buyer(scope):
    return customer(email="buyer@example.com")


@pytest.fixture
def pattern(buyer):
    return draft(buyer, line("100.00"), date=JANUARY, reference="Contract 7")


def made_of(recurring):
    """The documents of a recurring one, by their dates."""
    rows = DocumentOccurrence.objects.for_company(recurring.company_id).filter(recurring=recurring)
    return [one.document for one in rows.select_related("document").order_by("date")]


def came(recurring):
    """What is noted of each date."""
    rows = DocumentOccurrence.objects.for_company(recurring.company_id).filter(recurring=recurring).order_by("date")
    return [(one.date, one.document and one.document.state, one.problem_code, one.skipped) for one in rows]


def test_missed_dates_are_caught_up_in_order_and_each_is_made_once(pattern):
    recurring = start_recurring_document(pattern.pk, start=JANUARY, does="post")

    assert make_due_documents(datetime.date(2026, 1, 30)) == 0
    assert make_due_documents(datetime.date(2026, 4, 10)) == 3
    assert make_due_documents(datetime.date(2026, 4, 10)) == 0
    assert [(one.date, one.number, one.total) for one in made_of(recurring)] == [
        (JANUARY, "INV-2026-00001", D(100)), (FEBRUARY, "INV-2026-00002", D(100)), (MARCH, "INV-2026-00003", D(100)),
    ]  # fmt: skip
    recurring.refresh_from_db()
    assert (recurring.next_date, recurring.next_number) == (datetime.date(2026, 4, 30), 3)


def test_two_workers_at_once_make_it_once(committed_company):
    with system_scope(committed_company):
        pattern = draft(customer(), line("5.00"))
        recurring = start_recurring_document(pattern.pk, start=JANUARY, does="post")

    def work(_number):
        try:
            with system_scope(committed_company):
                return make_due_documents(MARCH)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work, range(2))) == 3
    with system_scope(committed_company):
        assert [one.number for one in made_of(recurring)] == [f"INV-2026-{number:05d}" for number in (1, 2, 3)]
        assert Document.objects.for_company(committed_company).count() == 4


def test_a_run_makes_so_many_and_the_next_goes_on(pattern, monkeypatch):
    monkeypatch.setattr("invoicing.recurring_documents.MOST_AT_ONCE", 2)
    start_recurring_document(pattern.pk, start=JANUARY)

    assert [make_due_documents(MARCH) for _run in range(3)] == [2, 1, 0]


def test_a_crash_between_two_dates_leaves_the_first_and_makes_the_second_later(pattern, monkeypatch):
    recurring = start_recurring_document(pattern.pk, start=JANUARY)
    make_due_documents(JANUARY)
    with monkeypatch.context() as patch:
        patch.setattr(DocumentOccurrence, "save", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            make_due_documents(FEBRUARY)
    assert make_due_documents(FEBRUARY) == 1
    assert [one.date for one in made_of(recurring)] == [JANUARY, FEBRUARY]


def test_a_document_says_what_its_pattern_says_on_its_own_day(scope, buyer):
    add_tax("V20", "20")
    lines = [line("10.505", "3", "V20", description="Rent {month}", discount_percent=D(5)), line("1.00")]
    pattern = draft(
        buyer, *lines, date=datetime.date(2026, 1, 1), due_date=datetime.date(2026, 1, 15), reference="PO {year}",
        notes="For {period}. {nothing}", memo="every {month}", reason="none of theirs",
    )  # fmt: skip
    recurring = start_recurring_document(pattern.pk, start=datetime.date(2026, 2, 1))
    make_due_documents(datetime.date(2026, 2, 1))

    (made,) = made_of(recurring)
    assert (made.date, made.tax_date, made.due_date) == (
        datetime.date(2026, 2, 1), datetime.date(2026, 2, 1), datetime.date(2026, 2, 15),
    )  # fmt: skip
    assert (made.reference, made.memo, made.reason) == ("PO 2026", "every February", "")
    assert made.notes.replace("\u00a0", " ") == "For Feb 1, 2026 – Feb 28, 2026. {nothing}"
    assert (made.state, made.total, made.made_from_id, made.credits_id) == ("draft", pattern.total, None, None)
    ours, theirs = content_of(made).lines, content_of(pattern).lines
    assert [(one.unit_price, one.quantity, one.tax) for one in ours] == [
        (one.unit_price, one.quantity, one.tax) for one in theirs
    ]
    assert ours[0].description == "Rent February"


def test_a_document_is_due_by_its_terms_and_taxed_at_the_rates_of_its_day(scope, buyer):
    tax = add_tax("V20", "20")
    TaxRate.objects.create(company=scope.company, tax=tax, start=datetime.date(2026, 2, 1), percent=D(25))
    terms = add_terms(code="N30X", name="30 days", instalments=[{"percent": D(100), "days": 30}])
    pattern = posted(buyer, line("100.00", tax="V20"), date=JANUARY, terms="N30X")
    recurring = start_recurring_document(pattern.pk, start=FEBRUARY, does="post")
    make_due_documents(FEBRUARY)

    (made,) = made_of(recurring)
    assert (pattern.total, made.total) == (D(120), D(125))
    assert (made.due_date, made.terms_id) == (datetime.date(2026, 3, 30), terms.pk)


def test_the_words_of_the_places_are_those_of_the_customer(scope):
    buyer = customer("Muster", language="de")
    recurring = start_recurring_document(
        draft(buyer, line("1.00"), notes="{month} {year}: {period}").pk, start=MARCH, month_end=True
    )
    make_due_documents(MARCH)

    assert made_of(recurring)[0].notes.replace("\u00a0", " ") == "März 2026: 01.03.2026 – 31.03.2026"


def test_a_pattern_that_is_changed_counts_from_then_on(pattern):
    recurring = start_recurring_document(pattern.pk, start=JANUARY)
    make_due_documents(JANUARY)
    change_document(pattern.pk, content_of(pattern, lines=[line("120.00")]))
    make_due_documents(FEBRUARY)

    assert [one.total for one in made_of(recurring)] == [D(100), D(120)]


def test_it_ends_stops_and_goes_on(pattern):
    recurring = start_recurring_document(pattern.pk, start=JANUARY, end=FEBRUARY)
    assert make_due_documents(datetime.date(2026, 12, 31)) == 2
    recurring.refresh_from_db()
    assert recurring.next_date is None

    change_recurring_document(recurring.pk, end=datetime.date(2026, 4, 30), is_active=False)
    assert make_due_documents(datetime.date(2026, 12, 31)) == 0
    change_recurring_document(recurring.pk, is_active=True)
    assert make_due_documents(datetime.date(2026, 12, 31)) == 2
    assert [one.date for one in made_of(recurring)] == [JANUARY, FEBRUARY, MARCH, datetime.date(2026, 4, 30)]


def test_what_is_paused_while_a_run_is_under_way_is_not_made(pattern, monkeypatch):
    first, second = (start_recurring_document(pattern.pk, start=day) for day in (JANUARY, FEBRUARY))
    real = recurring_documents.content_on

    def pausing(*said):
        change_recurring_document(second.pk, is_active=False)
        return real(*said)

    monkeypatch.setattr(recurring_documents, "content_on", pausing)
    assert make_due_documents(FEBRUARY) == 2
    assert [len(made_of(one)) for one in (first, second)] == [2, 0]


def test_days_that_meet_at_the_end_of_a_month_come_once(pattern):
    recurring = start_recurring_document(pattern.pk, start=datetime.date(2026, 1, 10), frequency="week", month_end=True)
    assert make_due_documents(MARCH) == 3
    assert [one.date for one in made_of(recurring)] == [JANUARY, FEBRUARY, MARCH]
    assert period_of(recurring, FEBRUARY) == (datetime.date(2026, 2, 1), FEBRUARY)


def test_locked_books_are_reported_and_it_is_tried_again_or_left_out(scope, pattern):
    recurring = start_recurring_document(pattern.pk, start=JANUARY, does="post")
    set_lock_date("all", FEBRUARY)
    make_due_documents(MARCH)
    assert came(recurring) == [
        (JANUARY, None, "books_locked", False), (FEBRUARY, None, "books_locked", False), (MARCH, "posted", "", False),
    ]  # fmt: skip
    assert Document.objects.for_company(scope.company).filter(state="draft").count() == 1, "the pattern alone"

    tried = retry_document_occurrence(recurring.pk, JANUARY, on=datetime.date(2026, 3, 1))
    assert (tried.document.date, tried.document.number, tried.problem) == (
        datetime.date(2026, 3, 1), "INV-2026-00002", "",
    )  # fmt: skip
    with pytest.raises(ReasonNeeded):
        skip_document_occurrence(recurring.pk, FEBRUARY, reason=" ")
    skip_document_occurrence(recurring.pk, FEBRUARY, reason="Free of charge")
    assert came(recurring)[1] == (FEBRUARY, None, "books_locked", True)
    noted = AuditEvent.objects.for_company(scope.company).filter(subject="invoicing_documentoccurrence")
    assert noted.filter(operation="update", reason="Free of charge").count() == 1
    for again in (lambda: retry_document_occurrence(recurring.pk, FEBRUARY),
                  lambda: skip_document_occurrence(recurring.pk, JANUARY, reason="x")):  # fmt: skip
        with pytest.raises(RecurringDocumentNotFound):
            again()


def test_what_was_locked_is_made_on_its_own_day_once_the_books_are_open(pattern):
    recurring = start_recurring_document(pattern.pk, start=JANUARY, does="post")
    set_lock_date("all", JANUARY)
    make_due_documents(JANUARY)
    with pytest.raises(Refused):
        retry_document_occurrence(recurring.pk, JANUARY)
    set_lock_date("all", None, reason="One is missing")
    retry_document_occurrence(recurring.pk, JANUARY)
    assert [(one.date, one.number) for one in made_of(recurring)] == [(JANUARY, "INV-2026-00001")]


def test_what_needs_approval_is_handed_over_and_neither_posted_nor_sent(scope, buyer):
    maker = Actor(type="user", name="Ann", id=uuid.uuid4(), permissions=permissions_of_role("accountant"))
    with acting_as(maker):
        pattern = draft(buyer, line("900.00"))
    set_rule("invoice", minimum=D(500))
    quiet = start_recurring_document(pattern.pk, start=JANUARY, does="post")
    sent = start_recurring_document(pattern.pk, start=JANUARY, does="send")
    make_due_documents(JANUARY)

    assert came(quiet) == [(JANUARY, "submitted", "", False)]
    assert came(sent) == [(JANUARY, "submitted", "approval_needed", False)]
    assert made_of(sent)[0].makers == [maker.id], "who wrote the pattern does not approve what comes of it"
    with pytest.raises(ApprovalNeeded):
        retry_document_occurrence(sent.pk, JANUARY)
    approver = Actor(type="user", name="Bob", id=uuid.uuid4(), permissions=permissions_of_role("approver"))
    with acting_as(approver):
        decide_document(made_of(sent)[0].pk, approve=True)
    retry_document_occurrence(sent.pk, JANUARY)
    assert came(sent) == [(JANUARY, "posted", "", False)]
    assert OutboundMail.objects.for_company(scope.company).count() == 1


def test_what_is_sent_is_posted_and_mailed_once(scope, pattern):
    recurring = start_recurring_document(pattern.pk, start=JANUARY, does="send")
    make_due_documents(JANUARY)
    make_due_documents(JANUARY)

    mail = OutboundMail.objects.for_company(scope.company).get()
    assert (mail.to, mail.about_id) == (["buyer@example.com"], made_of(recurring)[0].pk)


def test_without_an_address_it_is_posted_all_the_same_and_sent_once_there_is_one(scope):
    buyer = customer()
    recurring = start_recurring_document(draft(buyer, line("1.00")).pk, start=JANUARY, does="send")
    make_due_documents(FEBRUARY)
    assert came(recurring) == [
        (JANUARY, "posted", "no_mail_address", False), (FEBRUARY, "posted", "no_mail_address", False),
    ]  # fmt: skip

    buyer.email = "late@example.com"
    buyer.save(update_fields=["email"])
    retry_document_occurrence(recurring.pk, JANUARY)
    skip_document_occurrence(recurring.pk, FEBRUARY, reason="Sent by post")
    assert OutboundMail.objects.for_company(scope.company).get().to == ["late@example.com"]
    assert came(recurring) == [(JANUARY, "posted", "", False), (FEBRUARY, "posted", "no_mail_address", True)]


def test_a_draft_that_something_is_made_like_stays_and_one_that_was_made_may_go(pattern):
    recurring = start_recurring_document(pattern.pk, start=JANUARY)
    make_due_documents(JANUARY)
    with pytest.raises(DocumentRepeated):
        delete_document(pattern.pk)
    delete_document(made_of(recurring)[0].pk)
    assert came(recurring) == [(JANUARY, None, "", True)]
    assert make_due_documents(JANUARY) == 0


def test_it_may_be_made_like_another_document_of_the_same_contact(pattern, buyer):
    recurring = start_recurring_document(pattern.pk, start=JANUARY, does="post")
    other = posted(buyer, line("70.00"), date=JANUARY)
    changed = change_recurring_document(recurring.pk, pattern=other.pk, version=1)
    assert (changed.pattern_id, changed.version) == (other.pk, 2)
    with pytest.raises(RecurringDocumentRefused) as refusal:
        change_recurring_document(recurring.pk, pattern=draft(customer("Another"), line("1.00")).pk)
    assert refusal.value.place == "pattern"
    with pytest.raises(Conflict):
        change_recurring_document(recurring.pk, is_active=False, version=1)
    with pytest.raises(ValueError, match="frequency"):
        change_recurring_document(recurring.pk, frequency="day")
    delete_document(pattern.pk)


@pytest.mark.parametrize(
    ("kind", "fields", "place"),
    [
        ("quote", {}, "pattern"),
        ("invoice", {"end": datetime.date(2026, 1, 30)}, "end"),
        ("invoice", {"interval": 0}, "interval"),
        ("invoice", {"frequency": "moon"}, "frequency"),
        ("invoice", {"does": "burn"}, "does"),
        ("bill", {"does": "send"}, "does"),
        ("bill", {"does": "post"}, "pattern"),
    ],
)
def test_what_cannot_come_again_is_refused_with_the_place(scope, kind, fields, place):
    contact = supplier() if kind == "bill" else customer()
    pattern = draft(contact, line("1.00"), kind=kind, reference="RE 1")
    with pytest.raises(RecurringDocumentRefused) as refusal:
        start_recurring_document(pattern.pk, start=JANUARY, **fields)
    assert (refusal.value.place, refusal.value.code) == (place, "invalid_recurring")


def test_what_posts_itself_is_whole_when_it_starts_and_when_it_changes(scope, buyer):
    bare = draft(buyer)
    with pytest.raises(RecurringDocumentRefused):
        start_recurring_document(bare.pk, start=JANUARY, does="post")
    recurring = start_recurring_document(bare.pk, start=JANUARY)
    with pytest.raises(RecurringDocumentRefused):
        change_recurring_document(recurring.pk, does="post")


def test_a_bill_comes_again_under_a_number_of_its_own(scope):
    pattern = draft(supplier(), line("800.00"), reference="RENT-{year}-{month}")
    recurring = start_recurring_document(pattern.pk, start=JANUARY, does="post")
    make_due_documents(FEBRUARY)
    assert [(one.reference, one.state) for one in made_of(recurring)] == [
        ("RENT-2026-January", "posted"), ("RENT-2026-February", "posted"),
    ]  # fmt: skip


def test_started_twice_under_one_id_is_once_and_another_wish_is_refused(pattern):
    mine = uuid.uuid4()
    first = start_recurring_document(pattern.pk, start=JANUARY, recurring_id=mine)
    assert start_recurring_document(pattern.pk, start=JANUARY, recurring_id=mine).pk == first.pk
    with pytest.raises(SavedBefore):
        start_recurring_document(pattern.pk, start=FEBRUARY, recurring_id=mine)


def test_who_only_drafts_neither_starts_nor_stops_nor_mends_what_posts_itself(scope, pattern):
    posts = start_recurring_document(pattern.pk, start=JANUARY, does="post")
    drafts = start_recurring_document(pattern.pk, start=JANUARY)
    set_lock_date("all", JANUARY)
    make_due_documents(JANUARY)
    clerk = Actor(type="user", name="Clerk", permissions=permissions_of_role("clerk"))
    with acting_as(clerk):
        for act in (
            lambda: start_recurring_document(pattern.pk, start=JANUARY, does="send"),
            lambda: change_recurring_document(posts.pk, does="draft", is_active=False),
            lambda: change_recurring_document(drafts.pk, does="post"),
            lambda: retry_document_occurrence(posts.pk, JANUARY),
        ):
            with pytest.raises(NotPermitted):
                act()
        assert change_recurring_document(drafts.pk, is_active=False)
    auditor = Actor(type="user", name="Auditor", permissions=permissions_of_role("auditor"))
    with acting_as(auditor), pytest.raises(NotPermitted):
        skip_document_occurrence(posts.pk, JANUARY, reason="x")


def test_the_latest_occurrences_and_all_that_wait_come_in_one_query(scope, pattern):
    first, second = datetime.date(2025, 1, 1), datetime.date(2025, 2, 1)
    recurring = start_recurring_document(pattern.pk, start=first, does="post")
    set_lock_date("all", first)
    make_due_documents(second)
    DocumentOccurrence.objects.bulk_create(
        DocumentOccurrence(company=scope.company, recurring=recurring, skipped=True, date=datetime.date(2025, 1, day))
        for day in range(3, 30)
    )
    with CaptureQueriesContext(connection) as queries:
        found = occurrences_of_documents([recurring])[recurring.pk]
        assert [one.document and one.document.state for one in found][:2] == ["posted", None]
    assert len(queries) == 1
    assert len(found) == 25 and found[-1].problem_code == "books_locked"
    assert RecurringDocument.objects.for_company(scope.company).count() == 1


def test_posted_by_itself_what_was_posted_by_hand_is_once(pattern):
    recurring = start_recurring_document(pattern.pk, start=JANUARY, does="draft")
    make_due_documents(JANUARY)
    number = post_document(made_of(recurring)[0].pk).number
    make_due_documents(JANUARY)
    assert [one.number for one in made_of(recurring)] == [number]
