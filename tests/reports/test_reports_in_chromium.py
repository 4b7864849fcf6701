"""Every report in a real browser, empty and filled: policy, axe, a phone's width; a figure leads to its lines."""

import datetime

import pytest

from jobs.models import Job
from jobs.running import run
from reports.catalogue import CATALOGUE
from reports.layout_versions import save_layout
from reports.report_schedules import ScheduleContent, add_schedule
from reports.statement_layouts import shipped_rows
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
        for path in ("layouts/", "layouts/new/?from=hgb", "schedules/", "schedules/new/", "kept/"):
            page.goto(f"/c/{company.slug}/reports/{path}")
            check(page, f"pages of {path.partition('?')[0]}")
        assert page.problems == []


def test_a_report_is_kept_checked_and_verified(committed_company):
    """From the screen to the signature, with the differences of the day after, by keyboard and mouse."""
    company = committed_company
    with system_scope(company):
        posted(customer(), line("100.00"))
    with serving() as url, browsing(url, make_member(company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{company.slug}/reports/profit-and-loss/{DAYS}")
        page.get_by_role("button", name="Keep").click()
        page.get_by_label("Title").fill("Result 2026")
        check(page, "dialog that keeps a report")
        page.get_by_role("button", name="Make and keep").click()
        page.wait_for_selector("text=The report is being made.")
        with system_scope(company):
            job = Job.objects.for_company(company).get(kind="reports.make_report")
        run(company.pk, job.pk)
        page.reload()
        check(page, "kept reports")
        page.get_by_role("link", name="Result 2026").click()
        page.wait_for_selector("h1:has-text('Result 2026')")
        detail = page.url
        check(page, "kept report")
    with system_scope(company):
        posted(customer("Fabrikam"), line("7.00"))
        add_schedule(ScheduleContent("Board pack", "balance-sheet", "monthly", "month", datetime.date(2030, 1, 2)))
        save_layout("profit-and-loss", "Board", shipped_rows("ifrs", "profit-and-loss"))
    with serving() as url, browsing(url, make_member(company, "controller"), **WIDE) as page:
        page.goto(f"{url}/c/{detail.partition('/c/')[2]}?verify=1")
        check(page, "verified report")
        page.get_by_role("button", name="Sign off").click()
        page.get_by_role("dialog").get_by_role("button", name="Sign off").click()
        page.wait_for_selector("text=signed off")
        check(page, "signed report")
        for path in ("schedules/", "layouts/", "kept/"):
            page.goto(f"{url}/c/{company.slug}/reports/{path}")
            check(page, f"filled {path}")
        page.goto(f"{url}/c/{company.slug}/reports/layouts/new/?from=ifrs")
        page.get_by_role("button", name="Preview").click()
        page.wait_for_selector("#preview, .message.error")
        check(page, "preview of a layout")
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
