"""Taxes, boxes of the return and fiscal positions: kept with what is checked, refused at their place."""

import datetime
import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from accounting.contacts import add_contact
from accounting.fiscal_positions import (
    FiscalPositionInUse,
    FiscalPositionNameTaken,
    FiscalPositionNotFound,
    FiscalPositionRefused,
    add_position,
    change_position,
    delete_position,
    position_for,
)
from accounting.models import Account, FiscalPositionTax, TaxBox, TaxCode, TaxGroupMember, TaxRate
from accounting.named_rows import UnknownTax
from accounting.tax_box_formulas import TaxBoxRefused, reckoned
from accounting.tax_boxes import TaxBoxCodeTaken, TaxBoxInUse, add_box, change_box, delete_box, set_boxes
from accounting.tax_rules import TaxRefused, UnknownTaxBox
from accounting.taxes import TaxCodeTaken, TaxInUse, TaxNotFound, add_tax, change_tax, delete_tax
from tenants.etag import etag_of
from tenants.models import Company
from tenants.permissions import permissions_of_role
from tenants.refusal import Conflict, NotFound, NotPermitted
from tenants.scope import Actor, acting_as
from tests.constitution.raw import system_scope

START = datetime.date(2020, 1, 1)
LATER = datetime.date(2021, 1, 1)


def account(company, code="2100"):
    return Account.objects.for_company(company).get(code=code)


def made(company, code="VAT20", percent="20", **fields):
    """A tax on sales that stands on VAT payable."""
    given = {"name": code, "use": "sales", "account": account(company), "rates": [(START, Decimal(percent))]}
    return add_tax(code=code, **{**given, **fields})


def rates(tax):
    rows = TaxRate.objects.for_company(tax.company).filter(tax=tax).order_by("start")
    return [(start, percent.normalize()) for start, percent in rows.values_list("start", "percent")]


def members(tax):
    rows = TaxGroupMember.objects.for_company(tax.company).filter(group=tax).order_by("number")
    return list(rows.values_list("tax__code", flat=True))


def reversed_tax(company, **fields):
    given = {"use": "purchases", "kind": "reverse_charge", "counter_account": account(company)}
    return made(company, "RC", **{**given, **fields})


def test_a_tax_has_its_rates_from_day_to_day(scope):
    tax = made(scope.company, rates=[(LATER, 20), (START, "17.5")])
    assert rates(tax) == [(START, Decimal("17.5")), (LATER, Decimal(20))]
    kept = {row.pk for row in TaxRate.objects.for_company(scope.company).filter(start=START)}
    change_tax(tax, rates=[(START, Decimal("17.5")), (LATER, Decimal("19.123456"))])
    assert rates(tax) == [(START, Decimal("17.5")), (LATER, Decimal("19.123456"))]
    assert {row.pk for row in TaxRate.objects.for_company(scope.company).filter(start=START)} == kept
    change_tax(tax, name="VAT")
    assert len(rates(tax)) == 2


