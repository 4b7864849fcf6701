"""Templates and recurring entries by their pages."""

import datetime
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.periods import set_lock_date
from ledger.draft_content import DraftedLine
from ledger.drafts import save_draft
from ledger.entry_templates import save_template
from ledger.models import Draft, Entry, EntryTemplate, Occurrence, RecurringEntry
from ledger.recurring import make_due, start_recurring
from tests.pages.conftest import drafted, fetched, inside

RENT = (DraftedLine("5000", Decimal(800)), DraftedLine("1000", Decimal(-800)))
JANUARY = datetime.date(2026, 1, 31)


@pytest.fixture
def rent(company):
    with inside(company):
        return save_template("Office rent", RENT, memo="Rent of the office")


@pytest.fixture
def stuck(company, rent):
    """A recurring entry whose January could not be posted: the books were locked."""
    with inside(company):
        set_lock_date("all", JANUARY)
        recurring = start_recurring(rent.pk, start=JANUARY)
        make_due(datetime.date(2026, 2, 28))
    return recurring


def typed(**changes):
    data = {
        "name": "Rent", "journal": "GEN", "memo": "Rent", "reference": "", "is_active": "on", "version": "",
        "account": ["5000 Rent", "1000"], "line_memo": ["Office", ""], "debit": ["800", ""], "credit": ["", ""],
        "currency": ["", ""], "rate": ["", ""],
    }  # fmt: skip
    return {**data, **changes}


def text(answer):
    return answer.content.decode()


def test_a_template_is_made_changed_and_used(signed_in, page_of, company):
    client = signed_in("clerk")
    client.post(page_of("ledger:template-new"), typed())
    template = fetched(company, EntryTemplate)
    assert "Rent" in text(client.get(page_of("ledger:template-list")))

    started = text(client.get(page_of("ledger:entry-new") + f"?template={template.pk}"))
    assert "5000 Rent" in started
    assert "800.00" in started
    client.post(page_of("ledger:template-edit", template.pk), typed(name="Lease", version="1", is_active=""))
    changed = fetched(company, EntryTemplate)
    assert (changed.name, changed.version, changed.is_active) == ("Lease", 2, False)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "Office rent"}, "There is a template “Office rent” already"),
        ({"account": ["zzz", ""]}, "Line 1: There is no account “zzz”"),
        ({"debit": ["1..2", ""]}, "Line 1: “1..2” is not an amount"),
    ],
)
def test_a_template_that_cannot_be_kept_comes_back_with_everything_typed(
    signed_in, page_of, company, rent, changes, message
):
    answer = signed_in("clerk").post(page_of("ledger:template-new"), typed(**changes))

    assert answer.status_code == 422
    assert message in text(answer)
    assert "Office" in text(answer)


def test_a_template_changed_meanwhile_is_not_overwritten_unseen(signed_in, page_of, company, rent):
    with inside(company):
        save_template("Theirs", RENT, template_id=rent.pk)
    answer = signed_in("clerk").post(page_of("ledger:template-edit", rent.pk), typed(version="1"))

    assert answer.status_code == 409
    assert 'name="version" value="2"' in text(answer)
    assert fetched(company, EntryTemplate).name == "Theirs"


def test_a_draft_becomes_a_template(signed_in, page_of, drafting):
    draft = drafting("clerk", save_draft, drafted("12.00"))
    page = text(signed_in("clerk").get(page_of("ledger:template-new") + f"?draft={draft.pk}"))

    assert "4000 Sales" in page
    assert "Cash sale" in page


def test_a_template_is_deleted_unless_something_recurs_of_it(signed_in, page_of, company, rent):
    client = signed_in("accountant")
    with inside(company):
        start_recurring(rent.pk, start=JANUARY)
    refused = client.post(page_of("ledger:template-delete", rent.pk), follow=True)
    assert "Recurring entries are made of this template" in text(refused)
    with inside(company):
        RecurringEntry.objects.for_company(company).delete()
    client.post(page_of("ledger:template-delete", rent.pk))
    assert client.get(page_of("ledger:template-edit", rent.pk)).status_code == 404


def start(client, page_of, template, /, **changes):
    fields = {"template": template.pk, "start": "2026-01-31", "interval": "1", "frequency": "month", "outcome": "post"}
    return client.post(page_of("ledger:recurring-new"), {**fields, **changes})


def test_a_template_comes_again_and_shows_its_dates(signed_in, page_of, company, rent):
    client = signed_in("accountant")
    answer = start(client, page_of, rent, interval="2", end="2026-06-30")

    page = text(client.get(answer.url))
    assert "Every 2 months" in page
    assert "31 Jan 2026 · 31 Mar 2026 · 31 May 2026" in page
    assert "31 Jan 2026" in text(client.get(page_of("ledger:recurring-list")))


def test_a_form_that_is_sent_twice_starts_once_and_a_changed_one_says_so(signed_in, page_of, company, rent):
    client = signed_in("accountant")
    (key,) = re.findall('name="recurring_id" value="([^"]+)"', text(client.get(page_of("ledger:recurring-new"))))
    first = start(client, page_of, rent, recurring_id=key)
    again = start(client, page_of, rent, recurring_id=key)
    changed = start(client, page_of, rent, recurring_id=key, interval="2")

    assert (first.status_code, again.url) == (302, first.url)
    assert "saved before, with other content" in text(changed)
    with inside(company):
        assert RecurringEntry.objects.for_company(company).count() == 1


