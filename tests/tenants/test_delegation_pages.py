"""Delegations by their page: approvers hand theirs over, both can end it, and others see nothing of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants.approvals import delegate
from tenants.models import Delegation
from tenants.scope import Actor, company_scope
from tests.conftest import make_member


def inside(company):
    return company_scope(company, actor=Actor.system("test"))


def rows(company):
    with inside(company):
        return list(Delegation.objects.for_company(company).select_related("delegator", "delegate"))


def address(company, *more):
    return f"/c/{company.slug}/delegations/" + "".join(f"{part}/" for part in more)


@pytest.fixture
def clerk(company):
    return make_member(company, "clerk", email="stand-in@example.com")


@pytest.fixture
def approver(client, company):
    user = make_member(company, "approver", email="approver@example.com")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def asked(delegator, to, /, **changes):
    fields = {"delegator": delegator.pk, "to": to.pk, "start": "2026-01-01", "end": "2026-12-31", "reason": "Holiday"}
    return {**fields, **changes}


def test_an_approver_delegates_and_takes_it_back(client, company, approver, clerk):
    made = client.post(address(company), asked(approver, clerk), follow=True)
    [row] = rows(company)

    assert (row.delegator, row.delegate, row.reason) == (approver, clerk, "Holiday")
    assert "Holiday" in made.content.decode()
    client.post(address(company, row.pk, "end"))
    assert rows(company) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"end": "2025-01-01"}, "The last day lies before the first"),
        ({"to": "018f0000-0000-7000-8000-000000000000"}, "Select a valid choice"),
        ({"start": "soon"}, "Enter a valid date"),
    ],
)
def test_a_wrong_delegation_is_refused_at_its_field(client, company, approver, clerk, changes, message):
    answer = client.post(address(company), asked(approver, clerk, **changes))

    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert rows(company) == []


def test_nobody_stands_in_for_themselves_and_nobody_else_is_offered_to_an_approver(client, company, approver, clerk):
    controller = make_member(company, "controller")

    assert (
        "Nobody stands in for themselves" in client.post(address(company), asked(approver, approver)).content.decode()
    )
    assert client.post(address(company), asked(controller, clerk)).status_code == 422
    assert rows(company) == []


def test_who_manages_the_company_delegates_for_others(signed_in, company, approver, clerk):
    signed_in("controller").post(address(company), asked(approver, clerk))

    assert rows(company)[0].delegator == approver


def test_the_stand_in_may_end_it_and_a_third_person_neither_sees_nor_ends_it(signed_in, client, company, clerk):
    with inside(company):
        made = delegate(make_member(company, "approver"), clerk, start="2026-01-01", end="2099-12-31", reason="Secret")
    stranger = signed_in("accountant")
    assert "Secret" not in stranger.get(address(company)).content.decode()
    assert stranger.post(address(company, made.pk, "end")).status_code == 403
    assert stranger.post(address(company), asked(clerk, clerk)).status_code == 403
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert "Secret" in client.get(address(company)).content.decode()
    client.post(address(company, made.pk, "end"))
    assert rows(company) == []


def test_the_list_costs_the_same_for_1_and_20_delegations(signed_in, company, clerk):
    browser = signed_in("owner")
    costs = []
    for number in (1, 19):
        for _one in range(number):
            with inside(company):
                delegate(make_member(company, "approver"), clerk, start="2026-01-01", end="2026-12-31")
        browser.get(address(company))
        with CaptureQueriesContext(connection) as queries:
            browser.get(address(company))
        costs.append(len(queries))

    assert len(set(costs)) == 1, costs