def test_a_group_holds_single_taxes_in_their_order(scope):
    one, two, three = (made(scope.company, code) for code in ("A", "B", "C"))
    group = add_tax(code="ALL", name="All", use="sales", kind="group", members=["C", one, str(two.pk)])
    assert members(group) == ["C", "A", "B"]
    change_tax(group, members=[one, three])
    assert members(group) == ["A", "C"]
    change_tax(group, name="Both")
    assert members(group) == ["A", "C"]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"code": " "}, "code"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "x\x00"}, "name"),
        ({"use": "gifts"}, "use"),
        ({"kind": "surcharge"}, "kind"),
        ({"category": "X"}, "category"),
        ({"shoe_size": 43}, "shoe_size"),
        ({"rates": []}, "rates"),
        ({"rates": [(START, Decimal(-1))]}, "rates[0].percent"),
        ({"rates": [(START, Decimal("100.000001"))]}, "rates[0].percent"),
        ({"rates": [(START, Decimal("1.1234567"))]}, "rates[0].percent"),
        ({"rates": [(START, Decimal("NaN"))]}, "rates[0].percent"),
        ({"rates": [(START, Decimal("Infinity"))]}, "rates[0].percent"),
        ({"rates": [(START, "many")]}, "rates[0].percent"),
        ({"rates": [("2020-01-01", Decimal(1))]}, "rates[0].start"),
        ({"rates": [(START, Decimal(1)), (START, Decimal(2))]}, "rates[1].start"),
        ({"rates": [(START + datetime.timedelta(n), Decimal(1)) for n in range(101)]}, "rates"),
        ({"members": ["VAT20"]}, "members[0]"),
        ({"deductible_percent": Decimal(50)}, "deductible_percent"),
        ({"use": "purchases", "deductible_percent": Decimal(101)}, "deductible_percent"),
        ({"use": "purchases", "deductible_percent": None}, "deductible_percent"),
        ({"account": None}, "account"),
        ({"account": None, "kind": "withheld", "rates": [(START, Decimal(0))]}, "account"),
        ({"kind": "reverse_charge"}, "kind"),
        ({"kind": "reverse_charge", "use": "purchases"}, "counter_account"),
        ({"category": "E", "exemption_reason": "why"}, "category"),
        ({"category": "O"}, "category"),
        ({"category": "Z"}, "category"),
        ({"category": "AE", "rates": [(START, Decimal(0))]}, "exemption_reason"),
        ({"kind": "group", "rates": [], "account": None}, "members"),
        ({"kind": "group", "account": None}, "rates"),
        ({"kind": "group", "rates": []}, "account"),
        ({"counter_boxes": ["1"]}, "counter_boxes"),
        ({"base_boxes": [str(n) for n in range(21)]}, "base_boxes"),
    ],
)
def test_a_wrong_tax_is_refused_at_its_place_and_nothing_is_kept(scope, fields, place):
    add_box(code="1", name="Sales")
    given = {"code": "NEW", "name": "New", "use": "sales", "account": account(scope.company), "rates": [(START, 20)]}
    with pytest.raises((TaxRefused, UnknownTax)) as refusal:
        add_tax(**{**given, **fields})
    assert refusal.value.place == place
    assert not TaxCode.objects.for_company(scope.company).exists()


@pytest.mark.parametrize(
    ("fields", "place"),
    [({"account": "1100"}, "account"), ({"account": "9000"}, "account"), ({"account": "1010"}, "account"),
     ({"pending_account": "2100"}, "pending_account"), ({"counter_account": "5000"}, "counter_account")],
)  # fmt: skip
def test_an_account_that_cannot_hold_the_tax_is_refused(scope, fields, place):
    chosen = {name: account(scope.company, code) for name, code in fields.items()}
    with pytest.raises(TaxRefused) as refusal:
        made(scope.company, **chosen)
    assert refusal.value.place == place


def test_a_heading_and_an_account_of_another_company_hold_no_tax(scope, other_company):
    heading = Account.objects.create(company=scope.company, code="20", name="VAT", type="liability", subtype="heading")
    with pytest.raises(TaxRefused, match="is a heading"):
        made(scope.company, account=heading)
    theirs = Account(company=other_company, code="2100", name="VAT", type="liability")
    with pytest.raises(TaxRefused, match="no such account"):
        made(scope.company, account=theirs)


def test_what_cannot_be_deducted_at_all_needs_no_account(scope):
    assert made(scope.company, use="purchases", account=None, deductible_percent=Decimal(0)).account is None
    use_tax = reversed_tax(scope.company, account=None, deductible_percent=Decimal(0), category="AE",
                           exemption_reason="Owed by the buyer")  # fmt: skip
    assert use_tax.counter_account.code == "2100"
    with pytest.raises(TaxRefused) as refusal:
        change_tax(use_tax, deductible_percent=Decimal(1))
    assert refusal.value.place == "account"


def test_a_tax_on_cash_basis_waits_on_an_account_of_its_own(scope):
    pending = Account.objects.create(company=scope.company, code="2110", name="Not yet due", type="liability")
    assert made(scope.company, pending_account=pending).pending_account == pending
    with pytest.raises(TaxRefused) as refusal:
        made(scope.company, "W", kind="withheld", pending_account=pending)
    assert refusal.value.place == "pending_account"


@pytest.mark.parametrize(
    ("named", "place"),
    [(["GROUP"], "members[0]"), (["A", "A"], "members[1]"), (["IN"], "members[0]"), (["A", "none"], "members[1]"),
     (["A"] * 11, "members"), ([], "members")],
)  # fmt: skip
def test_a_wrong_group_is_refused_at_its_place(scope, named, place):
    made(scope.company, "A")
    made(scope.company, "IN", use="purchases")
    add_tax(code="GROUP", name="Group", use="sales", kind="group", members=["A"])
    with pytest.raises((TaxRefused, UnknownTax)) as refusal:
        add_tax(code="NEW", name="New", use="sales", kind="group", members=named)
    assert refusal.value.place == place


def test_what_a_group_holds_stays_a_single_tax_of_its_use(scope):
    tax = made(scope.company, "A")
    group = add_tax(code="GROUP", name="Group", use="sales", kind="group", members=["A"])
    for change in ({"use": "purchases"}, {"kind": "group", "account": None, "rates": []}):
        with pytest.raises(TaxInUse):
            change_tax(tax, **change)
    change_tax(tax, rates=[(START, Decimal(21))], name="Dearer")
    with pytest.raises(TaxInUse):
        delete_tax(tax)
    delete_tax(group)
    change_tax(tax, use="purchases")
    delete_tax(tax)
    assert not TaxCode.objects.for_company(scope.company).exists()


def test_a_tax_that_a_contact_names_is_taken_out_of_use_instead(scope):
    tax = made(scope.company)
    add_contact(name="Adatum", is_customer=True, sales_tax=tax)
    with pytest.raises(TaxInUse):
        delete_tax(tax)
    with pytest.raises(TaxInUse):
        change_tax(tax, use="purchases")
    assert not change_tax(tax, is_active=False).is_active


def test_a_code_is_taken_once_and_a_stale_change_is_refused(scope):
    tax = made(scope.company)
    with pytest.raises(TaxCodeTaken):
        made(scope.company)
    assert change_tax(tax, version=1, name="VAT").version == 2
    with pytest.raises(Conflict):
        change_tax(tax, version=1, name="Lost update")
    delete_tax(tax)
    with pytest.raises(TaxNotFound):
        change_tax(tax, name="Gone")


def test_a_tax_is_added_to_boxes_that_are_there_and_filled(scope):
    set_boxes(
        [{"code": "1", "name": "Tax"}, {"code": "6", "name": "Sales"}, {"code": "5", "name": "Due", "formula": "1"}]
    )
    tax = made(scope.company, base_boxes=["6", "6"], tax_boxes=["1"])
    assert (tax.base_boxes, tax.tax_boxes) == (["6"], ["1"])
    with pytest.raises(UnknownTaxBox) as refusal:
        change_tax(tax, tax_boxes=["7"])
    assert refusal.value.place == "tax_boxes"
    with pytest.raises(TaxRefused, match="reckoned"):
        change_tax(tax, tax_boxes=["5"])
    for act in (
        lambda box: delete_box(box),
        lambda box: change_box(box, code="x"),
        lambda box: change_box(box, formula="6"),
    ):
        with pytest.raises((TaxBoxInUse, TaxBoxRefused)):
            act(TaxBox.objects.for_company(scope.company).get(code="1"))


@pytest.mark.parametrize(
    ("formula", "kept"),
    [("1+2", "1 + 2"), (" - 1 + 2 - b-4 ", "- 1 + 2 - b-4"), ("1 - b-4", "1 - b-4"), ("+2", "2"), ("", "")],
)
def test_a_formula_is_kept_in_one_spelling(scope, formula, kept):
    for code in ("1", "2", "b-4"):
        add_box(code=code, name=code)
    assert add_box(code="5", name="Due", formula=formula).formula == kept


@pytest.mark.parametrize("formula", ["1 +", "1 2", "1 ++ 2", "7", "5", "1 * 2", "-", "(1)", "1 + 3", "--1"])
def test_a_formula_that_means_nothing_or_itself_is_refused(scope, formula):
    add_box(code="1", name="One")
    add_box(code="2", name="Two")
    with pytest.raises(TaxBoxRefused) as refusal:
        add_box(code="5", name="Due", formula=formula)
    assert refusal.value.place == "formula"


