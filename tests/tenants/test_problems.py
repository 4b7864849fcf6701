"""Every "no" of the API is a problem document with a stable code and a place."""

import json

import pytest
from django.db import IntegrityError, OperationalError
from django.http import Http404
from django.test import RequestFactory
from psycopg import errors
from rest_framework import serializers

from tenants.api_fields import AmountField, TextField
from tenants.api_problems import problem_of, problem_response
from tenants.refusal import Refused


class LineIn(serializers.Serializer):
    account = TextField(max_length=5)
    amount = AmountField(max_digits=10, decimal_places=2)


class EntryIn(serializers.Serializer):
    memo = TextField()
    lines = LineIn(many=True)


def invalid(data):
    given = EntryIn(data=data)
    try:
        given.is_valid(raise_exception=True)
    except serializers.ValidationError as error:
        return problem_of(error)
    raise AssertionError("The input was accepted.")


def test_a_problem_says_type_title_status_code_and_detail(api):
    answer = api("read").get("members/")
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "code", "detail"}
    assert answer.json()["status"] == answer.status_code == 403
    assert answer.json()["type"] == "urn:daybook:problem:not_permitted"


def test_each_invalid_place_is_named():
    good = {"account": "1000", "amount": "1.00"}
    problem = invalid({"memo": 5, "lines": [good, {"account": "123456", "amount": 1.5}, {"amount": "1"}]})
    assert [(error["place"], error["code"]) for error in problem.errors] == [
        ("memo", "invalid"),
        ("lines[1].account", "max_length"),
        ("lines[1].amount", "bad_amount"),
        ("lines[2].account", "required"),
    ]


@pytest.mark.parametrize(
    "amount", [1.0, True, None, "", "1e3", "NaN", "Infinity", "1,5", "٣", "1.005", "123456789.00", " 1", [], "9" * 90]
)
def test_what_is_no_exact_amount_is_refused(amount):
    problem = invalid({"memo": "", "lines": [{"account": "1", "amount": amount}]})
    assert any(error["place"] == "lines[0].amount" for error in problem.errors)


@pytest.mark.parametrize(("given", "text"), [(5, "5"), ("-12.50", "-12.50"), ("+1", "1"), ("1.000", "1.000"), (0, "0")])
def test_an_exact_amount_is_taken_as_it_is(given, text):
    field = AmountField(max_digits=10, decimal_places=2)
    assert field.to_representation(field.to_internal_value(given)) == text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "malformed"),
        (b"\xff", "malformed"),
        (b'{"name": NaN}', "malformed"),
        (b'{"name": "a", "name": "b"}', "malformed"),
        (b"[" * 100_000, "malformed"),
        (b'{"name": "a\\u0000b"}', "invalid_text"),
        (b'{"name": "\\ud800"}', "invalid_text"),
        (b'{"unknown": 1}', "unknown_field"),
        (b"[]", "invalid"),
    ],
)
def test_a_body_that_cannot_be_read_one_way_only_is_refused(api, body, code):
    answer = api("admin").patch("", body, If_Match="*")
    assert answer.json()["code"] == code
    assert answer.status_code in (400, 422)


