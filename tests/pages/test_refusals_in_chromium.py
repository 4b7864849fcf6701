"""What a dialog was refused, and what nobody can be shown, in a real browser: axe finds nothing, the policy holds."""

import datetime
from decimal import Decimal

import pytest

from tests.books import sale
from tests.conftest import make_member
from tests.pages.browser import WIDE, browsing, check, serving
from tests.pages.conftest import inside

pytestmark = pytest.mark.pages
JANUARY = datetime.date(2026, 1, 31)


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def fill(company):
    """An entry, and a recurring one that could not be posted behind a lock."""
    from accounting.periods import set_lock_date
    from ledger.draft_content import DraftedLine
    from ledger.entry_templates import save_template
    from ledger.posting import post
    from ledger.recurring import make_due, start_recurring

    with inside(company):
        entry = post(sale("10.00"))
        template = save_template("Rent", [DraftedLine("5000", Decimal(8)), DraftedLine("1000", Decimal(-8))])
        set_lock_date("all", JANUARY)
        recurring = start_recurring(template.pk, start=JANUARY)
        make_due(JANUARY)
    return entry.id, template.pk, recurring.pk


def test_a_refused_dialog_stands_in_the_page_and_the_way_goes_on(committed_company):
    entry, template, recurring = fill(committed_company)
    books = f"/c/{committed_company.slug}/"
    with serving() as url, browsing(url, make_member(committed_company, "accountant"), **WIDE) as page:
        page.goto(f"{books}entries/{entry}/")
        page.get_by_role("button", name="Reverse", exact=True).click()
        page.locator("#id_reverse_date").fill("2026-01-01")
        page.locator("#id_reverse_reason").fill("Entered twice")
        page.locator("#reverse").get_by_role("button", name="Reverse").click()
        page.get_by_role("alert").wait_for()
        assert page.locator("#id_reverse_reason").input_value() == "Entered twice"
        check(page, "a reversal that was refused")
        page.get_by_role("link", name="Cancel").click()
        assert page.url.endswith(f"/entries/{entry}/")

        page.goto(f"{books}recurring/{recurring}/")
        page.get_by_role("button", name="Try again 31 Jan 2026").click()
        page.locator("dialog input[name=on]").fill("2026-01-30")
        page.locator("dialog").get_by_role("button", name="Try again", exact=True).click()
        page.get_by_role("alert").wait_for()
        check(page, "an occurrence that was refused")
        page.locator("#id_on").fill("2026-02-01")
        page.locator(".card").get_by_role("button", name="Try again", exact=True).click()
        page.get_by_text("The occurrence is made now").wait_for()

        page.goto(f"{books}recurring/{recurring}/change/")
        check(page, "an address that takes forms")
        page.get_by_role("link", name="To the start page").click()
        assert page.url.endswith(books)
    with serving() as url, browsing(url, make_member(committed_company, "auditor"), **WIDE) as page:
        for address in (f"templates/{template}/", "templates/", "recurring/?state=ended"):
            page.goto(books + address)
            check(page, address)
