"""Taxes, boxes of the return and fiscal positions by the API."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.fiscal_positions import add_position
from accounting.models import Account
from accounting.tax_boxes import add_box
from accounting.taxes import add_tax
from tests.accounting.many_taxes import add_taxes_like_the_first
from tests.conftest import make_member
from tests.constitution.raw import system_scope

START = datetime.date(2020, 1, 1)
RATES = [{"start": "2011-01-04", "percent": "20"}]


@pytest.fixture
def office(api):
    return api("write", "admin")


def vat(code="VAT20", **fields):
    return {"code": code, "name": code, "use": "sales", "account": "2100", "rates": RATES, **fields}


def test_a_tax_is_added_changed_and_deleted(office):
    office.post("tax-boxes/", {"code": "1", "name": "Tax"})
    body = vat(tax_boxes=["1"], rates=[*RATES, {"start": "2010-01-01", "percent": "17.50"}])
    made = office.post("taxes/", body, key="vat")
    assert made.status_code == 201, made.json()
    tax = made.json()
    assert tax["rates"] == [{"start": "2010-01-01", "percent": "17.5"}, {"start": "2011-01-04", "percent": "20"}]
    assert (tax["account"], tax["counter_account"], tax["deductible_percent"]) == ("2100", None, "100")
    assert (tax["tax_boxes"], tax["members"], tax["is_active"]) == (["1"], [], True)
    assert office.post("taxes/", body, key="vat").json() == tax

    path = f"taxes/{tax['id']}/"
    tag = office.get(path)["ETag"]
    assert office.patch(path, {"name": "VAT"}).status_code == 428
    changed = office.patch(path, {"name": "VAT", "rates": RATES}, **{"If-Match": tag})
    assert (changed.json()["name"], changed.json()["rates"]) == ("VAT", RATES)
    assert office.patch(path, {"name": "Sales tax"}, **{"If-Match": tag}).status_code == 412
    assert office.delete(path).status_code == 204
    assert office.get(path).status_code == 404


def test_a_group_names_its_taxes_by_code_and_keeps_them(office):
    one = office.post("taxes/", vat("A")).json()
    office.post("taxes/", vat("B"))
    made = office.post(
        "taxes/", {"code": "ALL", "name": "All", "use": "sales", "kind": "group", "members": ["B", one["id"]]}
    )
    assert made.json()["members"] == ["B", "A"]
    held = office.delete(f"taxes/{one['id']}/")
    assert (held.status_code, held.json()["code"]) == (422, "tax_in_use")


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"name": "x", "use": "sales"}, "required", "code"),
        (vat(shoe_size=43), "unknown_field", "shoe_size"),
        (vat(account="9999"), "unknown_account", "account"),
        (vat(account="1100"), "invalid_tax", "account"),
        (vat(use="gifts"), "invalid_choice", "use"),
        (vat(rates=[]), "invalid_tax", "rates"),
        (vat(rates=[{"start": "soon", "percent": "1"}]), "bad_date", "rates[0].start"),
        (vat(rates=[{"start": "2020-01-01", "percent": "1e1"}]), "bad_amount", "rates[0].percent"),
        (vat(rates=[{"start": "2020-01-01", "percent": "101"}]), "invalid_tax", "rates[0].percent"),
        (vat(tax_boxes=["99"]), "unknown_tax_box", "tax_boxes"),
        (vat(tax_boxes="1"), "not_a_list", "tax_boxes"),
        (vat(kind="group", rates=[], account=None, members=["none"]), "unknown_tax", "members[0]"),
        (vat(category="E", rates=[{"start": "2020-01-01", "percent": "0"}]), "invalid_tax", "exemption_reason"),
    ],
)
def test_a_wrong_tax_is_refused_with_its_place(office, body, code, place):
    answer = office.post("taxes/", body)
    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (422, code, place)


def test_taxes_are_found_by_what_they_are_and_by_text(office):
    office.post("taxes/", vat("T1"))
    office.post("taxes/", vat("T1P", use="purchases", name="Input"))
    office.post("taxes/", {"code": "G", "name": "Both", "use": "sales", "kind": "group", "members": ["T1"]})
    codes = lambda query: [one["code"] for one in office.get(f"taxes/?{query}").json()["results"]]  # noqa: E731
    assert codes("") == ["G", "T1", "T1P"]
    assert codes("use=purchases") == ["T1P"]
    assert codes("kind=group&is_active=true") == ["G"]
    assert codes("search=inp") == ["T1P"]
    assert codes("ordering=-code&use=sales") == ["T1", "G"]
    assert office.get("taxes/?use=gifts").status_code == 400


def test_a_template_is_installed_once(office, company):
    with system_scope(company):
        rows = Account.objects.for_company(company)
        rows.filter(code="2100").update(role="tax_payable")
        rows.filter(code="1500").update(role="tax_receivable")
    unknown = office.post("taxes/install/", {"template": "atlantis"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_tax_template")
    made = office.post("taxes/install/", {"template": "generic"})
    assert (made.status_code, made.json()["taxes"]) == (201, 16)
    assert office.post("taxes/install/", {"template": "uk"}).json()["code"] == "taxes_not_empty"
    assert office.get("tax-boxes/").json()["results"][0]["code"] == "OUT.BASE"
    assert office.get("fiscal-positions/").json()["results"][0]["automatic"] is False


def test_a_box_is_added_changed_and_deleted(office):
    one = office.post("tax-boxes/", {"code": "1", "name": "Tax"}).json()
    made = office.post("tax-boxes/", {"code": "3", "name": "Total", "formula": "1"}).json()
    assert (made["formula"], made["number"]) == ("1", one["number"] + 1)
    path = f"tax-boxes/{one['id']}/"
    tag = office.get(path)["ETag"]
    assert office.patch(path, {"name": "VAT due"}, **{"If-Match": tag}).json()["name"] == "VAT due"
    assert office.patch(path, {"name": "x"}, **{"If-Match": tag}).status_code == 412
    assert office.delete(path).json()["code"] == "tax_box_in_use"
    wrong = office.post("tax-boxes/", {"code": "5", "name": "Net", "formula": "3 - 4"})
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["place"]) == (422, "invalid_tax_box", "formula")
    assert office.post("tax-boxes/", {"code": "1", "name": "x"}).json()["code"] == "tax_box_code_taken"
    assert office.delete(f"tax-boxes/{made['id']}/").status_code == 204


def test_a_fiscal_position_is_added_changed_and_deleted(office):
    for code in ("T1", "T0"):
        office.post("taxes/", vat(code))
    body = {
        "name": "Abroad", "countries": ["FR"], "who": "business", "note": "Reverse charge",
        "taxes": [{"replaced": "T1", "by": "T0"}, {"replaced": "T0"}], "accounts": [{"replaced": "4000", "by": "5000"}],
    }  # fmt: skip
    made = office.post("fiscal-positions/", body)
    assert made.status_code == 201, made.json()
    position = made.json()
    assert position["taxes"] == [{"replaced": "T1", "by": "T0"}, {"replaced": "T0", "by": None}]
    assert position["accounts"] == body["accounts"]
    path = f"fiscal-positions/{position['id']}/"
    tag = office.get(path)["ETag"]
    changed = office.patch(path, {"taxes": [], "number": 7}, **{"If-Match": tag}).json()
    assert (changed["taxes"], changed["number"], changed["accounts"]) == ([], 7, body["accounts"])
    assert office.patch(path, {"number": 8}, **{"If-Match": tag}).status_code == 412
    assert [one["name"] for one in office.get("fiscal-positions/?search=abr").json()["results"]] == ["Abroad"]
    assert office.delete(path).status_code == 204


@pytest.mark.parametrize(
    ("fields", "code", "place"),
    [
        ({"countries": ["de"]}, "invalid_fiscal_position", "countries"),
        ({"taxes": [{"replaced": "none"}]}, "unknown_tax", "taxes[0].replaced"),
        ({"taxes": [{"by": "none"}]}, "required", "taxes[0].replaced"),
        ({"accounts": [{"replaced": "4000", "by": "9999"}]}, "unknown_account", "accounts[0].by"),
        ({"accounts": [{"replaced": "4000", "by": "4000"}]}, "invalid_fiscal_position", "accounts[0].by"),
        ({"number": 0}, "min_value", "number"),
    ],
)
def test_a_wrong_position_is_refused_with_its_place(office, fields, code, place):
    answer = office.post("fiscal-positions/", {"name": "Abroad", **fields})
    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (422, code, place)


def test_who_only_reads_or_approves_changes_no_taxes(company, client):
    for role in ("auditor", "approver", "clerk"):
        client.force_login(make_member(company, role), "django.contrib.auth.backends.ModelBackend")
        for path in ("taxes/", "tax-boxes/", "fiscal-positions/"):
            url = f"/api/v1/companies/{company.slug}/{path}"
            assert client.get(url).status_code == 200
            assert client.post(url, {"name": "x"}, content_type="application/json").status_code == 403


def test_the_lists_cost_the_same_for_1_20_and_200_rows(office, company):
    costs = {path: [] for path in ("taxes/", "tax-boxes/", "fiscal-positions/")}
    with system_scope(company):
        account = Account.objects.for_company(company).get(code="2100")
        tax = add_tax(code="T0", name="Tax", use="sales", account=account, rates=[(START, 20)])
        add_tax(code="G0", name="Group", use="sales", kind="group", members=[tax])
        add_box(code="0", name="Box")
        add_position(name="P0", taxes=[(tax, None)])
    for numbers in (range(0), range(1, 20), range(20, 200)):
        with system_scope(company):
            add_taxes_like_the_first(company, numbers)
        for path, counts in costs.items():
            office.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert office.get(f"{path}?page_size=200").status_code == 200
            counts.append(len(queries))
    assert all(len(set(counts)) == 1 for counts in costs.values()), costs
