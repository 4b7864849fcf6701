"""Drafts by their pages: kept half-finished, changed without undoing others, sent on their way, posted once."""

import datetime
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.draft_approval import approve_draft, post_draft, reject_draft, submit_draft
from ledger.drafts import change_draft, save_draft
from ledger.models import AutoReversal, Draft, DraftLine, Entry
from tests.books import sale
from tests.pages.conftest import drafted, fetched, inside, rule

KEY = "018f0000-0000-7000-8000-00000000aaaa"


def typed(then="draft", **changes):
    data = {
        "key": KEY, "date": "2026-03-15", "journal": "GEN", "memo": "Rent of March", "reference": "R-3",
        "account": ["5000 Rent", "1000", ""], "line_memo": ["Office", "", ""], "debit": ["1,200.50", "", ""],
        "credit": ["", "1200.5", ""], "currency": ["", "", ""], "rate": ["", "", ""], "then": then,
    }  # fmt: skip
    return {**data, **changes}


def lines(company):
    with inside(company):
        rows = DraftLine.objects.for_company(company).order_by("number").select_related("account")
        return [(row.account and row.account.code, row.amount, row.memo) for row in rows]


def count(company, model):
    with inside(company):
        return model.objects.for_company(company).count()


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


def version_in(answer):
    return int(re.search(r'name="version" value="(\d+)"', text(answer)).group(1))


def act(client, page_of, draft, name, **fields):
    return client.post(page_of("ledger:draft-act", draft.pk), {"act": name, "version": draft.version, **fields})


