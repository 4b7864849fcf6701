"""A repeated write: done once, answered alike."""

import threading
import time

import pytest
from django.db import connection, connections
from django.db.utils import ProgrammingError
from django.test import RequestFactory
from rest_framework.response import Response

from tenants.idempotency import idempotent, request_hash
from tenants.models import Company, IdempotentRequest, Membership, OperatorRequest, User
from tenants.refusal import Refused
from tenants.scope import Actor, company_scope
from tests.conftest import make_api_client

BODY = {"email": "new@example.com", "role": "clerk"}


class Frozen(Refused):
    code = "books_locked"
    frozen = True


class FakeRequest:
    method = "POST"

    def __init__(self, data, path="/x/", key="k"):
        self.data, self.path = data, path
        self.headers = {"Idempotency-Key": key}

    def get_full_path(self):
        return self.path


def test_the_same_key_and_body_get_the_first_answer_and_one_row(api, company):
    caller = api("admin")
    first, again = (caller.post("members/", BODY, key="add-1") for _time in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert again["ETag"] == first["ETag"]
    assert again.json() == {**first.json(), "password": None}


def test_an_answer_without_secrets_is_replayed_byte_by_byte(api):
    caller = api("admin")
    first, again = (caller.patch("", {"name": "Ünïcode"}, key="p", If_Match="*") for _time in range(2))
    assert first.content == again.content


def test_the_same_key_with_another_body_is_refused(api):
    caller = api("admin")
    caller.post("members/", BODY, key="add-1")
    answer = caller.post("members/", {**BODY, "role": "owner"}, key="add-1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refusal_of_form_is_not_remembered(api):
    caller = api("admin")
    assert caller.post("members/", {"email": "no", "role": "clerk"}, key="add-1").status_code == 422
    assert caller.post("members/", BODY, key="add-1").status_code == 201


@pytest.mark.parametrize("key", ["x" * 201, "two words", "ключ"])
def test_a_key_is_one_visible_word(api, key):
    answer = api("admin").post("members/", BODY, key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")


def test_a_frozen_refusal_is_remembered_and_answered_again(scope):
    calls = []

    @idempotent
    def handler(view, request):
        calls.append(1)
        raise Frozen("The books are locked.")

    first, again = (handler(None, FakeRequest({})) for _time in range(2))
    assert len(calls) == 1
    assert first.status_code == again.status_code == 422
    assert first.content == again.content
    assert again["Content-Type"] == "application/problem+json"


def test_the_permission_is_asked_before_an_answer_is_replayed(api, company, signed_in):
    caller = api("admin")
    caller.post("members/", BODY, key="add-1")
    answer = api("read").post("members/", BODY, key="add-1")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": "1", "b": "2"}, {"a": "12", "b": ""}),
        (["ab"], ["a", "b"]),
        ({"a": "1"}, {"a": 1}),
        ({"a": None}, {}),
        ([["a"], "b"], ["a", ["b"]]),
        ({"a": True}, {"a": 1}),
    ],
)
def test_different_bodies_never_share_a_hash(one, other):
    assert request_hash(FakeRequest(one)) != request_hash(FakeRequest(other))


def test_the_order_of_names_does_not_matter_but_the_path_does():
    body, turned = {"a": 1, "b": [2]}, {"b": [2], "a": 1}
    assert request_hash(FakeRequest(body)) == request_hash(FakeRequest(turned))
    assert request_hash(FakeRequest(body)) != request_hash(FakeRequest(body, path="/y/"))


def test_a_file_counts_by_its_content():
    from django.core.files.uploadedfile import SimpleUploadedFile

    def hashed(content):
        request = RequestFactory().post("/x/", {"file": SimpleUploadedFile("a.csv", content)})
        return request_hash(FakeRequest({**request.FILES}))

    assert hashed(b"1") == hashed(b"1") != hashed(b"2")


def test_a_twin_under_way_waits_and_then_gives_up_with_conflict(committed_company):
    caller = make_api_client(committed_company, "admin")
    begun, done = threading.Event(), threading.Event()

    def hold():
        import hashlib

        name = f"{committed_company.pk}:slow"
        lock = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        with company_scope(committed_company, actor=Actor.system("test")), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
            begun.set()
            done.wait(10)
        connections.close_all()

    twin = threading.Thread(target=hold)
    twin.start()
    begun.wait(5)
    started = time.monotonic()
    answer = caller.post("members/", {**BODY, "email": f"twin-{committed_company.slug}@example.com"}, key="slow")
    waited = time.monotonic() - started
    done.set()
    twin.join()
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert answer["Retry-After"]
    assert 1.5 < waited < 6


def test_twins_at_the_same_moment_do_the_work_once(committed_company):
    body = {**BODY, "email": f"race-{committed_company.slug}@example.com"}
    answers = []

    def call():
        answers.append(make_api_client(committed_company, "admin").post("members/", body, key="race"))
        connections.close_all()

    threads = [threading.Thread(target=call) for _number in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert [answer.status_code for answer in answers] == [201] * 4
    assert sum("Idempotency-Replayed" not in answer for answer in answers) == 1
    with company_scope(committed_company, actor=Actor.system("test")):
        assert Membership.objects.filter(company=committed_company, user__email=body["email"]).count() == 1
        assert IdempotentRequest.objects.filter(company=committed_company, key="race").count() == 1


def test_a_fault_leaves_no_answer_behind(scope):
    @idempotent
    def handler(view, request):
        return Response({}, status=503)

    handler(None, FakeRequest({}, key="fault"))
    assert not IdempotentRequest.objects.filter(company=scope.company, key="fault").exists()


class TestCreatingACompany:
    """A write outside every company is remembered with the person who asked."""

    BODY = {"slug": "twice-asked", "name": "Twice Asked", "base_currency": "EUR"}

    @pytest.fixture
    def operator(self, db, client):
        return self.sign_in(client, "operator@example.com")

    def sign_in(self, client, email):
        user = User.objects.create_superuser(email, "correct horse battery", name="Operator")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return user

    def create(self, client, key="k", **changes):
        body = {**self.BODY, **changes}
        headers = {"Idempotency-Key": key}
        return client.post("/api/v1/companies/", body, content_type="application/json", headers=headers)

    def test_the_same_key_answers_with_the_same_company(self, client, operator):
        first, again = self.create(client), self.create(client)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        assert again["Idempotency-Replayed"] == "true"
        assert Company.objects.filter(slug="twice-asked").count() == 1

    def test_another_body_under_the_key_is_refused(self, client, operator):
        self.create(client)
        answer = self.create(client, slug="another")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        assert not Company.objects.filter(slug="another").exists()

    def test_a_refused_company_leaves_the_key_free(self, client, operator):
        assert self.create(client, base_currency="ZZZ").json()["code"] == "unknown_currency"
        assert self.create(client).status_code == 201

    def test_the_keys_of_two_operators_do_not_meet(self, client, operator):
        self.create(client)
        self.sign_in(client, "second@example.com")
        assert self.create(client).json()["code"] == "slug_taken"
        assert self.create(client, slug="another").status_code == 201

    def test_who_is_no_operator_any_more_gets_no_answer_again(self, client, operator):
        self.create(client)
        operator.is_superuser = False
        operator.save()
        answer = self.create(client)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")

    def test_what_was_answered_never_changes(self, client, operator):
        self.create(client)
        with pytest.raises(ProgrammingError, match="permission denied"):
            OperatorRequest.objects.update(status=500)
