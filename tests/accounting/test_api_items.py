"""Items by the API: added, changed with their ETag, found, deleted while nobody uses them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.items import add_item
from accounting.models import TaxCode
from tests.conftest import make_member
from tests.constitution.raw import system_scope


@pytest.fixture
def office(api):
    return api("write")


@pytest.fixture
def tax(company):
    with system_scope(company):
        return TaxCode.objects.create(company=company, code="S20", name="VAT 20 %", use="sales")


def test_an_item_is_added_changed_and_deleted(office, tax):
    body = {
        "code": "HOUR", "name": "Consulting", "description": "By the hour", "unit": "HUR", "sale_price": "120.50",
        "currency": "USD", "income_account": "4000", "expense_account": "5000", "sales_tax": str(tax.pk),
    }  # fmt: skip
    made = office.post("items/", body, key="hour")
    assert made.status_code == 201, made.json()
    item = made.json()
    assert (item["sale_price"], item["purchase_price"], item["income_account"]) == ("120.5", None, "4000")
    assert (item["expense_account"], item["sales_tax"], item["purchase_tax"]) == ("5000", "S20", None)
    assert office.post("items/", body, key="hour").json() == item

    path = f"items/{item['id']}/"
    tag = office.get(path)["ETag"]
    assert office.patch(path, {"name": "Advice"}).status_code == 428
    changes = {"name": "Advice", "sale_price": "0.000000000001", "sales_tax": None, "income_account": None}
    changed = office.patch(path, changes, **{"If-Match": tag}).json()
    assert (changed["name"], changed["sale_price"], changed["sales_tax"]) == ("Advice", "0.000000000001", None)
    assert office.patch(path, {"name": "Help"}, **{"If-Match": tag}).status_code == 412
    assert office.delete(path, **{"If-Match": tag}).status_code == 412
    assert office.delete(path).status_code == 204
    assert office.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"name": ""}, "blank", "name"),
        ({"shoe_size": 43}, "unknown_field", "shoe_size"),
        ({"unit": "hur"}, "invalid_item", "unit"),
        ({"sale_price": "1e3"}, "bad_amount", "sale_price"),
        ({"sale_price": "-1"}, "invalid_item", "sale_price"),
        ({"income_account": "9999"}, "unknown_account", "income_account"),
        ({"income_account": "5000"}, "invalid_item", "income_account"),
        ({"sales_tax": "S99"}, "unknown_tax", "sales_tax"),
        ({"purchase_tax": "S20"}, "invalid_item", "purchase_tax"),
        ({"currency": "XXX"}, "invalid_item", "currency"),
    ],
)
def test_a_wrong_item_is_refused_with_its_place(office, tax, body, code, place):
    answer = office.post("items/", {"code": "X", "name": "X", **body})
    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (422, code, place)


def test_a_code_is_given_once(office):
    office.post("items/", {"code": "X", "name": "X"})
    again = office.post("items/", {"code": "X", "name": "Y"})
    assert (again.status_code, again.json()["code"], again.json()["place"]) == (422, "item_code_taken", "code")


def test_items_are_found_by_text_and_by_whether_they_are_in_use(office):
    for code, name, used in (("B", "Bolt", True), ("A", "Anvil", True), ("C", "Clamp", False)):
        office.post("items/", {"code": code, "name": name, "description": f"a {name}", "is_active": used})
    codes = lambda query: [one["code"] for one in office.get(f"items/?{query}").json()["results"]]  # noqa: E731
    assert codes("") == ["A", "B", "C"]
    assert codes("ordering=-name") == ["C", "B", "A"]
    assert codes("is_active=true") == ["A", "B"]
    assert codes("search=a clamp") == ["C"]
    assert office.get("items/?is_active=maybe").status_code == 400


def test_a_clerk_keeps_items_and_who_only_reads_or_approves_does_not(company, client):
    url = f"/api/v1/companies/{company.slug}/items/"
    for role, status in (("clerk", 201), ("auditor", 403), ("approver", 403)):
        client.force_login(make_member(company, role), "django.contrib.auth.backends.ModelBackend")
        assert client.get(url).status_code == 200
        answer = client.post(url, {"code": role, "name": "x"}, content_type="application/json")
        assert answer.status_code == status


def test_the_list_costs_the_same_for_1_20_and_200_items(office, company, tax):
    counts, have = [], 0
    office.get("items/")
    for upto in (1, 20, 200):
        with system_scope(company):
            for number in range(have, upto):
                add_item(code=f"I{number:03}", name="Item", sales_tax=tax)
        have = upto
        with CaptureQueriesContext(connection) as queries:
            assert office.get("items/?page_size=200").status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts
