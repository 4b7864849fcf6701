"""The page of a job in a real browser."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from jobs.files import NewFile, keep_file
from jobs.models import State
from tenants.scope import Actor, company_scope
from tests.conftest import make_member
from tests.jobs.conftest import ask, look
from tests.jobs.test_running import run_in_thread

pytestmark = pytest.mark.pages
LEVELS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def accessible(window):
    found = Axe().run(window, options=LEVELS).response["violations"]
    assert not found, json.dumps([(rule["id"], rule["nodes"][0]["html"]) for rule in found])


def test_a_person_watches_the_bar_move_and_cancels(committed_company, tmp_path):
    from tests.pages.browser import browsing, serving

    anna = make_member(committed_company, "accountant")
    job = ask(committed_company, "hold", {"until": str(tmp_path / "never")})
    with company_scope(committed_company, actor=Actor.system("test")):
        keep_file(job, "output", NewFile("draft.txt", b"draft"))
    with serving() as url, browsing(url, anna) as window:
        window.goto(reverse("jobs:job-detail", args=[committed_company.slug, job.pk]))
        assert "Waiting for a free worker." in window.text_content("main")
        accessible(window)
        thread = run_in_thread(job)
        window.wait_for_selector("progress[value='50']", timeout=15_000)
        assert "Holding" in window.text_content("main")
        accessible(window)
        window.click("text=Cancel the job")
        window.click("dialog >> text=Yes")
        window.wait_for_selector("text=Cancelled by Accountant.", timeout=15_000)
        window.wait_for_selector("button:has-text('Retry')")
        assert window.query_selector("[hx-get]") is None, "it asks no more"
        window.click("text=All jobs")
        window.wait_for_selector("td:has-text('Cancelled')")
        accessible(window)
        assert (window.problems, window.evaluate("window.broken")) == ([], [])
        thread.join(20)
    assert look(job).state == State.CANCELLED
