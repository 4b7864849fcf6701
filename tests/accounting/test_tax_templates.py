"""The taxes that Daybook ships fit the charts that it ships, and are what the law of their country says."""

import datetime
from decimal import Decimal

import pytest
from django.core.management import call_command

from accounting.chart import MissingRole
from accounting.chart_installation import TEMPLATES as CHARTS
from accounting.models import Account, FiscalPosition, TaxBox, TaxCode
from accounting.tax_box_formulas import reckoned
from accounting.tax_boxes import add_box
from accounting.tax_installation import (
    FOLDER,
    OF_CHART,
    TEMPLATES,
    TaxesNotEmpty,
    UnknownTaxTemplate,
    install_taxes,
    offered_template,
    read_template,
)
from accounting.tax_lookup import taxes_of
from tenants.companies import create_company
from tenants.models import Company
from tenants.permissions import permissions_of_role
from tenants.refusal import NotPermitted
from tenants.scope import Actor, acting_as, company_scope

DAY = datetime.date(2026, 3, 15)
CURRENCIES = {"uk": "GBP", "us_gaap": "USD"}


@pytest.fixture(params=sorted(CHARTS))
def installed(request, db):
    """A new company with this chart, and what came with it."""
    slug = f"taxes-{request.param.replace('_', '-')}"
    company = create_company(
        slug=slug, name="New", base_currency=CURRENCIES.get(request.param, "EUR"), options={"chart": request.param}
    )
    with company_scope(company, actor=Actor.system("test")):
        yield request.param, company


def test_every_chart_has_its_taxes_and_every_template_is_offered():
    assert set(OF_CHART) == set(CHARTS)
    assert set(TEMPLATES) == {path.stem for path in FOLDER.glob("*.json")} == set(OF_CHART.values())


def test_a_new_company_has_all_the_taxes_of_its_chart(installed):
    chart, company = installed
    content = read_template(OF_CHART[chart])
    assert {tax.code for tax in TaxCode.objects.for_company(company)} == {row["code"] for row in content["taxes"]}
    assert TaxBox.objects.for_company(company).count() == len(content["boxes"])
    assert FiscalPosition.objects.for_company(company).count() == len(content["positions"])
    assert not FiscalPosition.objects.for_company(company).filter(automatic=True).exists()


def test_taxes_stand_on_accounts_of_their_own_kind(installed):
    _chart, company = installed
    for tax in TaxCode.objects.for_company(company).select_related("account", "counter_account", "pending_account"):
        on_us = tax.use == "sales" if tax.kind == "charged" else tax.use == "purchases"
        own = "tax_payable" if on_us else "tax_receivable"
        if tax.kind == "reverse_charge":
            assert tax.counter_account.subtype == "tax_payable", tax
            own = "tax_receivable"
        accounts = [account for account in (tax.account, tax.pending_account) if account]
        assert {account.subtype for account in accounts} <= {own}, tax


def test_every_tax_is_usable_on_a_fixed_day_and_sales_and_purchases_have_their_own(installed):
    _chart, company = installed
    taxes = taxes_of(company)
    for tax in taxes.by_id.values():
        for single in taxes.single(tax):
            assert 0 <= single.percent_on(DAY) <= 100
    assert {tax.use for tax in taxes.by_id.values()} == {"sales", "purchases"}
    for position in taxes.positions:
        assert position.taxes, position.name
        for source, target in position.taxes.items():
            assert target is None or taxes.by_id[source].use == taxes.by_id[target].use


def test_every_box_is_filled_or_reckoned_and_the_return_adds_up(installed):
    _chart, company = installed
    formulas = dict(TaxBox.objects.for_company(company).values_list("code", "formula"))
    amounts = reckoned(formulas, {code: Decimal(1) for code, formula in formulas.items() if not formula})
    assert set(amounts) == set(formulas)
    named = {
        code
        for tax in TaxCode.objects.for_company(company)
        for code in (*tax.base_boxes, *tax.tax_boxes, *tax.counter_boxes)
    }
    # What is typed into the return by hand.
    assert set(formulas) - named - {code for code, formula in formulas.items() if formula} <= {
        "35", "36", "15", "21", "22"}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "code", "day", "percent"),
    [
        ("uk", "T1", "2011-01-03", "17.5"), ("uk", "T1", "2011-01-04", "20"), ("uk", "T1", "2009-06-01", "15"),
        ("uk", "T5", "2026-01-01", "5"), ("de", "UST19", "2020-06-30", "19"), ("de", "UST19", "2020-12-31", "16"),
        ("de", "UST19", "2021-01-01", "19"), ("de", "VST7", "2020-07-01", "5"), ("de", "VST7", "2026-01-01", "7"),
        ("fr", "TVA20", "2013-12-31", "19.6"), ("fr", "TVA20", "2014-01-01", "20"), ("fr", "TVA10", "2013-12-31", "7"),
        ("fr", "TVA55", "2026-01-01", "5.5"), ("fr", "TVA21", "2026-01-01", "2.1"), ("us", "CA", "2016-12-31", "7.5"),
        ("us", "CA", "2017-01-01", "7.25"), ("generic", "WHT", "2026-01-01", "10"),
    ],
)  # fmt: skip
def test_rates_are_those_of_the_law_on_the_day(template, code, day, percent):
    rates = next(row["rates"] for row in read_template(template)["taxes"] if row["code"] == code)
    assert [given for start, given in rates if start <= day][-1] == percent


