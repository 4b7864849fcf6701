"""The pages of taxes, boxes of the return and fiscal positions: listed, kept, installed, taken out of use."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.fiscal_positions import add_position
from accounting.models import Account, FiscalPosition, FiscalPositionTax, TaxBox, TaxCode, TaxRate
from accounting.tax_boxes import add_box
from accounting.taxes import add_tax
from tenants.etag import etag_of
from tests.accounting.many_taxes import add_taxes_like_the_first
from tests.conftest import make_company
from tests.pages.conftest import inside

START = datetime.date(2020, 1, 1)
FUTURE = datetime.date(2090, 1, 1)


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


def account(company, code="2100"):
    with inside(company):
        return Account.objects.for_company(company).get(code=code)


def added(company, code="T1", **fields):
    with inside(company):
        given = {"use": "sales", "account": account(company), "rates": [(START, Decimal("17.5")), (FUTURE, 99)]}
        return add_tax(**{"code": code, "name": f"Tax {code}", **given, **fields})


def grouped(company, code, *members):
    return added(company, code, kind="group", members=list(members), rates=[], account=None)


def counted(prefix, rows):
    return {
        f"{prefix}-TOTAL_FORMS": len(rows) + 1,
        f"{prefix}-INITIAL_FORMS": len(rows),
        **{f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()},
    }


def typed(company, *rates, **changes):
    given = {"code": "T1", "name": "VAT", "use": "sales", "kind": "charged", "category": "S",
             "account": account(company).pk}  # fmt: skip
    return {**given, **counted("rates", rates or [{"start": "2020-01-01", "percent": "17.5"}]), **changes}


def now(company, row):
    with inside(company):
        return type(row).objects.for_company(company).get(pk=row.pk)


def test_a_tax_is_added_with_its_rates(signed_in, page_of, company):
    with inside(company):
        add_box(code="1", name="Tax")
        add_box(code="6", name="Sales")
    client = signed_in("accountant")
    assert "Add the tax" in text(client.get(page_of("accounting:tax-new") + "?use=purchases"))
    rates = [{"start": "2011-01-04", "percent": "20 %"}, {"start": "2010-01-01", "percent": "17.5"}]
    answer = client.post(page_of("accounting:tax-new"), typed(company, *rates, base_boxes="6", tax_boxes="1, 6"))
    page = text(client.get(answer.url))
    for shown in ("T1 VAT", "20 %", "17.5 %", "4 Jan 2011", "2100 VAT payable", "1, 6"):
        assert shown in page, shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"code": ""}, "This field is required"), ({"account": ""}, "needs an account"),
     ({"tax_boxes": "99"}, "has no box “99”"), ({"rates-0-percent": "much"}, "This is no number"),
     ({"rates-0-percent": "101"}, "from 0 to 100"), ({"rates-0-start": ""}, "counts from a day on"),
     ({"rates-0-start": "", "rates-0-percent": ""}, "A tax has a rate"), ({"category": "E"}, "nothing is charged"),
     ({"deductible_percent": "50"}, "Only a tax on purchases")],
)  # fmt: skip
def test_what_cannot_be_kept_is_said_and_stays_typed(signed_in, page_of, company, changes, said):
    answer = signed_in("accountant").post(page_of("accounting:tax-new"), {**typed(company), "name": "Köln", **changes})
    page = text(answer)
    assert (answer.status_code, said in page, 'value="Köln"' in page) == (422, True, True)
    with inside(company):
        assert not TaxCode.objects.for_company(company).exists()


def test_a_group_is_added_and_changed(signed_in, page_of, company):
    one, two = added(company, "A"), added(company, "B", compound=True)
    client, url = signed_in("accountant"), page_of("accounting:tax-new") + "?kind=group"
    body = {"code": "ALL", "name": "Both", "use": "sales", **counted("members", [{"tax": two.pk}, {"tax": one.pk}])}
    page = text(client.get(client.post(url, body).url))
    assert page.index("B Tax B") < page.index("A Tax A")
    with inside(company):
        group = TaxCode.objects.for_company(company).get(code="ALL")
    url = page_of("accounting:tax-edit", group.pk)
    form = text(client.get(url))
    assert ("Rates" in form, f'value="{one.pk}" selected' in form) == (False, True)
    body = {**body, "version": 1, **counted("members", [{"tax": one.pk}, {"tax": one.pk}])}
    answer = client.post(url, body)
    assert (answer.status_code, "stands in the group twice" in text(answer)) == (422, True)
    assert client.post(url, {**body, **counted("members", [{"tax": one.pk}])}).status_code == 302


def test_a_tax_is_changed_unless_somebody_else_did_meanwhile(signed_in, page_of, company):
    tax = added(company)
    client, url = signed_in("accountant"), page_of("accounting:tax-edit", tax.pk)
    form = text(client.get(url))
    assert ('value="17.5"' in form, 'value="2090-01-01"' in form) == (True, True)
    body = typed(company, {"start": "2020-01-01", "percent": "18"}, version=1)
    assert client.post(url, body).status_code == 302
    with inside(company):
        assert [rate.percent for rate in TaxRate.objects.for_company(company)] == [Decimal(18)]
    again = client.post(url, {**body, "name": "Lost update"})
    assert (again.status_code, "changed meanwhile" in text(again), "Lost update" in text(again)) == (409, True, True)
    assert now(company, tax).name == "VAT"


def test_the_list_shows_todays_percentage_is_narrowed_and_exported(signed_in, page_of, company):
    added(company, "LEVY", rates=[(START, 10)])
    added(company, "VAT", rates=[(START, 20)], compound=True)
    added(company, "IN", use="purchases")
    added(company, "SOON", rates=[(FUTURE, 5)])
    grouped(company, "BOTH", "LEVY", "VAT")
    client, url = signed_in("auditor"), page_of("accounting:tax-list")
    page = text(client.get(url))
    for shown in ("17.5 %", "32 %", "LEVY + VAT"):
        assert shown in page, shown
    purchases = text(client.get(url + "?use=purchases"))
    assert (">IN<" in purchases, ">LEVY<" in purchases) == (True, False)
    assert ">BOTH<" in text(client.get(url + "?kind=group"))
    assert "No tax matches" in text(client.get(url + "?text=nothing"))
    assert client.get(url + "?use=gifts").status_code == 422
    exported = text(client.get(url + "?text=soon&format=csv")).splitlines()
    assert exported[0].startswith("code,name,use,kind")
    assert (len(exported), exported[1].startswith("SOON,Tax SOON,sales"), "2090-01-01 5" in exported[1]) == (
        2,
        True,
        True,
    )


def test_an_empty_list_leads_to_a_template(signed_in, page_of, company):
    client, url = signed_in("accountant"), page_of("accounting:tax-list")
    assert "Install a template" in text(client.get(url))
    refused = client.post(page_of("accounting:tax-install"), {"template": "uk"})
    assert (refused.status_code, "posting role" in text(refused)) == (422, True)
    with inside(company):
        rows = Account.objects.for_company(company)
        rows.filter(code="2100").update(role="tax_payable")
        rows.filter(code="1500").update(role="tax_receivable")
    page = text(client.post(page_of("accounting:tax-install"), {"template": "generic"}, follow=True))
    assert ("16 taxes and 1 fiscal positions" in page, ">LEVIED<" in page) == (True, True)
    again = client.post(page_of("accounting:tax-install"), {"template": "generic"})
    assert (again.status_code, "already" in text(again)) == (422, True)
    assert "OUT.TAX + RC.TAX - IN.TAX" in text(client.get(page_of("accounting:tax-box-list")))
    assert "STD → EXPORT" in text(client.get(page_of("accounting:fiscal-position-list")))
    assert "Install a template" not in text(signed_in("auditor").get(url))


def test_a_tax_is_taken_out_of_use_used_again_and_deleted(signed_in, page_of, company):
    tax = added(company)
    client, act = signed_in("accountant"), page_of("accounting:tax-act", tax.pk)
    client.post(act, {"act": "retire"})
    assert "No tax matches" in text(client.get(page_of("accounting:tax-list") + "?text=T1"))
    assert "Out of use" in text(client.get(page_of("accounting:tax-detail", tax.pk)))
    client.post(act, {"act": "use"})
    assert now(company, tax).is_active
    group = grouped(company, "G", "T1")
    assert "is in use" in text(client.post(act, {"act": "delete"}, follow=True))
    client.post(page_of("accounting:tax-act", group.pk), {"act": "delete"})
    assert client.post(act, {"act": "delete"}).url == page_of("accounting:tax-list")
    assert client.get(page_of("accounting:tax-detail", tax.pk)).status_code == 404


def test_a_box_is_added_changed_and_deleted(signed_in, page_of, company):
    client = signed_in("accountant")
    client.post(page_of("accounting:tax-box-new"), {"code": "1", "name": "Tax"})
    wrong = client.post(page_of("accounting:tax-box-new"), {"code": "3", "name": "Total", "formula": "1 + 2"})
    assert (wrong.status_code, "There is no box “2”" in text(wrong)) == (422, True)
    client.post(page_of("accounting:tax-box-new"), {"code": "3", "name": "Total", "formula": "1"})
    with inside(company):
        one, total = TaxBox.objects.for_company(company).order_by("code")
    seen = etag_of(one)
    url = page_of("accounting:tax-box-edit", one.pk)
    assert seen.strip('"') in text(client.get(url))
    body = {"code": "1", "name": "VAT due", "number": 1, "seen": seen}
    assert client.post(url, body).status_code == 302
    assert client.post(url, {**body, "name": "Lost update"}).status_code == 409
    deleting = page_of("accounting:tax-box-delete", one.pk)
    assert "is reckoned from box 1" in text(client.post(deleting, follow=True))
    client.post(page_of("accounting:tax-box-delete", total.pk))
    assert "is deleted" in text(client.post(deleting, follow=True))


def test_a_fiscal_position_is_added_changed_and_taken_out_of_use(signed_in, page_of, company):
    one, two = added(company, "T1"), added(company, "T0")
    client = signed_in("accountant")
    body = {
        "name": "Abroad", "countries": "de; FR", "who": "business", "number": 3, "automatic": "on",
        **counted("taxes", [{"replaced": one.pk, "by": two.pk}, {"replaced": two.pk, "by": ""}]),
        **counted("accounts", [{"replaced": account(company, "4000").pk, "by": account(company, "5000").pk}]),
    }  # fmt: skip
    page = text(client.post(page_of("accounting:fiscal-position-new"), body, follow=True))
    for shown in ("Abroad", "DE, FR", "T1 → T0", "T0 → –", "4000 → 5000", "found by itself"):
        assert shown in page, shown
    with inside(company):
        position = FiscalPosition.objects.for_company(company).get()
    url = page_of("accounting:fiscal-position-edit", position.pk)
    assert 'value="DE, FR"' in text(client.get(url))
    changed = {**body, "version": 1, **counted("taxes", [{"replaced": one.pk, "by": one.pk}])}
    wrong = client.post(url, changed)
    assert (wrong.status_code, "would stand for itself" in text(wrong)) == (422, True)
    bare = {name: value for name, value in changed.items() if not name.startswith(("taxes-0", "accounts-0"))}
    for rows, said in ((counted("taxes", [{"by": two.pk}]), "Choose what is replaced"),
                       (counted("accounts", [{"replaced": account(company).pk}]), "Choose what stands for it")):  # fmt: skip
        assert said in text(client.post(url, {**bare, **rows}))
    assert client.post(url, {**bare, **counted("taxes", [])}).status_code == 302
    assert client.post(url, {**bare, **counted("taxes", [])}).status_code == 409
    with inside(company):
        assert not FiscalPositionTax.objects.for_company(company).exists()
    act = page_of("accounting:fiscal-position-act", position.pk)
    assert "is out of use" in text(client.post(act, {"act": "retire"}, follow=True))
    assert "is in use" in text(client.post(act, {"act": "use"}, follow=True))
    assert "is deleted" in text(client.post(act, {"act": "delete"}, follow=True))


def test_who_only_reads_changes_nothing(signed_in, page_of, company):
    tax = added(company)
    with inside(company):
        box, position = add_box(code="1", name="One"), add_position(name="Abroad")
    client = signed_in("auditor")
    assert client.get(page_of("accounting:tax-detail", tax.pk)).status_code == 200
    for name, row in (("tax-act", tax), ("tax-edit", tax), ("tax-box-edit", box), ("tax-box-delete", box),
                      ("fiscal-position-edit", position), ("fiscal-position-act", position)):  # fmt: skip
        assert client.post(page_of(f"accounting:{name}", row.pk), {"act": "delete"}).status_code == 403
    assert client.post(page_of("accounting:tax-install"), {"template": "uk"}).status_code == 403
    for name, row in (("tax-box", box), ("fiscal-position", position)):
        assert page_of(f"accounting:{name}-edit", row.pk) not in text(client.get(page_of(f"accounting:{name}-list")))


def test_another_companys_taxes_are_not_there(signed_in, page_of):
    other = make_company()
    tax = added(other)
    with inside(other):
        box, position = add_box(code="1", name="One"), add_position(name="Abroad")
    client = signed_in("owner")
    for name, row in (
        ("tax-detail", tax),
        ("tax-edit", tax),
        ("tax-box-edit", box),
        ("fiscal-position-edit", position),
    ):
        assert client.get(page_of(f"accounting:{name}", row.pk)).status_code == 404
    for name, row in (("tax-act", tax), ("tax-box-delete", box), ("fiscal-position-act", position)):
        assert client.post(page_of(f"accounting:{name}", row.pk), {"act": "delete"}).status_code == 404


def test_the_lists_cost_the_same_for_1_20_and_200_rows(signed_in, page_of, company):
    client = signed_in("accountant")
    costs = {page_of(f"accounting:{name}"): [] for name in ("tax-list", "tax-box-list", "fiscal-position-list")}
    vat = account(company)
    with inside(company):
        add_box(code="0", name="Box")
        tax = add_tax(code="T0", name="Tax", use="sales", account=vat, rates=[(START, 20)], tax_boxes=["0"])
        add_tax(code="G0", name="Group", use="sales", kind="group", members=[tax])
        add_position(name="P0", taxes=[(tax, None)])
    for numbers in (range(0), range(1, 20), range(20, 200)):
        with inside(company):
            add_taxes_like_the_first(company, numbers)
        for address, counts in costs.items():
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts.append(len(queries))
    assert all(len(set(counts)) == 1 for counts in costs.values()), costs


def test_the_form_of_a_position_costs_the_same_for_every_length(signed_in, page_of, company):
    client, counts = signed_in("accountant"), []
    taxes = [added(company, f"T{n}") for n in range(20)]
    for count in (1, 20):
        with inside(company):
            position = add_position(name=f"P{count}", taxes=[(tax, None) for tax in taxes[:count]])
        url = page_of("accounting:fiscal-position-edit", position.pk)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts


def test_taxes_and_positions_are_acted_on_in_the_admin(signed_in, page_of, company):
    tax = added(company)
    with inside(company):
        position, box = add_position(name="Abroad", taxes=[(tax, None)]), add_box(code="1", name="One")
        group = add_tax(code="G", name="Group", use="sales", kind="group", members=[tax])

    def act(client, model, action, row):
        client.get(page_of("accounting:tax-list"))
        data = {"action": action, "_selected_action": [str(row.pk)]}
        return text(client.post(f"/admin/accounting/{model}/", data, follow=True))

    clerk = signed_in("clerk")
    act(clerk, "taxcode", "retire", tax)
    assert now(company, tax).is_active
    client = signed_in("accountant")
    for model, row in (("taxcode", tax), ("fiscalposition", position)):
        assert "Out of use: 1" in act(client, model, "retire", row)
        assert "In use: 1" in act(client, model, "use", row)
    for model, row in (("taxcode", tax), ("taxcode", group), ("fiscalposition", position), ("taxbox", box)):
        assert client.get(f"/admin/accounting/{model}/{row.pk}/change/").status_code == 200
