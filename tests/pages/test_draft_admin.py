"""Drafts, templates, rules and delegations in the admin: looked at there, acted on by the acts of the pages."""

import datetime
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.auto_reversal import cancel_auto_reversal
from ledger.draft_approval import post_draft, submit_draft, withdraw_draft
from ledger.draft_content import DraftedLine
from ledger.drafts import save_draft
from ledger.entry_templates import save_template
from ledger.models import AutoReversal, Draft, Entry, RecurringEntry
from ledger.recurring import make_due, start_recurring
from tenants.models import ApprovalRule, Delegation
from tests.conftest import make_company, make_member
from tests.pages.conftest import as_role, drafted, fetched, inside, rule

LISTS = [
    "ledger/draft", "ledger/entrytemplate", "ledger/recurringentry", "ledger/autoreversal", "tenants/approvalrule",
    "tenants/delegation", "tenants/approval",
]  # fmt: skip


def visit(client, company):
    """The admin works in the company that was visited last."""
    client.get(f"/c/{company.slug}/settings/")
    return client


def fill(company):
    rule(company, minimum=Decimal(500))
    waiting = as_role(company, "clerk", lambda: submit_draft(save_draft(drafted("900.00", memo="Shelving")).pk))
    as_role(company, "accountant", lambda: post_draft(save_draft(drafted(reverse_on="next_period")).pk))
    with inside(company):
        lines = (DraftedLine("5000", Decimal(8)), DraftedLine("1000", Decimal(-8)))
        start_recurring(save_template("Rent", lines).pk, start=datetime.date(2026, 1, 31))
        make_due(datetime.date(2026, 1, 31))
    return waiting


def act(client, model, action, *rows, **fields):
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], **fields}
    return client.post(f"/admin/ledger/{model}/", data, follow=True).content.decode()


def test_the_lists_open_for_readers_and_show_their_company_only(signed_in, company):
    from django.apps import apps

    fill(company)
    other = make_company()
    fill(other)
    client = visit(signed_in("auditor"), company)
    for model in LISTS:
        page = client.get(f"/admin/{model}/")
        assert page.status_code == 200, model
        rows = apps.get_model(*model.split("/"))
        with inside(other):
            theirs = rows.objects.for_company(other).first()
        if theirs is not None:
            assert str(theirs.pk) not in page.content.decode(), model
            assert client.get(f"/admin/{model}/{theirs.pk}/change/").status_code in (302, 404), model
        with inside(company):
            own = rows.objects.for_company(company).first()
        if own is not None:
            assert client.get(f"/admin/{model}/{own.pk}/change/").status_code == 200, model
            assert client.get(f"/admin/{model}/{own.pk}/delete/").status_code == 403, model
        assert client.get(f"/admin/{model}/add/").status_code == 403, model


def test_drafts_are_approved_rejected_and_posted_by_the_acts_of_the_pages(signed_in, company):
    waiting = fill(company)
    approver = visit(signed_in("approver"), company)

    asked = act(approver, "draft", "reject_drafts", waiting)
    assert "With one reason for all of them" in asked
    assert fetched(company, Draft, pk=waiting.pk).state == "submitted"
    shown = act(approver, "draft", "approve_drafts", waiting)
    assert f'value="{waiting.pk}:{waiting.version}"' in shown
    assert "Drafts approved: 1" in act(approver, "draft", "approve_drafts", waiting, seen=seen(waiting))
    again = act(approver, "draft", "reject_drafts", waiting, reason="Too late", seen=seen(waiting, 1))
    assert "there is nothing to decide" in again
    accountant = visit(signed_in("accountant"), company)
    assert "Drafts posted: 1" in act(accountant, "draft", "post_drafts", waiting, seen=seen(waiting, 1))
    assert fetched(company, Entry, memo="Shelving").source == "draft"


def seen(draft, later=0):
    return f"{draft.pk}:{draft.version + later}"


def test_what_was_changed_since_it_was_shown_is_not_approved_unseen(signed_in, company):
    waiting = fill(company)
    approver = visit(signed_in("approver"), company)
    with inside(company):
        withdraw_draft(waiting.pk)
        submit_draft(waiting.pk)

    assert "changed meanwhile" in act(approver, "draft", "approve_drafts", waiting, seen=seen(waiting))
    assert "changed meanwhile" in act(approver, "draft", "reject_drafts", waiting, reason="No", seen=seen(waiting))
    assert fetched(company, Draft, pk=waiting.pk).state == "submitted"


def test_who_lacks_the_right_is_offered_no_act(signed_in, company):
    waiting = fill(company)
    clerk = visit(signed_in("clerk"), company)
    page = clerk.get("/admin/ledger/draft/").content.decode()

    assert "submit_drafts" in page
    for action in ("approve_drafts", "reject_drafts", "post_drafts"):
        assert action not in page
        act(clerk, "draft", action, waiting, reason="x")
    assert fetched(company, Draft, pk=waiting.pk).state == "submitted"


def test_recurring_entries_are_paused_and_reversals_cancelled(signed_in, company):
    fill(company)
    client = visit(signed_in("accountant"), company)

    act(client, "recurringentry", "pause", fetched(company, RecurringEntry))
    assert not fetched(company, RecurringEntry).is_active
    planned = fetched(company, AutoReversal)
    assert "Left as they are: 1" in act(client, "autoreversal", "cancel", planned, reason="Booked by hand")
    assert fetched(company, AutoReversal).cancelled
    with inside(company):
        assert cancel_auto_reversal(planned.entry_id, reason="again").cancelled


def test_rules_and_delegations_are_made_and_taken_away_by_their_acts(signed_in, company):
    client = visit(signed_in("controller"), company)
    client.post("/admin/tenants/approvalrule/add/", {"scope": "BNK", "minimum": "100", "approvals": "2"})
    made = fetched(company, ApprovalRule)
    assert (made.scope, made.approvals) == ("BNK", 2)
    client.post(f"/admin/tenants/approvalrule/{made.pk}/delete/", {"post": "yes"})
    approver, clerk = make_member(company, "approver"), make_member(company, "clerk")
    values = {"delegator": approver.pk, "delegate": clerk.pk, "start": "2026-01-01", "end": "2026-12-31", "reason": ""}
    client.post("/admin/tenants/delegation/add/", values)
    assert fetched(company, Delegation).delegate == clerk
    with inside(company):
        assert not ApprovalRule.objects.for_company(company).exists()
    refused = client.post("/admin/tenants/delegation/add/", {**values, "delegator": clerk.pk, "delegate": approver.pk})
    assert refused.status_code == 422
    assert "nothing to delegate" in refused.content.decode()


def test_a_list_costs_the_same_for_1_and_20_drafts(signed_in, company):
    client = visit(signed_in("accountant"), company)
    costs = []
    for number in (1, 19):
        as_role(company, "clerk", lambda n=number: [save_draft(drafted()) for _one in range(n)])
        client.get("/admin/ledger/draft/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/ledger/draft/")
        costs.append(len(queries))

    assert len(set(costs)) == 1, costs