@pytest.mark.parametrize(
    ("template", "code", "base", "tax", "counter"),
    [
        ("uk", "T1", ["6"], ["1"], []), ("uk", "T1P", ["7"], ["4"], []), ("uk", "RC", ["6", "7"], ["4"], ["1"]),
        ("uk", "DRC", ["7"], ["4"], ["1"]), ("uk", "PVA", ["7"], ["4"], ["1"]), ("uk", "NIA", ["7", "9"], ["4"], ["2"]),
        ("uk", "T9", [], [], []), ("de", "UST19", ["81"], ["81.St"], []), ("de", "VST7", [], ["66"], []),
        ("de", "IGE19", ["89"], ["61"], ["89.St"]), ("de", "P13BEU", ["46"], ["67"], ["47"]),
        ("de", "P13B", ["84"], ["67"], ["85"]), ("de", "EUST19", [], ["62"], []), ("de", "S13B", ["60"], [], []),
        ("fr", "TVA20", ["A1", "08.HT"], ["08"], []), ("fr", "IMMO20", [], ["19"], []),
        ("fr", "AIC20", ["B2", "08.HT"], ["20"], ["08", "17"]), ("fr", "IMP20", ["A4", "I1.HT"], ["20", "24"], ["I1"]),
        ("us", "CA-USE", ["USE.BASE"], [], ["USE"]),
    ],
)  # fmt: skip
def test_amounts_are_added_to_the_boxes_of_the_return(template, code, base, tax, counter):
    row = next(row for row in read_template(template)["taxes"] if row["code"] == code)
    assert [row.get(name, []) for name in ("base_boxes", "tax_boxes", "counter_boxes")] == [base, tax, counter]


def test_the_british_return_is_reckoned_as_the_form_says():
    formulas = {box["code"]: box.get("formula", "") for box in read_template("uk")["boxes"]}
    amounts = reckoned(formulas, {"1": Decimal(120), "2": Decimal(5), "4": Decimal(40)})
    assert (amounts["3"], amounts["5"]) == (Decimal(125), Decimal(85))


def test_members_of_the_union_do_not_count_the_country_itself(installed):
    chart, company = installed
    if chart in ("skr03", "skr04", "pcg"):
        (countries, *_others) = FiscalPosition.objects.for_company(company).filter(countries__len=26).values_list(
            "countries", flat=True
        )  # fmt: skip
        assert ("IT" in countries, company.country in countries) == (True, False)


def test_a_company_chooses_other_taxes_or_none(db):
    made = create_company(
        slug="taxes-none", name="None", base_currency="EUR", options={"chart": "ifrs", "taxes": ""}
    )  # fmt: skip
    with company_scope(made, actor=Actor.system("test")):
        assert not TaxCode.objects.for_company(made).exists()
        assert offered_template(made) == "generic"
        # Of a country whose own chart the company does not have: on the accounts with the posting roles.
        taxes = {tax.code: tax for tax in install_taxes("uk").taxes}
        assert (taxes["T1"].account.code, taxes["T1P"].account.code) == ("2200", "1300")
        assert "CIS20" not in taxes


def test_a_template_is_installed_once_where_accounts_are_and_by_who_may(scope):
    with pytest.raises(UnknownTaxTemplate):
        install_taxes("atlantis")
    with pytest.raises(MissingRole):
        install_taxes("uk")
    assert not TaxBox.objects.for_company(scope.company).exists()
    clerk = Actor(type="user", name="clerk", permissions=permissions_of_role("clerk"))
    with acting_as(clerk), pytest.raises(NotPermitted):
        install_taxes("uk")
    rows = Account.objects.for_company(scope.company)
    rows.filter(code="2100").update(role="tax_payable")
    rows.filter(code="1500").update(role="tax_receivable")
    install_taxes("generic")
    with pytest.raises(TaxesNotEmpty):
        install_taxes("uk")


def test_boxes_that_are_there_already_are_not_overwritten(scope):
    add_box(code="1", name="Own")
    with pytest.raises(TaxesNotEmpty):
        install_taxes("generic")


def test_the_command_and_the_api_name_the_taxes_too(db, member, client):
    call_command("create_company", "by-command", "New", "--currency", "EUR", "--chart", "ifrs", "--taxes", "")
    operator = member("owner")
    type(operator).objects.filter(pk=operator.pk).update(is_superuser=True)
    client.force_login(operator, "django.contrib.auth.backends.ModelBackend")
    body = {"slug": "by-api", "name": "New", "base_currency": "EUR", "chart": "ifrs", "taxes": "atlantis"}
    answer = client.post("/api/v1/companies/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_tax_template")
    answer = client.post("/api/v1/companies/", {**body, "taxes": "fr"}, content_type="application/json")
    assert answer.status_code == 201, answer.json()
    found = {}
    for slug in ("by-command", "by-api"):
        company = Company.objects.get(slug=slug)
        with company_scope(company, actor=Actor.system("test")):
            found[slug] = TaxCode.objects.for_company(company).filter(code="TVA20").exists()
    assert found == {"by-command": False, "by-api": True}
