"""The pages of webhooks and e-mails in a real browser: the policy holds, axe finds nothing, the keyboard suffices."""

import pytest

from jobs.mail import send_mail_later
from jobs.models import WebhookAttempt, WebhookDelivery
from tests.conftest import make_member
from tests.jobs.outgoing import delivery_of, happen, inside, listen, move
from tests.jobs.test_webhook_api import URL
from tests.pages.browser import WIDE, browsing, check, serving

pytestmark = pytest.mark.pages


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def fill(company):
    """A webhook that failed, one without a word to say, a mail that was perhaps sent; their addresses."""
    endpoint, _secret = listen(company, URL + "/" + "long-path-" * 12, description="The customer portal")
    quiet, _secret = listen(company, URL, events=["invoice.paid", "payment.posted"])
    happen(company, number="INV-2026-0001", total="1190.00", currency="EUR")
    move(company, WebhookDelivery, state="abandoned", next_at=None, error="It answered 500.", status_code=500)
    delivery = delivery_of(company)
    with inside(company):
        WebhookAttempt.objects.create(
            company=company, delivery=delivery, number=1, url=endpoint.url, status_code=500, error="It answered 500.",
            excerpt="<html>" + "x" * 300, milliseconds=120,
        )  # fmt: skip
        mail = send_mail_later(
            key="k", to=["anna.accountant@customer.example.com"], cc=["ben@example.com"], subject="Invoice INV-2026-0001",
            body_text="Dear Anna,\n\nplease pay.", about="invoice", about_id=company.pk,
        )  # fmt: skip
        mail.__class__.objects.for_company(company).update(
            state="unknown", next_at=None, error="The connection broke before the mail server confirmed it: timed out."
        )
    return [
        "webhooks/", "webhooks/new/", f"webhooks/{endpoint.pk}/", f"webhooks/{endpoint.pk}/edit/",
        f"webhooks/{quiet.pk}/", f"webhook-deliveries/{delivery.pk}/", "mails/", "mails/?state=sent",
        f"mails/{mail.pk}/",
    ]  # fmt: skip


def test_every_page_of_webhooks_and_mails_keeps_the_policy_and_is_accessible(committed_company):
    walk_outgoing(committed_company, WIDE)


def walk_outgoing(company, window):
    """Every page, empty and filled."""
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        for path in ("webhooks/", "mails/"):
            page.goto(f"/c/{company.slug}/{path}")
            check(page, f"no {path}")
        for path in fill(company):
            page.goto(f"/c/{company.slug}/{path}")
            check(page, path)
        assert page.problems == []


def test_a_webhook_is_added_with_the_keyboard_and_gets_a_new_secret(committed_company):
    with serving() as url, browsing(url, make_member(committed_company, "owner"), **WIDE) as page:
        page.goto(f"/c/{committed_company.slug}/webhooks/new/")
        page.get_by_label("Address").fill("http://portal.example.com/")
        page.keyboard.press("Enter")
        page.wait_for_selector(".message.error")
        check(page, "refused")
        page.get_by_label("Address").fill("https://portal.example.com/in")
        page.get_by_label("invoice.paid").check()
        page.keyboard.press("Enter")
        first = page.wait_for_selector("code.secret").text_content()
        check(page, "added")
        page.get_by_role("button", name="New secret").click()
        page.get_by_label("Hours that the old secret stays valid").fill("1")
        page.keyboard.press("Enter")
        page.wait_for_function("first => document.querySelector('code.secret').textContent !== first", arg=first)
        check(page, "rotated")
        page.get_by_role("link", name="Webhooks").first.click()
        page.wait_for_selector("td:has-text('invoice.paid')")
        page.get_by_role("link", name="https://portal.example.com/in").click()
        page.get_by_role("button", name="Send a test event").click()
        page.wait_for_selector("td:has-text('Waiting')")
        check(page, "pinged")
    assert delivery_of(committed_company).event.type == "ping"
