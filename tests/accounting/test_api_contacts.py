"""Contacts by the API: added, changed with their ETag, found, merged, and paid where two people agree."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.contacts import add_contact
from accounting.models import FiscalPosition, PaymentTerms, TaxCode
from tests.conftest import make_member
from tests.constitution.raw import system_scope

IBAN = "DE89370400440532013000"


@pytest.fixture
def office(api):
    return api("write", "admin")


def test_a_contact_is_added_changed_and_deleted(office):
    body = {
        "name": "Adatum", "is_customer": True, "country": "DE", "tax_number": "DE 136 695 976", "credit_limit": "5000.00",
        "income_account": "4000", "addresses": [{"street": "Hauptstr. 1", "postal_code": "10115", "city": "Berlin"}],
    }  # fmt: skip
    made = office.post("contacts/", body, key="adatum")
    assert made.status_code == 201, made.json()
    contact = made.json()
    assert (contact["code"], contact["tax_number"], contact["income_account"]) == ("C00001", "DE136695976", "4000")
    assert contact["addresses"][0]["city"] == "Berlin"
    assert office.post("contacts/", body, key="adatum").json() == contact

    path = f"contacts/{contact['id']}/"
    tag = office.get(path)["ETag"]
    assert office.patch(path, {"name": "Adatum AG"}).status_code == 428
    changed = office.patch(path, {"name": "Adatum AG", "credit_limit": None}, **{"If-Match": tag})
    assert (changed.json()["name"], changed.json()["credit_limit"]) == ("Adatum AG", None)
    assert office.patch(path, {"name": "Adatum SE"}, **{"If-Match": tag}).status_code == 412
    assert office.delete(path).status_code == 204
    assert office.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({}, "required", "name"),
        ({"name": "x", "shoe_size": 43}, "unknown_field", "shoe_size"),
        ({"name": "x", "country": "DE", "tax_number": "DE136695977"}, "invalid_tax_number", "tax_number"),
        ({"name": "x", "income_account": "9999"}, "unknown_account", "income_account"),
        ({"name": "x", "sales_tax": "S99"}, "unknown_tax", "sales_tax"),
        ({"name": "x", "customer_terms": "NET99"}, "unknown_payment_terms", "customer_terms"),
        ({"name": "x", "supplier_terms": "NET99"}, "unknown_payment_terms", "supplier_terms"),
        ({"name": "x", "fiscal_position": "Moon"}, "unknown_fiscal_position", "fiscal_position"),
        ({"name": "x", "credit_limit": "1e3"}, "bad_amount", "credit_limit"),
        ({"name": "x", "addresses": [{"country": "germany"}]}, "max_length", "addresses[0].country"),
    ],
)
def test_a_wrong_contact_is_refused_with_its_place(office, body, code, place):
    answer = office.post("contacts/", body)
    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (422, code, place)


def test_what_documents_start_from_is_named_by_code_or_id_and_shown_by_code(office, company):
    with system_scope(company):
        tax = TaxCode.objects.create(company=company, code="S20", name="VAT", use="sales")
        FiscalPosition.objects.create(company=company, name="Abroad")
        net14 = PaymentTerms.objects.for_company(company).get(code="NET14")
    body = {"name": "Adatum", "sales_tax": str(tax.pk), "fiscal_position": "Abroad", "customer_terms": "NET30",
            "supplier_terms": str(net14.pk)}  # fmt: skip
    made = office.post("contacts/", body).json()
    shown = ["sales_tax", "purchase_tax", "fiscal_position", "customer_terms", "supplier_terms"]
    assert [made[name] for name in shown] == ["S20", None, "Abroad", "NET30", "NET14"]
    path = f"contacts/{made['id']}/"
    changes = {"sales_tax": None, "fiscal_position": None, "customer_terms": "IMMEDIATE"}
    changed = office.patch(path, changes, **{"If-Match": office.get(path)["ETag"]}).json()
    assert [changed[name] for name in shown] == [None, None, None, "IMMEDIATE", "NET14"]


def test_contacts_are_found_by_what_they_are_and_by_text(office):
    for name, customer, supplier in (("Adatum", True, False), ("Fabrikam", False, True), ("Contoso", True, True)):
        office.post("contacts/", {"name": name, "is_customer": customer, "is_supplier": supplier})
    names = lambda query: [one["name"] for one in office.get(f"contacts/?{query}").json()["results"]]  # noqa: E731
    assert names("") == ["Adatum", "Contoso", "Fabrikam"]
    assert names("is_customer=true") == ["Adatum", "Contoso"]
    assert names("is_supplier=true&ordering=-name") == ["Fabrikam", "Contoso"]
    assert names("search=brik") == ["Fabrikam"]
    assert names("search=C00001") == ["Adatum"]
    assert office.get("contacts/?is_customer=maybe").status_code == 400


def test_two_that_are_one_are_found_merged_and_split(office):
    one, two = (office.post("contacts/", {"name": name}).json()["id"] for name in ("Fabrikam Ltd", "Fabrikam"))
    (twins,) = office.get("contacts/twins/").json()
    assert (twins["shared"], set(twins["contacts"])) == ("name", {one, two})
    assert office.post(f"contacts/{one}/merge/", {"into": two, "reason": "same"}).json()["id"] == two
    assert office.get(f"contacts/{one}/").json()["merged_into"] == two
    assert office.get("contacts/twins/").json() == []
    assert office.post(f"contacts/{one}/split/").json()["is_active"] is True
    assert office.post(f"contacts/{one}/merge/", {"into": one}).json()["place"] == "into"


def test_a_bank_account_is_noted_and_agreed_to_by_somebody_else(office, company, api, client):
    contact = office.post("contacts/", {"name": "Adatum"}).json()["id"]
    path = f"contacts/{contact}/bank-accounts/"
    noted = office.post(path, {"iban": IBAN}).json()
    assert (noted["state"], noted["holder"]) == ("waiting", "Adatum")
    own = office.post(f"contact-bank-accounts/{noted['id']}/approve/")
    assert (own.status_code, own.json()["code"]) == (403, "self_approval")
    assert api("write").post(f"contact-bank-accounts/{noted['id']}/approve/").status_code == 403

    client.force_login(make_member(company, "controller"), "django.contrib.auth.backends.ModelBackend")
    agreed = client.post(
        f"/api/v1/companies/{company.slug}/contact-bank-accounts/{noted['id']}/approve/",
        {},
        content_type="application/json",
    )
    assert agreed.json()["state"] == "approved", agreed.json()
    assert office.post(f"contact-bank-accounts/{noted['id']}/reject/").json()["code"] == "conflict"
    assert office.post(f"contact-bank-accounts/{noted['id']}/retire/").json()["state"] == "retired"
    assert [one["state"] for one in office.get(path).json()["results"]] == ["retired"]


def test_who_only_reads_or_approves_changes_no_contact(company, client):
    for role in ("auditor", "approver"):
        client.force_login(make_member(company, role), "django.contrib.auth.backends.ModelBackend")
        url = f"/api/v1/companies/{company.slug}/contacts/"
        assert client.get(url).status_code == 200
        assert client.post(url, {"name": "x"}, content_type="application/json").status_code == 403


def test_the_list_costs_the_same_for_1_20_and_200_contacts(office, company):
    counts = []
    with system_scope(company):
        add_contact(name="One", is_customer=True, addresses=[{"city": "Leeds"}])
    for upto in (1, 20, 200):
        with system_scope(company):
            have = len(counts) and counts[-1][0]
            for number in range(have or 1, upto):
                add_contact(name=f"Contact {number}", addresses=[{"city": "Leeds"}])
        office.get("contacts/")  # notes, once a minute, that the key is in use
        with CaptureQueriesContext(connection) as queries:
            assert office.get("contacts/?page_size=200").status_code == 200
        counts.append((upto, len(queries)))
    assert len({queries for _upto, queries in counts}) == 1, counts
