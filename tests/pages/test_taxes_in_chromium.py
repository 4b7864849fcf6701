"""The pages of taxes in a real browser: the policy holds, axe finds nothing, a tax is typed and a template installed."""

import datetime

import pytest

from accounting.fiscal_positions import add_position
from accounting.models import Account, TaxCode
from accounting.tax_boxes import add_box
from accounting.tax_installation import install_taxes
from accounting.taxes import add_tax
from tests.conftest import make_member
from tests.pages.browser import WIDE, browsing, check, serving
from tests.pages.conftest import inside

pytestmark = pytest.mark.pages


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def name_roles(company):
    """Tell where taxes stand, as every shipped chart does."""
    rows = Account.objects.for_company(company)
    rows.filter(code="2100").update(role="tax_payable")
    rows.filter(code="1500").update(role="tax_receivable")


def fill(company):
    """The taxes of a template, one of them out of use, and a position with everything."""
    with inside(company):
        name_roles(company)
        taxes = {tax.code: tax for tax in install_taxes("generic").taxes}
        accounts = {account.code: account for account in Account.objects.for_company(company)}
        past, long = datetime.date(2001, 1, 1), "A tax with a long name, as it stands on documents of the company"
        old = add_tax(code="OLD", name=long, use="sales", account=accounts["2100"], rates=[(past, 15)], is_active=False)
        box = add_box(code="OTHER", name="Typed by hand")
        position = add_position(
            name="Union", countries=["DE", "FR"], who="business", note="Reverse charge", number=3,
            taxes=[(taxes["STD"], taxes["EXPORT"]), (taxes["RED"], None)],
            accounts=[(accounts["4000"], accounts["5000"])],
        )  # fmt: skip
    return taxes, old, box, position


def test_every_page_of_taxes_keeps_the_policy_and_is_accessible(committed_company):
    walk_taxes(committed_company, WIDE)


def walk_taxes(company, window):
    """Every page of taxes, empty, filled and refused."""
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        for path in ("taxes/", "tax-boxes/", "fiscal-positions/"):
            page.goto(f"/c/{company.slug}/{path}")
            check(page, f"empty {path}")
        taxes, old, box, position = fill(company)
        for path in ("taxes/", "taxes/?state=all&text=nothing", "taxes/new/", "taxes/new/?kind=group",
                     f"taxes/{taxes['HALF-P'].pk}/", f"taxes/{taxes['RC'].pk}/", f"taxes/{taxes['LEVIED'].pk}/",
                     f"taxes/{old.pk}/", f"taxes/{taxes['STD'].pk}/edit/", f"taxes/{taxes['LEVIED'].pk}/edit/",
                     "tax-boxes/", "tax-boxes/new/", f"tax-boxes/{box.pk}/edit/", "fiscal-positions/",
                     "fiscal-positions/new/", f"fiscal-positions/{position.pk}/edit/"):  # fmt: skip
            page.goto(f"/c/{company.slug}/{path}")
            check(page, path)
        assert page.problems == []


def test_a_tax_is_typed_and_what_is_refused_stands_at_its_field(committed_company):
    with serving() as url, browsing(url, make_member(committed_company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{committed_company.slug}/taxes/new/")
        page.get_by_label("Code", exact=False).first.fill("VAT20")
        page.get_by_label("Name").first.fill("VAT")
        page.get_by_label("From of row 1").fill("2011-01-04")
        page.get_by_label("Percent of row 1").fill("120")
        page.get_by_role("button", name="Add the tax").click()
        page.wait_for_selector(".message.error")
        check(page, "refused")
        page.get_by_label("Percent of row 1").fill("20")
        page.get_by_label("Tax account").select_option(label="2100 VAT payable")
        page.get_by_role("button", name="Add the tax").press("Enter")
        page.wait_for_selector("text=VAT20 VAT is saved")
        check(page, "saved")
        assert [text for text in page.problems if "422" not in text] == []
    with inside(committed_company):
        assert TaxCode.objects.for_company(committed_company).get().account.code == "2100"


def test_a_template_is_installed_from_the_empty_list(committed_company):
    with inside(committed_company):
        name_roles(committed_company)
    with serving() as url, browsing(url, make_member(committed_company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{committed_company.slug}/taxes/")
        page.get_by_role("button", name="Install a template").press("Enter")
        page.get_by_label("Template").select_option("generic")
        page.get_by_role("button", name="Install", exact=True).press("Enter")
        page.wait_for_selector("text=fiscal positions are there")
