"""SAF-T of the OECD and of Norway, read back: structure, references, totals, and the balances of the books."""

import datetime
from decimal import Decimal

import pytest

from accounting.accounts import open_account
from accounting.dimensions import open_dimension, open_dimension_value
from accounting.mappings import map_accounts
from accounting.models import Account, FiscalYear
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from ledger.year_closing import close_year
from reports.sealed_books import seal_up_to
from reports.statutory import saft_header
from reports.statutory.exporting import ask_to_export
from reports.statutory.refusals import MissingCountry, MissingTaxNumber, UnsupportedCurrency
from tests.books import new_entry, sale
from tests.conftest import make_company
from tests.constitution.raw import in_threads
from tests.invoicing.papers import add_tax, customer, line, posted, supplier
from tests.invoicing.test_payments import paid, part
from tests.reports.statutory.exported import balances_by_code, exported, inside, job_of, post, settled
from tests.reports.statutory.read_saft import read_saft

D = Decimal
DAY = datetime.date(2026, 5, 4)
NUMBERS = {"saft": ("LU12345613", "LU"), "saft-no": ("NO 988 077 917 MVA", "NO")}
ODD = ['\x01 <tag> & "q" \t\r\n 日本語 ]]>', "x" * 300, "&amp;&#13;", "\ud7ff é ẞ 🂡"]
FORMATS = sorted(NUMBERS)


def company_for(company, format):
    number, country = NUMBERS[format]
    settled(company, tax_number=number, country=country)
    if format == "saft-no":
        with inside(company):
            accounts = Account.objects.for_company(company).exclude(type="statistical")
            map_accounts({one.pk: {"saft": "balanseverdiForOmloepsmiddel:1500"} for one in accounts})
    return company


@pytest.fixture(params=FORMATS)
def either(request, committed_company):
    """The company as each of the two formats wants it, and the format."""
    return company_for(committed_company, request.param), request.param


def trade(company):
    """Invoices, a bill, a payment, dollars, leave, dimensions, last year, a reversal, and odd texts."""
    with inside(company):
        add_tax("3", "25")
        add_tax("STANDARD-RATED-SALES-25", "25", base_boxes=["3"])
        add_tax("1", "25", use="purchases")
        where = [{"street": "Storgata 1", "city": "Oslo", "postal_code": "0123", "country": "NO"}]
        buyer = customer("Adatum <&> ]]>", addresses=where, email="a@example.com", code="C" * 60)
        for code, name in (("cost_centre_of_ours", "Centre"), ("project", "Project")):
            open_dimension_value(open_dimension(code=code, name=name), code="OSLO", name="Oslo")
        first = posted(buyer, line("1000.00", tax="3"), date=DAY)
        posted(customer("Blue"), line("99.99", tax="STANDARD-RATED-SALES-25"), date=datetime.date(2025, 9, 9))
        posted(supplier(), line("400.00", tax="1"), date=DAY)
        paid(buyer, "300.00", part(first, "300.00"))
    named = {"cost_centre_of_ours": "OSLO", "project": "OSLO"}
    wrong, *_rest = post(
        company, sale("77.00", key="w", date=DAY), sale("5", key="old", date=datetime.date(2025, 2, 2)),
        NewEntry("usd", DAY, (NewLine("1010", D("120.00"), currency="USD", base_amount=D("100.01")),
                              NewLine("4000", D("-100.01"), dimensions=named))),
        NewEntry("days", DAY, (NewLine("9000", D("2.5"), currency="DAY"), NewLine("9010", D("-2.5"), currency="DAY"))),
        *(sale("3.00", key=f"odd{n}", date=DAY, memo=text, reference=text[:200]) for n, text in enumerate(ODD)),
    )  # fmt: skip
    with inside(company):
        reverse(wrong.id, date=DAY, reason="Entered twice")


def test_a_file_is_the_books(either):
    company, format = either
    trade(company)

    found = read_saft(exported(company, format, contact="Ann Example"))

    before = balances_by_code(company, datetime.date(2025, 12, 31))
    assert {code: one[0] for code, one in found.accounts.items() if one[0]} == before
    assert {code: one[1] for code, one in found.accounts.items() if one[1]} == balances_by_code(company)
    assert len({one.transaction for one in found.lines}) == 3 + 2 + len(ODD) + 1, "no days of leave"
    assert [(one.account, one.currency_amount) for one in found.lines if one.currency] == [("1010", D("120.00"))]
    assert sum(sum(one.taxes) for one in found.lines) == D("350.00")
    assert found.root.findtext(".//LastName") == "Example"


def test_what_customers_and_suppliers_owe_adds_up_to_their_accounts(either):
    company, format = either
    trade(company)
    found = read_saft(exported(company, format))
    assert sorted(found.parties.values()) == [(0, D("-500.00")), (0, D("950.00")), (D("124.99"), D("124.99"))]
    assert len([one for one in found.parties if len(one) > 20]) == 1, "a long number is cut, and still one"
    for side, code in (("Customer", "1100"), ("Supplier", "2000")):
        held = [one.findtext(f"{side}ID") for one in found.root.iter(side)]
        assert sum(found.parties[one][1] for one in held) == found.accounts[code][1]
        lines = [one for one in found.lines if one.party in held]
        assert {one.account for one in lines} == {code}


