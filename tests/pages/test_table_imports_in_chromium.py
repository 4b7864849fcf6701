"""The import of tables in a real browser: the policy holds and axe finds nothing, from the empty list to the undoing."""

import datetime

import pytest

from accounting.contacts import add_contact
from accounting.table_import import ask_to_import
from accounting.table_import_undo import ask_to_undo
from accounting.table_kinds import table_kind
from jobs.models import Job
from jobs.running import run
from tests.accounting.table_files import csv_of
from tests.conftest import make_member
from tests.pages.browser import WIDE, browsing, check, serving
from tests.pages.conftest import inside

pytestmark = pytest.mark.pages


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    monkeypatch.setattr("accounting.views_table_imports.ROWS_SHOWN", 5)


def ran(company, data, dry_run=True, **options):
    with inside(company):
        job = ask_to_import(table_kind("contacts"), data, name="contacts of the old program.csv", dry_run=dry_run,
                            options=options)  # fmt: skip
    run(company.pk, job.pk)
    return job


def fill(company) -> list[Job]:
    """Previews that are good and wrong, an import that stands and another that is undone."""
    rows = [{"code": f"K{n}", "name": f"Adatum Trading and Shipping Company {n} Ltd"} for n in range(12)]
    with inside(company):
        add_contact(code="K1", name="Adatum", country="GB", phone="1")
    wrong = csv_of(*rows[:3], {"code": "K9", "name": "Nobody", "email": "no", "credit_limit": "1,234"})
    first = ran(company, csv_of(*rows[5:]), dry_run=False)
    second = ran(company, csv_of({"name": "Contoso"}), dry_run=False)
    with inside(company):
        undo = ask_to_undo(second, date=datetime.date(2026, 3, 31), reason="wrong file")
    run(company.pk, undo.pk)
    return [ran(company, csv_of(*rows[:3]), update=True), ran(company, wrong), first, second]


def test_every_page_of_imports_keeps_the_policy_and_is_accessible(committed_company):
    slug = committed_company.slug
    with serving() as url, browsing(url, make_member(committed_company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{slug}/imports/tables/")
        check(page, "no imports yet")
        jobs = fill(committed_company)
        for path in ["", *(f"{job.pk}/" for job in jobs)]:
            page.goto(f"/c/{slug}/imports/tables/{path}")
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            check(page, path)
        assert page.problems == []
