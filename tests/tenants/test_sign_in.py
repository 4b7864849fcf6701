"""Signing in, the lock after wrong passwords, and where a person lands."""

import pytest

from tenants.models import Membership
from tenants.scope import Actor, company_scope
from tests.conftest import make_company, make_member

PASSWORD = "correct horse battery"


def sign_in(client, user, password=PASSWORD, **extra):
    return client.post("/sign-in/", {"username": user.email.upper(), "password": password, **extra})


def test_the_right_password_leads_to_where_the_person_wanted_to_go(client, company, owner_user):
    wanted = f"/c/{company.slug}/members/"
    assert sign_in(client, owner_user, next=wanted)["Location"] == wanted
    assert client.get(wanted).status_code == 200


def test_nobody_is_led_to_another_site(client, owner_user):
    assert sign_in(client, owner_user, next="https://evil.example/")["Location"] == "/"


def test_five_wrong_passwords_lock_and_say_for_how_long(client, owner_user):
    for _attempt in range(5):
        answer = sign_in(client, owner_user, "wrong")
    assert answer.status_code == 429
    assert "15 minutes" in answer.content.decode()
    assert answer["Retry-After"] == "900"
    assert sign_in(client, owner_user).status_code == 429


def test_the_lock_is_for_one_address_and_name_only(client, company, owner_user):
    for _attempt in range(5):
        sign_in(client, owner_user, "wrong")
    assert sign_in(client, make_member(company, "clerk")).status_code == 302


def test_signing_out_takes_a_post(client, owner_user):
    sign_in(client, owner_user)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/companies/")["Location"].startswith("/sign-in/")


def test_a_person_of_one_company_lands_in_it(client, company, owner_user):
    sign_in(client, owner_user)
    assert client.get("/")["Location"].startswith(f"/c/{company.slug}/")


def test_a_person_of_two_companies_chooses_and_then_lands_in_the_last_one(client, company, owner_user):
    other = make_company()
    with company_scope(other, actor=Actor.system("test")):
        Membership.objects.create(company=other, user=owner_user, role="clerk")
    sign_in(client, owner_user)
    assert client.get("/")["Location"] == "/companies/"
    page = client.get("/companies/").content.decode()
    assert company.name in page
    assert other.name in page
    client.get(f"/c/{other.slug}/settings/")
    assert client.get("/")["Location"].startswith(f"/c/{other.slug}/")


def test_the_admin_has_no_sign_in_of_its_own(client, company, owner_user):
    assert client.get("/admin/")["Location"] == "/sign-in/?next=/admin/"
    sign_in(client, owner_user)
    assert client.get("/admin/")["Location"].startswith("/companies/?next=")
    client.get(f"/c/{company.slug}/settings/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("path", ["/admin/tenants/user/", "/admin/tenants/company/", "/admin/"])
def test_an_operator_needs_no_company_for_the_rows_of_the_installation(client, db, path):
    from tenants.models import User

    operator = User.objects.create_superuser("operator@example.com", PASSWORD, name="Operator")
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(path).status_code == 200