def test_parts_of_a_year_follow_each_other(either):
    company, format = either
    trade(company)
    first = read_saft(exported(company, format, to="2026-05-03"))
    second = read_saft(exported(company, format, **{"from": "2026-05-04"}))
    assert {code: one[1] for code, one in first.accounts.items() if one[1]} == {
        code: one[0] for code, one in second.accounts.items() if one[0]
    }
    whole = read_saft(exported(company, format))
    assert sorted(first.lines + second.lines, key=str) == sorted(whole.lines, key=str)


def test_an_empty_year_and_a_closed_one_are_written(either):
    company, format = either
    assert read_saft(exported(company, format)).lines == []
    post(company, sale("40.00", date=DAY))
    with inside(company):
        close_year(FiscalYear.objects.for_company(company).get(name="2026").pk)
    found = read_saft(exported(company, format))
    assert {code: one[1] for code, one in found.accounts.items()} == {"1000": 40, "3100": -40, "4000": 0}


def test_texts_come_back_as_they_were_but_for_what_xml_has_no_way_to_write(either):
    company, format = either
    post(company, *(sale("1.00", key=str(n), date=DAY, memo=text) for n, text in enumerate(ODD)))
    found = read_saft(exported(company, format))
    said = [one.findtext("Description") for one in found.root.iter("Transaction")]
    assert said == ['<tag> & "q" 日本語 ]]>', "x" * 256, "&amp;&#13;", "\ud7ff é ẞ 🂡"]


def test_two_long_codes_stay_two(committed_company):
    company = company_for(committed_company, "saft")
    codes = ["9" * 80 + "1", "9" * 80 + "2"]
    with inside(company):
        for code in codes:
            open_account(code=code, name="Long", type="asset")
    post(company, new_entry((codes[0], "5.00"), (codes[1], "-5.00"), date=DAY))
    found = read_saft(exported(company, "saft"))
    assert sorted(one[1] for one in found.accounts.values()) == [-5, 5]


def test_accounts_and_taxes_without_their_norwegian_code_are_named(committed_company):
    company = company_for(committed_company, "saft-no")
    with inside(company):
        accounts = {one.code: one for one in Account.objects.for_company(company)}
        map_accounts({accounts["4000"].pk: {"saft": ""}, accounts["1000"].pk: {"saft": "without a colon"}})
    post(company, sale("1.00", date=DAY))
    job = job_of(company, "saft-no")
    assert job.error_code == "unmapped_accounts" and "1000, 4000" in job.error_message
    company = company_for(company, "saft-no")
    with inside(company):
        add_tax("VAT", "25")
        posted(customer(), line("10.00", tax="VAT"), date=DAY)
    job = job_of(company, "saft-no")
    assert job.error_code == "unmapped_taxes" and "VAT" in job.error_message


def test_a_company_that_lacks_what_the_header_says_is_refused_at_once(committed_company):
    with inside(committed_company):
        for format, number, country, refusal in (
            ("saft", "", "LU", MissingTaxNumber), ("saft", "LU12345613", "", MissingCountry),
            ("saft-no", "NO 988 077 918 MVA", "NO", MissingTaxNumber),
        ):  # fmt: skip
            settled(committed_company, tax_number=number, country=country)
            with pytest.raises(refusal):
                ask_to_export(format, {"year": "2026"})


def test_a_currency_without_decimals_is_written_so_and_three_decimals_are_refused(committed_db):
    yen, dinars = (company_for(make_company(currency=currency), "saft") for currency in ("JPY", "KWD"))
    post(yen, sale("1234", date=DAY))
    body = exported(yen, "saft")
    assert b"<Amount>1234</Amount>" in body and {abs(one.amount) for one in read_saft(body).lines} == {1234}
    with inside(dinars), pytest.raises(UnsupportedCurrency):
        ask_to_export("saft", {"year": "2026"})


def test_what_is_posted_while_a_file_is_written_is_in_none_of_its_parts(committed_company, monkeypatch):
    """Balances, totals and entries are of one block: a file always adds up."""
    company = company_for(committed_company, "saft")
    post(company, sale("1.00", key="before", date=DAY))
    plain, sealed = saft_header.header, []

    def meanwhile(asked, dialect):
        """Another entry, sealed between the first and the second statement."""

        def work(_number):
            post(company, sale("2.00", key="meanwhile", date=DAY))
            return seal_up_to(company, datetime.datetime.now(tz=datetime.UTC), end=DAY)

        for waiting in in_threads(1, work):
            sealed.extend(waiting)
        return plain(asked, dialect)

    monkeypatch.setattr("reports.statutory.saft.header", meanwhile)
    assert {abs(one.amount) for one in read_saft(exported(company, "saft")).lines} == {D("1.00")}
    assert sealed == [], "nothing waits: the export does not hold the sealer up"
