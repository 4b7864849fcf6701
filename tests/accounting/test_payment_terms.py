"""Payment terms: kept with instalments of 100 percent together, changed for who saw the latest, started with."""

from decimal import Decimal

import pytest

from accounting.contacts import add_contact
from accounting.due_dates import Part
from accounting.models import PaymentTerms, TermsInstalment
from accounting.payment_terms import (
    TermsCodeTaken,
    TermsInUse,
    TermsNotFound,
    TermsRefused,
    add_standard_terms,
    add_terms,
    change_terms,
    delete_terms,
    parts_of,
)
from tenants.permissions import permissions_of_role
from tenants.refusal import Conflict, NotPermitted
from tenants.scope import Actor, acting_as

D = Decimal
WHOLE = [{"days": 30}]
HALVES = [{"percent": D(50)}, {"percent": D(50), "days": 30}]


def terms_of(company, code):
    return PaymentTerms.objects.for_company(company).get(code=code)


def test_a_new_company_starts_with_the_usual_terms(scope):
    rows = PaymentTerms.objects.for_company(scope.company).order_by("code")
    assert [row.code for row in rows] == ["IMMEDIATE", "NET14", "NET30", "NET30EOM"]
    assert parts_of(terms_of(scope.company, "IMMEDIATE")) == (Part(),)
    assert parts_of(terms_of(scope.company, "NET30EOM")) == (Part(days=30, day_of_month=31),)


def test_standard_terms_that_are_there_stay_as_they_are(scope):
    change_terms(terms_of(scope.company, "NET30"), name="Ours")
    delete_terms(terms_of(scope.company, "NET14"))
    assert [made.code for made in add_standard_terms()] == ["NET14"]
    assert terms_of(scope.company, "NET30").name == "Ours"
    assert add_standard_terms() == []


def test_terms_are_added_with_a_discount_and_instalments_in_order(scope):
    made = add_terms(
        code=" 2-10 ", name="2 % in 10 days", discount_percent=D(2), discount_days=10, instalments=[*HALVES]
    )
    found = terms_of(scope.company, "2-10")
    assert (made.pk, found.discount_percent, found.discount_days) == (found.pk, D(2), 10)
    assert parts_of(found) == (Part(D(50)), Part(D(50), days=30))


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"code": " "}, "code"),
        ({"name": ""}, "name"),
        ({"code": "x" * 41}, "code"),
        ({"name": "x\x00"}, "name"),
        ({"discount_percent": D(100)}, "discount_percent"),
        ({"discount_percent": D(-1)}, "discount_percent"),
        ({"discount_percent": D("NaN")}, "discount_percent"),
        ({"discount_percent": D("0.0000001")}, "discount_percent"),
        ({"discount_days": 3661}, "discount_days"),
        ({"discount_days": -1}, "discount_days"),
        ({"instalments": []}, "instalments"),
        ({"instalments": [{"percent": D(1)}] * 61}, "instalments"),
        ({"instalments": [{"percent": D("99.999999")}]}, "instalments"),
        ({"instalments": [{"percent": D(60)}, {"percent": D(60)}]}, "instalments"),
        ({"instalments": [{"percent": D(100)}, {"percent": D(0)}]}, "instalments[1].percent"),
        ({"instalments": [{"percent": D("100.5")}]}, "instalments[0].percent"),
        ({"instalments": [{"percent": D("Infinity")}]}, "instalments[0].percent"),
        ({"instalments": [{"months": 121}]}, "instalments[0].months"),
        ({"instalments": [{"days": -1}]}, "instalments[0].days"),
        ({"instalments": [{"day_of_month": 32}]}, "instalments[0].day_of_month"),
        ({"instalments": [{"weeks": 2}]}, "instalments[0].weeks"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_wrong_terms_are_refused_at_their_place_and_nothing_is_kept(scope, fields, place):
    with pytest.raises(TermsRefused) as refusal:
        add_terms(**{"code": "NEW", "name": "New", "instalments": WHOLE, **fields})
    assert refusal.value.place == place
    assert PaymentTerms.objects.for_company(scope.company).count() == 4


def test_a_code_is_given_once(scope):
    with pytest.raises(TermsCodeTaken) as refusal:
        add_terms(code="NET30", name="Again", instalments=WHOLE)
    assert (refusal.value.code, refusal.value.place) == ("payment_terms_code_taken", "code")
    with pytest.raises(TermsCodeTaken):
        change_terms(terms_of(scope.company, "NET14"), code="NET30")


def test_instalments_are_replaced_as_a_whole_or_left_alone(scope):
    terms = terms_of(scope.company, "NET30")
    change_terms(terms, name="Thirty days")
    assert parts_of(terms_of(scope.company, "NET30")) == (Part(days=30),)
    change_terms(terms, instalments=HALVES)
    assert TermsInstalment.objects.for_company(scope.company).filter(terms=terms).count() == 2
    with pytest.raises(TermsRefused):
        change_terms(terms, instalments=[])


def test_a_change_for_an_older_version_is_refused(scope):
    terms = terms_of(scope.company, "NET30")
    assert change_terms(terms, version=1, name="Thirty").version == 2
    with pytest.raises(Conflict):
        change_terms(terms, version=1, name="Forty")
    delete_terms(terms)
    with pytest.raises(TermsNotFound):
        change_terms(terms, name="Gone")


def test_terms_that_somebody_has_are_not_deleted(scope):
    terms = terms_of(scope.company, "NET30")
    add_contact(name="Adatum", customer_terms=terms)
    with pytest.raises(TermsInUse):
        delete_terms(terms)
    assert parts_of(terms_of(scope.company, "NET30")) == (Part(days=30),)


def test_who_may_not_change_the_chart_changes_no_terms(scope):
    clerk = Actor(type="user", name="Clerk", permissions=permissions_of_role("clerk"))
    terms = terms_of(scope.company, "NET30")
    with acting_as(clerk):
        for act in (
            lambda: add_terms(code="NEW", name="New", instalments=WHOLE),
            lambda: change_terms(terms, name="New"),
            lambda: delete_terms(terms),
        ):
            with pytest.raises(NotPermitted):
                act()
