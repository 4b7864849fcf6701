"""Items: kept with what is checked of them, changed for who saw the latest, deleted while nobody uses them."""

from decimal import Decimal

import pytest

from accounting.items import ItemCodeTaken, ItemNotFound, ItemRefused, add_item, change_item, delete_item
from accounting.models import Account, Item, TaxCode
from tenants.permissions import permissions_of_role
from tenants.refusal import Conflict, NotPermitted
from tenants.scope import Actor, acting_as

D = Decimal


def account(company, code):
    return Account.objects.for_company(company).get(code=code)


def tax(company, code="S20", use="sales", **fields):
    return TaxCode.objects.create(company=company, code=code, name=code, use=use, **fields)


def test_an_item_is_added_with_what_lines_start_from(scope):
    made = add_item(
        code=" HOUR ", name="Consulting", description="Per hour", unit="HUR", sale_price=D("120.000000000001"),
        currency="USD", income_account=account(scope.company, "4000"), sales_tax=tax(scope.company),
        purchase_tax=tax(scope.company, "P20", "purchases"), expense_account=account(scope.company, "5000"),
    )  # fmt: skip
    found = Item.objects.for_company(scope.company).get(pk=made.pk)
    assert (found.code, found.sale_price, found.purchase_price) == ("HOUR", D("120.000000000001"), None)
    assert (found.sales_tax.code, found.purchase_tax.code, str(found)) == ("S20", "P20", "HOUR Consulting")


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"code": " "}, "code"),
        ({"name": ""}, "name"),
        ({"code": "x" * 61}, "code"),
        ({"description": "x\x00"}, "description"),
        ({"unit": "hur"}, "unit"),
        ({"unit": "É"}, "unit"),
        ({"unit": "HOUR"}, "unit"),
        ({"sale_price": D(-1)}, "sale_price"),
        ({"sale_price": D("NaN")}, "sale_price"),
        ({"purchase_price": D(10) ** 18}, "purchase_price"),
        ({"purchase_price": D("0.0000000000001")}, "purchase_price"),
        ({"sale_price": D("999999999999999999.9999999999991")}, "sale_price"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "DAY"}, "currency"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_item_is_refused_at_its_place_and_nothing_is_kept(scope, fields, place):
    with pytest.raises(ItemRefused) as refusal:
        add_item(**{"code": "X", "name": "X", **fields})
    assert refusal.value.place == place
    assert not Item.objects.for_company(scope.company).exists()


@pytest.mark.parametrize(
    "price", [D(0), D("1E+3"), D("0.10"), D("999999999999999999.999999999999"), D("1.0000000000000")]
)
def test_a_price_is_kept_as_it_is(scope, price):
    add_item(code="X", name="X", sale_price=price)
    assert Item.objects.for_company(scope.company).get().sale_price == price


def test_accounts_and_taxes_that_make_no_sense_are_refused(scope):
    company = scope.company
    heading = Account.objects.create(company=company, code="50", name="Costs", type="expense", subtype="heading")
    sales, purchases = tax(company), tax(company, "P20", "purchases")
    wrong = [
        {"income_account": account(company, "5000")}, {"expense_account": heading}, {"sales_tax": purchases},
        {"purchase_tax": sales}, {"sales_tax": tax(company, "OLD", is_active=False)},
    ]  # fmt: skip
    for fields in wrong:
        with pytest.raises(ItemRefused) as refusal:
            add_item(code="X", name="X", **fields)
        assert refusal.value.place in fields


def test_a_tax_that_was_retired_since_stands_in_the_way_of_no_other_change(scope):
    charged = tax(scope.company)
    item = add_item(code="X", name="X", sales_tax=charged)
    TaxCode.objects.for_company(scope.company).filter(pk=charged.pk).update(is_active=False)
    assert change_item(item, name="Y", sales_tax=charged).name == "Y"
    other = add_item(code="Z", name="Z")
    charged.refresh_from_db()
    with pytest.raises(ItemRefused):
        change_item(other, sales_tax=charged)


def test_a_code_is_given_once(scope):
    add_item(code="X", name="X")
    with pytest.raises(ItemCodeTaken) as refusal:
        add_item(code="X", name="Y")
    assert (refusal.value.code, refusal.value.place) == ("item_code_taken", "code")


def test_a_change_for_an_older_version_is_refused(scope):
    item = add_item(code="X", name="X")
    assert change_item(item, version=1, name="Y").version == 2
    with pytest.raises(Conflict):
        change_item(item, version=1, name="Z")
    delete_item(item)
    with pytest.raises(ItemNotFound):
        change_item(item, name="Gone")


def test_who_may_not_change_contacts_changes_no_items(scope):
    item = add_item(code="X", name="X")
    with acting_as(Actor(type="user", name="Approver", permissions=permissions_of_role("approver"))):
        for act in (
            lambda: add_item(code="Y", name="Y"),
            lambda: change_item(item, name="Y"),
            lambda: delete_item(item),
        ):
            with pytest.raises(NotPermitted):
                act()
