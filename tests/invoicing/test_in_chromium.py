"""Documents and payments in a real browser: the policy holds, axe finds nothing, the keyboard suffices."""

import datetime
from decimal import Decimal

import pytest

from accounting.items import add_item
from accounting.models import PaymentTerms, TermsInstalment
from invoicing.approving import submit_document
from invoicing.crediting import credit_document
from invoicing.document_posting import post_document
from invoicing.models import Document
from invoicing.payment_posting import post_payment
from invoicing.payments import PartContent, PaymentContent, save_payment
from tenants.approvals import set_rule
from tests.books import DAY
from tests.conftest import make_member
from tests.invoicing.papers import add_tax, customer, draft, line, posted, supplier
from tests.pages.browser import WIDE, browsing, check, serving
from tests.pages.conftest import inside

pytestmark = pytest.mark.pages
D = Decimal


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def fill(company):
    """Invoices in every state, a bill that waits, a credit note, payments of each kind."""
    with inside(company):
        add_tax("V20", "20")
        add_tax("P20", "20", "purchases")
        terms = PaymentTerms.objects.create(
            company=company, code="2X", name="Half now, half in a month", discount_percent=2, discount_days=10
        )
        for number in (0, 1):
            TermsInstalment.objects.create(company=company, terms=terms, number=number + 1, percent=50, months=number)
        add_item(code="HOUR", name="Consulting", description="Consulting by the hour", unit="HUR", sale_price=D("120"))
        buyer, other = customer("Adatum Trading and Shipping Company Ltd"), customer("Fabrikam")
        seller = supplier("Contoso Paper")
        first = posted(
            buyer, line("120.00", "7.5", "V20", description="Consulting by the hour", unit="HUR"),
            line("49.90", "2", "V20", description="Travel to the harbour and back, two persons", discount_percent=D(10)),
            terms="2X", reference="PO 4711",
        )  # fmt: skip
        posted(other, line("1250.00", tax="V20"), date=datetime.date.today())
        paid = posted(other, line("80.00", tax="V20"))
        post_payment(
            save_payment(
                PaymentContent(
                    "in", "customer", other.pk, DAY, D(120), reference="Statement 3",
                    parts=[PartContent(document=paid.pk, amount=D(96))],
                )
            ).pk
        )  # fmt: skip
        post_document(credit_document(first.pk, date=DAY, reason="One hour less",
                                      quantities={first.lines.filter(company=company).order_by("number")[0].pk: D(1)}).pk)  # fmt: skip
        kept = draft(buyer, line("10.00", tax="V20"))
        set_rule("bill", minimum=D(500))
        waiting = draft(seller, line("640.00", tax="P20"), reference="R-2026-17")
        submit_document(waiting.pk)
        payment = save_payment(PaymentContent("out", "supplier", seller.pk, DAY, D(50)))
        quote = draft(buyer, line("900.00", tax="V20"), kind="quote")
    return first, paid, kept, waiting, payment, quote


def test_every_page_keeps_the_policy_and_is_accessible(committed_company):
    walk_documents(committed_company, WIDE)


def walk_documents(company, window):
    """Every page of documents and payments, empty and full."""
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        for path in ("invoices/", "payments/"):
            page.goto(f"/c/{company.slug}/{path}")
            check(page, f"empty {path}")
        first, paid, kept, waiting, payment, quote = fill(company)
        paths = [
            "invoices/", "invoices/?state=overdue", "bills/", "credit-notes/", "quotes/", "purchase-orders/",
            "invoices/new/", "bills/new/", f"documents/{first.pk}/", f"documents/{paid.pk}/", f"documents/{kept.pk}/",
            f"documents/{kept.pk}/edit/", f"documents/{waiting.pk}/", f"documents/{quote.pk}/",
            f"documents/{first.pk}/credit/", "payments/", "payments/new/", f"payments/new/?document={first.pk}",
            f"payments/{payment.pk}/", f"payments/{payment.pk}/edit/",
        ]  # fmt: skip
        for path in paths:
            page.goto(f"/c/{company.slug}/{path}")
            page.wait_for_load_state("networkidle")
            check(page, path)
        assert page.problems == []


def test_an_invoice_is_written_without_a_mouse(committed_company):
    company = committed_company
    with inside(company):
        add_tax("V20", "20")
        customer()
        add_item(code="HOUR", name="Consulting", unit="HUR", sale_price=D("120"))
    with serving() as url, browsing(url, make_member(company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{company.slug}/invoices/new/")
        assert page.evaluate("document.activeElement.name") == "contact"
        page.keyboard.type("C00001")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.name") == "line_item"
        page.keyboard.type("HOUR")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.value") == "Consulting"
        page.keyboard.press("Enter")
        page.keyboard.press("Control+A")
        page.keyboard.type("2.5")
        page.keyboard.press("Tab")
        page.locator("#totals .total", has_text="300.00").wait_for()
        page.locator("[data-amount]", has_text="300.00").wait_for()
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/documents/**")
        assert "INV-2026-00001" in page.content()
        assert page.problems == []
    with inside(company):
        assert Document.objects.for_company(company).get().total == 300


def test_what_is_open_is_shared_out_over_the_amount(committed_company):
    company = committed_company
    with inside(company):
        buyer = customer()
        first = posted(buyer, line("100.00"))
        second = posted(buyer, line("50.00"))
    with serving() as url, browsing(url, make_member(company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{company.slug}/payments/new/?contact={buyer.code}")
        page.fill("[name=amount]", "120")
        page.click("[data-fill]")
        assert page.input_value(f"[name='amount-{first.pk}']") == "100.00"
        assert page.input_value(f"[name='amount-{second.pk}']") == "20.00"
        page.click("button.primary")
        page.wait_for_url("**/payments/**")
        assert "RCT-2026-00001" in page.content() and page.problems == []
