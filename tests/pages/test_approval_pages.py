"""The inbox and the rules by their pages: what waits for me, decided at once, and who may say how much is asked."""

import pytest

from ledger.draft_approval import submit_draft, withdraw_draft
from ledger.drafts import change_draft, save_draft
from ledger.models import Draft
from tenants.models import ApprovalRule
from tests.pages.conftest import drafted, fetched, inside, rule


@pytest.fixture
def waiting(company, drafting):
    """Two submitted drafts of a clerk, the older one first."""
    rule(company)

    def both():
        return [submit_draft(save_draft(drafted(memo=memo)).pk) for memo in ("Laptops", "Shelving")]

    return drafting("clerk", both)


def text(answer):
    return answer.content.decode()


def decide(client, page_of, drafts, decision, reason=""):
    chosen = [f"{draft.pk}:{draft.version}" for draft in drafts]
    return client.post(page_of("ledger:approval-list"), {"draft": chosen, "decision": decision, "reason": reason})


def states(company):
    with inside(company):
        return dict(Draft.objects.for_company(company).values_list("memo", "state"))


def test_the_inbox_shows_what_waits_for_me_oldest_first_and_its_count_in_the_sidebar(signed_in, page_of, waiting):
    page = text(signed_in("approver").get(page_of("ledger:approval-list")))

    assert page.index("Laptops") < page.index("Shelving")
    assert '<span class="count">2</span>' in page
    assert '<span class="count">' not in text(signed_in("accountant").get(page_of("ledger:approval-list")))


def test_several_are_approved_at_once_and_each_says_what_became_of_it(signed_in, page_of, company, waiting, drafting):
    drafting("clerk", withdraw_draft, waiting[1].pk)
    answer = decide(signed_in("approver"), page_of, waiting, "approve", "Ordered in May")

    page = text(answer)
    assert answer.status_code == 200
    assert states(company) == {"Laptops": "approved", "Shelving": "draft"}
    assert "Refused" in page
    assert "The draft was changed meanwhile" in page


def test_what_was_changed_since_the_inbox_was_opened_is_not_approved_unseen(
    signed_in, page_of, company, waiting, drafting
):
    def raise_it():
        withdraw_draft(waiting[0].pk)
        change_draft(waiting[0].pk, drafted("9999.00", memo="Laptops"))
        submit_draft(waiting[0].pk)

    drafting("clerk", raise_it)
    decide(signed_in("approver"), page_of, waiting[:1], "approve")
    assert states(company)["Laptops"] == "submitted"


def test_a_rejection_of_several_needs_its_reason_and_keeps_the_choice(signed_in, page_of, company, waiting):
    client = signed_in("approver")
    without = decide(client, page_of, waiting[:1], "reject")
    nothing = decide(client, page_of, [], "approve")

    assert (without.status_code, nothing.status_code) == (422, 422)
    assert f'value="{waiting[0].pk}:{waiting[0].version}" aria-label="2026-03-15 Laptops" checked' in text(without)
    assert "Choose at least one draft" in text(nothing)
    decide(client, page_of, waiting, "reject", "Not budgeted")
    assert set(states(company).values()) == {"rejected"}


def test_a_draft_that_needs_two_people_waits_for_the_other(signed_in, page_of, company, drafting):
    rule(company, approvals=2)
    draft = drafting("clerk", lambda: submit_draft(save_draft(drafted()).pk))
    client = signed_in("approver")

    assert "Somebody else&#x27;s approval is needed as well" in text(
        decide(client, page_of, [draft], "approve")
    ).replace("Somebody else's", "Somebody else&#x27;s")
    assert "Nothing waits for your approval" in text(client.get(page_of("ledger:approval-list")))
    assert fetched(company, Draft).state == "submitted"


def test_who_approves_nothing_is_told_so_and_cannot_decide(signed_in, page_of, company, waiting):
    client = signed_in("clerk")

    assert "2 drafts wait for others" in text(client.get(page_of("ledger:approval-list")))
    assert decide(client, page_of, waiting, "approve").status_code == 403
    assert set(states(company).values()) == {"submitted"}


@pytest.mark.parametrize("junk", ["x", "x:1", "018f0000-0000-7000-8000-000000000000:x", ":"])
def test_junk_is_no_choice(signed_in, page_of, junk):
    answer = signed_in("approver").post(page_of("ledger:approval-list"), {"draft": junk, "decision": "approve"})
    assert answer.status_code == 422


def test_rules_are_set_changed_and_removed_by_who_manages_the_company(signed_in, page_of, company):
    client = signed_in("controller")
    address = page_of("ledger:approval-rule-list")
    client.post(address, {"scope": "BNK", "minimum": "1,000.00", "approvals": "1"})
    client.post(address, {"scope": "BNK", "minimum": "1000", "approvals": "2"})
    made = fetched(company, ApprovalRule)

    assert (made.scope, made.minimum, made.approvals) == ("BNK", 1000, 2)
    assert "BNK Bank journal" in text(client.get(address))
    client.post(page_of("ledger:approval-rule-remove", made.pk))
    assert "No entry needs approval" in text(client.get(address))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"minimum": "12x"}, "is not an amount"),
        ({"minimum": "-5"}, "The amount is a number from 0"),
        ({"approvals": "6"}, "less than or equal to 5"),
        ({"scope": "NONE"}, "Select a valid choice"),
    ],
)
def test_a_wrong_rule_is_refused_at_its_field(signed_in, page_of, company, fields, message):
    answer = signed_in("owner").post(
        page_of("ledger:approval-rule-list"), {"scope": "", "minimum": "", "approvals": "1", **fields}
    )

    assert answer.status_code == 422
    assert message in text(answer)


@pytest.mark.parametrize("role", ["accountant", "clerk", "approver", "auditor"])
def test_others_read_the_rules_and_change_none(signed_in, page_of, company, role):
    made = rule(company)
    client = signed_in(role)

    page = text(client.get(page_of("ledger:approval-rule-list")))
    assert "Every journal" in page
    assert "Set rule" not in page
    assert client.post(page_of("ledger:approval-rule-list"), {"approvals": "1"}).status_code == 403
    assert client.post(page_of("ledger:approval-rule-remove", made.pk)).status_code == 403
