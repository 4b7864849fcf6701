"""The REST API keeps the word of its own description, whatever it is sent.

Schemathesis reads the OpenAPI document, makes calls that follow it and calls that break it, and hands them to the
WSGI application itself. No answer may be a fault; every answer has a documented status, type and shape; every refusal
is a problem document with a code. The calls are the same in every run; API_FUZZ_EXAMPLES asks for more of them.
"""

import contextlib
import os
import re

import pytest
import schemathesis
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as conformance

from config.wsgi import application
from tenants.models import User
from tenants.permissions import ApiScope
from tests.conftest import make_api_client, make_company
from tests.described_books import FOREIGN, SALE, SPLIT, described_books, with_names

EXAMPLES = int(os.environ.get("API_FUZZ_EXAMPLES", "5"))
METHODS = ("get", "post", "put", "patch", "delete")
CODE = re.compile(r"[a-z][a-z0-9_]*")
CHECKS = [
    not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_headers_conformance,
    conformance.response_schema_conformance,
]
DOCUMENT = SchemaGenerator().get_schema(public=True)
OPERATIONS = {
    operation["operationId"]: (path, method)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if method in METHODS
}
IN_COMPANY = sorted(name for name, (path, _method) in OPERATIONS.items() if "{company}" in path)
OUTSIDE = sorted(set(OPERATIONS) - set(IN_COMPANY))
CSRF = "c" * 32
JSON = "application/json"
REVERSAL = {"date": "2026-03-20", "reason": "Posted twice."}


@pytest.fixture(scope="module")
def books(django_db_setup, django_db_blocker):
    """A committed company, and for each kind of address the values that lead to a row of it."""
    with django_db_blocker.unblock():
        yield described_books()


@pytest.fixture(scope="module")
def quiet_books(django_db_setup, django_db_blocker):
    """The same for a company whose periods and accounts no made-up call closes."""
    with django_db_blocker.unblock():
        yield described_books()


@pytest.fixture(scope="module")
def stranger(django_db_setup, django_db_blocker):
    """A company that has nothing to do with the other one."""
    with django_db_blocker.unblock():
        yield make_company()


@pytest.fixture(scope="module")
def schemas():
    """The description as it is, and narrowed to the names that stand in the books."""
    loaded = [schemathesis.openapi.from_dict(one) for one in (DOCUMENT, with_names(DOCUMENT))]
    for schema in loaded:
        schema.app = closing_application
    return loaded


def closing_application(environ, start_response):
    """The application as a server runs it: each answer is read to its end and closed."""
    answer = application(environ, start_response)
    with contextlib.closing(answer):
        return [b"".join(answer)]


def key_of(company):
    client = make_api_client(company, *ApiScope.values).client
    return {"headers": {"Authorization": client.defaults["HTTP_AUTHORIZATION"]}}


def session_of_an_operator():
    operator = User.objects.create_superuser(f"operator-{os.getpid()}-{os.urandom(4).hex()}@example.com", "x", name="O")
    browser = Client()
    browser.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    session = browser.cookies["sessionid"].value
    return {"headers": {"X-CSRFToken": CSRF}, "cookies": {"sessionid": session, "csrftoken": CSRF}}


def calls(schemas, name, values):
    """Calls that follow the description and calls that break it, with and without the names of the books."""
    path, method = OPERATIONS[name]
    fixed = {"If-Match": "*"} if method in ("patch", "delete") else {}
    return st.one_of(
        schema[path][method].as_strategy(generation_mode=mode, path_parameters=parameters, headers=fixed)
        for schema, parameters in zip(schemas, values, strict=True)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    )


def send_all(strategy, caller, after=None, examples=EXAMPLES):
    """Send the calls; each answer keeps the word of the description, each refusal is a problem document."""

    @settings(
        max_examples=examples, derandomize=True, deadline=None, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def send(case):
        answer = case.call(**caller)
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            problem = answer.json()
            assert answer.headers["content-type"] == ["application/problem+json"]
            assert problem["status"] == answer.status_code
            assert CODE.fullmatch(problem["code"])
        if after:
            after(answer)

    send()


def values_for(path, company, rows):
    """The values of the address: the company alone, and with a row that is there."""
    place = path.partition("{company}/")[2]
    known = next((found for start, found in rows.items() if place.startswith(start)), {})
    named = {name: value for name, value in known.items() if f"{{{name}}}" in path}
    return {"company": company.slug}, {"company": company.slug, **named}


@pytest.mark.parametrize("name", IN_COMPANY)
def test_no_call_of_a_company_breaks_the_description(committed_db, books, schemas, name):
    company, rows = books
    strategy = calls(schemas, name, values_for(OPERATIONS[name][0], company, rows))
    send_all(strategy, key_of(company))


@pytest.mark.parametrize("lines", [SALE, SPLIT, FOREIGN], ids=["sale", "split", "foreign"])
@pytest.mark.parametrize("query", [{}, {"dry_run": "true"}, {"mode": "per_item"}, {"mode": "per_item", "dry_run": "1"}])
def test_postings_and_trials_of_postings_are_as_described(committed_db, quiet_books, schemas, lines, query):
    company, rows = quiet_books
    caller, posted = key_of(company), rows["entries/"]
    entry = {"date": "2026-03-15", "lines": lines}
    wrong = {**entry, "lines": lines[:1]}
    bulk = {"entries": [entry, wrong] if "mode" in query else [entry]}
    for name, body in (("entries_post_many", bulk), ("entries_post", entry), ("entries_reverse", REVERSAL)):
        path, method = OPERATIONS[name]
        values = {"company": company.slug, **(posted if name == "entries_reverse" else {})}
        headers = {"Idempotency-Key": f"{name}-{os.urandom(8).hex()}"}
        operation = schemas[0][path][method]
        case = operation.Case(path_parameters=values, query=query, headers=headers, body=body, media_type=JSON)
        answer = case.call(**caller)
        assert answer.status_code in (200, 201)
        case.validate_response(answer, checks=CHECKS)
        if "id" in answer.json():
            posted = {"id": answer.json()["id"]}


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_call_of_an_operator_breaks_the_description(committed_db, schemas, name):
    send_all(calls(schemas, name, ({}, {})), session_of_an_operator())


@pytest.mark.parametrize("name", IN_COMPANY)
def test_the_key_of_a_stranger_gets_404_for_every_call(committed_db, books, stranger, schemas, name):
    company, rows = books

    def is_missing(answer):
        assert answer.status_code == 404

    path = OPERATIONS[name][0]
    strategy = calls(schemas[:1], name, values_for(path, company, rows)[1:])
    send_all(strategy, key_of(stranger), is_missing, examples=2)
