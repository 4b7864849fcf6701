"""The report of segregation of duties says what is so, and nothing else."""

import datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.draft_approval import approve_draft, post_draft, submit_draft
from ledger.drafts import save_draft
from tenants.approvals import delegate
from tenants.models import Membership
from tests.conftest import make_member
from tests.pages.conftest import as_role, drafted, inside, rule


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


def test_it_names_the_members_whose_rights_conflict(signed_in, page_of, company):
    for role in ("accountant", "clerk", "approver"):
        make_member(company, role, email=f"{role}@conflict.example")
    make_member(company, "controller", email="controller@conflict.example")
    page = text(signed_in("auditor").get(page_of("ledger:segregation")))

    assert "controller@conflict.example" in page
    for role in ("accountant", "clerk", "approver"):
        assert f"{role}@conflict.example" not in page
    assert "Approves entries and posts them" in page
    assert "Lets people in and posts entries" not in page


def test_a_delegation_brings_a_conflict_for_as_long_as_it_lasts(signed_in, page_of, company):
    clerk, approver = make_member(company, "clerk"), make_member(company, "approver")
    with inside(company):
        delegate(approver, clerk, start=datetime.date(2020, 1, 1), end=datetime.date(2099, 1, 1))
    client = signed_in("auditor")
    assert "stands in for Approver" in text(client.get(page_of("ledger:segregation")))
    with inside(company):
        Membership.objects.for_company(company).filter(user=clerk).update(is_active=False)
    assert "No active member holds conflicting rights" in text(client.get(page_of("ledger:segregation")))


def test_it_lists_what_one_person_made_and_posted_or_approved_and_posted(signed_in, page_of, company, drafting):
    drafting("accountant", lambda: post_draft(save_draft(drafted(memo="All alone")).pk))
    rule(company)
    waiting = drafting("clerk", lambda: submit_draft(save_draft(drafted(memo="Own approval")).pk))
    drafting("controller", lambda: (approve_draft(waiting.pk), post_draft(waiting.pk)))
    apart = drafting("clerk", lambda: submit_draft(save_draft(drafted(memo="Three hands")).pk))
    drafting("approver", approve_draft, apart.pk)
    drafting("accountant", post_draft, apart.pk)
    client = signed_in("auditor")
    page = text(client.get(page_of("ledger:segregation")))

    assert "Three hands" not in page
    assert page.index("Approved and posted by the same person") < page.index("Own approval")
    assert page.index("Made and posted by the same person") < page.index("All alone")
    assert "All alone" not in text(client.get(page_of("ledger:segregation") + "?to=2020-01-01"))
    rows = text(client.get(page_of("ledger:segregation") + "?format=csv")).splitlines()
    assert [row.split(",")[3] for row in rows if row.startswith("acts")] == [
        "Approved and posted by the same person", "Made and posted by the same person",
    ]  # fmt: skip


def test_only_who_sees_the_trail_opens_it(signed_in, page_of):
    for role, status in (("owner", 200), ("controller", 200), ("auditor", 200), ("accountant", 403), ("clerk", 403)):
        assert signed_in(role).get(page_of("ledger:segregation")).status_code == status
    assert signed_in("auditor").get(page_of("ledger:segregation") + "?from=x").status_code == 422


def test_it_costs_the_same_for_1_and_20_acts_and_members(signed_in, page_of, company):
    client = signed_in("auditor")
    costs = []
    for number in (1, 19):
        as_role(company, "accountant", lambda n=number: [post_draft(save_draft(drafted()).pk) for _one in range(n)])
        make_member(company, "controller")
        client.get(page_of("ledger:segregation"))
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of("ledger:segregation"))
        costs.append(len(queries))

    assert len(set(costs)) == 1, costs


def test_a_date_that_is_none_is_no_reason_to_say_that_nobody_did(signed_in, page_of):
    client, url = signed_in("owner"), page_of("ledger:segregation")
    assert "Nobody posted" in client.get(url).content.decode()
    assert "Nobody posted" not in client.get(url + "?from=x").content.decode()
