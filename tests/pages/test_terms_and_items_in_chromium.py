"""The pages of payment terms and items in a real browser: the policy holds, axe finds nothing, the keyboard suffices."""

from decimal import Decimal

import pytest

from accounting.contacts import add_contact
from accounting.items import add_item
from accounting.models import Account, FiscalPosition, Item, PaymentTerms, TaxCode, TermsInstalment
from accounting.payment_terms import add_terms
from tests.conftest import make_member
from tests.pages.browser import WIDE, browsing, check, serving
from tests.pages.conftest import inside

pytestmark = pytest.mark.pages


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def fill(company):
    """Terms in three instalments, one item with everything and one without, a contact with all defaults."""
    third, rest = Decimal("33.333333"), Decimal("33.333334")
    with inside(company):
        terms = add_terms(
            code="THIRDS", name="In three instalments, each at the end of its month", discount_percent=Decimal(2),
            discount_days=10,
            instalments=[{"percent": third}, {"percent": third, "months": 1, "day_of_month": 31},
                         {"percent": rest, "months": 2, "day_of_month": 31}],
        )  # fmt: skip
        sales = TaxCode.objects.create(company=company, code="S20", name="VAT 20 %", use="sales")
        bought = TaxCode.objects.create(company=company, code="P20", name="VAT 20 %", use="purchases")
        accounts = {one.code: one for one in Account.objects.for_company(company)}
        item = add_item(
            code="CONSULTING-SENIOR", name="Consulting by a senior adviser", unit="HUR", sale_price=Decimal("180.00"),
            purchase_price=Decimal("95.125"), currency="USD", description="By the hour.\nTravel is charged apart.",
            income_account=accounts["4000"], expense_account=accounts["5000"], sales_tax=sales, purchase_tax=bought,
        )  # fmt: skip
        add_item(code="OLD", name="Fax service", is_active=False)
        contact = add_contact(
            name="Fabrikam Ltd", is_customer=True, is_supplier=True, sales_tax=sales, purchase_tax=bought,
            customer_terms=terms, supplier_terms=terms, income_account=accounts["4000"],
            fiscal_position=FiscalPosition.objects.create(company=company, name="Customers abroad"),
        )  # fmt: skip
    return terms, item, contact


def test_every_page_of_terms_and_items_keeps_the_policy_and_is_accessible(committed_company):
    walk_terms_and_items(committed_company, WIDE)


def walk_terms_and_items(company, window):
    """Every page of payment terms and items, and of a contact with all that it may offer."""
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        page.goto(f"/c/{company.slug}/items/")
        check(page, "no items")
        terms, item, contact = fill(company)
        paths = ["payment-terms/", "payment-terms/new/", f"payment-terms/{terms.pk}/", f"payment-terms/{terms.pk}/edit/",
                 "items/", "items/?state=all", "items/?text=nobody", "items/new/", f"items/{item.pk}/",
                 f"items/{item.pk}/edit/", f"contacts/{contact.pk}/", f"contacts/{contact.pk}/edit/"]  # fmt: skip
        for path in paths:
            page.goto(f"/c/{company.slug}/{path}")
            check(page, path)
        assert page.problems == []


def test_terms_are_typed_with_the_keyboard_and_a_refusal_stands_at_its_instalment(committed_company):
    with serving() as url, browsing(url, make_member(committed_company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{committed_company.slug}/payment-terms/new/")
        page.get_by_label("Code").fill("HALVES")
        page.get_by_label("Name").fill("In two halves")
        page.get_by_label("Percent of instalment 1").fill("50")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type("14")
        page.get_by_label("Percent of instalment 2").fill("5O")
        page.keyboard.press("Enter")
        page.wait_for_selector(".message.error")
        check(page, "refused")
        wrong = page.get_by_label("Percent of instalment 2")
        assert (wrong.input_value(), wrong.get_attribute("aria-invalid")) == ("5O", "true")
        wrong.fill("50")
        wrong.press("Enter")
        page.wait_for_selector("text=50 % after 14 days")
    with inside(committed_company):
        terms = PaymentTerms.objects.for_company(committed_company).get(code="HALVES")
        assert TermsInstalment.objects.for_company(committed_company).filter(terms=terms).count() == 2


def test_an_item_is_typed_and_a_refusal_stands_at_its_field(committed_company):
    with serving() as url, browsing(url, make_member(committed_company, "clerk"), **WIDE) as page:
        page.goto(f"/c/{committed_company.slug}/items/new/")
        page.get_by_label("Code").fill("HOUR")
        page.get_by_label("Name").fill("Consulting")
        page.get_by_label("Sale price").fill("12,5x")
        page.keyboard.press("Enter")
        page.wait_for_selector(".message.error")
        check(page, "refused")
        price = page.get_by_label("Sale price")
        assert price.input_value() == "12,5x"
        price.fill("120.50")
        page.get_by_label("Income account").select_option(label="4000 Sales")
        page.get_by_role("button", name="Add the item").click()
        page.wait_for_selector("text=120.50")
    with inside(committed_company):
        assert Item.objects.for_company(committed_company).get().income_account.code == "4000"
