"""The trail of changes: complete, whoever writes and however; for those who may see it."""

import csv
import datetime
import io

import pytest
from django.db import DatabaseError, connection, transaction

from tenants.api_credentials import create_api_credential
from tenants.audit_trail import changes_of, events, export_csv, history_of, note_read
from tenants.models import ApiCredential, AuditEvent
from tenants.scope import Actor, company_scope, explain


@pytest.fixture
def credential(scope):
    return create_api_credential("till", ["read"])[0]


def last(row):
    return history_of(row).order_by("-at").first()


def test_the_orm_an_update_and_raw_sql_are_all_in_the_trail(credential):
    credential.name = "by save"
    credential.save()
    assert ("name", "till", "by save") in changes_of(last(credential))
    ApiCredential.objects.filter(pk=credential.pk).update(name="by update")
    assert ("name", "by save", "by update") in changes_of(last(credential))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_apicredential SET name = 'by hand' WHERE id = %s", [credential.pk])
    assert ("name", "by update", "by hand") in changes_of(last(credential))


def test_the_trail_says_who_where_and_why(company):
    actor = Actor(type="user", name="Ann", address="192.0.2.7", user_agent="Browser", request_id="req-1")
    with company_scope(company, actor=actor, act="make a key"):
        explain("the old one leaked")
        credential, _key = create_api_credential("till", ["read"])
        event = last(credential)
    told = (event.actor_name, event.actor_type, event.address, event.user_agent, event.request_id, event.act)
    assert told == ("Ann", "user", "192.0.2.7", "Browser", "req-1", "make a key")
    assert event.reason == "the old one leaked"


def test_a_request_leaves_its_marks(signed_in, company, scope):
    browser = signed_in("owner")
    browser.post(
        f"/c/{company.slug}/credentials/",
        {"name": "till", "scopes": ["read"]},
        headers={"X-Request-ID": "trace-7", "User-Agent": "Lynx"},
    )
    event = AuditEvent.objects.get(subject="tenants_apicredential", operation="insert")
    assert (event.actor_name, event.request_id, event.user_agent) == ("Owner", "trace-7", "Lynx")
    assert event.address == "127.0.0.1"
    assert len(event.session) == 16


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tenants_auditevent SET actor_name = 'nobody'",
        "DELETE FROM tenants_auditevent",
        "TRUNCATE tenants_auditevent",
        "INSERT INTO tenants_auditevent (id, company_id) VALUES (gen_random_uuid(), gen_random_uuid())",
    ],
)
def test_the_trail_cannot_be_written_or_unwritten(credential, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_trail_is_narrowed_by_table_row_actor_operation_and_day(credential, company):
    at = last(credential).at.date()
    whole = events(company).count()
    assert events(company, subject="tenants_apicredential").count() == 1
    assert events(company, row=credential.pk).count() == 1
    assert events(company, actor="TES").count() == events(company, actor="test").count() > 0
    assert events(company, actor="nobody").count() == 0
    assert events(company, operation="delete").count() == 0
    assert events(company, since=at, until=at).count() == whole
    assert events(company, until=at.replace(year=at.year - 1)).count() == 0


def test_an_export_is_itself_in_the_trail(signed_in, company, scope):
    answer = signed_in("auditor").get(f"/c/{company.slug}/audit/?format=csv&actor=test")
    text = b"".join(answer.streaming_content).decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:2] == ["When", "Who"]
    assert all("test" in row[1] for row in rows[1:])
    assert int(answer["Content-Length"]) == len(text.encode())
    event = AuditEvent.objects.get(operation="read")
    assert (event.actor_name, event.after) == ("Auditor", {"export": "csv", "actor": "test"})


def test_a_formula_in_the_trail_is_text_in_the_export(scope, company):
    create_api_credential("=HYPERLINK(1)", ["read"])
    explain("@SUM(A1)")
    ApiCredential.objects.update(name="+1")
    cells = [cell for line in export_csv(events(company), {}) for cell in next(csv.reader([line]))]
    assert "'@SUM(A1)" in cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]


def test_a_sensitive_read_can_be_noted(scope, company):
    note_read("reports_trialbalance", None, {"as_of": "2026-03-31"})
    event = events(company, operation="read").get()
    assert (event.subject, event.after) == ("reports_trialbalance", {"as_of": "2026-03-31"})


def test_a_change_of_the_company_itself_is_in_its_trail(scope):
    from tenants.models import AuditEvent, Company

    Company.objects.filter(pk=scope.company.pk).update(legal_form="Ltd")

    event = AuditEvent.objects.for_company(scope.company).get(subject="tenants_company", operation="update")
    assert (event.before["legal_form"], event.after["legal_form"]) == ("", "Ltd")


def test_the_trail_may_be_asked_up_to_the_last_day_of_the_calendar(scope, company, api):
    assert events(company, until=datetime.date.max).count() == events(company).count()
    assert api("admin").get("audit/", until="9999-12-31", since="0001-01-01").status_code == 200
