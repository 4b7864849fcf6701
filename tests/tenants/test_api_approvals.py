"""Approval rules and delegations by the API and at the page's doors."""

import pytest

from tests.conftest import make_api_client, make_company, make_member


@pytest.fixture
def office(api):
    return api("admin")


def test_a_rule_is_set_changed_and_removed(office):
    made = office.post("approval-rules/", {"scope": "BNK", "minimum": "1000.00"})
    assert (made.status_code, made.json()["approvals"]) == (201, 1)
    office.post("approval-rules/", {"scope": "BNK", "minimum": "1000.00", "approvals": 2})
    [rule] = office.get("approval-rules/").json()["results"]
    assert (rule["approvals"], rule["scope"]) == (2, "BNK")
    assert office.delete(f"approval-rules/{rule['id']}/").status_code == 204
    assert office.get("approval-rules/").json()["results"] == []
    assert office.delete(f"approval-rules/{rule['id']}/").status_code == 404


def test_a_rule_makes_posting_by_api_wait_for_approval(office):
    lines = [{"account": "1000", "debit": "5.00"}, {"account": "4000", "credit": "5.00"}]
    entry = {"date": "2026-03-15", "lines": lines}
    assert office.post("entries/", entry, key="a").status_code == 201
    office.post("approval-rules/", {})
    refused = office.post("entries/", entry, key="b")
    assert (refused.status_code, refused.json()["code"]) == (422, "approval_needed")
    rule = office.get("approval-rules/").json()["results"][0]
    office.delete(f"approval-rules/{rule['id']}/")
    assert office.post("entries/", entry, key="b").status_code == 201


@pytest.mark.parametrize(
    "body", [{"minimum": "-1"}, {"scope": "gen"}, {"approvals": 0}, {"approvals": 6}, {"subject": "x"}, {"odd": 1}]
)
def test_a_wrong_rule_is_refused(office, body):
    assert office.post("approval-rules/", body).status_code == 422


def test_delegation_is_from_an_approver_to_a_member(office, company):
    approver, clerk = make_member(company, "approver"), make_member(company, "clerk")
    body = {"delegator": approver.email, "delegate": clerk.email, "start": "2026-01-01", "end": "2026-12-31"}
    made = office.post("delegations/", body)
    assert made.status_code == 201, made.json()
    wrong = {**body, "delegator": clerk.email, "delegate": approver.email}
    assert office.post("delegations/", wrong).json()["code"] == "invalid_approval_rule"
    assert office.post("delegations/", {**body, "end": "2025-01-01"}).json()["place"] == "end"
    assert office.post("delegations/", {**body, "delegate": "nobody@example.com"}).status_code == 404
    assert len(office.get("delegations/").json()["results"]) == 1
    assert office.delete(f"delegations/{made.json()['id']}/").status_code == 204


def test_a_delegation_is_seen_by_the_two_and_by_who_oversees_on_every_door(office, company, api, client):
    approver, clerk = make_member(company, "approver"), make_member(company, "clerk")
    colleague, auditor = make_member(company, "clerk"), make_member(company, "auditor")
    body = {"delegator": approver.email, "delegate": clerk.email, "start": "2026-01-01", "end": "2026-12-31"}
    office.post("delegations/", {**body, "reason": "long illness"})
    for person, sees in ((approver, True), (clerk, True), (colleague, False), (auditor, True)):
        client.force_login(person, "django.contrib.auth.backends.ModelBackend")
        for door in (f"/c/{company.slug}/delegations/", "/admin/tenants/delegation/",
                     f"/api/v1/companies/{company.slug}/delegations/"):  # fmt: skip
            assert ("long illness" in client.get(door).content.decode()) == sees, (person, door)


def test_only_who_manages_the_company_changes_rules_and_a_stranger_sees_none(company, office, api):
    made = office.post("approval-rules/", {}).json()["id"]
    assert api("post").post("approval-rules/", {}).status_code == 403
    stranger = make_api_client(make_company(), "admin")
    assert stranger.delete(f"approval-rules/{made}/").status_code == 404
