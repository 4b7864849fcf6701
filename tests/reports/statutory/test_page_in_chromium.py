"""The page of statutory exports in a real browser: policy, axe, a phone's width, and a file that arrives by itself."""

import pytest

from jobs.running import run
from reports.statutory.exporting import statutory_exports
from reports.statutory.formats import FORMATS
from tests.conftest import make_member
from tests.pages.browser import WIDE, browsing, check, serving
from tests.reports.statutory.exported import SIREN, inside, settled

pytestmark = pytest.mark.pages


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def test_the_page_keeps_the_policy_and_the_list_moves_by_itself(committed_company):
    company = settled(committed_company, tax_number=SIREN, country="FR")
    with serving() as url, browsing(url, make_member(company, "accountant"), **WIDE) as page:
        for format in FORMATS:
            page.goto(f"/c/{company.slug}/reports/statutory/?format={format}")
            check(page, f"statutory {format}")
        page.goto(f"/c/{company.slug}/reports/statutory/")
        page.select_option("[name=year]", "2026")
        page.get_by_role("button", name="Write the file").click()
        page.wait_for_selector("text=Waiting")
        check(page, "statutory waiting")
        with inside(company):
            (job,) = statutory_exports(company)
        run(company.pk, job.pk)
        page.wait_for_selector(f"a:has-text('{SIREN}FEC20261231.txt')")
        check(page, "statutory done")
        assert page.problems == []
