"""Every report in a real browser, empty and filled: policy, axe, a phone's width; a figure leads to its lines."""

import pytest

from reports.catalogue import CATALOGUE
from tests.conftest import make_member
from tests.constitution.raw import system_scope
from tests.invoicing.papers import customer, line, posted, supplier
from tests.invoicing.test_payments import paid
from tests.pages.browser import WIDE, browsing, check, serving

pytestmark = pytest.mark.pages
DAYS = "?from=2026-01-01&to=2026-12-31"


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def walk(company, window):
    """The catalogue and each report, empty, filled, and in columns."""
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        page.goto(f"/c/{company.slug}/reports/general-ledger/{DAYS}")
        check(page, "empty report")
        with system_scope(company):
            buyer = customer("A customer with a name that is longer than most")
            posted(buyer, line("12345.67", description="Consulting in March, with travel"))
            paid(buyer, "345.67")
            posted(supplier(), line("400.00"))
        for path in ["", *(f"{name}/{DAYS}" for name in CATALOGUE), f"profit-and-loss/{DAYS}&by=quarter&compare=year"]:
            page.goto(f"/c/{company.slug}/reports/{path}")
            check(page, f"report {path.partition('/')[0]} {'columns' if 'by=' in path else ''}")
        assert page.problems == []


def test_reports_keep_the_policy_and_are_accessible(committed_company):
    walk(committed_company, WIDE)


def test_a_figure_leads_to_the_lines_behind_it(committed_company):
    with system_scope(committed_company):
        posted(customer(), line("100.00"))
    with serving() as url, browsing(url, make_member(committed_company, "auditor"), **WIDE) as page:
        page.goto(f"/c/{committed_company.slug}/reports/profit-and-loss/{DAYS}")
        page.get_by_role("link", name="100.00").first.click()
        page.wait_for_selector("h1:has-text('4000')")
        assert "100.00" in page.inner_text("main")
