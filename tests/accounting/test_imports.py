"""Contacts and items from a table: the same as typed by hand, all of them or none, and taken back whole."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.contact_listing import contact_register, list_contacts
from accounting.contacts import ContactCodeTaken, ContactRefused, add_contact
from accounting.item_listing import item_register, list_items
from accounting.items import add_item
from accounting.models import Account, Contact, ContactAddress, Item, SubAccount
from accounting.table_kinds import Undoing, table_kind
from accounting.table_outcome import CHANGED, NEW, REFUSED, UNCHANGED
from tenants.csv_cells import csv_line
from tenants.permissions import permissions_of_role
from tenants.refusal import NotPermitted
from tenants.scope import Actor, acting_as
from tests.accounting.table_files import became, csv_of, imported, places, xlsx_of

LEFT_OUT = {"id", "company_id", "contact_id", "code", "version"}
ADATUM = {
    "name": "Adatum", "is_customer": "yes", "country": "gb", "email": "a@adatum.example", "credit_limit": "5,000.50",
    "income_account": "4000", "street": "1 High Street", "city": "London", "address_country": "GB",
}  # fmt: skip


def plain(row):
    return {name: value for name, value in row.__dict__.items() if not name.startswith("_") and name not in LEFT_OUT}


def contacts(company):
    return Contact.objects.for_company(company).order_by("code")


def test_a_contact_of_a_table_is_the_contact_of_the_form(scope):
    income = Account.objects.for_company(scope.company).get(code="4000")
    typed = add_contact(
        code="TYPED", name="Adatum", is_customer=True, country="GB", email="a@adatum.example",
        credit_limit=Decimal("5000.50"), income_account=income,
        addresses=[{"kind": "billing", "street": "1 High Street", "city": "London", "country": "GB"}],
    )  # fmt: skip

    report = imported("contacts", csv_of({"code": "READ", **ADATUM}))

    read = contacts(scope.company).get(code="READ")
    assert (became(report), plain(read)) == ([NEW], plain(contacts(scope.company).get(pk=typed.pk)))
    addresses = ContactAddress.objects.for_company(scope.company)
    assert plain(addresses.get(contact=read)) == plain(addresses.get(contact=typed))
    parts = SubAccount.objects.for_company(scope.company)
    assert [one.account_id for one in parts.filter(contact=read)] == [
        one.account_id for one in parts.filter(contact=typed)
    ]


def test_an_item_of_a_table_is_the_item_of_the_form(scope):
    typed = add_item(code="TYPED", name="Consulting", unit="HUR", sale_price=Decimal("120.000000000001"))

    report = imported(
        "items", csv_of({"code": "READ", "name": "Consulting", "unit": "HUR", "sale_price": "120.000000000001"})
    )

    read = Item.objects.for_company(scope.company).get(code="READ")
    assert (became(report), plain(read)) == ([NEW], plain(Item.objects.for_company(scope.company).get(pk=typed.pk)))


@pytest.mark.parametrize(
    ("cells", "place", "code"),
    [
        ({"name": ""}, "name", "required"),
        ({"country": "GBR"}, "country", "max_length"),
        ({"email": "nobody"}, "email", "invalid_contact"),
        ({"tax_number": "1", "country": "DE"}, "tax_number", "invalid_tax_number"),
        ({"income_account": "4711"}, "income_account", "unknown_account"),
        ({"income_account": "5000"}, "income_account", "invalid_contact"),
        ({"sales_tax": "NONE"}, "sales_tax", "unknown_tax"),
        ({"customer_terms": "NONE"}, "customer_terms", "unknown_payment_terms"),
        ({"fiscal_position": "NONE"}, "fiscal_position", "unknown_fiscal_position"),
        ({"currency": "XXX"}, "currency", "invalid_contact"),
        ({"credit_limit": "-1"}, "credit_limit", "invalid_contact"),
        ({"credit_limit": "0.0000001"}, "credit_limit", "bad_amount"),
        ({"credit_limit": "1,234"}, "credit_limit", "ambiguous_amount"),
        ({"credit_limit": "much"}, "credit_limit", "bad_amount"),
        ({"is_customer": "perhaps"}, "is_customer", "bad_flag"),
        ({"city": "x" * 101}, "city", "max_length"),
        ({"address_country": "GBR"}, "address_country", "max_length"),
    ],
)
def test_a_wrong_row_is_refused_as_by_hand_at_its_cell(scope, cells, place, code):
    report = imported("contacts", csv_of({"code": "A", "name": "Good"}, {"code": "B", "name": "Bad", **cells}))

    assert places(report) == [(f"rows[3].{place}", code)]
    assert not contacts(scope.company).exists()


def test_with_one_row_refused_nothing_is_kept_and_every_refusal_is_named(scope):
    add_contact(code="THERE", name="There")
    rows = [{"code": "A", "name": "A"}, {"code": "THERE", "name": "Again"}, {"code": "A", "name": "Twice"},
            {"code": "B", "name": "B", "country": "xyz", "email": "no", "credit_limit": "1,000"}]  # fmt: skip

    report = imported("contacts", csv_of(*rows))

    assert became(report) == [NEW, REFUSED, REFUSED, REFUSED]
    assert places(report) == [
        ("rows[3].code", ContactCodeTaken.code), ("rows[4].code", "twice_in_file"),
        ("rows[5].credit_limit", "ambiguous_amount"),
    ]  # fmt: skip
    assert [contact.code for contact in contacts(scope.company)] == ["THERE"]
    assert ContactRefused.code == "invalid_contact"


def test_a_dry_run_says_what_would_be_and_keeps_nothing(scope):
    report = imported("contacts", csv_of({"name": "Adatum"}, {"name": "Contoso"}), dry_run=True)

    assert became(report) == [NEW, NEW]
    assert [outcome.name for outcome in report.outcomes] == ["C00001 Adatum", "C00002 Contoso"]
    assert not contacts(scope.company).exists()


def test_contacts_without_a_number_get_the_next_one_that_nobody_has(scope):
    add_contact(code="C00007", name="There")
    rows = [{"name": "A"}, {"code": "C00009", "name": "B"}, {"name": "C"}, {"name": "D"}]

    assert became(imported("contacts", csv_of(*rows))) == [NEW] * 4
    assert {one.name: one.code for one in contacts(scope.company)} == {
        "There": "C00007", "A": "C00008", "B": "C00009", "C": "C00010", "D": "C00011"
    }  # fmt: skip


def test_an_update_changes_what_differs_and_says_what(scope):
    add_contact(
        code="A", name="Adatum", country="GB", phone="1",
        addresses=[{"kind": "delivery", "city": "Leeds"}, {"kind": "billing", "street": "Old", "city": "York"}],
    )  # fmt: skip
    add_contact(code="B", name="Contoso")
    rows = [{"code": "A", "name": "Adatum plc", "city": "London"}, {"code": "B", "name": "Contoso"},
            {"code": "C", "name": "Fabrikam"}]  # fmt: skip

    report = imported("contacts", csv_of(*rows), update=True)

    assert became(report) == [CHANGED, UNCHANGED, NEW]
    assert report.outcomes[0].changes == [
        ("name", "Adatum", "Adatum plc"), ("addresses", "Leeds; Old, York", "Leeds; Old, London")
    ]  # fmt: skip
    adatum = contacts(scope.company).get(code="A")
    assert (adatum.name, adatum.country, adatum.phone, adatum.version) == ("Adatum plc", "GB", "1", 2)
    assert [one.city for one in adatum.addresses.order_by("number")] == ["Leeds", "London"]


def test_what_the_lists_export_is_read_back_unchanged(scope):
    imported("contacts", csv_of({"code": "A", **ADATUM, "phone": "+44 1"}, {"code": "B", "name": "=Contoso"}))
    imported("items", csv_of({"code": "HOUR", "name": "-Hours", "sale_price": "120.50", "is_active": "no"}))
    files = {
        "contacts": "".join(map(csv_line, contact_register(list_contacts(scope.company, state="all")))),
        "items": "".join(map(csv_line, item_register(list_items(scope.company, state="all")))),
    }

    read = {name: imported(name, text.encode(), update=True) for name, text in files.items()}

    assert {name: became(report) for name, report in read.items()} == {
        "contacts": [UNCHANGED, UNCHANGED], "items": [UNCHANGED]
    }  # fmt: skip
    assert [report.ignored for report in read.values()] == [[], []]


def test_headings_may_be_called_otherwise_and_decimals_written_with_a_comma(scope):
    text = "Kundennummer;Firma;Konto der Erlöse;Kreditlimit;Farbe\nK1;Adatum;4000;1.234,50;rot\n"

    report = imported("contacts", text.encode(), columns={"Konto der Erlöse": "income_account"})

    adatum = contacts(scope.company).get()
    assert (adatum.code, adatum.name, adatum.income_account.code) == ("K1", "Adatum", "4000")
    assert (adatum.credit_limit, report.ignored) == (Decimal("1234.50"), ["Farbe"])


def test_a_workbook_is_read_like_its_rows(scope):
    imported("items", xlsx_of(["code", "name", "sale_price", "is_active"], [1001, "Chair", 99.5, True]))

    chair = Item.objects.for_company(scope.company).get()
    assert (chair.code, chair.sale_price, chair.is_active) == ("1001", Decimal("99.5"), True)


@pytest.mark.parametrize(
    ("data", "place", "code"),
    [
        (b"", "file", "missing_column"),
        (b"code\nA\n", "file", "missing_column"),
        (b"name,Name\nA,B\n", "file", "bad_column"),
        (b'name\n"A\n', "rows[2]", "bad_csv"),
        (b"\xff\xfe\x00", "file", "bad_file"),
        (b"PK\x03\x04 no workbook", "file", "bad_file"),
        (b"name\nA,B\n", "rows[2]", "bad_column"),
        (b"name\nA\x00\n", "rows[2].name", "invalid_text"),
    ],
)
def test_what_is_no_table_of_contacts_is_refused_with_a_code(scope, data, place, code):
    report = imported("contacts", data)

    assert places(report) == [(place, code)]
    assert not contacts(scope.company).exists()


def test_a_file_has_no_more_rows_than_it_may(scope, monkeypatch):
    monkeypatch.setattr("accounting.table_columns.MOST_ROWS", 2)

    assert places(imported("contacts", b"name\nA\nB\nC\n")) == [("rows[4]", "too_many_rows")]
    assert became(imported("contacts", b"name\nA\nB\n")) == [NEW, NEW]


def test_who_may_not_add_a_contact_may_not_import_one(scope):
    auditor = Actor("person", "Auditor", permissions=permissions_of_role("auditor"))

    with acting_as(auditor), pytest.raises(NotPermitted):
        imported("contacts", csv_of({"name": "Adatum"}))


def test_the_import_costs_the_same_for_each_row(scope):
    def cost(count, start):
        rows = [{"code": f"K{n}", "name": f"Name {n}", "income_account": "4000"} for n in range(start, start + count)]
        with CaptureQueriesContext(connection) as queries:
            assert became(imported("contacts", csv_of(*rows))) == [NEW] * count
        return len(queries)

    cost(1, 0)
    one, five, thirty = cost(1, 1), cost(5, 10), cost(30, 20)
    assert (thirty - five) / 25 == (five - one) / 4


def undone(name, *made, reason="wrong file"):
    day = datetime.date(2026, 3, 31)
    return table_kind(name).undo(Undoing([one.pk for one in made], day, reason, lambda *_: None))


def test_undone_contacts_are_gone_or_where_they_are_used_out_of_use(scope):
    imported("contacts", csv_of({"code": "A", **ADATUM}, {"code": "B", "name": "Contoso", "is_customer": "yes"}))
    unused, used = contacts(scope.company)
    from tests.books import DAY
    from tests.invoicing.papers import draft, line

    draft(used, line("10"), date=DAY)

    assert undone("contacts", unused, used) == {"deleted": 1, "retired": 1, "gone": 0}
    assert [(one.code, one.is_active) for one in contacts(scope.company)] == [("B", False)]
    assert undone("contacts", unused, used) == {"deleted": 0, "retired": 1, "gone": 1}


def test_undone_items_are_gone(scope):
    imported("items", csv_of({"code": "A", "name": "A"}))

    assert undone("items", *Item.objects.for_company(scope.company)) == {"deleted": 1, "retired": 0, "gone": 0}
    assert not Item.objects.for_company(scope.company).exists()
