"""The operator's commands ask nothing and say what they did."""

import io

import pytest
from django.core.management import CommandError, call_command

from tenants.models import Company, User
from tests.api_client import ApiClient


def run(*words):
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_a_company_a_person_and_a_key_are_made_without_a_question(client, db):
    assert "/c/acme/" in run("create_company", "acme", "Acme", "--currency", "EUR", "--country", "DE")
    said = run("create_user", "Ann@Example.com", "--company", "acme", "--role", "controller")
    password = said.split("password ")[1].split()[0]
    assert User.objects.get(email="ann@example.com").check_password(password)
    key = run("create_api_key", "acme", "till", "--scopes", "read", "post").strip()
    assert ApiClient(Company.objects.get(slug="acme"), key).get("").json()["country"] == "DE"


@pytest.mark.parametrize(
    "words",
    [
        ["create_company", "Bad Slug", "X", "--currency", "EUR"],
        ["create_company", "fine", "X", "--currency", "euro"],
        ["create_user", "no-address"],
        ["create_user", "a@example.com", "--company", "none"],
        ["create_api_key", "none", "till"],
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(db, words):
    with pytest.raises(CommandError):
        run(*words)
    assert not User.objects.filter(email="a@example.com").exists()
