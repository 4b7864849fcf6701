"""Revaluations, deferrals and planned reversals by their pages."""

import datetime
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.periods import set_lock_date
from accounting.rates import set_rate
from ledger.auto_reversal import reverse_due
from ledger.deferrals import recognise_due, start_deferral
from ledger.models import AutoReversal, Deferral, DeferralPart, Entry
from ledger.posting import post
from ledger.proposals import NEXT_PERIOD, NewEntry, NewLine
from tests.books import sale
from tests.conftest import make_company
from tests.pages.conftest import fetched, inside
from tests.pages.items import MARCH, open_customers

DAY = datetime.date(2026, 3, 31)


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


@pytest.fixture
def dollars(company):
    open_customers(company)
    with inside(company):
        line = NewLine("1010", Decimal("1000.00"), "USD", rate=Decimal("0.90"))
        post(NewEntry("usd", MARCH, (line, NewLine("4000", Decimal(-900)))))
    return company


def test_what_closing_rates_would_change_is_shown_before_it_is_posted(signed_in, page_of, dollars):
    with inside(dollars):
        set_rate("USD", DAY, Decimal("0.95"), source="ECB")
    client = signed_in("accountant")
    address = page_of("ledger:revaluation") + "?date=2026-03-31"
    page = text(client.get(address))

    for part in ("1,000.00", "0.95", "ECB 2026-03-31", "900.00", "950.00", "Unrealised gains: 50.00 EUR", "1 Apr 2026"):
        assert part in page
    assert text(client.get(f"{address}&format=csv")).splitlines()[1].endswith("950.00,50.00")
    assert fetched(dollars, Entry).key == "usd"
    answer = client.post(page_of("ledger:revaluation-run"), {"date": "2026-03-31"})
    entry = fetched(dollars, Entry, source="revaluation")
    assert answer.url == page_of("ledger:entry-detail", entry.pk)
    again = text(client.get(address))
    assert "stands at its closing rate" in again
    assert page_of("ledger:entry-detail", entry.pk) in again
    assert "on 1 Apr 2026" in again


def test_nothing_to_revalue_is_said_and_posts_nothing(signed_in, page_of, dollars):
    with inside(dollars):
        set_rate("USD", DAY, Decimal("0.90"), source="ECB")
    answer = signed_in("accountant").post(page_of("ledger:revaluation-run"), {"date": "2026-03-31"})

    assert answer.status_code == 422
    assert "Every balance stands at its closing rate." in text(answer)
    assert 'value="2026-03-31"' in text(answer)


def test_a_missing_rate_is_named_with_the_way_to_note_it(signed_in, page_of, dollars):
    client = signed_in("accountant")
    page = text(client.get(page_of("ledger:revaluation") + "?date=2026-03-31"))

    assert "for USD" in page
    assert page_of("accounting:rate-list") + "?currency=USD" in page
    assert page_of("ledger:revaluation-run") not in page
    refused = client.post(page_of("ledger:revaluation-run"), {"date": "2026-03-31"})
    assert refused.status_code == 422
    assert "no exchange rate of USD" in text(refused)


@pytest.mark.parametrize("date", ["", "x", "2026-02-30"])
def test_a_day_that_is_none_is_said_at_its_field(signed_in, page_of, company, date):
    assert signed_in("auditor").get(page_of("ledger:revaluation") + f"?date={date}").status_code == 422


def test_the_last_day_of_all_has_no_day_to_take_it_back(signed_in, page_of, dollars):
    for answer in (
        signed_in("accountant").get(page_of("ledger:revaluation") + "?date=9999-12-31"),
        signed_in("accountant").post(page_of("ledger:revaluation-run"), {"date": "9999-12-31"}),
    ):
        assert answer.status_code == 422
        assert "no day after" in text(answer)


