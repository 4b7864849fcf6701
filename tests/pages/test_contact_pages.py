"""The pages of customers and suppliers: listed, kept with their addresses, paid where two agree, merged."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.contacts import add_contact
from accounting.models import Contact, ContactAddress, ContactBankAccount, FiscalPosition, PaymentTerms, TaxCode
from tests.conftest import make_company
from tests.pages.conftest import inside

IBAN = "DE89370400440532013000"


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


def typed(*addresses, **changes):
    data = {"name": "Adatum", "is_customer": "on", "country": "de", "tax_number": "DE 136695976",
            "addresses-TOTAL_FORMS": len(addresses) + 1, "addresses-INITIAL_FORMS": 0}  # fmt: skip
    for number, address in enumerate(addresses):
        data |= {f"addresses-{number}-{name}": value for name, value in address.items()}
    return {**data, **changes}


def added(company, name="Adatum", **fields):
    with inside(company):
        return add_contact(name=name, **{"is_customer": True, **fields})


def now(company, contact):
    with inside(company):
        return Contact.objects.for_company(company).get(pk=contact.pk)


def test_a_contact_is_added_with_its_addresses(signed_in, page_of, company):
    client = signed_in("clerk")
    form = text(client.get(page_of("accounting:contact-new") + "?kind=supplier"))
    assert re.search(r'name="is_supplier"[^>]* checked', form)
    answer = client.post(
        page_of("accounting:contact-new"), typed({"street": "Hauptstr. 1", "city": "Berlin", "country": "de"})
    )

    page = text(client.get(answer.url))
    for shown in ("Adatum", "C00001", "DE136695976", "Hauptstr. 1", "Berlin", "Open items of 1100"):
        assert shown in page
    with inside(company):
        assert ContactAddress.objects.for_company(company).get().country == "DE"


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"tax_number": "DE136695977"}, "is no tax number of DE"), ({"name": ""}, "This field is required"),
     ({"email": "nobody"}, "Enter a valid email address"), ({"credit_limit": "much"}, "This is no number"),
     ({"country": "d"}, "two capital letters")],
)  # fmt: skip
def test_what_cannot_be_kept_is_said_at_its_field_and_stays_typed(signed_in, page_of, company, changes, said):
    answer = signed_in("accountant").post(page_of("accounting:contact-new"), typed({"city": "Köln"}, **changes))
    assert answer.status_code == 422
    assert said in text(answer)
    assert 'value="Köln"' in text(answer)
    with inside(company):
        assert not Contact.objects.for_company(company).exists()


def test_a_contact_is_changed_unless_somebody_else_did_meanwhile(signed_in, page_of, company):
    contact = added(company, addresses=[{"city": "Leeds"}, {"city": "York"}])
    client, url = signed_in("accountant"), page_of("accounting:contact-edit", contact.pk)
    form = text(client.get(url))
    assert ('value="Leeds"' in form, 'value="York"' in form) == (True, True)
    body = typed({"city": "Leeds"}, name="Adatum Ltd", version=1, code=contact.code)
    assert client.post(url, body).status_code == 302
    with inside(company):
        assert [one.city for one in ContactAddress.objects.for_company(company)] == ["Leeds"]
    again = client.post(url, {**body, "name": "Adatum PLC"})
    assert (again.status_code, "changed meanwhile" in text(again), "Adatum PLC" in text(again)) == (409, True, True)
    assert now(company, contact).name == "Adatum Ltd"


def test_what_documents_start_from_is_offered_kept_and_shown(signed_in, page_of, company):
    with inside(company):
        net30 = PaymentTerms.objects.for_company(company).get(code="NET30")
        sales = TaxCode.objects.create(company=company, code="S20", name="VAT 20 %", use="sales")
        bought = TaxCode.objects.create(company=company, code="P20", name="VAT bought", use="purchases")
        retired = TaxCode.objects.create(company=company, code="OLD", name="VAT 17 %", use="sales", is_active=False)
        abroad = FiscalPosition.objects.create(company=company, name="Abroad")
    client, url = signed_in("accountant"), page_of("accounting:contact-new")
    form = text(client.get(url))
    assert (f'value="{sales.pk}"' in form, f'value="{retired.pk}"' in form) == (True, False)
    chosen = {"customer_terms": net30.pk, "supplier_terms": net30.pk, "sales_tax": sales.pk,
              "purchase_tax": bought.pk, "fiscal_position": abroad.pk}  # fmt: skip
    answer = client.post(url, typed(**chosen))
    page = text(client.get(answer.url))
    for shown in ("They pay us", "NET30 30 days net", "S20 VAT 20 %", "P20 VAT bought", "Abroad"):
        assert shown in page
    exported = text(client.get(page_of("accounting:contact-list") + "?format=csv")).splitlines()
    assert "income_account,expense_account,sales_tax,purchase_tax,fiscal_position,customer_terms" in exported[0]
    assert ",S20,P20,Abroad,NET30,NET30," in exported[1]
    assert client.post(url, typed(sales_tax=retired.pk)).status_code == 422


def test_the_list_is_narrowed_and_exported(signed_in, page_of, company):
    for name, supplier in (("Adatum", False), ("Fabrikam", True), ("=Contoso", True)):
        added(company, name, is_supplier=supplier, is_customer=not supplier)
    client, url = signed_in("auditor"), page_of("accounting:contact-list")
    assert ("Adatum" in text(client.get(url)), "Fabrikam" in text(client.get(url))) == (True, True)
    suppliers = text(client.get(url + "?kind=supplier"))
    assert ("Adatum" in suppliers, "Fabrikam" in suppliers) == (False, True)
    assert "No contact matches" in text(client.get(url + "?text=nobody"))
    exported = text(client.get(url + "?kind=supplier&format=csv")).splitlines()
    assert exported[0].startswith("code,name,is_customer")
    assert [line.split(",")[1] for line in exported[1:]] == ["'=Contoso", "Fabrikam"]


def test_an_empty_list_leads_to_the_first_contact(signed_in, page_of):
    page = text(signed_in("clerk").get(page_of("accounting:contact-list")))
    assert page_of("accounting:contact-new") in page
    assert page_of("accounting:contact-new") not in text(signed_in("auditor").get(page_of("accounting:contact-list")))


def test_a_bank_account_waits_for_somebody_else(signed_in, page_of, company):
    contact = added(company)
    url = page_of("accounting:contact-detail", contact.pk)
    clerk = signed_in("clerk")
    wrong = clerk.post(page_of("accounting:bank-account-add", contact.pk), {"iban": "DE00"})
    assert (wrong.status_code, "is no IBAN" in text(wrong), 'value="DE00"' in text(wrong)) == (422, True, True)
    clerk.post(page_of("accounting:bank-account-add", contact.pk), {"iban": IBAN})
    with inside(company):
        noted = ContactBankAccount.objects.for_company(company).get()
    assert 'value="approve"' not in text(clerk.get(url))
    act = page_of("accounting:bank-account-act", noted.pk)
    assert clerk.post(act, {"act": "approve"}).status_code == 403

    approver = signed_in("approver")
    assert 'value="approve"' in text(approver.get(url))
    assert "Say why" in text(approver.post(act, {"act": "reject"}, follow=True))
    assert "Approved" in text(approver.post(act, {"act": "approve"}, follow=True))
    assert "No longer used" in text(signed_in("accountant").post(act, {"act": "retire"}, follow=True))


def test_two_that_are_one_are_found_merged_and_split(signed_in, page_of, company):
    one, two = added(company, "Fabrikam Ltd"), added(company, "Fabrikam")
    client = signed_in("accountant")
    assert "Fabrikam Ltd" in text(client.get(page_of("accounting:contact-twins")))
    url = page_of("accounting:contact-merge", one.pk)
    wrong = client.post(url, {"into": "C99999"})
    assert (wrong.status_code, "no contact of this number" in text(wrong)) == (422, True)
    merged = text(client.post(url, {"into": two.code, "reason": "same"}, follow=True))
    assert "Merged into this contact" in merged
    assert "which stands for both" in text(client.get(page_of("accounting:contact-detail", one.pk)))
    assert "No two contacts" in text(client.get(page_of("accounting:contact-twins")))
    client.post(page_of("accounting:contact-act", one.pk), {"act": "split"})
    assert now(company, one).is_active


def test_a_contact_is_taken_out_of_use_used_again_and_deleted(signed_in, page_of, company):
    contact = added(company)
    client, act = signed_in("accountant"), page_of("accounting:contact-act", contact.pk)
    client.post(act, {"act": "retire"})
    assert not now(company, contact).is_active
    assert "No contact matches" in text(client.get(page_of("accounting:contact-list") + "?text=Adatum"))
    client.post(act, {"act": "use"})
    assert now(company, contact).is_active
    answer = client.post(act, {"act": "delete"})
    assert answer.url == page_of("accounting:contact-list")
    assert client.get(page_of("accounting:contact-detail", contact.pk)).status_code == 404


def test_who_only_reads_changes_nothing(signed_in, page_of, company):
    contact = added(company)
    for role in ("auditor", "approver"):
        client = signed_in(role)
        assert client.get(page_of("accounting:contact-detail", contact.pk)).status_code == 200
        assert client.get(page_of("accounting:contact-new")).status_code == 403
        for name in ("contact-act", "contact-merge", "bank-account-add"):
            assert client.post(page_of(f"accounting:{name}", contact.pk), {"act": "delete"}).status_code == 403


def test_another_companys_contacts_are_not_there(signed_in, page_of):
    theirs = added(make_company(), "Theirs")
    client = signed_in("owner")
    for name in ("contact-detail", "contact-edit"):
        assert client.get(page_of(f"accounting:{name}", theirs.pk)).status_code == 404
    for name in ("contact-act", "contact-merge", "bank-account-add"):
        assert (
            client.post(
                page_of(f"accounting:{name}", theirs.pk), {"act": "retire", "into": "x", "iban": IBAN}
            ).status_code
            == 404
        )


def test_the_lists_cost_the_same_for_1_20_and_200_contacts(signed_in, page_of, company):
    client, have = signed_in("accountant"), 0
    costs = {page_of(f"accounting:{name}"): [] for name in ("contact-list", "contact-twins")}
    for address in costs:
        client.get(address)
    for upto in (1, 20, 200):
        with inside(company):
            for number in range(have, upto):
                add_contact(name=f"Contact {number}", email=f"{number // 2}@example.com")
        have = upto
        for address, counts in costs.items():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts.append(len(queries))
    assert all(len(set(counts)) == 1 for counts in costs.values()), costs


def test_contacts_and_bank_accounts_are_acted_on_in_the_admin(signed_in, page_of, company):
    contact = added(company)
    clerk = signed_in("clerk")
    clerk.post(page_of("accounting:bank-account-add", contact.pk), {"iban": IBAN})
    with inside(company):
        noted = ContactBankAccount.objects.for_company(company).get()

    def act(client, model, action, row):
        client.get(page_of("accounting:contact-list"))
        data = {"action": action, "_selected_action": [str(row.pk)]}
        return text(client.post(f"/admin/accounting/{model}/", data, follow=True))

    assert "No action selected" in act(clerk, "contactbankaccount", "agree", noted)
    assert "Agreed to: 1" in act(signed_in("approver"), "contactbankaccount", "agree", noted)
    clerk = signed_in("clerk")
    assert "Retired: 1" in act(clerk, "contactbankaccount", "retire", noted)
    assert "Out of use: 1" in act(clerk, "contact", "retire", contact)
    assert "In use: 1" in act(clerk, "contact", "use", contact)
    assert clerk.get(f"/admin/accounting/contact/{contact.pk}/change/").status_code == 200