def test_boxes_are_reckoned_from_each_other_but_not_in_a_circle(scope):
    set_boxes([{"code": "5", "name": "Net", "formula": "3 - 4"}, {"code": "3", "name": "Total", "formula": "1 + 2"},
               *({"code": code, "name": code} for code in ("1", "2", "4"))])  # fmt: skip
    formulas = dict(TaxBox.objects.for_company(scope.company).values_list("code", "formula"))
    assert reckoned(formulas, {"1": Decimal(20), "4": Decimal("7.5")})["5"] == Decimal("12.5")
    with pytest.raises(TaxBoxRefused, match="circle"):
        change_box(TaxBox.objects.for_company(scope.company).get(code="1"), formula="5")


@pytest.mark.parametrize(
    ("fields", "place"),
    [({"code": ""}, "code"), ({"code": "a b"}, "code"), ({"code": "1"}, "code"), ({"name": " "}, "name"),
     ({"name": "x" * 301}, "name"), ({"name": "\x00"}, "name"), ({"number": 40_000}, "number")],
)  # fmt: skip
def test_a_wrong_box_is_refused_at_its_place(scope, fields, place):
    add_box(code="1", name="One")
    with pytest.raises((TaxBoxRefused, TaxBoxCodeTaken)) as refusal:
        add_box(**{"code": "2", "name": "Two", **fields})
    assert refusal.value.place == place


def test_a_box_is_changed_unless_somebody_else_did_and_goes_when_nothing_names_it(scope):
    one, two = add_box(code="1", name="One"), add_box(code="2", name="Two", formula="1")
    seen = etag_of(one)
    assert change_box(one, seen=seen, name="First").name == "First"
    with pytest.raises(Conflict):
        change_box(one, seen=seen, name="Lost update")
    with pytest.raises(TaxBoxRefused):
        change_box(one, shoe_size=43)
    with pytest.raises(TaxBoxInUse):
        delete_box(one)
    with pytest.raises(TaxBoxInUse):
        change_box(one, code="9")
    delete_box(two)
    delete_box(one)
    with pytest.raises(NotFound):
        delete_box(one)


def test_all_boxes_are_set_at_once_unless_a_tax_would_lose_its_own(scope):
    set_boxes([{"code": "1", "name": "One"}, {"code": "2", "name": "Two"}])
    made(scope.company, tax_boxes=["1"])
    with pytest.raises(TaxBoxInUse):
        set_boxes([{"code": "2", "name": "Two"}])
    set_boxes([{"code": "3", "name": "Three"}, {"code": "1", "name": "Tax"}])
    rows = TaxBox.objects.for_company(scope.company).values_list("number", "code", "name")
    assert list(rows) == [(1, "3", "Three"), (2, "1", "Tax")]


def placed(company, **fields):
    company.country = "GB"
    return add_position(**fields)


def test_the_first_position_that_fits_the_contact_counts(scope):
    Company.objects.filter(pk=scope.company.pk).update(country="GB")
    scope.company.country = "GB"
    add_position(name="Abroad", number=9)
    add_position(name="EU business", countries=["FR", "DE"], who="business", number=1)
    add_position(name="EU private", countries=["FR", "DE"], who="private", number=2)
    add_position(name="Retired", countries=["CH"], number=1, is_active=False)
    add_position(name="By hand", countries=["CH"], number=1, automatic=False)

    def found(country, has_number):
        position = position_for(country, has_number, scope.company)
        return position.name if position else None

    assert [found("DE", True), found("DE", False), found("CH", True)] == ["EU business", "EU private", "Abroad"]
    assert [found("GB", True), found("", True)] == [None, None]


def test_a_position_replaces_taxes_and_accounts(scope):
    one, two = made(scope.company, "A"), made(scope.company, "B")
    sales, rent = account(scope.company, "4000"), account(scope.company, "5000")
    position = add_position(name="Abroad", countries=["FR", "DE", "FR"], taxes=[(one, two), (two, None)],
                            accounts=[(sales, rent)])  # fmt: skip
    assert position.countries == ["DE", "FR"]
    rows = FiscalPositionTax.objects.for_company(scope.company)
    kept = rows.get(source=one).pk
    change_position(position, taxes=[(one, two)], note="Reverse charge")
    assert rows.get().pk == kept
    assert position_for("FR", False, scope.company).taxes == {one.pk: two.pk}
    with pytest.raises(TaxInUse):
        delete_tax(two)
    delete_position(position)
    with pytest.raises(FiscalPositionNotFound):
        change_position(position, name="Gone")


@pytest.mark.parametrize(
    ("fields", "place"),
    [({"name": " "}, "name"), ({"name": "x" * 101}, "name"), ({"note": "x" * 2001}, "note"), ({"who": "me"}, "who"),
     ({"countries": ["de"]}, "countries"), ({"countries": ["DEU"]}, "countries"), ({"number": 0}, "number"),
     ({"note": "\x00"}, "note"), ({"shoe_size": 43}, "shoe_size")],
)  # fmt: skip
def test_a_wrong_position_is_refused_at_its_place(scope, fields, place):
    with pytest.raises(FiscalPositionRefused) as refusal:
        add_position(**{"name": "Abroad", **fields})
    assert refusal.value.place == place


def test_pairs_that_make_no_sense_are_refused_at_their_place(scope):
    one, two = made(scope.company, "A"), made(scope.company, "B")
    bought = made(scope.company, "IN", use="purchases")
    sales, control = account(scope.company, "4000"), account(scope.company, "1100")
    for given, place in (
        ({"taxes": [(one, one)]}, "taxes[0].by"), ({"taxes": [(one, bought)]}, "taxes[0].by"),
        ({"taxes": [(one, two), (one, None)]}, "taxes[1].replaced"), ({"accounts": [(sales, sales)]}, "accounts[0].by"),
        ({"accounts": [(sales, control)]}, "accounts[0].by"), ({"accounts": [(control, sales)]}, "accounts[0].replaced"),
    ):  # fmt: skip
        with pytest.raises(FiscalPositionRefused) as refusal, transaction.atomic():
            add_position(name="Abroad", **given)
        assert refusal.value.place == place


def test_a_position_that_a_contact_names_stays_and_a_stale_change_is_refused(scope):
    position = add_position(name="Abroad")
    with pytest.raises(FiscalPositionNameTaken):
        add_position(name="Abroad")
    add_contact(name="Adatum", fiscal_position=position)
    with pytest.raises(FiscalPositionInUse):
        delete_position(position)
    assert change_position(position, version=1, is_active=False).version == 2
    with pytest.raises(Conflict):
        change_position(position, version=1, name="Lost update")


@pytest.mark.parametrize("role", ["auditor", "clerk", "approver"])
def test_who_may_not_change_accounts_changes_no_taxes(scope, role):
    tax, box, position = made(scope.company), add_box(code="1", name="One"), add_position(name="Abroad")
    actor = Actor(type="user", name=role, permissions=permissions_of_role(role))
    acts = [
        lambda: made(scope.company, "B"), lambda: change_tax(tax, name="x"), lambda: delete_tax(tax),
        lambda: add_box(code="2", name="Two"), lambda: change_box(box, name="x"), lambda: delete_box(box),
        lambda: set_boxes([]), lambda: add_position(name="x"), lambda: change_position(position, name="x"),
        lambda: delete_position(position),
    ]  # fmt: skip
    with acting_as(actor):
        for act in acts:
            with pytest.raises(NotPermitted):
                act()


def test_a_tax_does_not_become_a_group_while_a_group_takes_it(committed_company):
    """Whoever comes second waits, and sees what the first one did."""
    with system_scope(committed_company):
        tax = made(committed_company, "A")
    outcomes, ready = [], threading.Barrier(2)

    def act(change):
        try:
            ready.wait(30)
            with system_scope(committed_company):
                change()
            outcomes.append("done")
        except (TaxRefused, TaxInUse, Conflict) as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    changes = [
        lambda: change_tax(tax, use="purchases"),
        lambda: add_tax(code="G", name="Group", use="sales", kind="group", members=["A"]),
    ]
    threads = [threading.Thread(target=act, args=(change,)) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes).count("done") == 1, outcomes


def test_the_database_has_the_last_word(scope):
    with pytest.raises(DatabaseError), transaction.atomic():
        TaxCode.objects.for_company(scope.company).create(company=scope.company, code="", name="x", use="sales")
