"""Closing, opening and reversing many in a real browser: axe finds nothing, the policy holds, the keyboard is enough."""

import datetime

import pytest
from django.utils import timezone

from tests.conftest import make_member
from tests.pages.browser import NIGHT, WIDE, browsing, check, serving
from tests.pages.conftest import as_role, drafted, fetched, fill_books, inside

pytestmark = pytest.mark.pages
WRONG = "account,debit,credit,Note\n1000,x,,\n9999,10,,\n1100,70,,\n3000,,10,\n"
GAP = "account\tdebit\tcredit\n1000\t70.50\t\n3000\t\t70.00\n"


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def fill_closing(company):
    """A closed year, a soft-closed month with a late entry, a draft in the way, exceptions in every state."""
    from accounting.accounts import open_account
    from accounting.lock_exceptions import approve_exception, ask_exception, end_exception
    from accounting.models import FiscalYear, Period
    from accounting.periods import close_period, set_lock_date
    from ledger.bulk_reversal import ask_to_reverse
    from ledger.drafts import save_draft
    from ledger.models import Entry
    from ledger.posting import post
    from ledger.year_closing import close_year
    from tests.books import sale

    day, soon = datetime.date(2026, 1, 20), timezone.now() + datetime.timedelta(hours=3)
    as_role(company, "clerk", save_draft, drafted(date=day))
    with inside(company):
        open_account(code="3900", name="Opening", type="equity", subtype="opening_balance", role="opening_balance")
        years = {year.name: year.pk for year in FiscalYear.objects.for_company(company)}
        close_year(years["2025"])
        periods = list(Period.objects.for_company(company).order_by("start"))
        for period in periods[:12]:
            close_period(period)
        close_period(periods[12], soft=True)
        post(sale("17.00", key="late", date=day, reason="Forgotten"))
        set_lock_date("all", datetime.date(2025, 12, 31))
        wishes = [ask_exception("all", start=day, expires_at=soon, reason="Late bill") for _one in range(4)]
        for wish in wishes[:2]:
            approve_exception(wish.pk)
        for wish in wishes[1:3]:
            end_exception(wish.pk)
        wrong = Entry.objects.for_company(company).get(key="wrong").pk
    job = as_role(company, "controller", ask_to_reverse, [wrong], date=datetime.date(2026, 11, 20), reason="Wrong file")
    return [
        "periods/", f"periods/{periods[11].pk}/checklist/", f"periods/{periods[12].pk}/checklist/",
        f"periods/{periods[13].pk}/checklist/", "lock-exceptions/", f"fiscal-years/{years['2025']}/",
        f"fiscal-years/{years['2026']}/", f"fiscal-years/{years['2027']}/", "opening-balances/", f"reversals/{job.pk}/",
        "reports/control-accounts/", "reports/entries-after-closing/", "entries/",
    ], job  # fmt: skip


def test_every_page_of_closing_is_accessible_filled_refused_and_finished(committed_company):
    walk_closing(committed_company, WIDE)


def walk_closing(company, window):
    """Every page about closing, opening and reversing, also where it refuses."""
    from jobs.running import run

    fill_books(company)
    paths, job = fill_closing(company)
    base = f"/c/{company.slug}/"
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        for path in paths:
            page.goto(base + path)
            page.eval_on_selector_all("main details", "all => all.forEach(one => { one.open = true; })")
            check(page, path)
        assert page.problems == []
        page.goto(f"{base}reversals/{job.pk}/")
        run(company.pk, job.pk)
        page.wait_for_selector("text=could not be reversed")
        check(page, "reversals refused")
        page.goto(base + "opening-balances/")
        page.fill("[name=text]", WRONG)
        page.click("[value=look]")
        check(page, "opening with errors")
        page.goto(base + "periods/")
        page.locator("button[value=close]").first.click()
        page.wait_for_selector("text=cannot be closed yet")
        check(page, "refused close")
        page.goto(base + "lock-exceptions/")
        page.fill("[name=expires_at]", "2020-01-01T10:00")
        page.fill("[name=reason]", "Late")
        page.get_by_role("button", name="Ask", exact=True).click()
        page.wait_for_selector("text=It ends in the future")
        check(page, "refused exception")


def test_entries_are_ticked_and_reversed_with_the_keyboard(committed_company):
    from jobs.models import Job
    from jobs.running import run
    from ledger.models import Entry
    from ledger.posting import post_many
    from tests.books import sale

    company = committed_company
    with inside(company):
        post_many([sale(f"{n}.00", key=f"sale {n}", memo=f"Sale {n}") for n in (1, 2, 3)])
    with serving() as url, browsing(url, make_member(company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{company.slug}/entries/")
        page.get_by_label("Choose all on this page").focus()
        page.keyboard.press("Space")
        assert page.locator("[name=entry]:checked").count() == 3
        page.locator("[name=entry]").nth(0).focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Reverse chosen").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("h1 >> text=Reverse 2 entries")
        check(page, "confirm")
        page.locator("[name=reason]").focus()
        page.keyboard.type("Wrong file")
        page.keyboard.press("Enter")
        page.wait_for_url("**/reversals/0*/")
        job = fetched(company, Job)
        run(company.pk, job.pk)
        page.wait_for_selector("text=2 entries are reversed")
        assert page.problems == []
    with inside(company):
        assert Entry.objects.for_company(company).exclude(reverses=None).count() == 2


def test_pasted_balances_are_looked_at_put_right_and_posted(committed_company):
    from accounting.accounts import open_account
    from ledger.models import Entry

    company = committed_company
    with inside(company):
        open_account(code="3900", name="Opening", type="equity", subtype="opening_balance", role="opening_balance")
    with serving() as url, browsing(url, make_member(company, "accountant"), **NIGHT) as page:
        page.goto(f"/c/{company.slug}/opening-balances/")
        page.fill("[name=date]", "2025-12-31")
        page.fill("[name=text]", GAP)
        page.get_by_role("button", name="Look at it").click()
        page.wait_for_selector("text=0.50 more debit")
        assert page.input_value("[name=text]") == GAP
        page.select_option("[name=balance_to]", "role")
        page.get_by_role("button", name="Look at it").click()
        page.wait_for_selector("text=The difference of 0.50 goes to 3900")
        check(page, "preview")
        page.get_by_role("button", name="Post 2 balances").click()
        page.wait_for_url("**/entries/0*/")
        check(page, "entry")
        assert page.problems == []
    with inside(company):
        assert Entry.objects.for_company(company).get().source == "opening"


def test_an_entry_is_corrected_and_its_draft_opens(committed_company):
    from ledger.models import Draft
    from ledger.posting import post
    from tests.books import sale

    company = committed_company
    with inside(company):
        made = post(sale("1.00", key="one", memo="Wrong"))
    with serving() as url, browsing(url, make_member(company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{company.slug}/entries/{made.id}/")
        page.get_by_role("button", name="Correct", exact=True).click()
        check(page, "correct")
        page.locator("#correct [name=reason]").fill("Wrong account")
        page.keyboard.press("Enter")
        page.wait_for_url("**/drafts/0*/edit/")
        assert page.locator("[name=memo]").input_value() == "Wrong"
        assert page.problems == []
    assert fetched(company, Draft).corrects_id == made.id
