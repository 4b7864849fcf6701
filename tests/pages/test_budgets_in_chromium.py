"""The pages of budgets in a real browser: the policy holds, axe finds nothing, and the grid is filled by keyboard."""

import pytest

from ledger.models import Budget
from tests.conftest import make_member
from tests.ledger.budget_books import a_budget, open_centres, planned
from tests.pages.browser import WIDE, browsing, check, serving
from tests.pages.conftest import inside

pytestmark = pytest.mark.pages


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def fill(company):
    """A budget in force, one planned by cost centre, and one without lines."""
    with inside(company):
        open_centres()
        year = [f"{n}00.50" for n in range(1, 13)]
        active = a_budget(*planned(*year), *planned(*year, account="4000"), control="stop")
        draft = a_budget(
            *planned(*year, value="NORTH"), *planned("7.00"), name="By centre", dimension="cost_centre", active=False
        )
        return active, draft, a_budget(name="Empty", active=False)


def walk_budgets(company, window):
    """Every page about budgets, also as it comes back with what is wrong."""
    budgets = fill(company)
    paths = ["budgets/", "budgets/?text=zzz", "budgets/new/", *(f"budgets/{one.pk}/" for one in budgets)]
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        for path in paths:
            page.goto(f"/c/{company.slug}/{path}")
            check(page, path)
        page.goto(f"/c/{company.slug}/budgets/{budgets[1].pk}/")
        page.locator("[name=cell-0-3]").fill("seven")
        page.get_by_role("button", name="Save").click()
        check(page, "a grid with a wrong cell")
        assert [text for text in page.problems if "422" not in text] == []


def test_every_page_of_budgets_keeps_the_policy_and_is_accessible(committed_company):
    walk_budgets(committed_company, WIDE)


def test_every_page_of_budgets_fits_a_phone(committed_company):
    walk_budgets(committed_company, {"viewport": {"width": 390, "height": 844}})


def test_a_budget_is_planned_with_the_keyboard(committed_company):
    _active, _draft, empty = fill(committed_company)
    with serving() as url, browsing(url, make_member(committed_company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{committed_company.slug}/budgets/{empty.pk}/")
        page.locator("[name=account-0]").focus()
        page.keyboard.type("5000")
        page.keyboard.press("Tab")
        page.keyboard.type("1200")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "cell-0-0"
        page.keyboard.press("Enter")
        page.wait_for_selector("text=The budget is saved.")
        assert page.locator("[name=cell-0-11]").input_value() == "100.00"
    with inside(committed_company):
        assert Budget.objects.get(pk=empty.pk).lines.count() == 12
