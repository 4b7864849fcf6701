"""Every page opens for its readers, and for nobody else; lists cost the same however long they are."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.books import sale

READERS_PAGES = [
    "reports:dashboard", "reports:trial-balance", "ledger:entry-list", "accounting:account-list",
    "accounting:period-list", "accounting:rate-list", "ledger:export", "ledger:draft-list", "ledger:approval-list",
    "ledger:open-item-list", "ledger:settlement-list", "ledger:revaluation", "ledger:deferral-list",
    "ledger:limit-list", "ledger:budget-list", "ledger:planned-reversal-list",
    "ledger:approval-rule-list", "ledger:template-list", "ledger:recurring-list", "tenants:delegation-list",
    "accounting:lock-exception-list", "reports:control-accounts",
    "accounting:contact-list", "accounting:contact-twins", "accounting:item-list", "accounting:payment-terms-list",
    "accounting:tax-list", "accounting:tax-box-list", "accounting:fiscal-position-list", "jobs:mail-list",
    "invoicing:recurring-list", "reports:report-list", "reports:statutory",
]  # fmt: skip
WRITERS_PAGES = [
    "ledger:entry-new", "ledger:import-list", "accounting:account-new", "accounting:chart-import",
    "ledger:template-new", "ledger:recurring-new", "ledger:deferral-new", "ledger:limit-new", "ledger:budget-new",
    "ledger:opening",
    "accounting:item-new", "accounting:payment-terms-new", "accounting:tax-new", "accounting:tax-box-new",
    "accounting:fiscal-position-new", "accounting:table-import-list",
]  # fmt: skip


@pytest.mark.parametrize("name", READERS_PAGES + WRITERS_PAGES)
def test_a_visitor_is_sent_to_sign_in(client, page_of, name):
    answer = client.get(page_of(name))

    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")


@pytest.mark.parametrize("name", READERS_PAGES + WRITERS_PAGES)
def test_a_stranger_finds_nothing(client, page_of, name):
    from tenants.models import User

    stranger = User.objects.create(email="stranger@example.com", name="Stranger", password="!")
    client.force_login(stranger, "django.contrib.auth.backends.ModelBackend")

    assert client.get(page_of(name)).status_code == 404


@pytest.mark.parametrize("name", READERS_PAGES)
def test_an_auditor_reads_every_page(signed_in, page_of, name):
    assert signed_in("auditor").get(page_of(name)).status_code == 200


@pytest.mark.parametrize("name", READERS_PAGES)
def test_a_printed_page_says_whose_it_is_and_who_printed_it(signed_in, page_of, company, name):
    page = signed_in("auditor").get(page_of(name)).content.decode()

    (head,) = re.findall('<p class="print-head">(.*?)</p>', page)
    assert head.startswith(company.name)
    assert "printed by" in head


@pytest.mark.parametrize("name", WRITERS_PAGES)
def test_an_auditor_opens_no_page_that_writes(signed_in, page_of, name):
    assert signed_in("auditor").get(page_of(name)).status_code == 403


@pytest.mark.parametrize("name", READERS_PAGES + WRITERS_PAGES)
def test_an_accountant_opens_every_page(signed_in, page_of, name):
    assert signed_in("accountant").get(page_of(name)).status_code == 200


def test_an_auditor_sees_no_button_that_writes(signed_in, page_of, post_entries):
    (posted,) = post_entries(sale("5.00"))
    client = signed_in("auditor")

    entry = client.get(page_of("ledger:entry-detail", posted.id)).content.decode()
    chart = client.get(page_of("accounting:account-list")).content.decode()
    journal = client.get(page_of("ledger:entry-list")).content.decode()
    periods = client.get(page_of("accounting:period-list")).content.decode()

    assert page_of("ledger:entry-reverse", posted.id) not in entry
    assert "Copy to new" not in entry
    assert page_of("ledger:entry-new") not in journal
    assert page_of("accounting:account-new") not in chart
    assert 'name="act"' not in chart + periods


def test_an_auditor_cannot_post_what_no_button_offers(signed_in, page_of, post_entries, company):
    (posted,) = post_entries(sale("5.00"))
    client = signed_in("auditor")

    assert client.post(page_of("ledger:entry-reverse", posted.id), {}).status_code == 403
    assert client.post(page_of("accounting:account-status"), {"act": "frozen x 1"}).status_code == 403
    assert client.post(page_of("accounting:next-year")).status_code == 403
    assert client.post(page_of("accounting:rate-list"), {}).status_code == 403


LISTS = ["ledger:entry-list", "accounting:account-list", "reports:trial-balance", "reports:dashboard"]


def test_a_list_costs_the_same_for_1_20_and_200_rows(signed_in, page_of, post_entries, company):
    client = signed_in("accountant")
    costs = {name: [] for name in LISTS}
    for count in (1, 19, 180):
        post_entries(*(sale("1.00", key=f"{count}:{n}", date=datetime.date(2026, 3, 1)) for n in range(count)))
        _more_accounts(company, count)
        for name in LISTS:
            client.get(page_of(name))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page_of(name)).status_code == 200
            costs[name].append(len(queries))

    assert all(len(set(counts)) == 1 for counts in costs.values()), costs


def _more_accounts(company, count):
    from accounting.models import Account
    from tenants.scope import Actor, company_scope

    with company_scope(company, actor=Actor.system("test")):
        Account.objects.bulk_create(
            Account(company=company, code=f"8{count}{n:03}", name=f"Account {n}", type="expense") for n in range(count)
        )


def test_an_account_ledger_costs_the_same_for_every_length(signed_in, page_of, post_entries):
    client = signed_in("accountant")
    address = page_of("ledger:account-ledger", "1000") + "?from=2026-01-01&to=2026-12-31"
    costs = []
    for count in (1, 19, 79):
        post_entries(*(sale("1.00", key=f"{count}:{n}") for n in range(count)))
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        costs.append(len(queries))

    assert len(set(costs)) == 1, costs
