"""The pages of payment terms: listed in words, kept with their instalments, shown at an invoice of today."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.contacts import add_contact
from accounting.models import PaymentTerms, TermsInstalment
from accounting.payment_terms import add_terms
from tests.conftest import make_company
from tests.pages.conftest import inside


def text(answer):
    return answer.content.decode()


def typed(*rows, kept=0, **changes):
    data = {"code": "HALVES", "name": "In two halves", "instalments-TOTAL_FORMS": len(rows) + 3,
            "instalments-INITIAL_FORMS": kept}  # fmt: skip
    for number, row in enumerate(rows):
        data |= {f"instalments-{number}-{name}": value for name, value in row.items()}
    return {**data, **changes}


HALVES = ({"percent": "50"}, {"percent": "50 %", "months": "1", "day_of_month": "31"})


def terms_of(company, code):
    with inside(company):
        return PaymentTerms.objects.for_company(company).filter(code=code).first()


def instalments_of(company, code):
    with inside(company):
        rows = TermsInstalment.objects.for_company(company).filter(terms__code=code)
        return [(int(row.percent), row.months, row.days, row.day_of_month) for row in rows]


def test_the_usual_terms_are_listed_in_words(signed_in, page_of):
    page = text(signed_in("auditor").get(page_of("accounting:payment-terms-list")))
    for shown in ("NET14", "at once", "after 30 days", "after 30 days, on the last day of the month"):
        assert shown in page
    assert page_of("accounting:payment-terms-new") not in page


def test_terms_are_added_with_their_instalments_and_a_discount(signed_in, page_of, company):
    body = typed(*HALVES, discount_percent="2", discount_days="10")
    answer = signed_in("accountant").post(page_of("accounting:payment-terms-new"), body)
    page = text(signed_in("auditor").get(answer.url))
    for shown in ("50 % at once", "50 % after 1 month, on the last day of the month", "2 % within 10 days", "500.00",
                  "20.00 EUR less"):  # fmt: skip
        assert shown in page
    assert instalments_of(company, "HALVES") == [(50, 0, 0, None), (50, 1, 0, 31)]


def test_nothing_typed_is_due_at_once(signed_in, page_of, company):
    assert signed_in("accountant").post(page_of("accounting:payment-terms-new"), typed()).status_code == 302
    assert instalments_of(company, "HALVES") == [(100, 0, 0, None)]


@pytest.mark.parametrize(
    ("rows", "changes", "said"),
    [
        (HALVES[:1], {}, "100 percent together, not 50"),
        (({"percent": "much"},), {}, "This is no number"),
        (({"days": "-1"},), {}, "greater than or equal to 0"),
        (({}, {"percent": "0"}), {}, "over 0 and at most 100"),
        (HALVES, {"code": ""}, "This field is required"),
        (HALVES, {"code": "NET30"}, "have this code already"),
        (HALVES, {"discount_percent": "100"}, "from 0 and under 100"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field_and_stays_typed(signed_in, page_of, company, rows, changes, said):
    answer = signed_in("accountant").post(page_of("accounting:payment-terms-new"), typed(*rows, **changes))
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert 'value="In two halves"' in text(answer)
    assert terms_of(company, "HALVES") is None


def test_terms_are_changed_unless_somebody_else_did_meanwhile(signed_in, page_of, company):
    with inside(company):
        halves = [{"percent": 50}, {"percent": 50, "days": 30}]
        terms = add_terms(code="HALVES", name="Halves", instalments=halves)
    client, url = signed_in("accountant"), page_of("accounting:payment-terms-edit", terms.pk)
    form = text(client.get(url))
    assert (form.count('value="50"'), 'name="instalments-4-percent"' in form) == (2, True)
    body = typed({"percent": ""}, {"percent": "100", "days": "30"}, kept=2, version=1)
    assert client.post(url, body).status_code == 302
    assert instalments_of(company, "HALVES") == [(100, 0, 30, None)]
    again = client.post(url, {**body, "name": "Mine"})
    assert (again.status_code, "changed meanwhile" in text(again), 'value="Mine"' in text(again)) == (409, True, True)
    assert terms_of(company, "HALVES").name == "In two halves"


def test_terms_are_taken_out_of_use_used_again_and_deleted(signed_in, page_of, company):
    terms = terms_of(company, "NET14")
    client, act = signed_in("accountant"), page_of("accounting:payment-terms-act", terms.pk)
    assert "offered for nothing new" in text(client.post(act, {"act": "retire"}, follow=True))
    client.post(act, {"act": "use"})
    assert terms_of(company, "NET14").is_active
    with inside(company):
        contact = add_contact(name="Adatum", customer_terms=terms)
    assert "take them out of use instead" in text(client.post(act, {"act": "delete"}, follow=True))
    with inside(company):
        type(contact).objects.for_company(company).filter(pk=contact.pk).delete()
    assert client.post(act, {"act": "delete"}).url == page_of("accounting:payment-terms-list")
    assert terms_of(company, "NET14") is None


def test_a_company_without_terms_adds_the_usual_ones(signed_in, page_of, company):
    with inside(company):
        TermsInstalment.objects.for_company(company).delete()
        PaymentTerms.objects.for_company(company).delete()
    client, url = signed_in("accountant"), page_of("accounting:payment-terms-list")
    assert "everything is due at once" in text(client.get(url))
    assert "Payment terms added: 4" in text(client.post(page_of("accounting:payment-terms-standard"), follow=True))
    assert instalments_of(company, "NET30EOM") == [(100, 0, 30, 31)]


def test_who_does_not_change_accounts_changes_no_terms(signed_in, page_of, company):
    terms = terms_of(company, "NET14")
    for role in ("auditor", "clerk"):
        client = signed_in(role)
        page = text(client.get(page_of("accounting:payment-terms-detail", terms.pk)))
        assert 'name="act"' not in page
        for name, args in (("act", (terms.pk,)), ("edit", (terms.pk,)), ("standard", ()), ("new", ())):
            assert client.post(page_of(f"accounting:payment-terms-{name}", *args), {"act": "x"}).status_code == 403


def test_another_companys_terms_are_not_there(signed_in, page_of):
    theirs = terms_of(make_company(), "NET14")
    client = signed_in("owner")
    for name in ("detail", "edit"):
        assert client.get(page_of(f"accounting:payment-terms-{name}", theirs.pk)).status_code == 404
    assert client.post(page_of("accounting:payment-terms-act", theirs.pk), {"act": "retire"}).status_code == 404


def test_the_list_costs_the_same_for_however_many_terms(signed_in, page_of, company):
    client, counts, have = signed_in("accountant"), [], 4
    client.get(page_of("accounting:payment-terms-list"))
    for upto in (5, 20, 200):
        with inside(company):
            for number in range(have, upto):
                add_terms(code=f"T{number:03}", name="Terms", instalments=[{"days": number}])
        have = upto
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page_of("accounting:payment-terms-list")).status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts


def test_terms_are_acted_on_in_the_admin(signed_in, page_of, company):
    terms = terms_of(company, "NET14")
    for role, done in (("clerk", False), ("accountant", True)):
        client = signed_in(role)
        client.get(page_of("accounting:payment-terms-list"))
        data = {"action": "retire", "_selected_action": [str(terms.pk)]}
        assert ("Out of use: 1" in text(client.post("/admin/accounting/paymentterms/", data, follow=True))) == done
    assert client.get(f"/admin/accounting/paymentterms/{terms.pk}/change/").status_code == 200
