"""Payment terms by the API: added with instalments, changed with their ETag, found, deleted while nobody has them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.contacts import add_contact
from accounting.models import PaymentTerms
from accounting.payment_terms import add_terms
from tests.conftest import make_member
from tests.constitution.raw import system_scope

BODY = {
    "code": "2-10-NET30", "name": "2 % in 10 days, else 30 days net", "discount_percent": "2", "discount_days": 10,
    "instalments": [{"percent": "30", "days": 0}, {"percent": "70.00", "months": 1, "day_of_month": 15}],
}  # fmt: skip


@pytest.fixture
def office(api):
    return api("write")


def test_terms_are_added_changed_and_deleted(office):
    made = office.post("payment-terms/", BODY, key="new")
    assert made.status_code == 201, made.json()
    terms = made.json()
    assert (terms["discount_percent"], terms["discount_days"], terms["is_active"]) == ("2", 10, True)
    assert terms["instalments"] == [
        {"percent": "30", "months": 0, "days": 0, "day_of_month": None},
        {"percent": "70", "months": 1, "days": 0, "day_of_month": 15},
    ]
    assert office.post("payment-terms/", BODY, key="new").json() == terms

    path = f"payment-terms/{terms['id']}/"
    assert made["Location"].endswith(path)
    tag = office.get(path)["ETag"]
    assert office.patch(path, {"name": "Late"}).status_code == 428
    changed = office.patch(path, {"instalments": [{"days": 30}], "is_active": False}, **{"If-Match": tag})
    assert changed.json()["instalments"] == [{"percent": "100", "months": 0, "days": 30, "day_of_month": None}]
    assert (changed.json()["is_active"], changed.json()["name"]) == (False, BODY["name"])
    assert office.patch(path, {"name": "Later"}, **{"If-Match": tag}).status_code == 412
    assert office.delete(path, **{"If-Match": tag}).status_code == 412
    assert office.delete(path).status_code == 204
    assert office.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"code": None}, "null", "code"),
        ({"instalments": []}, "min_length", "instalments"),
        ({"instalments": [{"percent": "60"}]}, "invalid_payment_terms", "instalments"),
        ({"instalments": [{"percent": "60"}, {"percent": "4e1"}]}, "bad_amount", "instalments[1].percent"),
        ({"instalments": [{"days": 3661}]}, "max_value", "instalments[0].days"),
        ({"instalments": [{"weeks": 2}]}, "unknown_field", "instalments[0].weeks"),
        ({"discount_percent": "100"}, "invalid_payment_terms", "discount_percent"),
        ({"code": "NET30"}, "payment_terms_code_taken", "code"),
        ({"colour": "red"}, "unknown_field", "colour"),
    ],
)
def test_wrong_terms_are_refused_with_their_place(office, body, code, place):
    answer = office.post("payment-terms/", {**BODY, **body})
    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (422, code, place)


def test_terms_are_found_by_text_and_by_whether_they_are_in_use(office):
    codes = lambda query: [one["code"] for one in office.get(f"payment-terms/?{query}").json()["results"]]  # noqa: E731
    assert codes("") == ["IMMEDIATE", "NET14", "NET30", "NET30EOM"]
    assert codes("search=end of month&ordering=-code") == ["NET30EOM"]
    assert codes("is_active=false") == []
    assert codes("ordering=-code&search=net")[0] == "NET30EOM"
    assert office.get("payment-terms/?is_active=maybe").status_code == 400


def test_terms_that_a_contact_has_are_taken_out_of_use_instead(office, company):
    with system_scope(company):
        terms = PaymentTerms.objects.for_company(company).get(code="NET14")
        add_contact(name="Adatum", supplier_terms=terms)
    answer = office.delete(f"payment-terms/{terms.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (422, "payment_terms_in_use")


def test_who_does_not_change_accounts_changes_no_terms(company, client):
    for role in ("auditor", "clerk"):
        client.force_login(make_member(company, role), "django.contrib.auth.backends.ModelBackend")
        url = f"/api/v1/companies/{company.slug}/payment-terms/"
        assert client.get(url).status_code == 200
        assert client.post(url, BODY, content_type="application/json").status_code == 403


def test_the_list_costs_the_same_for_however_many_terms(office, company):
    counts, have = [], 4
    office.get("payment-terms/")
    for upto in (5, 20, 200):
        with system_scope(company):
            for number in range(have, upto):
                add_terms(code=f"T{number:03}", name="Terms", instalments=[{"days": number}])
        have = upto
        with CaptureQueriesContext(connection) as queries:
            assert office.get("payment-terms/?page_size=200").status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts
