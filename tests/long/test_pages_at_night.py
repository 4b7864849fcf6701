"""Every page on a phone, in the dark: axe finds nothing, nothing breaks the policy, nothing is too wide."""

from tests.conftest import make_company
from tests.jobs.test_outgoing_in_chromium import walk_outgoing
from tests.long.budget import Budget
from tests.pages.browser import NIGHT
from tests.pages.test_budgets_in_chromium import walk_budgets
from tests.pages.test_closing_in_chromium import walk_closing
from tests.pages.test_items_in_chromium import walk_items
from tests.pages.test_pages_in_chromium import walk_books
from tests.pages.test_taxes_in_chromium import walk_taxes
from tests.pages.test_terms_and_items_in_chromium import walk_terms_and_items

WALKS = [walk_books, walk_budgets, walk_items, walk_closing, walk_terms_and_items, walk_taxes, walk_outgoing]


def test_every_page_is_accessible_on_a_phone_in_the_dark(committed_db, monkeypatch, settings, tmp_path):
    # Playwright runs a loop.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    settings.MEDIA_ROOT = str(tmp_path)
    budget = Budget("pages", WALKS)
    tried = 0
    for walk in budget.take():
        walk(make_company(), NIGHT)
        tried += 1
    budget.report(tried)
