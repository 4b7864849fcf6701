"""Orders, deliveries, bills beside their order and what is set off, in a real browser: policy, axe, a phone's width."""

from decimal import Decimal

import pytest

from invoicing.converting import convert_document
from invoicing.document_attachments import attach_to_document
from invoicing.invoicing_settings import change_settings
from invoicing.models import DocumentLine
from invoicing.receiving import receive
from tests.books import DAY
from tests.conftest import make_member
from tests.constitution.raw import system_scope
from tests.invoicing.papers import customer, draft, line, posted, supplier
from tests.invoicing.test_payments import paid
from tests.pages.browser import WIDE, browsing, check, serving

pytestmark = pytest.mark.pages


@pytest.fixture(autouse=True)
def prepared(monkeypatch, settings, tmp_path):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    settings.MEDIA_ROOT = str(tmp_path)


def made(company):
    """An order of which something arrived, its bill, a payment on account; the addresses of their pages."""
    with system_scope(company):
        change_settings(match_bills="receipt")
        rows = [line("120.00", "12", account="5000", description="Office chairs, black, with arms"),
                line("9.90", "40", account="5000", description="Cable ties")]  # fmt: skip
        order = draft(supplier("Fabrikam Furniture Ltd"), *rows, kind="purchase_order")
        lines = list(DocumentLine.objects.for_company(company).filter(document=order).order_by("number"))
        receive(order.pk, date=DAY, quantities={lines[0].pk: Decimal(8), lines[1].pk: Decimal(40)}, reference="DN 4711")
        bill = convert_document(order.pk, date=DAY)
        receive(order.pk, date=DAY, quantities={lines[0].pk: Decimal(-1)})
        attach_to_document(bill.pk, "delivery-note-4711.pdf", b"%PDF-1.7 delivered")
        buyer = customer()
        payment, _one, _two = paid(buyer, "70.00"), posted(buyer, line("50.00")), posted(buyer, line("50.00"))
    return {
        "order": f"documents/{order.pk}/", "delivery": f"documents/{order.pk}/receive/",
        "bill": f"documents/{bill.pk}/", "set off": f"credits/{payment.pk}/apply/",
        "orders": "purchase-orders/", "settings": "invoicing-settings/",
    }  # fmt: skip


def walk(company, window):
    pages = made(company)
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        for name, path in pages.items():
            page.goto(f"/c/{company.slug}/{path}")
            check(page, name)
        assert page.problems == []


def test_orders_and_what_is_set_off_keep_the_policy_and_are_accessible(committed_company):
    walk(committed_company, WIDE)


def test_a_delivery_is_entered_with_the_keyboard(committed_company):
    pages = made(committed_company)
    with serving() as url, browsing(url, make_member(committed_company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{committed_company.slug}/{pages['delivery']}")
        page.get_by_label("Delivery note").fill("DN 4712")
        page.get_by_label("How much of Office chairs, black, with arms arrived").fill("99999999999999999999")
        page.keyboard.press("Enter")
        page.wait_for_selector(".message.error, .errors")
        check(page, "refused delivery")
        page.get_by_label("How much of Office chairs, black, with arms arrived").fill("5")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=DN 4712")
        check(page, "delivered")
