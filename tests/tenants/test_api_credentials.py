"""The life of an API credential: made, used, expired, revoked."""

import datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tenants.api_credentials import BadCredential, create_api_credential, revoke
from tenants.models import ApiCredential, AuditEvent
from tests.api_client import ApiClient


def test_a_key_opens_the_company_and_its_use_is_noted(company, scope):
    credential, key = create_api_credential("till", ["read"])
    assert ApiClient(company, key).get("").json()["slug"] == company.slug
    credential.refresh_from_db()
    assert timezone.now() - credential.last_used_at < datetime.timedelta(minutes=1)


def test_only_a_hash_is_kept_and_neither_is_in_the_trail(company, scope):
    credential, key = create_api_credential("till", ["read"])
    secret = key.split("_", 2)[2]
    assert secret not in str(ApiCredential.objects.filter(pk=credential.pk).values())
    trail = str(list(AuditEvent.objects.filter(subject="tenants_apicredential").values("before", "after")))
    assert "till" in trail
    assert "key_hash" not in trail
    assert secret not in trail


def test_a_revoked_key_is_refused_and_stays_refused(company, scope):
    credential, key = create_api_credential("till", ["read"])
    first = revoke(credential).revoked_at
    assert revoke(credential).revoked_at == first
    answer = ApiClient(company, key).get("")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credential")


def test_an_expired_key_is_refused(company, scope):
    credential, key = create_api_credential("till", ["read"], timezone.now() + datetime.timedelta(hours=1))
    assert ApiClient(company, key).get("").status_code == 200
    ApiCredential.objects.filter(pk=credential.pk).update(expires_at=timezone.now())
    assert ApiClient(company, key).get("").status_code == 401


@pytest.mark.parametrize("key", ["", "x", "dbk_short_key", "Basic abc", "dbk_" + "a" * 8 + "_" + "é" * 43])
def test_what_is_no_key_is_refused(company, key):
    assert ApiClient(company, key).get("").status_code == 401


def test_a_key_with_another_secret_is_not_known(company, scope):
    _credential, key = create_api_credential("till", ["read"])
    other = key[:-1] + ("A" if key[-1] != "A" else "B")
    assert ApiClient(company, other).get("").status_code == 404


@pytest.mark.parametrize(
    ("name", "scopes", "expires"),
    [("", ["read"], None), ("x", [], None), ("x", ["root"], None), ("x", ["read"], "past")],
)
def test_a_credential_needs_a_name_known_scopes_and_a_future(scope, name, scopes, expires):
    expires_at = timezone.now() - datetime.timedelta(days=1) if expires else None
    with pytest.raises(BadCredential):
        create_api_credential(name, scopes, expires_at)


def test_the_page_shows_the_key_once(signed_in, company):
    browser = signed_in("owner")
    page = browser.post(f"/c/{company.slug}/credentials/", {"name": "till", "scopes": ["read"]})
    assert b"dbk_" in page.content
    assert "no-store" in page["Cache-Control"]
    credential = page.context["made"]["key"]
    assert credential not in browser.get(f"/c/{company.slug}/credentials/").content.decode()


def test_a_replayed_answer_does_not_show_the_key_again(api):
    caller = api("admin")
    body = {"name": "robot", "scopes": ["read"]}
    first = caller.post("credentials/", body, key="make-1")
    again = caller.post("credentials/", body, key="make-1")
    assert first.json()["key"].startswith("dbk_")
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == {**first.json(), "key": None}


def test_too_many_calls_in_a_minute_are_put_off(api, settings, monkeypatch):
    settings.API_RATE_PER_MINUTE = 3
    now = 60.0 * 1_000_000
    monkeypatch.setattr("tenants.api_throttling.time", SimpleNamespace(time=lambda: now))
    caller = api("read")
    answers = [caller.get("") for _number in range(5)]
    late = next(answer for answer in answers if answer.status_code == 429)
    assert late.json()["code"] == "rate_limited"
    assert 1 <= int(late["Retry-After"]) <= 60
    assert api("read").get("").status_code == 200


def test_a_cache_that_is_away_stops_nobody(api, monkeypatch):
    from tenants import api_throttling

    monkeypatch.setattr(api_throttling.CallerThrottle, "_ask_again", 0.0)

    def away(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(api_throttling.cache, "incr", away)
    assert api("read").get("").status_code == 200