def test_a_clerk_lets_drafts_come_again_and_no_entries(signed_in, page_of, company, rent):
    client = signed_in("clerk")

    assert start(client, page_of, rent).status_code == 422
    assert start(client, page_of, rent, outcome="draft").status_code == 302
    assert fetched(company, RecurringEntry).as_draft


def test_what_cannot_come_again_is_refused_at_its_field(signed_in, page_of, company, rent):
    client = signed_in("accountant")
    with inside(company):
        half = save_template("Half", [DraftedLine("5000")])

    assert "The last date lies before the first" in text(start(client, page_of, rent, end="2026-01-01"))
    assert "The line has no amount yet" in text(start(client, page_of, half))
    assert "Select a valid choice" in text(start(client, page_of, rent, template="x"))
    assert start(client, page_of, rent, interval="0").status_code == 422


def test_it_is_paused_goes_on_and_ends(signed_in, page_of, company, rent):
    client = signed_in("accountant")
    start(client, page_of, rent)
    recurring = fetched(company, RecurringEntry)
    change = page_of("ledger:recurring-change", recurring.pk)

    client.post(change, {"act": "pause", "version": "1"})
    assert not fetched(company, RecurringEntry).is_active
    client.post(change, {"act": "resume", "version": "1"})
    assert not fetched(company, RecurringEntry).is_active
    client.post(change, {"act": "resume", "version": "2"})
    assert fetched(company, RecurringEntry).is_active
    assert client.post(change, {"act": "end", "version": "3", "end": "2025-01-01"}).status_code == 422
    client.post(change, {"act": "end", "version": "3", "end": "2026-02-27"})
    with inside(company):
        assert make_due(datetime.date(2026, 12, 31)) == 1
    assert "Ended" in text(client.get(page_of("ledger:recurring-detail", recurring.pk)))


def test_a_last_date_before_the_next_one_ends_it_and_a_later_one_revives_it(company, rent):
    from ledger.recurring import change_recurring

    with inside(company):
        recurring = start_recurring(rent.pk, start=JANUARY)
        assert make_due(JANUARY) == 1
        assert change_recurring(recurring.pk, end=datetime.date(2026, 2, 27)).next_date is None
        assert make_due(datetime.date(2026, 12, 31)) == 0
        assert change_recurring(recurring.pk, end=datetime.date(2026, 3, 31)).next_date == datetime.date(2026, 2, 28)
        assert make_due(datetime.date(2026, 12, 31)) == 2


def test_what_could_not_be_posted_is_tried_again_on_another_day(signed_in, page_of, company, stuck):
    client = signed_in("accountant")
    page = text(client.get(page_of("ledger:recurring-detail", stuck.pk)))
    assert "The books are locked for this date" in page
    assert "1 not posted" in text(client.get(page_of("ledger:recurring-list")))

    address = page_of("ledger:occurrence-act", stuck.pk, "2026-01-31")
    still = client.post(address, {"act": "retry", "on": "2026-01-31"}, follow=True)
    assert "locked" in text(still)
    client.post(address, {"act": "retry", "on": "2026-02-01"})
    came = fetched(company, Occurrence, date=JANUARY)
    entry = fetched(company, Entry, pk=came.entry_id)
    assert entry.date == datetime.date(2026, 2, 1)
    detail = text(client.get(page_of("ledger:entry-detail", entry.pk)))
    assert page_of("ledger:recurring-detail", stuck.pk) in detail


def test_what_could_not_be_posted_is_left_out_with_a_reason(signed_in, page_of, company, stuck):
    client = signed_in("clerk")
    address = page_of("ledger:occurrence-act", stuck.pk, "2026-01-31")

    assert "This field is required" in text(client.post(address, {"act": "skip", "reason": " "}, follow=True))
    assert not fetched(company, Occurrence, date=JANUARY).skipped
    client.post(address, {"act": "skip", "reason": "Paid in cash"})
    assert fetched(company, Occurrence, date=JANUARY).skipped
    assert client.post(address, {"act": "retry", "on": "2026-02-01"}).status_code == 404


def test_a_clerk_cannot_retry_what_posts(signed_in, page_of, company, stuck):
    address = page_of("ledger:occurrence-act", stuck.pk, "2026-01-31")
    assert signed_in("clerk").post(address, {"act": "retry", "on": "2026-02-01"}).status_code == 403


def test_a_recurring_draft_says_where_it_came_from(signed_in, page_of, company, rent):
    with inside(company):
        recurring = start_recurring(rent.pk, start=JANUARY, as_draft=True)
        make_due(JANUARY)
    page = text(signed_in("auditor").get(page_of("ledger:draft-detail", fetched(company, Draft).pk)))

    assert page_of("ledger:recurring-detail", recurring.pk) in page


def test_the_lists_cost_the_same_for_1_20_and_200_rows(signed_in, page_of, company):
    client = signed_in("accountant")
    costs = []
    for number in (1, 19, 180):
        with inside(company):
            for n in range(number):
                start_recurring(save_template(f"{number}-{n}", RENT).pk, start=datetime.date(2026, 12, 1))
        found = []
        for name in ("ledger:template-list", "ledger:recurring-list", "ledger:recurring-new"):
            client.get(page_of(name))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page_of(name)).status_code == 200
            found.append(len(queries))
        costs.append(tuple(found))

    assert len(set(costs)) == 1, costs
