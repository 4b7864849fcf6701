"""The form of a new entry: posts once, and comes back with everything typed when it is refused."""

import datetime
import re

import pytest

from ledger.models import Entry, Line
from tests.books import sale


@pytest.fixture
def accountant(signed_in):
    return signed_in("accountant")


def typed(key="11111111-1111-1111-1111-111111111111", **changes):
    data = {
        "key": key, "date": "2026-03-15", "journal": "GEN", "memo": "Rent of March", "reference": "R-3",
        "account": ["5000 Rent", "1000", ""], "line_memo": ["Office", "", ""], "debit": ["1,200.50", "", ""],
        "credit": ["", "1200.5", ""], "currency": ["", "", ""], "rate": ["", "", ""], "then": "show",
    }  # fmt: skip
    return {**data, **changes}


def posted(company):
    from tenants.scope import Actor, company_scope

    with company_scope(company, actor=Actor.system("test")):
        entries = list(Entry.objects.for_company(company))
        lines = Line.objects.for_company(company).order_by("entry_id", "number").select_related("account")
        return entries, [(line.account.code, f"{line.amount.normalize():f}") for line in lines]


def test_an_entry_is_posted_and_shown(accountant, page_of, company):
    answer = accountant.post(page_of("ledger:entry-new"), typed(), follow=True)

    entries, lines = posted(company)
    assert lines == [("5000", "1200.5"), ("1000", "-1200.5")]
    assert answer.redirect_chain == [(page_of("ledger:entry-detail", entries[0].pk), 302)]
    assert "Rent of March" in answer.content.decode()


def test_a_double_click_posts_once(accountant, page_of, company):
    first = accountant.post(page_of("ledger:entry-new"), typed())
    second = accountant.post(page_of("ledger:entry-new"), typed())

    assert first.url == second.url
    assert len(posted(company)[0]) == 1


def test_a_changed_form_under_the_same_key_is_refused_with_a_link_to_what_was_posted(accountant, page_of, company):
    accountant.post(page_of("ledger:entry-new"), typed())
    answer = accountant.post(page_of("ledger:entry-new"), typed(memo="Something else"))

    (entry,), _lines = posted(company)
    assert answer.status_code == 422
    assert page_of("ledger:entry-detail", entry.pk) in answer.content.decode()
    assert key_of(answer) != typed()["key"]


def test_a_refusal_keeps_what_was_typed_and_names_the_place(accountant, page_of, company):
    answer = accountant.post(page_of("ledger:entry-new"), typed(debit=["1,200.51", "", ""]))

    page = answer.content.decode()
    assert answer.status_code == 422
    for text in ("Rent of March", "R-3", "5000 Rent", "1,200.51", "0.01 EUR more debit"):
        assert text in page
    assert key_of(answer) == typed()["key"]
    assert posted(company) == ([], [])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account": ["ren", "1000", ""]}, "Line 1: There is no account “ren”. Did you mean 5000 Rent"),
        ({"account": ["5000", "1100", ""]}, "Line 2: 1100 is a control account"),
        ({"debit": ["12x", "", ""]}, "Line 1: “12x” is not an amount"),
        ({"debit": ["1.005", "", ""]}, "Line 1: 1.005 has more decimals than EUR has"),
        ({"credit": ["5", "1200.50", ""]}, "a debit or a credit, not both"),
        ({"currency": ["USD", "", ""]}, "There is no exchange rate of USD"),
        ({"date": "2031-01-01"}, "lies in no fiscal year"),
        ({"date": "yesterday"}, "Enter a valid date"),
    ],
)
def test_what_is_wrong_is_said_in_words(accountant, page_of, company, changes, message):
    answer = accountant.post(page_of("ledger:entry-new"), typed(**changes))

    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not posted(company)[0]


def test_a_blank_row_between_does_not_move_the_place(accountant, page_of):
    answer = accountant.post(
        page_of("ledger:entry-new"),
        typed(account=["5000", "", "1100"], debit=["5", "", ""], credit=["", "", "5"]),
    )

    assert "Line 3: 1100 is a control account" in answer.content.decode()


def test_a_closed_period_is_about_the_date_and_the_form_gets_a_new_key(accountant, page_of, company):
    from accounting.periods import set_lock_date
    from tenants.scope import Actor, company_scope

    with company_scope(company, actor=Actor.system("test")):
        set_lock_date("all", datetime.date(2026, 3, 31))
    answer = accountant.post(page_of("ledger:entry-new"), typed())
    again = accountant.post(page_of("ledger:entry-new"), typed(key=key_of(answer), date="2026-04-01"))

    assert "locked" in answer.content.decode()
    assert again.status_code == 302
    assert len(posted(company)[0]) == 1


def test_amounts_may_be_sums(accountant, page_of, company):
    accountant.post(page_of("ledger:entry-new"), typed(debit=["1200/12*3", "", ""], credit=["", "300", ""]))

    assert posted(company)[1] == [("5000", "300"), ("1000", "-300")]


def test_an_entry_is_copied_into_a_new_form(accountant, page_of, post_entries):
    (entry,) = post_entries(sale("5.00", memo="Cash sale"))
    page = accountant.get(page_of("ledger:entry-new") + f"?copy={entry.id}").content.decode()

    assert "1000 Bank" in page
    assert 'value="5.00"' in page
    assert "Cash sale" in page


def test_an_entry_is_reversed_with_a_reason(accountant, page_of, company, post_entries):
    (entry,) = post_entries(sale("5.00"))
    without = accountant.post(page_of("ledger:entry-reverse", entry.id), {"date": "2026-03-16", "reason": ""})
    done = accountant.post(
        page_of("ledger:entry-reverse", entry.id), {"date": "2026-03-16", "reason": "Twice"}, follow=True
    )

    assert without.status_code == 422
    assert "Reverses the entry of" in done.content.decode()
    page = accountant.get(page_of("ledger:entry-detail", entry.id)).content.decode()
    assert "Reversed on" in page
    assert 'popovertarget="reverse"' not in page


def key_of(answer):
    return re.search(r'name="key" value="([^"]+)"', answer.content.decode()).group(1)
