"""Lists are files as well, come page by page, and open where the checklist leads."""

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from accounting.close_checklist import checklist
from accounting.lock_exceptions import ask_exception
from accounting.models import Period
from accounting.periods import set_lock_date
from ledger.deferrals import recognise_due, start_deferral
from ledger.draft_approval import post_draft, submit_draft
from ledger.draft_content import DraftedLine
from ledger.drafts import save_draft
from ledger.entry_templates import save_template
from ledger.opening_balances import OpeningLine, open_balances
from ledger.posting import post
from ledger.recurring import make_due, start_recurring
from tenants.approvals import delegate
from tenants.models import AuditEvent
from tests.books import DAY, sale
from tests.conftest import make_member
from tests.pages.conftest import as_role, drafted, inside, rule
from tests.pages.items import open_customers

JANUARY = datetime.date(2025, 1, 15)
RENT = (DraftedLine("5000", Decimal(800)), DraftedLine("1000", Decimal(-800)))


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


def rows(client, url):
    return text(client.get(url)).splitlines()


@pytest.fixture
def stuck(company):
    """Of two recurring entries, one could not be posted."""
    with inside(company):
        set_lock_date("all", datetime.date(2026, 1, 31))
        recurring = start_recurring(save_template("Rent", RENT, memo="=cmd").pk, start=datetime.date(2026, 1, 31))
        start_recurring(save_template("Lease", RENT).pk, start=datetime.date(2026, 12, 1))
        make_due(datetime.date(2026, 1, 31))
    return recurring


def test_templates_and_recurring_entries_are_exported(signed_in, page_of, stuck):
    client = signed_in("auditor")
    for name, found in (("ledger:template-list", "Rent"), ("ledger:recurring-list", "Rent")):
        url = page_of(name)
        assert "?format=csv" in text(client.get(url))
        lines = rows(client, f"{url}?format=csv")
        assert len(lines) == 3
        assert any(found in line for line in lines)
    assert "'=cmd" in text(client.get(page_of("ledger:template-list") + "?format=csv"))
    assert "800.00" in text(client.get(page_of("ledger:template-list") + "?format=csv"))


def test_recurring_entries_are_narrowed_by_state(signed_in, page_of, stuck):
    client, url = signed_in("auditor"), page_of("ledger:recurring-list")

    assert len(rows(client, f"{url}?state=problem&format=csv")) == 2
    page = text(client.get(f"{url}?state=problem"))
    assert "Rent" in page
    assert "Lease" not in page
    assert "Lease" in text(client.get(f"{url}?state=active"))
    assert "No recurring entry matches" in text(client.get(f"{url}?state=paused"))
    assert client.get(f"{url}?state=x").status_code == 422


def test_exceptions_are_exported(signed_in, page_of, company):
    wish = {"start": DAY, "expires_at": timezone.now() + datetime.timedelta(hours=3), "reason": "=late"}
    as_role(company, "accountant", ask_exception, "all", **wish)
    client, url = signed_in("auditor"), page_of("accounting:lock-exception-list")

    assert "?format=csv" in text(client.get(url))
    _head, line = rows(client, f"{url}?format=csv")
    assert "'=late" in line
    assert str(DAY) in line


def test_the_inbox_is_exported_by_who_may_export(signed_in, page_of, company, drafting):
    rule(company)
    drafting("clerk", lambda: submit_draft(save_draft(drafted(memo="Laptops")).pk))
    client, url = signed_in("controller"), page_of("ledger:approval-list")

    assert "?format=csv" in text(client.get(url))
    assert "Laptops" in rows(client, f"{url}?format=csv")[1]


def test_delegations_and_rules_come_page_by_page(signed_in, page_of, company, monkeypatch):
    monkeypatch.setattr("tenants.views_delegations.PAGE", 1, raising=False)
    monkeypatch.setattr("ledger.views_approval_rules.PAGE", 1, raising=False)
    approver, clerk = make_member(company, "approver"), make_member(company, "clerk")
    with inside(company):
        for month in (1, 2):
            delegate(approver, clerk, start=datetime.date(2099, month, 1), end=datetime.date(2099, month, 2))
    rule(company, minimum=Decimal(11)), rule(company, minimum=Decimal(22))
    client = signed_in("owner")
    for name, first, second in (
        ("tenants:delegation-list", "1 Feb 2099", "1 Jan 2099"), ("ledger:approval-rule-list", "11.00", "22.00"),
    ):  # fmt: skip
        one, two = (text(client.get(page_of(name) + f"?page={number}")) for number in (1, 2))
        assert first in one
        assert second not in one
        assert second in two
        assert "Page 1 of 2" in one


def test_the_openings_posted_so_far_lead_to_all_of_them(signed_in, page_of, company, monkeypatch):
    monkeypatch.setattr("ledger.views_opening.EARLIER_SHOWN", 1)
    lines = [OpeningLine("1000", Decimal(5)), OpeningLine("3000", Decimal(-5))]
    with inside(company):
        for number in range(2):
            open_balances(datetime.date(2025, 12, 31), lines, key=f"o{number}", memo=f"Opening {number}")
        post(sale("1.00", memo="A sale"))
    client = signed_in("owner")
    page = text(client.get(page_of("ledger:opening")))

    url = page_of("ledger:entry-list") + "?source=opening"
    assert f'href="{url}"' in page
    listed = text(client.get(url))
    assert "Opening 0" in listed
    assert "Opening 1" in listed
    assert "A sale" not in listed


def test_segregation_shows_nothing_for_a_day_that_is_none_and_is_noted_as_read(signed_in, page_of, company, drafting):
    drafting("accountant", lambda: post_draft(save_draft(drafted(memo="All alone")).pk))
    client, url = signed_in("auditor"), page_of("ledger:segregation")

    assert "All alone" in text(client.get(url))
    assert "All alone" not in text(client.get(f"{url}?from=x"))
    with inside(company):
        notes = AuditEvent.objects.for_company(company).filter(subject="ledger_segregation")
        assert [note.operation for note in notes][:1] == ["read"]


def test_the_checklist_leads_to_parts_whose_day_has_not_come(signed_in, page_of, company):
    open_customers(company)
    with inside(company):
        start_deferral(
            name="Insurance", from_account="1300", to_account="5000", amount=Decimal(1200),
            start=datetime.date(2026, 1, 1), end=datetime.date(2026, 12, 31),
        )  # fmt: skip
        period = Period.objects.for_company(company).get(start=datetime.date(2026, 1, 1))
        found = {check.code: check for check in checklist(period)}["deferrals"]

    assert "Insurance" in text(signed_in("auditor").get(f"{page_of('ledger:deferral-list')}?{found.query}"))
    assert found.query == "state=running"


def test_the_checklist_leads_to_what_is_stuck(signed_in, page_of, company, stuck):
    open_customers(company)
    with inside(company):
        start_deferral(
            name="Insurance", from_account="1300", to_account="5000", amount=Decimal(1200),
            start=datetime.date(2026, 1, 1), end=datetime.date(2026, 12, 31),
        )  # fmt: skip
        recognise_due(datetime.date(2026, 1, 31))
        period = Period.objects.for_company(company).get(start=datetime.date(2026, 1, 1))
        found = {check.code: check for check in checklist(period)}

    assert (found["recurring"].query, found["deferrals"].query) == ("state=problem", "state=problem")
    client = signed_in("auditor")
    assert "Insurance" in text(client.get(page_of("ledger:deferral-list") + "?state=problem"))
    assert client.get(page_of("ledger:recurring-list") + "?state=problem").status_code == 200
