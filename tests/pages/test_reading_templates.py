"""Templates are read by who reads the books; what was typed into one outlives it; entries of many lines are told."""

import datetime
import re
from decimal import Decimal

import pytest

from ledger.draft_content import DraftContent, DraftedLine
from ledger.drafts import save_draft
from ledger.entry_templates import delete_template, save_template
from ledger.models import EntryTemplate
from ledger.recurring import start_recurring
from tests.books import new_entry
from tests.pages.conftest import fetched, inside

RENT = (DraftedLine("5000", Decimal(800), memo="Harbour side"), DraftedLine("1000", Decimal(-800)))


@pytest.fixture
def rent(company):
    with inside(company):
        return save_template("Office rent", RENT, memo="Rent of the office")


def text(answer):
    return answer.content.decode()


TYPED = {
    "name": "Rent", "journal": "GEN", "memo": "Typed for long", "reference": "", "is_active": "on", "version": "1",
    "account": ["5000 Rent", "1000"], "line_memo": ["Office", ""], "debit": ["800", ""], "credit": ["", ""],
}  # fmt: skip


@pytest.mark.parametrize("role", ["auditor", "approver"])
def test_a_template_is_read_by_who_reads_the_books(signed_in, page_of, company, rent, role):
    with inside(company):
        recurring = start_recurring(rent.pk, start=datetime.date(2026, 12, 1))
    client, url = signed_in(role), page_of("ledger:template-edit", rent.pk)
    page = text(client.get(url))

    for word in ("Office rent", "Rent of the office", "Harbour side", "5000 Rent", "800.00"):
        assert word in page
    assert "<input" not in re.sub(r'<input[^>]*(id="jump"|csrfmiddlewaretoken)[^>]*>', "", page)
    assert url in text(client.get(page_of("ledger:template-list")))
    assert url in text(client.get(page_of("ledger:recurring-detail", recurring.pk)))
    assert client.post(url, TYPED).status_code == 403


def test_what_is_typed_into_a_template_that_is_gone_becomes_a_new_one(signed_in, page_of, company, rent):
    with inside(company):
        delete_template(rent.pk)
    client = signed_in("clerk")
    answer = client.post(page_of("ledger:template-edit", rent.pk), TYPED)

    assert answer.status_code == 422
    assert "The template was deleted meanwhile" in text(answer)
    assert "Typed for long" in text(answer)
    assert 'value="5000 Rent"' in text(answer)
    (action,) = re.findall(r'id="entry" action="([^"]+)"', text(answer))
    version = re.findall(r'name="version"[^>]*value="([^"]+)"', text(answer))
    assert (action, version) == (page_of("ledger:template-new"), [])
    client.post(action, {**TYPED, "version": ""})
    assert fetched(company, EntryTemplate).memo == "Typed for long"


def test_more_lines_than_a_form_takes_are_not_copied_into_one(
    signed_in, page_of, company, rent, post_entries, monkeypatch
):
    monkeypatch.setattr("ledger.views_new_entry.MOST_LINES", 1, raising=False)
    (posted,) = post_entries(new_entry(("1000", "5.00"), ("4000", "-5.00")))
    with inside(company):
        draft = save_draft(DraftContent(datetime.date(2026, 3, 1), list(RENT)))
    client = signed_in("accountant")
    for query, name, pk in (
        ("copy", "entry-detail", posted.id), ("draft", "draft-detail", draft.pk), ("template", "template-edit", rent.pk),
    ):  # fmt: skip
        answer = client.get(page_of("ledger:entry-new") + f"?{query}={pk}")
        assert answer.status_code == 302, query
        assert answer.url == page_of(f"ledger:{name}", pk)
        assert "more than 1 lines" in text(client.get(answer.url))