def test_half_typed_rows_are_kept(signed_in, page_of, company):
    answer = signed_in("clerk").post(
        page_of("ledger:entry-new"),
        typed(account=["5000", "", ""], line_memo=["", "which account?", ""], debit=["", "", "7"], credit=["", "", ""]),
    )

    assert answer.url == page_of("ledger:draft-detail", KEY)
    assert lines(company) == [("5000", None, ""), (None, None, "which account?"), (None, 7, "")]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account": ["5000", "zzz", ""]}, "Line 2: There is no account “zzz”"),
        ({"debit": ["12x", "", ""]}, "Line 1: “12x” is not an amount"),
        ({"credit": ["5", "1200.50", ""]}, "Line 1: A line is a debit or a credit, not both"),
        ({"currency": ["XXX", "", ""]}, "Line 1: The currency or unit “XXX” is not in use"),
        ({"base_amount": ["5", "", ""]}, "Line 1: Name the currency of the line"),
        ({"auto_reverse": "date"}, "Name the day on which it is reversed"),
        ({"auto_reverse": "date", "reverse_on": "2026-03-15"}, "It is reversed after its own date"),
        ({"then": "submit", "credit": ["", "5", ""]}, "The entry does not balance"),
        ({"then": "submit", "account": ["5000", "", ""]}, "Line 2: The line has no account yet"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_place_and_nothing_typed_is_lost(
    signed_in, page_of, company, changes, message
):
    answer = signed_in("clerk").post(page_of("ledger:entry-new"), typed(**changes))

    page = text(answer)
    assert answer.status_code == 422
    assert message in page
    for kept in ("Rent of March", "R-3", "5000", "Office"):
        assert kept in page
    assert count(company, Draft) == 0


def test_the_place_of_a_refusal_counts_rows_that_are_only_half_typed(signed_in, page_of):
    answer = signed_in("clerk").post(
        page_of("ledger:entry-new"),
        typed("submit", account=["", "5000", ""], line_memo=["", "", "text"], debit=["", "5", ""], credit=["", "", ""]),
    )

    assert "Line 3: The line has no account yet" in text(answer)


def test_a_form_that_is_sent_twice_makes_one_draft_and_a_changed_one_says_so(signed_in, page_of, company):
    client = signed_in("clerk")
    first = client.post(page_of("ledger:entry-new"), typed("submit"))
    again = client.post(page_of("ledger:entry-new"), typed("submit"))
    changed = client.post(page_of("ledger:entry-new"), typed(memo="Another"))

    assert first.url == again.url
    assert (changed.status_code, count(company, Draft)) == (409, 1)
    assert page_of("ledger:draft-detail", KEY) in text(changed)
    assert f'value="{KEY}"' not in text(changed)


def test_a_clerk_is_offered_drafts_and_cannot_post(signed_in, page_of, company):
    client = signed_in("clerk")
    page = text(client.get(page_of("ledger:entry-new")))

    assert 'value="draft"' in page
    assert 'value="submit"' in page
    assert 'value="show"' not in page
    refused = client.post(page_of("ledger:entry-new"), typed("show"))
    assert refused.status_code == 403
    assert "Rent of March" in text(refused)
    assert count(company, Entry) == 0


def test_an_entry_that_needs_approval_is_not_lost_but_offered_as_a_draft(signed_in, page_of, company):
    rule(company)
    client = signed_in("accountant")
    answer = client.post(page_of("ledger:entry-new"), typed("show"))

    page = text(answer)
    assert answer.status_code == 422
    assert "Nothing is lost" in page
    assert "Please correct this" not in page
    assert 'class="primary" type="submit" name="then" value="submit"' in page
    assert client.post(page_of("ledger:entry-new"), typed("submit")).status_code == 302
    assert fetched(company, Draft).state == Draft.State.SUBMITTED


@pytest.mark.parametrize(
    ("choice", "day", "planned"),
    [("date", "2026-05-02", datetime.date(2026, 5, 2)), ("next_period", "", datetime.date(2026, 4, 1)), ("", "", None)],
)
def test_an_entry_reverses_itself_when_asked(signed_in, page_of, company, choice, day, planned):
    client = signed_in("accountant")
    client.post(page_of("ledger:entry-new"), typed("show", auto_reverse=choice, reverse_on=day))

    with inside(company):
        dates = list(AutoReversal.objects.for_company(company).values_list("date", flat=True))
    assert dates == ([planned] if planned else [])


def test_the_entry_page_shows_its_planned_reversal_and_cancels_it_with_a_reason(signed_in, page_of, company):
    client = signed_in("accountant")
    client.post(page_of("ledger:entry-new"), typed("show", auto_reverse="next_period"))
    entry = fetched(company, Entry)

    assert "Reverses itself on 1 Apr 2026" in text(client.get(page_of("ledger:entry-detail", entry.pk)))
    without = client.post(page_of("ledger:entry-keep", entry.pk), {"reason": " "})
    done = client.post(page_of("ledger:entry-keep", entry.pk), {"reason": "Booked in April"}, follow=True)
    assert without.status_code == 422
    assert "does not: Booked in April" in text(done)
    assert client.post(page_of("ledger:entry-keep", entry.pk), {"reason": "Sent twice"}).status_code == 302
    assert fetched(company, AutoReversal).cancelled


def test_a_new_entry_starts_from_a_draft_or_from_nothing_of_a_stranger(signed_in, page_of, drafting):
    draft = drafting("clerk", save_draft, drafted("12.34", reverse_on=datetime.date(2026, 6, 1)))
    client = signed_in("clerk")

    page = text(client.get(page_of("ledger:entry-new") + f"?draft={draft.pk}"))
    for kept in ("Cash sale", "1000 Bank", "12.34", "2026-06-01"):
        assert kept in page
    for wrong in (f"?draft={KEY}", "?template=x", "?copy="):
        assert client.get(page_of("ledger:entry-new") + wrong).status_code == 200


def test_a_draft_is_changed_by_its_form(signed_in, page_of, company, drafting):
    draft = drafting("clerk", save_draft, drafted())
    client = signed_in("clerk")
    form = client.get(page_of("ledger:draft-edit", draft.pk))

    assert "Cash sale" in text(form)
    changed = client.post(page_of("ledger:draft-edit", draft.pk), typed(version=version_in(form)))
    assert changed.url == page_of("ledger:draft-detail", draft.pk)
    assert fetched(company, Draft).memo == "Rent of March"
    assert lines(company)[0][0] == "5000"
    history = text(client.get(page_of("ledger:draft-detail", draft.pk)))
    assert "memo Cash sale → Rent of March" in history
    assert "total 100.00 → 1,200.50" in history


def test_a_draft_changed_meanwhile_is_refused_with_everything_typed_and_then_replaced_knowingly(
    signed_in, page_of, company, drafting
):
    draft = drafting("clerk", save_draft, drafted())
    drafting("accountant", change_draft, draft.pk, drafted("7.00", memo="Theirs"))
    client = signed_in("clerk")
    refused = client.post(page_of("ledger:draft-edit", draft.pk), typed(version=1))

    page = text(refused)
    assert refused.status_code == 409
    assert "Rent of March" in page
    assert page_of("ledger:draft-detail", draft.pk) in page
    assert fetched(company, Draft).memo == "Theirs"
    client.post(page_of("ledger:draft-edit", draft.pk), typed(version=version_in(refused)))
    assert fetched(company, Draft).memo == "Rent of March"


def test_what_is_typed_into_a_draft_that_was_deleted_can_be_saved_as_a_new_one(signed_in, page_of, company):
    client = signed_in("clerk")
    gone = client.post(page_of("ledger:draft-edit", KEY), typed(version=1))

    assert "deleted meanwhile" in text(gone)
    assert f'action="{page_of("ledger:entry-new")}"' in text(gone)
    assert client.get(page_of("ledger:draft-edit", KEY)).status_code == 404


def test_a_submitted_draft_is_not_edited_but_taken_back(signed_in, page_of, company, drafting):
    rule(company)
    draft = drafting("clerk", save_draft, drafted())
    drafting("clerk", submit_draft, draft.pk)
    client = signed_in("clerk")

    assert client.get(page_of("ledger:draft-edit", draft.pk)).status_code == 302
    settled = client.post(page_of("ledger:draft-edit", draft.pk), typed(version=2))
    assert (settled.status_code, fetched(company, Draft).memo) == (409, "Cash sale")
    act(client, page_of, draft, "withdraw")
    assert fetched(company, Draft).state == Draft.State.DRAFT
    assert "Taken back" in text(client.get(page_of("ledger:draft-detail", draft.pk)))


def test_a_draft_goes_its_way_and_every_step_is_in_its_history(signed_in, page_of, company, drafting):
    rule(company)
    draft = drafting("clerk", save_draft, drafted("250.00"))
    drafting("clerk", submit_draft, draft.pk)
    drafting("approver", reject_draft, draft.pk, reason="No receipt")
    rejected = text(signed_in("auditor").get(page_of("ledger:draft-detail", draft.pk)))
    assert "Rejected by Approver: “No receipt”" in rejected
    drafting("clerk", change_draft, draft.pk, drafted("240.00"))
    submitted = drafting("clerk", submit_draft, draft.pk)

    approved = act(signed_in("approver"), page_of, submitted, "approve")
    assert approved.url == page_of("ledger:draft-detail", draft.pk)
    posted = act(signed_in("accountant"), page_of, fetched(company, Draft), "post")
    entry = fetched(company, Entry)
    assert posted.url == page_of("ledger:entry-detail", entry.pk)

    client = signed_in("auditor")
    page = text(client.get(page_of("ledger:draft-detail", draft.pk)))
    said = [page.index(word) for word in ("Made", "Submitted for 1 approval", "No receipt", "total 250.00 → 240.00")]
    assert said == sorted(said)
    for word in ("Approved", "Posted", page_of("ledger:entry-detail", entry.pk)):
        assert word in page
    assert page_of("ledger:draft-detail", draft.pk) in text(client.get(page_of("ledger:entry-detail", entry.pk)))


def test_a_person_sees_the_buttons_of_their_rights_and_nobody_approves_their_own(signed_in, page_of, company, drafting):
    rule(company)
    draft = drafting("clerk", submit_draft, drafting("clerk", save_draft, drafted()).pk)
    buttons = {}
    for role in ("auditor", "clerk", "approver", "accountant"):
        page = text(signed_in(role).get(page_of("ledger:draft-detail", draft.pk)))
        buttons[role] = {name for name in ("approve", "reject", "withdraw", "post") if f'value="{name}"' in page}
    assert buttons == {
        "auditor": set(), "clerk": {"withdraw"}, "approver": {"approve", "reject"}, "accountant": {"withdraw"},
    }  # fmt: skip
    client = signed_in("controller")
    client.post(page_of("ledger:entry-new"), typed("submit"))
    own = fetched(company, Draft, pk=KEY)
    assert 'value="approve"' not in text(client.get(page_of("ledger:draft-detail", own.pk)))
    assert act(client, page_of, own, "approve").status_code == 403
    assert act(signed_in("clerk"), page_of, draft, "approve").status_code == 403


def test_an_act_on_a_version_that_was_not_seen_is_refused(signed_in, page_of, company, drafting):
    rule(company)
    draft = drafting("clerk", save_draft, drafted())
    drafting("clerk", submit_draft, draft.pk)
    answer = act(signed_in("approver"), page_of, draft, "approve")

    assert answer.status_code == 409
    assert "changed meanwhile" in text(answer)
    assert fetched(company, Draft).state == Draft.State.SUBMITTED


def test_a_draft_that_cannot_be_submitted_says_which_line_is_wrong(signed_in, page_of, company, drafting):
    draft = drafting("clerk", save_draft, drafted())
    client = signed_in("clerk")
    client.post(page_of("ledger:draft-edit", draft.pk), typed(version=1, account=["5000", "", ""]))
    answer = act(client, page_of, fetched(company, Draft), "submit")

    assert answer.status_code == 422
    assert "Line 2: The line has no account yet" in text(answer)


def test_a_rejection_without_a_reason_is_refused(signed_in, page_of, company, drafting):
    rule(company)
    draft = drafting("clerk", submit_draft, drafting("clerk", save_draft, drafted()).pk)
    answer = act(signed_in("approver"), page_of, draft, "reject", reason=" ")

    assert answer.status_code == 422
    assert "Say why it is rejected" in text(answer)
    assert fetched(company, Draft).state == Draft.State.SUBMITTED


def test_what_would_be_posted_is_shown_and_nothing_is_kept(signed_in, page_of, company, drafting, post_entries):
    post_entries(sale("30.00"))
    draft = drafting("clerk", save_draft, drafted("12.00"))
    client = signed_in("auditor")
    fold = text(client.get(page_of("ledger:draft-trial", draft.pk), headers={"HX-Request": "true"}))
    page = text(client.get(page_of("ledger:draft-trial", draft.pk)))

    for shown in (fold, page):
        assert re.search(r"1000 Bank.*30\.00.*12\.00.*42\.00", shown, re.S)
        assert re.search(r"4000 Sales.*30\.00.*12\.00.*42\.00", shown, re.S)
    assert "<html" not in fold
    assert count(company, Entry) == 1
    assert fetched(company, Draft).state == Draft.State.DRAFT


def test_a_draft_is_deleted_and_its_page_is_gone(signed_in, page_of, company, drafting):
    draft = drafting("clerk", save_draft, drafted())
    client = signed_in("clerk")

    assert act(client, page_of, draft, "delete").url == page_of("ledger:draft-list")
    assert client.get(page_of("ledger:draft-detail", draft.pk)).status_code == 404
    assert count(company, Draft) == 0


def test_the_list_is_narrowed_by_its_address_and_counts_by_state(signed_in, page_of, company, drafting):
    rule(company, minimum=Decimal(500))
    drafting("clerk", save_draft, drafted(memo="Half an idea"))
    waiting = drafting("clerk", save_draft, drafted("900.00", memo="Shelving", journal="BNK"))
    drafting("clerk", submit_draft, waiting.pk)
    done = drafting("accountant", save_draft, drafted("5.00", memo="Coffee"))
    drafting("accountant", post_draft, done.pk)
    client = signed_in("auditor")
    address = page_of("ledger:draft-list")

    def shown(query):
        page = text(client.get(address + query))
        return {memo for memo in ("Half an idea", "Shelving", "Coffee") if memo in page}

    assert shown("") == {"Half an idea", "Shelving"}
    assert shown("?state=posted") == {"Coffee"}
    assert shown("?state=submitted") == {"Shelving"}
    assert shown("?journal=BNK") == {"Shelving"}
    assert shown("?text=half") == {"Half an idea"}
    assert shown("?from=2026-03-16") == set()
    page = text(client.get(address))
    tallies = re.findall(r'>([\w ]+) <span class="tally">(\d+)</span>', page)
    assert tallies == [
        ("On their way", "2"), ("Draft", "1"), ("Submitted", "1"), ("Approved", "0"), ("Rejected", "0"), ("Posted", "1"),
    ]  # fmt: skip
    assert "0 of 1" in page
    assert client.get(address + "?from=yesterday").status_code == 422


def test_an_approved_draft_counts_all_its_approvals(signed_in, page_of, company, drafting):
    rule(company, approvals=2)
    draft = drafting("clerk", submit_draft, drafting("clerk", save_draft, drafted()).pk)
    client = signed_in("auditor")
    drafting("approver", approve_draft, draft.pk)
    assert "1 of 2" in text(client.get(page_of("ledger:draft-list")))
    drafting("controller", approve_draft, draft.pk)
    assert "2 of 2" in text(client.get(page_of("ledger:draft-list")))


def test_the_drafts_as_a_file_hold_no_formula(signed_in, page_of, drafting):
    drafting("clerk", save_draft, drafted("7.50", memo="=cmd|' /C calc'!A0"))
    answer = signed_in("auditor").get(page_of("ledger:draft-list") + "?format=csv")

    rows = text(answer).splitlines()
    assert answer["Content-Disposition"].endswith('-drafts.csv"')
    assert rows[1].startswith("2026-03-15,GEN,'=cmd|' /C calc'!A0,,7.50,Draft,Clerk")


def test_the_list_costs_the_same_for_1_20_and_200_drafts(signed_in, page_of, company, drafting):
    client = signed_in("approver")
    rule(company)
    costs = []
    for number in (1, 19, 180):
        drafting("clerk", lambda n=number: [submit_draft(save_draft(drafted()).pk) for _one in range(n)])
        for name in ("ledger:draft-list", "ledger:approval-list"):
            client.get(page_of(name))
        with CaptureQueriesContext(connection) as listed:
            client.get(page_of("ledger:draft-list") + "?state=submitted")
        with CaptureQueriesContext(connection) as inbox:
            client.get(page_of("ledger:approval-list"))
        costs.append((len(listed), len(inbox)))

    assert len(set(costs)) == 1, costs


def test_a_draft_costs_the_same_for_2_and_200_lines(signed_in, page_of, drafting):
    client = signed_in("auditor")
    costs = []
    for times in (1, 100):
        content = drafted()
        draft = drafting("clerk", save_draft, replace(content, lines=list(content.lines) * times))
        client.get(page_of("ledger:draft-detail", draft.pk))
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of("ledger:draft-detail", draft.pk))
        costs.append(len(queries))

    assert len(set(costs)) == 1, costs
