"""Pages in a real browser: nothing breaks the policy, axe finds nothing, and an entry is typed without a mouse."""

import pytest

from tests.conftest import make_member
from tests.pages.browser import WIDE, browsing, check, serving
from tests.pages.conftest import fill_books, fill_drafts, inside

pytestmark = pytest.mark.pages
PATHS = [
    "", "reports/trial-balance/?from=2026-01-01&to=2026-06-30", "entries/", "entries/?text=nothing", "entries/new/",
    "accounts/", "accounts/new/", "accounts/import/", "accounts/1010/ledger/", "periods/", "rates/", "imports/", "export/",
    "jobs/", "members/", "credentials/", "audit/", "settings/", "drafts/", "drafts/?state=rejected", "approvals/",
    "approval-rules/", "delegations/", "templates/", "templates/new/", "recurring/", "recurring/new/",
    "reports/segregation/",
]  # fmt: skip


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def test_every_page_keeps_the_policy_and_is_accessible(committed_company):
    walk_books(committed_company, WIDE)


def walk_books(company, window):
    """Every page of books with something of everything."""
    from ledger.models import Entry

    fill_books(company)
    more = fill_drafts(company)
    with inside(company):
        entry = Entry.objects.for_company(company).get(key="wrong").pk
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        for path in [*PATHS, f"entries/{entry}/", *more]:
            page.goto(f"/c/{company.slug}/{path}")
            page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true; })")
            page.eval_on_selector_all("#more-columns", "all => all.forEach(one => { one.checked = true; })")
            check(page, path)
        assert page.problems == []


def test_an_entry_is_typed_with_the_keyboard_alone_and_posted_once(committed_company):
    from ledger.models import Entry

    viewport = {"width": 1440, "height": 900}
    with serving() as url, browsing(url, make_member(committed_company, "accountant"), viewport=viewport) as page:
        page.goto(f"/c/{committed_company.slug}/entries/new/")
        page.keyboard.type("Rent of November")
        page.keyboard.press("Enter")
        page.keyboard.type("rent")
        assert page.locator("[role=option][aria-selected=true] b").inner_text() == "5000"
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.keyboard.type("1200/12*")
        assert page.locator("[data-difference]").inner_text() == "an amount cannot be read"
        page.keyboard.type("3")
        page.keyboard.press("Enter")
        assert page.locator("[data-difference]").inner_text() == "300.00 more debit"
        assert page.locator("button.primary[name=then]").is_disabled()
        page.keyboard.press("Enter")
        page.keyboard.type("1000")
        for _cell in range(3):
            page.keyboard.press("Enter")
        page.keyboard.press("=")
        assert page.locator("[data-difference]").inner_text() == "balanced"
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/entries/0*/")
        assert "300.00" in page.locator(".total").inner_text()
        assert page.problems == []
    with inside(committed_company):
        assert Entry.objects.for_company(committed_company).get().memo == "Rent of November"


def test_a_half_finished_entry_is_kept_by_the_keyboard_and_approved_with_a_look_at_its_effect(committed_company):
    from ledger.models import Draft
    from tenants.models import Membership
    from tests.pages.conftest import rule

    rule(committed_company)
    clerk, approver = (make_member(committed_company, role) for role in ("clerk", "approver"))
    with serving() as url:
        with browsing(url, clerk, viewport={"width": 1440, "height": 900}) as page:
            page.goto(f"/c/{committed_company.slug}/entries/new/")
            page.keyboard.type("New shelves")
            page.locator("[name=line_memo]").first.fill("which account?")
            assert page.locator("[value=submit]").is_disabled()
            page.keyboard.press("Control+s")
            page.wait_for_url("**/drafts/0*/")
            assert page.locator("tbody").first.inner_text().count("yet") == 2
            page.get_by_role("link", name="Edit", exact=True).click()
            cells = {name: page.locator(f"[name={name}]") for name in ("account", "debit", "credit")}
            cells["account"].nth(0).fill("5000")
            cells["debit"].nth(0).fill("12.50*4")
            cells["account"].nth(1).fill("1000")
            cells["credit"].nth(1).fill("50")
            page.select_option("[name=auto_reverse]", "date")
            page.locator("[name=reverse_on]").fill("2027-01-31")
            page.locator("[name=memo]").focus()
            page.keyboard.press("Control+Enter")
            page.wait_for_selector(".badge.warning >> text=Submitted")
            assert page.problems == []
        with browsing(url, approver, viewport={"width": 390, "height": 844}, color_scheme="dark") as page:
            page.goto(f"/c/{committed_company.slug}/approvals/")
            page.get_by_label("Choose all").check()
            assert page.locator("[name=draft]").is_checked()
            page.locator("tbody a").first.click()
            page.locator("#trial summary").click()
            page.wait_for_selector("#trial table >> text=5000 Rent")
            page.get_by_role("button", name="Approve").click()
            page.wait_for_selector(".badge.success >> text=Approved")
            assert page.evaluate("window.broken") == []
            assert page.problems == []
    with inside(committed_company):
        draft = Draft.objects.for_company(committed_company).get()
        assert (draft.state, draft.total, str(draft.reverse_on)) == ("approved", 50, "2027-01-31")
        assert Membership.objects.for_company(committed_company).count() == 2
