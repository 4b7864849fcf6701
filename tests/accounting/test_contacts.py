"""Customers and suppliers: kept with what is checked, detailed in the ledger, merged without touching history."""

import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from accounting.contact_bank_accounts import (
    BankAccountRefused,
    ReasonNeeded,
    decide_bank_account,
    propose_bank_account,
    retire_bank_account,
)
from accounting.contact_merging import bare_name, find_twins, merge_contact, split_contact
from accounting.contacts import (
    ContactCodeTaken,
    ContactInUse,
    ContactRefused,
    add_contact,
    change_contact,
    delete_contact,
)
from accounting.models import (
    Account,
    Contact,
    ContactAddress,
    ContactBankAccount,
    FiscalPosition,
    PaymentTerms,
    SubAccount,
    TaxCode,
)
from accounting.tax_numbers import BadTaxNumber, checked_tax_number
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from tenants.permissions import permissions_of_role
from tenants.refusal import Conflict, NotPermitted
from tenants.scope import Actor, acting_as
from tests.books import DAY
from tests.conftest import make_member
from tests.constitution.raw import system_scope

IBAN = "DE89370400440532013000"


def actor(company, role):
    user = make_member(company, role)
    return Actor(type="user", name=str(user), id=user.pk, permissions=permissions_of_role(role))


def account(company, code):
    return Account.objects.for_company(company).get(code=code)


def test_a_contact_without_a_number_gets_the_next_one(scope):
    assert [add_contact(name=name).code for name in ("Adatum", "Fabrikam")] == ["C00001", "C00002"]
    add_contact(name="Contoso", code="C00009")
    assert add_contact(name="Litware").code == "C00010"
    with pytest.raises(ContactCodeTaken):
        add_contact(name="Northwind", code="C00010")
    add_contact(name="Proseware", code="C99999")
    assert [add_contact(name=name).code for name in ("Relecloud", "Tailspin")] == ["C100000", "C100001"]


def test_contacts_added_at_the_same_time_have_numbers_of_their_own(committed_company):
    made = []

    def add(number):
        try:
            with system_scope(committed_company):
                made.append(add_contact(name=f"Contact {number}").code)
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(made) == ["C00001", "C00002", "C00003", "C00004"]


def test_customers_and_suppliers_are_detailed_on_their_control_accounts(scope):
    both = add_contact(name="Adatum", is_customer=True, is_supplier=True)
    found = SubAccount.objects.for_company(scope.company).filter(contact=both).order_by("account__code")
    assert list(found.values_list("account__code", "code", "name")) == [
        ("1100", both.code, "Adatum"), ("2000", both.code, "Adatum"),
    ]  # fmt: skip
    change_contact(both, name="Adatum Ltd")
    assert set(found.values_list("name", flat=True)) == {"Adatum Ltd"}
    nobody = add_contact(name="Fabrikam")
    assert not nobody.sub_accounts.filter(company=scope.company).exists()
    change_contact(nobody, is_customer=True)
    assert nobody.sub_accounts.filter(company=scope.company).count() == 1


def test_a_sub_account_of_the_same_number_becomes_the_contacts(scope):
    """Books that were kept before there were contacts."""
    old = SubAccount.objects.create(company=scope.company, account=account(scope.company, "1100"), code="K7", name="K7")
    contact = add_contact(name="Adatum", code="K7", is_customer=True)
    assert SubAccount.objects.for_company(scope.company).get(contact=contact).pk == old.pk


def test_a_new_number_is_the_sub_accounts_too_and_the_old_one_is_free_again(scope):
    one = add_contact(name="Adatum", is_customer=True)
    change_contact(one, code="A1")
    assert SubAccount.objects.for_company(scope.company).get(contact=one).code == "A1"
    assert add_contact(name="Fabrikam", is_customer=True).code == "C00001"


def test_a_number_of_somebody_elses_sub_account_is_refused(scope):
    SubAccount.objects.create(company=scope.company, account=account(scope.company, "1100"), code="K7", name="Till")
    one = add_contact(name="Adatum", is_customer=True)
    with pytest.raises(ContactCodeTaken):
        change_contact(one, code="K7")


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"name": " "}, "name"),
        ({"name": "x", "country": "de"}, "country"),
        ({"name": "x", "country": "G1"}, "country"),
        ({"name": "x", "currency": "XXX"}, "currency"),
        ({"name": "x", "email": "nobody"}, "email"),
        ({"name": "x", "credit_limit": Decimal(-1)}, "credit_limit"),
        ({"name": "x", "credit_limit": Decimal("NaN")}, "credit_limit"),
        ({"name": "x\x00"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "x", "addresses": [{"kind": "moon"}]}, "addresses[0].kind"),
        ({"name": "x", "addresses": [{"street": "x"}, {"country": "x"}]}, "addresses[1].country"),
        ({"name": "x", "addresses": [{"planet": "x"}]}, "addresses[0].planet"),
        ({"name": "x", "shoe_size": 43}, "shoe_size"),
    ],
)
def test_a_wrong_contact_is_refused_at_its_place_and_nothing_is_kept(scope, fields, place):
    with pytest.raises(ContactRefused) as refusal:
        add_contact(**fields)
    assert refusal.value.place == place
    assert not Contact.objects.for_company(scope.company).exists()


def test_an_account_that_makes_no_sense_is_refused(scope):
    with pytest.raises(ContactRefused) as refusal:
        add_contact(name="x", income_account=account(scope.company, "1000"))
    assert refusal.value.place == "income_account"


def test_what_documents_start_from_is_kept_while_it_is_in_use(scope):
    company = scope.company
    sales = TaxCode.objects.create(company=company, code="S20", name="VAT", use="sales")
    bought = TaxCode.objects.create(company=company, code="P20", name="VAT", use="purchases")
    abroad = FiscalPosition.objects.create(company=company, name="Abroad")
    net30 = PaymentTerms.objects.for_company(company).get(code="NET30")
    given = {"sales_tax": sales, "purchase_tax": bought, "fiscal_position": abroad, "customer_terms": net30,
             "supplier_terms": net30}  # fmt: skip
    contact = add_contact(name="Adatum", **given)
    found = Contact.objects.for_company(company).get(pk=contact.pk)
    assert {name: getattr(found, name) for name in given} == given

    for model, row in ((TaxCode, sales), (TaxCode, bought), (FiscalPosition, abroad), (PaymentTerms, net30)):
        model.objects.for_company(company).filter(pk=row.pk).update(is_active=False)
        row.refresh_from_db()
    assert change_contact(contact, name="Adatum Ltd", **given).name == "Adatum Ltd"
    for name, row in given.items():
        with pytest.raises(ContactRefused) as refusal:
            add_contact(name="Fabrikam", **{name: row})
        assert refusal.value.place == name
    assert change_contact(contact, sales_tax=None).sales_tax is None


def test_a_tax_of_the_other_side_is_refused(scope):
    bought = TaxCode.objects.create(company=scope.company, code="P20", name="VAT", use="purchases")
    with pytest.raises(ContactRefused) as refusal:
        add_contact(name="x", sales_tax=bought)
    assert refusal.value.place == "sales_tax"


@pytest.mark.parametrize(
    ("country", "number", "kept"),
    [
        ("DE", "DE 136,695 976", "DE136695976"), ("DE", "136695976", "136695976"), ("GB", "GB 980 7806 84", "GB980780684"),
        ("FR", "FR 40 303 265 045", "FR40303265045"), ("GR", "EL 094259216", "EL094259216"), ("US", "12-3456789", "12-3456789"),
        ("", "anything", "anything"), ("DE", "", ""),
    ],
)  # fmt: skip
def test_a_tax_number_is_kept_in_the_short_form_of_its_country(country, number, kept):
    assert checked_tax_number(number, country) == kept


@pytest.mark.parametrize(("country", "number"), [("DE", "DE136695977"), ("GB", "802311781"), ("FR", "FR84323140391")])
def test_a_tax_number_with_a_wrong_digit_is_refused(country, number):
    with pytest.raises(BadTaxNumber):
        checked_tax_number(number, country)


def test_addresses_are_replaced_as_a_whole_or_left_alone(scope):
    contact = add_contact(
        name="Adatum", addresses=[{"street": "1 Main St", "city": "Leeds", "country": "GB"}, {"city": "York"}]
    )
    change_contact(contact, phone="1")
    assert ContactAddress.objects.for_company(scope.company).filter(contact=contact).count() == 2
    change_contact(contact, addresses=[{"city": "Hull"}])
    assert [str(one) for one in ContactAddress.objects.for_company(scope.company).filter(contact=contact)] == ["Hull"]


def test_a_change_for_an_older_version_is_refused(scope):
    contact = add_contact(name="Adatum")
    change_contact(contact, version=1, name="Adatum Ltd")
    with pytest.raises(Conflict):
        change_contact(contact, version=1, name="Adatum PLC")


def test_a_contact_with_a_past_is_not_deleted_and_one_without_is(scope):
    used, unused = add_contact(name="Adatum", is_customer=True), add_contact(name="Fabrikam", is_customer=True)
    sold = (NewLine("1100", Decimal(5), sub_account=used.code), NewLine("4000", Decimal(-5)))
    post(NewEntry("sale", DAY, sold))
    with pytest.raises(ContactInUse):
        delete_contact(used)
    delete_contact(unused)
    assert [one.name for one in Contact.objects.for_company(scope.company)] == ["Adatum"]
    assert SubAccount.objects.for_company(scope.company).filter(contact=used).exists()


def test_a_bank_account_counts_when_somebody_else_has_agreed(scope):
    contact = add_contact(name="Adatum", is_supplier=True)
    clerk, controller = actor(scope.company, "clerk"), actor(scope.company, "controller")
    with acting_as(clerk):
        noted = propose_bank_account(contact.pk, iban="de89 3704 0044 0532 0130 00", bic="cobadeff")
        assert (noted.iban, noted.bic, noted.holder, noted.state) == (IBAN, "COBADEFF", "Adatum", "waiting")
        with pytest.raises(NotPermitted):
            decide_bank_account(noted.pk, approve=True)
        with pytest.raises(Conflict):
            propose_bank_account(contact.pk, iban=IBAN)
    with acting_as(controller):
        own = propose_bank_account(contact.pk, account_number="12-34")
        with pytest.raises(NotPermitted) as refusal:
            decide_bank_account(own.pk, approve=True)
        assert refusal.value.code == "self_approval"
        assert decide_bank_account(noted.pk, approve=True).state == "approved"
        with pytest.raises(Conflict):
            decide_bank_account(noted.pk, approve=False, reason="No")
        assert retire_bank_account(noted.pk).state == "retired"
        assert propose_bank_account(contact.pk, iban=IBAN).state == "waiting"


def test_a_rejected_bank_account_says_why(scope):
    contact = add_contact(name="Adatum")
    with acting_as(actor(scope.company, "clerk")):
        noted = propose_bank_account(contact.pk, iban=IBAN)
    with pytest.raises(ReasonNeeded):
        decide_bank_account(noted.pk, approve=False)
    assert decide_bank_account(noted.pk, approve=False, reason="The letter was forged").state == "rejected"
    with pytest.raises(Conflict):
        retire_bank_account(noted.pk)


@pytest.mark.parametrize(
    ("fields", "place"),
    [({}, "iban"), ({"iban": "DE00"}, "iban"), ({"iban": IBAN, "bic": "X"}, "bic"),
     ({"account_number": "1", "currency": "euro"}, "currency"), ({"account_number": "1" * 61}, "account_number")],
)  # fmt: skip
def test_a_wrong_bank_account_is_refused_at_its_place(scope, fields, place):
    contact = add_contact(name="Adatum")
    with pytest.raises(BankAccountRefused) as refusal:
        propose_bank_account(contact.pk, **fields)
    assert refusal.value.place == place


@pytest.mark.parametrize(
    "change",
    [
        {"iban": "GB82WEST12345698765432"},
        {"holder": "Somebody else"},
        {"state": "waiting"},
        {"state": "rejected", "reason": "x"},
    ],
)
def test_the_database_refuses_to_turn_an_approved_bank_account_into_another(scope, change):
    contact = add_contact(name="Adatum")
    with acting_as(actor(scope.company, "clerk")):
        noted = propose_bank_account(contact.pk, iban=IBAN)
    decide_bank_account(noted.pk, approve=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        ContactBankAccount.objects.for_company(scope.company).filter(pk=noted.pk).update(**change)


def test_twins_are_found_by_what_they_share(scope):
    one = add_contact(name="Fabrikam Ltd.", email="office@fabrikam.example")
    two = add_contact(name="FABRIKAM", country="DE", tax_number="DE136695976")
    three = add_contact(name="Another", email="Office@Fabrikam.example")
    four = add_contact(name="Fourth", tax_number="DE 136695976")
    add_contact(name="Alone")
    found = {twins.shared: {one.pk for one in twins.contacts} for twins in find_twins(scope.company)}
    assert found == {"name": {one.pk, two.pk}, "email": {one.pk, three.pk}, "tax_number": {two.pk, four.pk}}


@pytest.mark.parametrize(
    ("name", "bare"),
    [("Fabrikam Ltd.", "fabrikam"), ("Müller & Söhne GmbH & Co. KG", "müller söhne"), ("Co", "co"), ("AS", "as")],
)
def test_a_name_is_compared_without_its_legal_form(name, bare):
    assert bare_name(name) == bare


def test_merging_leaves_what_is_posted_and_points_the_one_at_the_other(scope):
    source, target = add_contact(name="Fabrikam Ltd", is_customer=True), add_contact(name="Fabrikam", is_supplier=True)
    lines = (NewLine("1100", Decimal(5), sub_account=source.code), NewLine("4000", Decimal(-5)))
    entry = post(NewEntry("sale", DAY, lines))
    merged = merge_contact(source.pk, target.pk, reason="The same firm")

    assert (merged.is_customer, merged.is_supplier) == (True, True)
    again = Contact.objects.for_company(scope.company).get(pk=source.pk)
    assert (again.merged_into_id, again.is_active) == (target.pk, False)
    assert (
        SubAccount.objects.for_company(scope.company).get(lines__entry=entry.id, account__code="1100").contact_id
        == source.pk
    )
    assert merge_contact(source.pk, target.pk).pk == target.pk
    with pytest.raises(Conflict):
        change_contact(again, name="x")
    with pytest.raises(Conflict):
        merge_contact(target.pk, source.pk)
    with pytest.raises(ContactRefused):
        merge_contact(target.pk, target.pk)
    assert split_contact(source.pk).is_active
    with pytest.raises(Conflict):
        split_contact(source.pk)


def test_what_was_merged_before_follows(scope):
    one, two, three = (add_contact(name=name) for name in ("One", "Two", "Three"))
    merge_contact(one.pk, two.pk)
    merge_contact(two.pk, three.pk)
    rows = Contact.objects.for_company(scope.company).filter(merged_into=three.pk)
    assert {row.name for row in rows} == {"One", "Two"}


def test_twins_cost_two_statements_however_many_contacts(scope, django_assert_num_queries):
    for number in range(20):
        add_contact(name=f"Contact {number}")
    with django_assert_num_queries(2):
        find_twins(scope.company)
