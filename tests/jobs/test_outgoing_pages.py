"""The pages of webhooks and e-mails, in the browser and in the admin."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.mail import send_mail_later
from jobs.models import OutboundMail, WebhookDelivery, WebhookEndpoint
from tests.jobs.outgoing import delivery_of, happen, inside, listen, mail_of, move
from tests.jobs.test_webhook_api import URL, fill


@pytest.fixture
def page_of(company):
    return lambda name, *args: reverse(f"jobs:{name}", args=[company.slug, *args])


def ask(company, **fields):
    wanted = {"key": "k", "to": ["anna@example.com"], "subject": "Invoice 1", "body_text": "Please pay.", **fields}
    with inside(company):
        return send_mail_later(**wanted)


def secret_in(page):
    return re.search("whsec_[^<]+", page)


def test_a_webhook_is_added_on_its_page_and_its_secret_is_shown_once(signed_in, company, page_of):
    browser = signed_in("controller")
    shown = browser.post(page_of("webhook-new"), {"url": URL, "description": "CRM"}).content.decode()
    assert secret_in(shown)

    with inside(company):
        endpoint = WebhookEndpoint.objects.for_company(company).get()
    again = browser.get(page_of("webhook-detail", endpoint.pk)).content.decode()
    assert "CRM" in again
    assert not secret_in(again)
    assert URL in browser.get(page_of("webhook-list")).content.decode()


def test_a_refused_address_stands_at_its_field(signed_in, page_of):
    answer = signed_in("owner").post(page_of("webhook-new"), {"url": "http://example.com/"})
    assert answer.status_code == 422
    assert "Webhooks go to https:// addresses only." in answer.content.decode()


def test_a_webhook_is_changed_unless_somebody_else_did_meanwhile(signed_in, company, page_of):
    endpoint, _secret = listen(company, URL)
    browser = signed_in("owner")
    form = {"url": URL, "description": "First", "events": ["invoice.paid"], "version": 1}
    assert browser.post(page_of("webhook-edit", endpoint.pk), form).status_code == 302
    stale = browser.post(page_of("webhook-edit", endpoint.pk), {**form, "description": "Second"})

    assert stale.status_code == 409
    assert "Second" in stale.content.decode()
    with inside(company):
        kept = WebhookEndpoint.objects.for_company(company).get()
    assert (kept.description, kept.events) == ("First", ["invoice.paid"])


def test_a_new_secret_is_shown_once(signed_in, company, page_of):
    endpoint, _secret = listen(company, URL)
    browser = signed_in("owner")
    refused = browser.post(page_of("webhook-rotate", endpoint.pk), {"hours": "999"})
    assert refused.status_code == 422
    assert not secret_in(refused.content.decode())

    assert secret_in(browser.post(page_of("webhook-rotate", endpoint.pk), {"hours": "1"}).content.decode())
    assert not secret_in(browser.get(page_of("webhook-detail", endpoint.pk)).content.decode())


def test_a_webhook_is_tried_out_taken_out_of_use_used_again_and_removed(signed_in, company, page_of):
    endpoint, _secret = listen(company, URL)
    browser = signed_in("owner")
    address = page_of("webhook-act", endpoint.pk)
    browser.post(address, {"act": "ping"})
    assert delivery_of(company).event.type == "ping"
    browser.post(address, {"act": "retire"})
    assert delivery_of(company).state == "abandoned"
    shown = browser.post(address, {"act": "ping"}, follow=True).content.decode()
    assert "nothing is sent to it" in shown
    browser.post(address, {"act": "use"})
    with inside(company):
        assert WebhookEndpoint.objects.for_company(company).get().is_active
    browser.post(address, {"act": "remove"})
    assert browser.get(page_of("webhook-detail", endpoint.pk)).status_code == 404
    assert browser.get(page_of("webhook-delivery", delivery_of(company).pk)).status_code == 200


def test_a_delivery_is_replayed_from_its_webhooks_page(signed_in, company, page_of):
    endpoint, _secret = listen(company, URL)
    happen(company, number="INV-1")
    browser, delivery = signed_in("owner"), delivery_of(company)
    replay = page_of("webhook-delivery-replay", delivery.pk)
    assert replay not in browser.get(page_of("webhook-detail", endpoint.pk)).content.decode()

    move(company, WebhookDelivery, state="abandoned", next_at=None, error="It answered 500.", status_code=500)
    shown = browser.get(page_of("webhook-detail", endpoint.pk), {"state": "abandoned"}).content.decode()
    assert replay in shown
    assert "It answered 500." in shown
    shown = browser.post(replay, follow=True).content.decode()
    assert "INV-1" in shown
    assert "Sent once more by" in shown
    assert delivery_of(company).state == "waiting"


@pytest.mark.parametrize("role", ["auditor", "accountant", "clerk"])
def test_who_does_not_manage_the_company_opens_no_page_of_webhooks(signed_in, company, page_of, role):
    endpoint, _secret = listen(company, URL)
    browser = signed_in(role)
    for name, args in (("webhook-list", ()), ("webhook-new", ()), ("webhook-detail", (endpoint.pk,))):
        assert browser.get(page_of(name, *args)).status_code == 403
    assert browser.post(page_of("webhook-act", endpoint.pk), {"act": "remove"}).status_code == 403


def test_mails_are_found_by_state_subject_and_address(signed_in, company, page_of):
    ask(company)
    ask(company, key="l", subject="Reminder", to=["ben@example.com"])
    browser = signed_in("auditor")

    def found(**query):
        page = browser.get(page_of("mail-list"), query).content.decode()
        return ["Invoice 1" in page, "Reminder" in page]

    assert found() == [True, True]
    assert found(text="remind") == [False, True]
    assert found(text="anna@") == [True, False]
    assert found(state="sent") == [False, False]
    assert found(text="\x00") == [False, False]


def test_a_mail_is_cancelled_and_sent_again_by_who_may(signed_in, company, page_of):
    mail = ask(company)
    cancel, retry = page_of("mail-cancel", mail.pk), page_of("mail-retry", mail.pk)
    browser = signed_in("auditor")
    assert cancel not in browser.get(page_of("mail-detail", mail.pk)).content.decode()
    assert browser.post(cancel).status_code == 403

    browser = signed_in("clerk")
    assert "The e-mail is cancelled." in browser.post(cancel, follow=True).content.decode()
    assert mail_of(company).state == "cancelled"
    move(company, OutboundMail, state="unknown", error="The connection broke")
    shown = browser.get(page_of("mail-detail", mail.pk)).content.decode()
    assert "Somebody may get it twice" in shown
    browser.post(retry)
    assert mail_of(company).state == "waiting"
    assert "goes out by itself" in browser.post(retry, follow=True).content.decode()


def test_the_list_says_that_there_is_no_mail_server(signed_in, page_of, settings):
    settings.EMAIL_IS_SET_UP = False
    assert "No mail server is set up" in signed_in("auditor").get(page_of("mail-list")).content.decode()


def test_a_page_costs_the_same_for_1_20_and_200_rows(signed_in, company, page_of):
    browser = signed_in("owner")
    endpoint, _secret = listen(company, URL)
    addresses = page_of("webhook-list"), page_of("mail-list"), page_of("webhook-detail", endpoint.pk)
    costs = {address: [] for address in addresses}
    for first, last in ((0, 1), (1, 20), (20, 200)):
        fill(company, first, last)
        move(company, WebhookDelivery, endpoint=endpoint)
        for address, counts in costs.items():
            browser.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address).status_code == 200
            counts.append(len(queries))
    assert all(len(set(counts)) == 1 for counts in costs.values()), costs


def test_the_admin_looks_and_sends_again(signed_in, company, page_of):
    endpoint, secret = listen(company, URL)
    happen(company)
    mail = ask(company)
    move(company, WebhookDelivery, state="abandoned", next_at=None, error="x")
    move(company, OutboundMail, state="abandoned", next_at=None, error="x")
    browser = signed_in("owner")
    browser.get(page_of("mail-list"))
    delivery = delivery_of(company)
    for model, row in (("webhookendpoint", endpoint), ("webhookdelivery", delivery), ("outboundmail", mail)):
        assert browser.get(reverse(f"admin:jobs_{model}_changelist"), {"q": "a"}).status_code == 200
        page = browser.get(reverse(f"admin:jobs_{model}_change", args=[row.pk])).content.decode()
        assert secret not in page
        assert "claim" not in page

    for model, act, row in (
        ("webhookdelivery", "replay_deliveries", delivery),
        ("outboundmail", "send_again", mail),
        ("outboundmail", "cancel", mail),
    ):
        chosen = {"action": act, "_selected_action": [str(row.pk)]}
        assert browser.post(reverse(f"admin:jobs_{model}_changelist"), chosen).status_code == 302
    assert delivery_of(company).state == "waiting"
    assert mail_of(company).state == "cancelled"
