"""The shell and the pages: policies, navigation, request ids, streams, admin."""

import re

import pytest
from django.http import StreamingHttpResponse
from django.template import Context, Template
from django.test import RequestFactory

from tenants.audit_trail import note_read
from tenants.models import Membership
from tenants.scope import Actor, company_scope
from tests.conftest import make_company, make_member

ADMIN_PAGES = ["", "tenants/membership/", "tenants/apicredential/", "tenants/auditevent/"]


def directives(answer):
    parts = (part.split() for part in answer["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", ["settings/", "members/", "credentials/", "audit/"])
def test_pages_run_under_a_strict_policy_and_have_nothing_inline(signed_in, company, path):
    answer = signed_in("owner").get(f"/c/{company.slug}/{path}")
    assert directives(answer)["default-src"] == ["'self'"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    page = answer.content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)


def test_only_the_admin_may_evaluate_and_only_the_docs_may_style(signed_in, company):
    browser = signed_in("owner")
    browser.get(f"/c/{company.slug}/settings/")
    admin = directives(browser.get("/admin/"))
    assert "'unsafe-eval'" in admin["script-src"]
    assert "'unsafe-inline'" not in admin["script-src"]
    docs = directives(browser.get("/api/v1/docs/"))
    assert docs["style-src"] == ["'self'", "'unsafe-inline'"]
    assert "script-src" not in docs


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_the_owner_opens_the_admin(signed_in, company, path):
    browser = signed_in("owner")
    browser.get(f"/c/{company.slug}/settings/")
    assert browser.get(f"/admin/{path}").status_code == 200


def test_a_member_changed_in_the_admin_is_changed_by_the_same_act(signed_in, company, scope):
    browser = signed_in("owner")
    browser.get(f"/c/{company.slug}/settings/")
    clerk = Membership.objects.get(user=make_member(company, "clerk"))
    path = f"/admin/tenants/membership/{clerk.pk}/change/"
    assert browser.get(path).status_code == 200
    assert browser.post(path, {"role": "auditor", "is_active": "on"}).status_code == 302
    clerk.refresh_from_db()
    assert clerk.role == "auditor"
    history = browser.get(f"/admin/tenants/membership/{clerk.pk}/history/")
    assert history["Location"].startswith(f"/c/{company.slug}/audit/?subject=tenants_membership")


def test_an_operator_makes_and_changes_people_in_the_admin(client, company):
    from tenants.models import User

    operator = User.objects.create_superuser("operator@example.com", "a long password", name="Operator")
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    values = {"email": "made@example.com", "name": "Made", "password1": "a-long-pass-1", "password2": "a-long-pass-1"}
    assert client.post("/admin/tenants/user/add/", values).status_code == 302
    made = User.objects.get(email="made@example.com")
    assert made.check_password("a-long-pass-1")
    path = f"/admin/tenants/user/{made.pk}/change/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"email": "made@example.com", "name": "Renamed"}).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.is_active) == ("Renamed", False)
    assert made.check_password("a-long-pass-1")


def test_the_sidebar_shows_what_the_role_may_open(signed_in, company):
    owner = signed_in("owner").get(f"/c/{company.slug}/settings/").content.decode()
    clerk = signed_in("clerk").get(f"/c/{company.slug}/settings/").content.decode()
    for label in ("Members", "API credentials", "Audit trail"):
        assert label in owner
        assert label not in clerk


def test_a_page_costs_the_same_for_one_member_and_thirty(signed_in, company, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser, path = signed_in("owner"), f"/c/{company.slug}/members/"
    browser.get(path)
    with CaptureQueriesContext(connection) as one:
        browser.get(path)
    for _number in range(29):
        make_member(company, "clerk", password="x")
    with CaptureQueriesContext(connection) as thirty:
        browser.get(path)
    assert len(thirty) == len(one)


def test_the_switcher_leads_to_the_other_companies(signed_in, company):
    browser = signed_in("owner")
    other = make_company()
    from tenants.models import User

    user = User.objects.get(pk=browser.session["_auth_user_id"])
    with company_scope(other, actor=Actor.system("test")):
        Membership.objects.create(company=other, user=user, role="clerk")
    assert other.name in browser.get(f"/c/{company.slug}/settings/").content.decode()


@pytest.mark.parametrize(("given", "kept"), [("trace-1", True), ("x" * 65, False), ("a b", False), ("<x>", False)])
def test_a_request_keeps_its_id_where_it_is_a_plain_word(client, db, given, kept):
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) is kept


def test_a_stream_is_written_down_before_its_transaction_ends(signed_in, company, monkeypatch):
    from django.db import connection

    from tenants import views

    depths = []

    def chunks():
        for part in ("a", "b" * 2_000_000):
            depths.append(len(connection.savepoint_ids))
            yield part

    monkeypatch.setattr(views, "export_csv", lambda *_given: chunks())
    answer = signed_in("auditor").get(f"/c/{company.slug}/audit/?format=csv")
    assert isinstance(answer, StreamingHttpResponse)
    assert len(b"".join(answer.streaming_content)) == 2_000_001
    assert min(depths) > len(connection.savepoint_ids)


def test_a_long_value_is_cut_on_the_page_of_the_trail(signed_in, scope, company):
    note_read("books", None, {"text": "x" * 5000})
    page = signed_in("auditor").get(f"/c/{company.slug}/audit/").content.decode()
    assert "x" * 399 in page
    assert "x" * 401 not in page


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ 1234.5|money }}", "1,234.50"),
        ("{{ negative|money }}", "(1,234.50)"),
        ("{{ 0|money }}", "–"),
        ("{{ precise|money:2 }}", "0.123"),
        ("{{ negative|debit }}", ""),
        ("{{ negative|credit:0 }}", "1,234.5"),
        ("{% query page=2 %}", "?q=rent&amp;page=2"),
        ("{% query q=None %}", "?"),
    ],
)
def test_figures_and_addresses_are_written_alike_everywhere(template, text):
    from decimal import Decimal

    values = {"negative": Decimal("-1234.5"), "precise": Decimal("0.123"), "request": RequestFactory().get("/?q=rent")}
    assert Template(template).render(Context(values)) == text


def test_operations_get_their_answers(client, db, monkeypatch):
    assert client.get("/healthz").content == b"ok\n"
    ready = client.get("/readyz")
    assert ready.json() == {"ready": True, "database": "ok", "migrations": "ok", "cache": "ok"}
    assert b"django_http_requests" in client.get("/metrics").content
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 403
    monkeypatch.setenv("METRICS_TOKEN", "token")
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer token"}).status_code == 200