def test_who_may_not_post_revalues_spreads_and_stops_nothing(signed_in, page_of, dollars):
    with inside(dollars):
        set_rate("USD", DAY, Decimal("0.95"), source="ECB")
    deferral = insured(dollars)
    for role in ("auditor", "clerk", "approver"):
        client = signed_in(role)
        assert page_of("ledger:revaluation-run") not in text(
            client.get(page_of("ledger:revaluation") + "?date=2026-03-31")
        )
        assert client.post(page_of("ledger:revaluation-run"), {"date": "2026-03-31"}).status_code == 403
        assert client.get(page_of("ledger:deferral-new")).status_code == 403
        assert 'id="stop"' not in text(client.get(page_of("ledger:deferral-detail", deferral.pk)))
        assert client.post(page_of("ledger:deferral-stop", deferral.pk), {}).status_code == 403


def insured(company, name="Insurance", **fields):
    with inside(company):
        return start_deferral(**{
            "name": name, "from_account": "1500", "to_account": "5000", "amount": Decimal("100.00"),
            "start": datetime.date(2026, 1, 15), "end": datetime.date(2026, 6, 30), **fields,
        })  # fmt: skip


def typed(**changes):
    data = {
        "act": "start", "name": "Insurance", "from_account": "1500 Equipment", "to_account": "rent",
        "amount": "1,200/12", "start": "2026-01-15", "end": "2026-06-30", "method": "months", "entry": "",
    }  # fmt: skip
    return {**data, **changes}


def test_an_amount_is_spread_after_a_look_at_its_parts(signed_in, page_of, company):
    client = signed_in("accountant")
    tried = text(client.post(page_of("ledger:deferral-new"), typed(act="try")))
    assert re.findall(r"16\.6[67]", tried) == ["16.67", "16.66", "16.67", "16.67", "16.66", "16.67"]
    with inside(company):
        assert not Deferral.objects.for_company(company).exists()
    answer = client.post(page_of("ledger:deferral-new"), typed())

    made = fetched(company, Deferral)
    assert answer.url == page_of("ledger:deferral-detail", made.pk)
    assert (made.amount, made.from_account_id != made.to_account_id) == (100, True)
    assert "31 Jan 2026" in text(client.get(answer.url))


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"name": " "}, "name", "This field is required"),
        ({"to_account": "zzz"}, "to_account", "There is no account “zzz”"),
        ({"to_account": "1500"}, "to_account", "between two accounts"),
        ({"amount": "12x"}, "amount", "is not an amount"),
        ({"amount": "0"}, "amount", ""),
        ({"amount": "0.001"}, "amount", ""),
        ({"end": "2025-12-31"}, "end", "before the first"),
        ({"end": "2199-12-31"}, "end", "At most 600 parts"),
    ],
)
def test_what_cannot_be_spread_is_refused_at_its_field_and_kept(signed_in, page_of, company, changes, place, message):
    answer = signed_in("accountant").post(page_of("ledger:deferral-new"), typed(**changes))

    assert answer.status_code == 422
    assert f'id="id_{place}_error"' in text(answer)
    assert message in text(answer)
    assert 'value="2026-01-15"' in text(answer)


def test_a_form_that_is_sent_twice_spreads_once_and_a_changed_one_says_so(signed_in, page_of, company):
    client = signed_in("accountant")
    (key,) = re.findall('name="deferral_id" value="([^"]+)"', text(client.get(page_of("ledger:deferral-new"))))
    first = client.post(page_of("ledger:deferral-new"), typed(deferral_id=key))
    again = client.post(page_of("ledger:deferral-new"), typed(deferral_id=key))
    changed = client.post(page_of("ledger:deferral-new"), typed(deferral_id=key, amount="77.00"))

    assert (first.status_code, again.url) == (302, first.url)
    assert "saved before, with other content" in text(changed)
    assert key not in text(changed)
    with inside(company):
        assert Deferral.objects.for_company(company).count() == 1


