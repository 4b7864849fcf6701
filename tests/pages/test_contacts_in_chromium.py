"""The pages of contacts in a real browser: the policy holds, axe finds nothing, dialogs work with the keyboard."""

import pytest

from accounting.contact_bank_accounts import propose_bank_account
from accounting.contact_merging import merge_contact
from accounting.contacts import add_contact
from accounting.models import Contact
from tests.conftest import make_member
from tests.pages.browser import WIDE, browsing, check, serving
from tests.pages.conftest import inside

pytestmark = pytest.mark.pages


@pytest.fixture(autouse=True)
def playwright_runs_a_loop(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def fill(company):
    """A customer with everything, a twin, and one that was merged into it."""
    with inside(company):
        one = add_contact(
            name="Fabrikam Ltd", is_customer=True, is_supplier=True, country="GB", tax_number="GB 980 7806 84",
            email="office@fabrikam.example", phone="+44 20 7946 0000", notes="Pays late.\nRing first.",
            addresses=[{"street": "1 Quay St", "postal_code": "BS1 4XX", "city": "Bristol", "country": "GB"}],
        )  # fmt: skip
        propose_bank_account(one.pk, iban="GB82 WEST 1234 5698 7654 32")
        add_contact(name="Fabrikam", is_customer=True)
        merged = add_contact(name="Fabricam", is_customer=True)
        merge_contact(merged.pk, one.pk, reason="misspelt")
    return one, merged


def test_every_page_of_contacts_keeps_the_policy_and_is_accessible(committed_company):
    walk_contacts(committed_company, WIDE)


def walk_contacts(company, window):
    """Every page of contacts, empty, filled and refused."""
    with serving() as url, browsing(url, make_member(company, "owner"), **window) as page:
        page.goto(f"/c/{company.slug}/contacts/")
        check(page, "empty")
        one, merged = fill(company)
        for path in ("contacts/", "contacts/?kind=supplier&text=nobody", "contacts/twins/", "contacts/new/",
                     f"contacts/{one.pk}/", f"contacts/{one.pk}/edit/", f"contacts/{merged.pk}/"):  # fmt: skip
            page.goto(f"/c/{company.slug}/{path}")
            check(page, path)
        page.goto(f"/c/{company.slug}/contacts/new/")
        page.get_by_label("Name").fill("Adatum")
        page.get_by_label("Country").first.fill("DE")
        page.get_by_label("Tax number").fill("DE1")
        page.get_by_role("button", name="Add the contact").click()
        page.wait_for_selector(".message.error")
        check(page, "refused")
        assert [text for text in page.problems if "422" not in text] == []


def test_a_contact_is_merged_with_the_keyboard_and_the_refusal_stands_in_the_page(committed_company):
    one, _merged = fill(committed_company)
    with serving() as url, browsing(url, make_member(committed_company, "accountant"), **WIDE) as page:
        page.goto(f"/c/{committed_company.slug}/contacts/{one.pk}/")
        page.get_by_role("button", name="Merge").first.press("Enter")
        into = page.get_by_label("Number of the contact that stays")
        into.fill("C77777")
        into.press("Enter")
        page.wait_for_selector("text=There is no contact of this number")
        check(page, "merge refused")
        into = page.get_by_label("Number of the contact that stays")
        assert into.input_value() == "C77777"
        into.fill("C00002")
        into.press("Enter")
        page.wait_for_selector("text=stands for both from now on")
    with inside(committed_company):
        assert Contact.objects.for_company(committed_company).get(pk=one.pk).merged_into_id
