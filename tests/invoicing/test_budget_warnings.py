"""A bill that goes past a plan is posted, and whoever posts it is told, on the page and in the API's answer."""

from decimal import Decimal

import pytest
from django.urls import reverse

from ledger.models import Budget
from tests.constitution.raw import system_scope
from tests.invoicing.papers import draft, line, supplier
from tests.ledger.budget_books import a_budget, planned


@pytest.fixture
def books(company):
    with system_scope(company):
        a_budget(*planned("40.00", "30.00", "10.00", "5.00", account="5000"), control=Budget.Control.WARN)
    return company


def a_bill(company, price, reference="R-1"):
    with system_scope(company):
        return draft(supplier(f"Rent {reference}"), line(price, account="5000"), reference=reference)


def test_posted_again_it_says_nothing_of_what_others_have_spent_since(books, api):
    client, first, second = api("read", "write", "post"), a_bill(books, "20.00"), a_bill(books, "200.00", "R-2")
    for bill in (first, second):
        assert client.post(f"bills/{bill.pk}/post/", {}).status_code == 200
    again = client.post(f"bills/{first.pk}/post/", {})
    assert again.status_code == 200 and "warnings" not in again.json()


@pytest.mark.parametrize(("price", "codes"), [("20.00", []), ("200.00", ["budget_passed"])])
def test_a_program_is_told_which_plan_its_bill_goes_past(books, api, price, codes):
    bill = a_bill(books, price)
    answer = api("read", "write", "post").post(f"bills/{bill.pk}/post/", {})
    assert answer.status_code == 200 and answer.json()["state"] == "posted"
    assert [one["code"] for one in answer.json().get("warnings", [])] == codes
    if codes:
        assert Decimal(answer.json()["warnings"][0]["actual"]) == Decimal(price)


def test_a_person_is_told_on_the_next_page(books, signed_in):
    bill = a_bill(books, "200.00")
    page = reverse("invoicing:document-detail", args=[books.slug, bill.pk])
    client = signed_in("controller")
    act = reverse("invoicing:document-act", args=[books.slug, bill.pk])
    assert client.post(act, {"act": "post", "version": bill.version}).status_code == 302
    said = client.get(page).content.decode()
    assert "is posted." in said and "Plan" in said and "message warning" in said
    with system_scope(books):
        bill.refresh_from_db()
        assert bill.state == "posted"
