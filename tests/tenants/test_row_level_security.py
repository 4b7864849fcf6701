"""Without a company the database shows nothing, whatever the query forgets."""

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from tenants.membership import companies_of
from tenants.models import ApiCredential, AuditEvent, Membership
from tenants.scope import Actor, company_scope, current_scope
from tests.conftest import make_company, make_member


@pytest.fixture
def outside(company):
    """Outside every scope; the fixture's own transaction has forgotten its company."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.company_id', '', true)")
    return company


@pytest.mark.parametrize("model", [Membership, ApiCredential, AuditEvent])
def test_without_a_scope_no_row_is_seen(outside, member, model):
    member("owner")
    assert model.objects.count() == 0


def test_inside_one_company_no_row_of_another_is_seen(company, member):
    member("owner")
    other = make_company()
    with company_scope(other, actor=Actor.system("test")):
        assert Membership.objects.filter(company=company).count() == 0
        assert not AuditEvent.objects.exclude(company=other).exists()


def test_a_row_cannot_be_written_into_another_company(company, member):
    user = member("owner")
    other = make_company()
    with (
        company_scope(other, actor=Actor.system("test")),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        Membership.objects.create(company=company, user=user, role="clerk")


def test_people_see_their_own_memberships_in_every_company_and_nobody_elses(company, outside):
    other = make_company()
    user = make_member(company, "owner", email="both@example.com")
    make_member(other, "owner")
    with company_scope(other, actor=Actor.system("test")):
        Membership.objects.create(company=other, user=user, role="auditor")
    assert {(one.company.slug, one.role) for one in companies_of(user)} == {
        (company.slug, "owner"),
        (other.slug, "auditor"),
    }


def test_the_switcher_costs_the_same_for_one_company_and_ten(company, django_assert_max_num_queries):
    user = make_member(company, "owner")
    for _number in range(9):
        other = make_company()
        with company_scope(other, actor=Actor.system("test")):
            Membership.objects.create(company=other, user=user, role="clerk")
    with django_assert_max_num_queries(5):
        assert len(companies_of(user)) == 10


def test_nothing_of_a_request_outlives_its_transaction(signed_in, company):
    signed_in("owner").get(f"/c/{company.slug}/settings/")
    with pytest.raises(LookupError):
        current_scope()
