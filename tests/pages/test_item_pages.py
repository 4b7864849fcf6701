"""The pages of items: listed, narrowed, exported, kept with what is checked of them."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.items import add_item
from accounting.models import Account, Item, TaxCode
from tests.conftest import make_company
from tests.pages.conftest import inside

TYPED = {"code": "HOUR", "name": "Consulting", "unit": "hur", "sale_price": "1,120.5", "description": "By the hour"}


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


def added(company, code="HOUR", **fields):
    with inside(company):
        return add_item(code=code, **{"name": code.title(), **fields})


def now(company, item):
    with inside(company):
        return Item.objects.for_company(company).select_related("sales_tax", "income_account").get(pk=item.pk)


@pytest.fixture
def tax(company):
    with inside(company):
        return TaxCode.objects.create(company=company, code="S20", name="VAT 20 %", use="sales")


def test_an_item_is_added_with_what_lines_start_from(signed_in, page_of, company, tax):
    with inside(company):
        sales = Account.objects.for_company(company).get(code="4000")
    client = signed_in("clerk")
    form = text(client.get(page_of("accounting:item-new")))
    assert "S20 VAT 20 %" in form
    body = {**TYPED, "income_account": sales.pk, "sales_tax": tax.pk, "currency": "USD"}
    answer = client.post(page_of("accounting:item-new"), body)
    page = text(client.get(answer.url))
    for shown in ("Consulting", "HUR", "1,120.50", "USD", "4000 Sales", "S20 VAT 20 %", "By the hour"):
        assert shown in page
    history = text(signed_in("auditor").get(answer.url)).partition("History")[2]
    assert ("S20 VAT 20 %" in history, "4000 Sales" in history, str(tax.pk) in history) == (True, True, False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"code": ""}, "This field is required"), ({"sale_price": "much"}, "This is no number"),
     ({"purchase_price": "-1"}, "a number from 0"), ({"unit": "h"}, ""), ({"unit": "h-"}, "three capital letters")],
)  # fmt: skip
def test_what_cannot_be_kept_is_said_at_its_field_and_stays_typed(signed_in, page_of, company, changes, said):
    answer = signed_in("accountant").post(page_of("accounting:item-new"), {**TYPED, **changes})
    assert answer.status_code == (422 if said else 302)
    if said:
        assert (said in text(answer), 'value="Consulting"' in text(answer)) == (True, True)
    with inside(company):
        assert Item.objects.for_company(company).exists() == (not said)


def test_an_item_is_changed_unless_somebody_else_did_meanwhile(signed_in, page_of, company, tax):
    item = added(company, sales_tax=tax)
    with inside(company):
        TaxCode.objects.for_company(company).filter(pk=tax.pk).update(is_active=False)
    client, url = signed_in("accountant"), page_of("accounting:item-edit", item.pk)
    # What was chosen before it was retired is still offered, and kept.
    assert f'<option value="{tax.pk}" selected' in text(client.get(url))
    body = {**TYPED, "version": 1, "sales_tax": tax.pk}
    assert client.post(url, body).status_code == 302
    again = client.post(url, {**body, "name": "Mine"})
    assert (again.status_code, "changed meanwhile" in text(again), 'value="Mine"' in text(again)) == (409, True, True)
    assert (now(company, item).name, now(company, item).sales_tax_id) == ("Consulting", tax.pk)


def test_a_code_that_is_taken_is_said_at_its_field(signed_in, page_of, company):
    added(company)
    answer = signed_in("accountant").post(page_of("accounting:item-new"), TYPED)
    assert (answer.status_code, "has this code already" in text(answer)) == (422, True)


def test_the_list_is_narrowed_and_exported(signed_in, page_of, company, tax):
    added(company, "BOLT", sales_tax=tax, sale_price=Decimal(3))
    added(company, "=ANVIL", is_active=False)
    client, url = signed_in("auditor"), page_of("accounting:item-list")
    assert ("Bolt" in text(client.get(url)), "=Anvil" in text(client.get(url))) == (True, False)
    assert "=Anvil" in text(client.get(url + "?state=retired"))
    assert "No item matches" in text(client.get(url + "?text=nobody"))
    assert client.get(url + "?state=lost").status_code == 422
    exported = text(client.get(url + "?state=all&format=csv")).splitlines()
    assert exported[0].startswith("code,name,description,unit,sale_price")
    assert exported[1].startswith("'=ANVIL")
    assert exported[2] == "BOLT,Bolt,,,3,,,,,S20,,yes"


def test_an_empty_list_leads_to_the_first_item(signed_in, page_of):
    assert page_of("accounting:item-new") in text(signed_in("clerk").get(page_of("accounting:item-list")))
    assert page_of("accounting:item-new") not in text(signed_in("auditor").get(page_of("accounting:item-list")))


def test_an_item_is_taken_out_of_use_used_again_and_deleted(signed_in, page_of, company):
    item = added(company)
    client, act = signed_in("accountant"), page_of("accounting:item-act", item.pk)
    assert "offered for nothing new" in text(client.post(act, {"act": "retire"}, follow=True))
    client.post(act, {"act": "use"})
    assert now(company, item).is_active
    assert client.post(act, {"act": "delete"}).url == page_of("accounting:item-list")
    assert client.get(page_of("accounting:item-detail", item.pk)).status_code == 404


def test_who_only_reads_changes_nothing_and_strangers_find_nothing(signed_in, page_of, company):
    item, theirs = added(company), added(make_company())
    for role in ("auditor", "approver"):
        client = signed_in(role)
        assert 'name="act"' not in text(client.get(page_of("accounting:item-detail", item.pk)))
        for name in ("item-act", "item-edit"):
            assert client.post(page_of(f"accounting:{name}", item.pk), {"act": "delete"}).status_code == 403
    client = signed_in("owner")
    for name in ("item-detail", "item-edit"):
        assert client.get(page_of(f"accounting:{name}", theirs.pk)).status_code == 404
    assert client.post(page_of("accounting:item-act", theirs.pk), {"act": "retire"}).status_code == 404


def test_the_list_costs_the_same_for_1_20_and_200_items(signed_in, page_of, company, tax):
    client, counts, have = signed_in("accountant"), [], 0
    client.get(page_of("accounting:item-list"))
    for upto in (1, 20, 200):
        with inside(company):
            for number in range(have, upto):
                add_item(code=f"I{number:03}", name="Item", sales_tax=tax)
        have = upto
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page_of("accounting:item-list")).status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts


def test_items_are_acted_on_in_the_admin(signed_in, page_of, company):
    item = added(company)
    for role, done in (("auditor", False), ("clerk", True)):
        client = signed_in(role)
        client.get(page_of("accounting:item-list"))
        data = {"action": "retire", "_selected_action": [str(item.pk)]}
        assert ("Out of use: 1" in text(client.post("/admin/accounting/item/", data, follow=True))) == done
    assert client.get(f"/admin/accounting/item/{item.pk}/change/").status_code == 200