def test_a_deferral_begins_with_the_line_of_an_entry(signed_in, page_of, company):
    open_customers(company)
    with inside(company):
        lines = (NewLine("1300", Decimal(1200), memo="Licences"), NewLine("1000", Decimal(-1200)))
        entry = post(NewEntry("prepaid", MARCH, lines)).id
    client = signed_in("accountant")
    entry_page = text(client.get(page_of("ledger:entry-detail", entry)))
    link = f"{page_of('ledger:deferral-new')}?entry={entry}&amp;line=1"
    assert link in entry_page
    page = text(client.get(link.replace("&amp;", "&")))
    for value in ("Licences", "1300 Prepaid expenses", "1200.00", "2026-03-10", str(entry)):
        assert f'value="{value}"' in page
    client.post(page_of("ledger:deferral-new"), typed(entry=str(entry), from_account="1300"))

    made = fetched(company, Deferral)
    assert made.entry_id == entry
    after = text(client.get(page_of("ledger:entry-detail", entry)))
    assert page_of("ledger:deferral-detail", made.pk) in after
    assert link not in after


def test_the_list_says_how_far_each_is_and_what_could_not_be_posted(signed_in, page_of, company):
    insured(company)
    with inside(company):
        recognise_due(datetime.date(2026, 2, 28))
        set_lock_date("all", datetime.date(2026, 12, 31))
        recognise_due(datetime.date(2026, 3, 31))
    client = signed_in("auditor")
    page = text(client.get(page_of("ledger:deferral-list")))

    assert "33.33" in page
    assert "66.67" in page
    assert "1 not posted" in page
    for query, seen in (("state=problem", True), ("state=running", True), ("state=ended", False), ("text=ins", True),
                        ("text=zzz", False), ("account=1500", True), ("account=4000", False)):  # fmt: skip
        assert ("Insurance" in text(client.get(page_of("ledger:deferral-list") + f"?{query}"))) is seen, query
    row = text(client.get(page_of("ledger:deferral-list") + "?format=csv")).splitlines()[1]
    assert row.startswith(
        "Insurance,1500,5000,2026-01-15,2026-06-30,The same every month,100.00,33.33,66.67,2026-03-31,1"
    )
    detail = text(client.get(page_of("ledger:deferral-detail", fetched(company, Deferral).pk)))
    assert "posted on 31 Jan 2026" in detail
    assert "not posted" in detail


def test_a_deferral_is_stopped_with_a_date_and_a_reason(signed_in, page_of, company):
    deferral = insured(company)
    client = signed_in("accountant")
    stop = page_of("ledger:deferral-stop", deferral.pk)
    refused = client.post(stop, {"date": "2026-03-10", "reason": ""})
    assert refused.status_code == 422
    assert 'value="2026-03-10"' in text(refused)
    page = text(client.post(stop, {"date": "2026-03-10", "reason": "Cancelled"}, follow=True))

    assert "Stopped on 10 Mar 2026: Cancelled" in page
    assert 'id="stop"' not in page
    assert fetched(company, DeferralPart).amount == 100
    assert client.post(stop, {"date": "2026-03-10", "reason": "Again"}).status_code == 422


def test_rows_of_another_company_are_not_there(signed_in, page_of, company):
    other = make_company()
    deferral = insured(other, name="Theirs")
    planned = accrued(other)
    client = signed_in("accountant")

    assert client.get(page_of("ledger:deferral-detail", deferral.pk)).status_code == 404
    assert (
        client.post(page_of("ledger:deferral-stop", deferral.pk), {"date": "2026-03-10", "reason": "x"}).status_code
        == 404
    )
    assert client.post(page_of("ledger:planned-reversal-cancel", planned.pk), {"reason": "x"}).status_code == 404
    assert "Theirs" not in text(client.get(page_of("ledger:deferral-list")))


def accrued(company, key="accrual", memo="Accrued interest"):
    with inside(company):
        posted = post(sale("77.00", key=key, date=MARCH, memo=memo, reverse_on=NEXT_PERIOD))
        return AutoReversal.objects.for_company(company).get(entry_id=posted.id)