def test_bad_text_is_refused_with_its_place(api):
    answer = api("admin").patch("", b'{"name": "a\\u0000"}', If_Match="*")
    assert answer.json()["place"] == "name"


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("nowhere/", "get", 404, "not_found"),
        ("members/018f0000-0000-7000-8000-000000000000/", "get", 404, "not_found"),
        ("audit/", "delete", 405, "method_not_allowed"),
        ("audit/", "post", 405, "method_not_allowed"),
    ],
)
def test_what_is_not_there_is_a_problem_too(api, path, method, status, code):
    answer = getattr(api("admin"), method)(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_another_media_type_is_not_read(api):
    caller = api("admin")
    answer = caller.client.patch(caller.base, "<a/>", content_type="text/xml", headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("cause", "kind", "status", "code"),
    [
        (errors.LockNotAvailable, OperationalError, 409, "conflict"),
        (errors.DeadlockDetected, OperationalError, 409, "conflict"),
        (errors.SerializationFailure, OperationalError, 409, "conflict"),
        (errors.UniqueViolation, IntegrityError, 409, "already_exists"),
        (errors.CheckViolation, IntegrityError, 422, "constraint_violated"),
        (errors.QueryCanceled, OperationalError, 503, "unavailable"),
        (errors.TooManyConnections, OperationalError, 503, "unavailable"),
        (errors.AdminShutdown, OperationalError, 503, "unavailable"),
    ],
)
def test_the_databases_errors_are_told_apart(cause, kind, status, code):
    error = kind("failed")
    error.__cause__ = cause("failed")
    problem = problem_of(error)
    assert (problem.status, problem.code) == (status, code)
    assert ("Retry-After" in problem.headers) == (code in ("conflict", "unavailable"))


def test_a_lost_connection_asks_to_try_again():
    assert problem_of(OperationalError("gone")).status == 503


def test_a_fault_is_not_dressed_up_as_a_refusal():
    error = IntegrityError("odd")
    error.__cause__ = errors.UndefinedColumn("odd")
    assert problem_of(error) is None
    assert problem_of(KeyError("bug")) is None


def test_a_fault_becomes_a_500_without_a_trace_and_without_a_change(api, monkeypatch, company):
    from tenants import api as views

    def fail(**changes):
        company.__class__.objects.filter(pk=company.pk).update(name="half done")
        raise RuntimeError("secret detail")

    monkeypatch.setattr(views, "change_company", fail)
    caller = api("admin")
    caller.client.raise_request_exception = False
    answer = caller.patch("", {"name": "x"}, If_Match="*")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.content.decode()
    assert answer["X-Request-ID"] in answer.json()["detail"]
    company.refresh_from_db()
    assert company.name != "half done"


def test_a_refusal_rolls_the_work_back_unless_it_is_frozen(api, monkeypatch, company):
    from tenants import api as views

    refusal = Refused("No.")

    def refuse(**changes):
        company.__class__.objects.filter(pk=company.pk).update(name="kept")
        raise refusal

    monkeypatch.setattr(views, "change_company", refuse)
    api("admin").patch("", {"name": "x"}, If_Match="*")
    company.refresh_from_db()
    assert company.name != "kept"
    refusal.frozen = True
    api("admin").patch("", {"name": "x"}, If_Match="*")
    company.refresh_from_db()
    assert company.name == "kept"


def test_refusals_below_a_refusal_are_listed_with_their_places():
    inner = Refused("No such account.", place="lines[2].account")
    inner.code = "unknown_account"
    answer = problem_response(Refused("The entry was refused.", errors=[inner]), {})
    assert json.loads(answer.content)["errors"] == [
        {"code": "unknown_account", "detail": "No such account.", "place": "lines[2].account"}
    ]


def test_pages_of_last_resort_are_pages_for_people_and_documents_for_programs(client, db):
    assert "application/problem+json" in client.get("/api/v1/nothing/")["Content-Type"]
    page = client.get("/nothing/")
    assert page.status_code == 404
    assert "text/html" in page["Content-Type"]
    from tenants.refused_page import failed

    request = RequestFactory().get("/c/x/")
    assert failed(request).status_code == 500
    assert problem_of(Http404()).status == 404


def test_a_change_without_the_state_it_was_made_for_is_refused(api):
    caller = api("admin")
    tag = caller.get("")["ETag"]
    assert caller.patch("", {"name": "A"}).json()["code"] == "precondition_required"
    changed = caller.patch("", {"name": "A"}, If_Match=tag)
    assert changed.status_code == 200
    assert changed["ETag"] != tag
    stale = caller.patch("", {"name": "B"}, If_Match=tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")


@pytest.mark.parametrize(
    "query",
    [
        {"page_size": "0"},
        {"page_size": "501"},
        {"page_size": "x"},
        {"cursor": "%%%"},
        {"cursor": "cD14"},
        {"cursor": "cD14eHg"},
    ],
)
def test_a_page_that_makes_no_sense_is_refused(api, query):
    answer = api("admin").get("audit/", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_page")


def test_pages_follow_each_other_without_gap_or_double(api, company):
    caller = api("admin")
    seen, url = [], caller.base + "audit/?page_size=7"
    while url:
        page = caller.client.get(url).json()
        seen += [event["id"] for event in page["results"]]
        url = page["next"]
    everything = caller.get("audit/", page_size=500).json()["results"]
    assert len(seen) == len(set(seen))
    assert set(seen) == {event["id"] for event in everything}


def test_an_answer_can_be_narrowed_to_some_fields(api):
    assert set(api("read").get("", fields="slug,name").json()) == {"slug", "name"}
    answer = api("read").get("", fields="slug,password")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")


def test_a_session_needs_a_csrf_token_to_change_something(company, owner_user):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner_user, backend="django.contrib.auth.backends.ModelBackend")
    path = f"/api/v1/companies/{company.slug}/"
    headers = {"If-Match": "*"}
    without = browser.patch(path, {"name": "x"}, content_type="application/json", headers=headers)
    assert without.status_code == 403
    browser.get(f"/c/{company.slug}/settings/")
    headers["X-CSRFToken"] = browser.cookies["csrftoken"].value
    assert browser.patch(path, {"name": "x"}, content_type="application/json", headers=headers).status_code == 200


def test_only_operators_create_companies(client, owner_user, db):
    body = {"slug": "brand-new", "name": "Brand New", "base_currency": "EUR"}
    client.force_login(owner_user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/api/v1/companies/", body, content_type="application/json").status_code == 403
    owner_user.is_superuser = True
    owner_user.save()
    answer = client.post("/api/v1/companies/", body, content_type="application/json")
    assert answer.status_code == 201
    assert client.post("/api/v1/companies/", body, content_type="application/json").json()["code"] == "slug_taken"


def test_the_list_of_companies_is_the_callers_own(client, company, owner_user):
    from tests.conftest import make_company

    make_company()
    client.force_login(owner_user, backend="django.contrib.auth.backends.ModelBackend")
    assert [one["slug"] for one in client.get("/api/v1/companies/").json()["results"]] == [company.slug]


@pytest.mark.parametrize("path", ["", "lock-dates/", "members/", "entries/"])
def test_options_is_no_operation(api, path):
    caller = api("admin")
    answer = caller.client.options(caller.base + path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_format_is_no_parameter_of_addresses_that_do_not_name_it(api):
    assert api("admin").get("members/", format="csv").status_code == 200


def test_a_form_is_no_json_body(api):
    caller = api("admin")
    answer = caller.client.post(f"{caller.base}members/", {"email": "a@example.com", "role": "clerk"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
