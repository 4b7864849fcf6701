"""Programs keep webhooks by the API: the secret is shown once, strangers see nothing, lists cost the same."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.mail import send_mail_later
from jobs.models import OutboundMail, WebhookDelivery, WebhookEndpoint, WebhookEvent, WebhookSecret
from tests.conftest import make_api_client
from tests.jobs.outgoing import happen, inside, listen

URL = "https://hooks.example.com/in"


@pytest.fixture
def made(api):
    program = api("admin")
    answer = program.post("webhooks/", {"url": URL, "events": ["invoice.paid", "invoice.posted"]}, key="w")
    assert answer.status_code == 201
    return program, answer


def test_a_webhook_is_added_and_its_secret_is_shown_once(made):
    program, answer = made
    told = answer.json()
    assert told["secret"].startswith("whsec_")
    assert (told["events"], told["is_active"]) == (["invoice.posted", "invoice.paid"], True)
    assert answer["Location"].endswith(f"/webhooks/{told['id']}/")

    again = program.post("webhooks/", {"url": URL, "events": ["invoice.paid", "invoice.posted"]}, key="w").json()
    assert (again["id"], again["secret"]) == (told["id"], None)
    for shown in (program.get(f"webhooks/{told['id']}/").json(), program.get("webhooks/").json()["results"][0]):
        assert "secret" not in shown
        assert told["secret"] not in str(shown)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "http://hooks.example.com/"}, "bad_webhook_address"),
        ({"url": "https://10.0.0.1/"}, "bad_webhook_address"),
        ({"url": URL, "events": ["invoice.eaten"]}, "validation_failed"),
        ({"url": URL, "secret": "mine"}, "validation_failed"),
        ({}, "validation_failed"),
    ],
)
def test_what_is_no_webhook_is_refused(api, body, code):
    answer = api("admin").post("webhooks/", body)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] == code or code == "validation_failed"


def test_a_company_has_so_many_webhooks_and_no_more(api, company):
    with inside(company):
        WebhookEndpoint.objects.bulk_create(WebhookEndpoint(company=company, url=URL) for _number in range(50))
    assert api("admin").post("webhooks/", {"url": URL}).json()["code"] == "too_many_webhooks"


def test_a_webhook_is_changed_by_who_has_seen_it_as_it_is(made):
    program, answer = made
    path, tag = f"webhooks/{answer.json()['id']}/", answer["ETag"]
    assert program.patch(path, {"description": "CRM"}).status_code == 428

    changed = program.patch(path, {"description": "CRM", "events": []}, If_Match=tag)
    assert (changed.status_code, changed.json()["description"], changed.json()["events"]) == (200, "CRM", [])
    assert program.patch(path, {"is_active": False}, If_Match=tag).status_code == 412
    assert program.patch(path, {"is_active": False}, If_Match=changed["ETag"]).json()["is_active"] is False


def test_a_webhook_is_removed_and_its_secrets_with_it(made, company):
    program, answer = made
    path = f"webhooks/{answer.json()['id']}/"
    assert program.delete(path, If_Match='"x"').status_code == 412
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404
    assert program.get("webhooks/").json()["results"] == []
    with inside(company):
        assert not WebhookSecret.objects.for_company(company).exists()


def test_a_secret_is_rotated_and_shown_once(made, company):
    program, answer = made
    path = f"webhooks/{answer.json()['id']}/rotate/"
    rotated = program.post(path, {"hours": 2}, key="r")

    assert rotated.json()["secret"] not in (None, answer.json()["secret"])
    assert program.post(path, {"hours": 2}, key="r").json()["secret"] is None
    assert program.post(path, {"hours": 169}).status_code in (400, 422)
    with inside(company):
        assert WebhookSecret.objects.for_company(company).count() == 2
    program.post(path, {"hours": 0})
    with inside(company):
        assert WebhookSecret.objects.for_company(company).count() == 1


def test_a_ping_and_a_replay_are_on_their_way(made, company):
    program, answer = made
    pinged = program.post(f"webhooks/{answer.json()['id']}/ping/")
    assert (pinged.status_code, pinged.json()["event"], pinged.json()["state"]) == (202, "ping", "waiting")
    path = f"webhook-deliveries/{pinged.json()['id']}/"
    assert program.post(f"{path}replay/").json()["code"] == "delivery_under_way"

    with inside(company):
        WebhookDelivery.objects.for_company(company).update(state="abandoned", next_at=None, error="x", attempts=12)
    again = program.post(f"{path}replay/", key="once")
    assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (202, "waiting", 0)
    shown = program.get(path).json()
    assert (shown["payload"]["message"], shown["log"]) == ("Daybook can reach this webhook.", [])


def test_what_a_webhook_missed_is_sent_once_more(api, company, signed_in):
    endpoint, _secret = listen(company, URL)
    for key in ("1", "2", "3"):
        happen(company, key=key)
    with inside(company):
        rows = WebhookDelivery.objects.for_company(company).order_by("id")
        missed = list(rows.values_list("pk", flat=True)[:2])
        rows.filter(pk__in=missed).update(state="abandoned", next_at=None, error="x", attempts=12)
    answer = api("admin").post(f"webhooks/{endpoint.pk}/replay/")
    assert (answer.status_code, answer.json()) == (202, {"replayed": 2})
    with inside(company):
        assert set(rows.values_list("state", "attempts", "error")) == {("waiting", 0, "")}
        assert rows.exclude(replayed_by="").count() == 2
    act = reverse("jobs:webhook-act", args=[company.slug, endpoint.pk])
    shown = signed_in("owner").post(act, {"act": "replay"}, follow=True).content.decode()
    assert "Sent once more: 0." in shown


def test_deliveries_are_narrowed(api, company):
    first, _secret = listen(company, URL)
    listen(company, URL, events=["invoice.paid"])
    happen(company)
    happen(company, key="2", type="invoice.paid")
    program = api("admin")

    def found(**query):
        return [row["event"] for row in program.get("webhook-deliveries/", **query).json()["results"]]

    assert len(found()) == 3
    assert sorted(found(webhook=str(first.pk))) == ["invoice.paid", "invoice.posted"]
    assert found(event="invoice.posted") == ["invoice.posted"]
    assert found(state="delivered") == []
    assert program.get("webhook-deliveries/", state="asleep").status_code in (400, 422)


def test_who_does_not_manage_the_company_sees_no_webhook(made, company):
    _program, answer = made
    reader = make_api_client(company, "read", "write", "post")
    for path in ("webhooks/", f"webhooks/{answer.json()['id']}/", "webhook-deliveries/"):
        assert reader.get(path).status_code == 403


def test_a_stranger_sees_nothing(made, company, other_company):
    program, answer = made
    pinged = program.post(f"webhooks/{answer.json()['id']}/ping/").json()
    with inside(company):
        mail = send_mail_later(key="k", to=["a@example.com"], subject="S", body_text="T")
    stranger = make_api_client(other_company, "admin")
    for path in (f"webhooks/{answer.json()['id']}/", f"webhook-deliveries/{pinged['id']}/", f"mails/{mail.pk}/"):
        assert stranger.get(path).status_code == 404
    for path in ("webhooks/", "webhook-deliveries/", "mails/"):
        assert stranger.get(path).json()["results"] == []
    assert stranger.post(f"webhook-deliveries/{pinged['id']}/replay/").status_code == 404
    assert stranger.post(f"mails/{mail.pk}/cancel/").status_code == 404


def fill(company, first, last):
    """Webhooks, deliveries and mails from the first number to the last."""
    with inside(company):
        endpoints = WebhookEndpoint.objects.bulk_create(
            WebhookEndpoint(company=company, url=URL) for _number in range(first, last)
        )
        events = WebhookEvent.objects.bulk_create(
            WebhookEvent(company=company, key=f"many:{number}", type="invoice.paid", subject="x")
            for number in range(first, last)
        )
        WebhookDelivery.objects.bulk_create(
            WebhookDelivery(company=company, endpoint=endpoint, event=event)
            for endpoint, event in zip(endpoints, events, strict=True)
        )
        OutboundMail.objects.bulk_create(
            OutboundMail(company=company, key=f"many:{number}", to=["a@example.com"], subject="S", body_text="T")
            for number in range(first, last)
        )


@pytest.mark.parametrize("path", ["webhooks/", "webhook-deliveries/", "mails/"])
def test_a_list_costs_the_same_for_1_20_and_200_rows(api, company, path):
    program, costs = api("admin"), []
    for first, last in ((0, 1), (1, 20), (20, 200)):
        fill(company, first, last)
        program.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert len(program.get(path, page_size=500).json()["results"]) >= last
        costs.append(len(queries))
    assert len(set(costs)) == 1, costs


def test_mails_are_listed_narrowed_shown_cancelled_and_sent_again(api, company):
    about = uuid.uuid4()
    with inside(company):
        mail = send_mail_later(
            key="k", to=["a@example.com"], subject="S", body_text="Text", about="invoice", about_id=about
        )
        send_mail_later(key="l", to=["a@example.com"], subject="S", body_text="T")
    program = api("post")

    (row,) = program.get("mails/", about_id=str(about)).json()["results"]
    assert (row["id"], row["state"], row["to"]) == (str(mail.pk), "waiting", ["a@example.com"])
    assert "body_text" not in row
    assert program.get(f"mails/{mail.pk}/").json()["body_text"] == "Text"
    assert program.post(f"mails/{mail.pk}/retry/").json()["code"] == "nothing_to_send"
    assert program.post(f"mails/{mail.pk}/cancel/", key="c").json()["state"] == "cancelled"
    assert program.post(f"mails/{mail.pk}/cancel/", key="c").json()["state"] == "cancelled"
    assert program.post(f"mails/{mail.pk}/retry/").json()["state"] == "waiting"
    assert api("read").post(f"mails/{mail.pk}/cancel/").status_code == 403