def test_planned_reversals_are_listed_by_what_became_of_them(signed_in, page_of, company):
    accrued(company)
    client = signed_in("auditor")
    address = page_of("ledger:planned-reversal-list")
    assert "Accrued interest" in text(client.get(address))
    assert "Accrued interest" not in text(client.get(f"{address}?from=2026-05-01"))
    with inside(company):
        set_lock_date("all", datetime.date(2026, 12, 31))
        reverse_due(datetime.date(2026, 4, 1))
    assert "first open day is" in text(client.get(f"{address}?state=problem"))
    with inside(company):
        set_lock_date("all", datetime.date(2026, 3, 31), reason="Opened again")
        reverse_due(datetime.date(2026, 4, 1))
    assert "reversed 1 Apr 2026" in text(client.get(f"{address}?state=done"))
    assert "No entry waits" in text(client.get(address))
    assert "2026-04-01,2026-03-10,GEN,Accrued interest,2026-04-01" in text(
        client.get(f"{address}?state=done&format=csv")
    )


def test_a_planned_reversal_is_cancelled_with_a_reason_in_its_place(signed_in, page_of, company):
    planned = accrued(company)
    client = signed_in("accountant")
    address = page_of("ledger:planned-reversal-cancel", planned.pk)
    place = page_of("ledger:planned-reversal-list") + "?state=waiting&from=2026-01-01"
    assert "This field is required" in text(client.post(address, {"reason": " "}, follow=True))
    answer = client.post(address, {"reason": "Booked by hand", "next": place})

    assert answer.url == place
    assert fetched(company, AutoReversal).reason == "Booked by hand"
    assert "Booked by hand" in text(client.get(page_of("ledger:planned-reversal-list") + "?state=cancelled"))


def test_who_may_not_reverse_cancels_no_planned_reversal(signed_in, page_of, company):
    planned = accrued(company)
    for role in ("auditor", "clerk", "approver"):
        client = signed_in(role)
        assert "Do not reverse" not in text(client.get(page_of("ledger:planned-reversal-list")))
        assert client.post(page_of("ledger:planned-reversal-cancel", planned.pk), {"reason": "x"}).status_code == 403
    assert not fetched(company, AutoReversal).cancelled


@pytest.mark.parametrize("name", ["ledger:deferral-list", "ledger:planned-reversal-list"])
def test_the_lists_cost_the_same_for_1_20_and_200_rows(signed_in, page_of, company, name):
    client = signed_in("accountant")
    costs = []
    for start, count in ((0, 1), (1, 19), (20, 180)):
        for n in range(start, start + count):
            if "deferral" in name:
                insured(company, name=f"D{n}", end=datetime.date(2026, 2, 28))
            else:
                accrued(company, key=f"a{n}")
        client.get(page_of(name))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page_of(name)).status_code == 200
        costs.append(len(queries))

    assert len(set(costs)) == 1, costs


def test_the_revaluation_costs_the_same_however_many_sub_accounts(signed_in, page_of, dollars):
    from accounting.accounts import open_sub_account
    from accounting.models import Account

    client = signed_in("accountant")
    costs = []
    with inside(dollars):
        set_rate("USD", DAY, Decimal("0.95"), source="ECB")
        receivable = Account.objects.for_company(dollars).get(code="1100")
    for start, count in ((0, 1), (1, 19)):
        with inside(dollars):
            for n in range(start, start + count):
                open_sub_account(receivable, code=f"X{n}", name=f"Customer {n}")
                line = NewLine("1100", Decimal(10), "USD", rate=Decimal("0.90"), sub_account=f"X{n}")
                post(NewEntry(f"x{n}", MARCH, (line, NewLine("4000", Decimal(-9)))))
        client.get(page_of("ledger:revaluation") + "?date=2026-03-31")
        with CaptureQueriesContext(connection) as queries:
            page = text(client.get(page_of("ledger:revaluation") + "?date=2026-03-31"))
        costs.append(len(queries))

    assert len(set(costs)) == 1, costs
    assert page.count("1100 Accounts receivable") == 1
