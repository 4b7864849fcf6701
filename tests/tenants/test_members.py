"""Letting people in, changing what they may do, and keeping an owner."""

import threading

import pytest
from django.db import connections

from tenants.membership import AlreadyMember, LastOwner, UnknownRole, add_member, change_member
from tenants.models import Membership, User
from tenants.refusal import NotPermitted, Refused
from tenants.scope import Actor, company_scope
from tests.conftest import make_member


def test_a_new_person_gets_a_first_password_and_a_known_one_does_not(scope):
    membership, password = add_member(email="New@Example.com", name="New", role="clerk")
    assert User.objects.get(email="new@example.com").check_password(password)
    known = User.objects.create_user("known@example.com", "their own password", name="Known")
    membership, password = add_member(email="KNOWN@example.com", name="", role="clerk")
    assert (membership.user, password) == (known, "")


def test_nobody_belongs_twice_and_roles_are_known(scope):
    add_member(email="new@example.com", name="", role="clerk")
    with pytest.raises(AlreadyMember):
        add_member(email="new@example.com", name="", role="owner")
    with pytest.raises(UnknownRole):
        add_member(email="other@example.com", name="", role="king")


def test_the_last_owner_stays(scope, owner_user):
    membership = Membership.objects.get(user=owner_user)
    for change in ({"role": "clerk"}, {"is_active": False}):
        with pytest.raises(LastOwner):
            change_member(membership, **change)
    other, _password = add_member(email="second@example.com", name="", role="owner")
    change_member(membership, role="clerk")
    with pytest.raises(LastOwner):
        change_member(other, is_active=False)


def test_two_owners_who_demote_each_other_at_once_leave_one(committed_company):
    users = [make_member(committed_company, "owner") for _number in range(2)]
    with company_scope(committed_company, actor=Actor.system("test")):
        memberships = list(Membership.objects.filter(company=committed_company, user__in=users))
    barrier, refused = threading.Barrier(2), []

    def demote(membership):
        try:
            with company_scope(committed_company, actor=Actor.system("test")):
                barrier.wait(5)
                change_member(membership, role="clerk")
        except Refused as refusal:
            refused.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=demote, args=[one]) for one in memberships]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert refused == ["last_owner"]


def test_only_who_may_manage_members_does(company):
    actor = Actor(type="user", name="clerk", permissions=frozenset())
    with company_scope(company, actor=actor), pytest.raises(NotPermitted):
        add_member(email="x@example.com", name="", role="owner")


def test_the_page_lets_in_changes_and_refuses(signed_in, company, scope):
    browser, page = signed_in("owner"), f"/c/{company.slug}/members/"
    answer = browser.post(page, {"email": "new@example.com", "role": "clerk"})
    assert answer.context["added"]["password"] in answer.content.decode()
    member = Membership.objects.get(user__email="new@example.com")
    browser.post(f"{page}{member.pk}/", {"role": "accountant"})
    member.refresh_from_db()
    assert member.role == "accountant"
    owner = Membership.objects.get(role="owner")
    answer = browser.post(f"{page}{owner.pk}/", {"is_active": "0"}, follow=True)
    assert "needs an owner" in answer.content.decode()
    assert browser.post(page, {"email": "new@example.com", "role": "clerk"}).status_code == 422


def test_the_api_changes_a_member_with_the_state_it_has_seen(api, company, member):
    member("owner")
    caller = api("admin")
    added = caller.post("members/", {"email": "new@example.com", "role": "clerk"})
    path = f"members/{added.json()['id']}/"
    changed = caller.patch(path, {"role": "auditor"}, If_Match=added["ETag"])
    assert (changed.status_code, changed.json()["role"]) == (200, "auditor")
    assert caller.patch(path, {"role": "clerk"}, If_Match=added["ETag"]).status_code == 412
    assert caller.get(path).json()["email"] == "new@example.com"


def test_a_long_address_gives_a_name_that_fits(scope):
    local = ".".join(["x" * 60] * 3)
    membership, _password = add_member(email=f"{local}@example.com", name="", role="clerk")
    assert membership.user.name == local[:150]
