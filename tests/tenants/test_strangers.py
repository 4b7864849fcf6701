"""Who does not belong to a company learns nothing about it: not even that it is there."""

import pytest
from django.urls import get_resolver

from tenants.models import Membership
from tenants.scope import Actor, company_scope
from tests.conftest import make_company, make_member

NOBODY = "018f0000-0000-7000-8000-000000000000"


def company_paths():
    """Every address of the project that has a company in it."""
    found = []

    def walk(resolver, prefix):
        for pattern in resolver.url_patterns:
            route = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern, route)
            elif "<slug:company>" in route:
                found.append(route)

    walk(get_resolver(), "/")
    return sorted(found)


def filled(path, slug):
    parts = []
    for part in path.split("/"):
        if not part.startswith("<"):
            parts.append(part)
        elif part == "<slug:company>":
            parts.append(slug)
        else:
            parts.append("1" if part.startswith("<int:") else NOBODY)
    return "/".join(parts)


def test_there_are_pages_and_calls_to_try():
    paths = company_paths()
    assert any(path.startswith("/c/") for path in paths)
    assert any(path.startswith("/api/v1/companies/") for path in paths)


@pytest.mark.parametrize("method", ["get", "post", "patch", "put", "delete"])
def test_a_stranger_gets_404_at_every_address_whatever_the_method(client, company, other_company, method):
    stranger = make_member(other_company, "owner")
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    answers = {path: getattr(client, method)(filled(path, company.slug)).status_code for path in company_paths()}
    assert {path: status for path, status in answers.items() if status != 404} == {}


def test_a_stranger_cannot_tell_an_unknown_company_from_somebody_elses(client, company):
    client.force_login(make_member(make_company(), "owner"), backend="django.contrib.auth.backends.ModelBackend")
    there, not_there = (client.get(f"/c/{slug}/settings/") for slug in (company.slug, "no-such-company"))
    assert there.status_code == not_there.status_code == 404
    assert there.content == not_there.content


def test_a_key_of_another_company_is_answered_like_an_unknown_company(api, company):
    other = make_company()
    caller = api("admin")
    there = caller.client.get(f"/api/v1/companies/{other.slug}/")
    not_there = caller.client.get("/api/v1/companies/no-such-company/")
    assert there.status_code == not_there.status_code == 404
    assert there.content == not_there.content


def test_the_end_of_a_membership_shuts_the_door_at_once(signed_in, company):
    browser = signed_in("owner")
    assert browser.get(f"/c/{company.slug}/members/").status_code == 200
    with company_scope(company, actor=Actor.system("test")):
        Membership.objects.filter(company=company).update(is_active=False)
    assert browser.get(f"/c/{company.slug}/members/").status_code == 404


def test_an_inactive_company_is_not_there(signed_in, company):
    browser = signed_in("owner")
    company.is_active = False
    company.save()
    assert browser.get(f"/c/{company.slug}/members/").status_code == 404


def test_anonymous_visitors_are_sent_to_sign_in_and_programs_told_to(client, company):
    page = client.get(f"/c/{company.slug}/members/?page=2")
    assert page.status_code == 302
    assert page["Location"].startswith("/sign-in/?next=/c/")
    answer = client.get(f"/api/v1/companies/{company.slug}/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_the_admin_shows_no_row_of_another_company(client, company):
    other = make_company()
    stranger = make_member(other, "owner")
    make_member(company, "clerk", email="secret-clerk@example.com")
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["company"] = other.slug
    session.save()
    assert b"secret-clerk" not in client.get("/admin/tenants/membership/").content
    with company_scope(company, actor=Actor.system("test")):
        theirs = Membership.objects.filter(company=company).first()
    assert client.get(f"/admin/tenants/membership/{theirs.pk}/change/").status_code in (302, 404)


def test_the_admin_cannot_be_opened_by_naming_a_foreign_company_in_the_session(client, company):
    client.force_login(make_member(make_company(), "owner"), backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["company"] = company.slug
    session.save()
    answer = client.get("/admin/tenants/membership/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/companies/")
