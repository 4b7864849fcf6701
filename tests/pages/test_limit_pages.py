"""Limits and holds by their pages: set against every writer, held, posted once, voided with a reason."""

import datetime
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ledger.holds import expire_due, reserve
from ledger.limits import set_limit
from ledger.models import Entry, Hold, HoldEnd, Limit
from ledger.posting import post
from tests.books import sale
from tests.conftest import make_company
from tests.constitution.raw import ids_of
from tests.pages.conftest import fetched, inside
from tests.pages.items import MARCH, open_customers

KEY = "018f0000-0000-7000-8000-00000000cccc"


def text(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


@pytest.fixture
def bank(company):
    with inside(company):
        post(sale("100.00", date=MARCH))
        return set_limit(ids_of(company).accounts["1000"], floor=Decimal(0))


def test_a_limit_is_set_shown_and_changed(signed_in, page_of, company):
    with inside(company):
        post(sale("100.00", date=MARCH))
    client = signed_in("accountant")
    typed = {"account": "1000 Bank", "sub_account": "", "currency": "EUR", "floor": "-2*25", "ceiling": ""}
    answer = client.post(page_of("ledger:limit-new"), typed)

    limit = fetched(company, Limit)
    assert (limit.floor, limit.ceiling) == (-50, None)
    page = text(client.get(answer.url))
    assert "(50.00)" in page
    assert "150.00" in page
    client.post(page_of("ledger:limit-change", limit.pk), {"floor": "0", "ceiling": "1,000"})
    limit = fetched(company, Limit)
    assert (limit.floor, limit.ceiling) == (0, 1000)
    listed = text(client.get(page_of("ledger:limit-list")))
    for figure in ("0.00", "1,000.00", "100.00", "900.00"):
        assert figure in listed


def test_a_limit_is_set_under_a_sub_account(signed_in, page_of, company):
    open_customers(company)
    client = signed_in("accountant")
    typed = {"account": "1100", "sub_account": "C1", "currency": "EUR", "floor": "", "ceiling": "500"}
    client.post(page_of("ledger:limit-new"), typed)

    assert fetched(company, Limit).sub_account_id is not None
    assert "C1 Harbour Trading" in text(client.get(page_of("ledger:limit-list")))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"account": "zzz"}, "account"), ({"sub_account": "C9"}, "sub_account"), ({"floor": "1x"}, "floor"), ({"floor": "0.0000000000001"}, "floor"), ({"ceiling": "1" + "0" * 30}, "ceiling"),
        ({"floor": "5", "ceiling": "4"}, "floor"),
    ],
)  # fmt: skip
def test_what_is_no_limit_is_refused_at_its_field_and_kept(signed_in, page_of, company, changes, place):
    typed = {"account": "1000", "sub_account": "", "currency": "EUR", "floor": "", "ceiling": "777"}
    answer = signed_in("accountant").post(page_of("ledger:limit-new"), {**typed, **changes})

    assert answer.status_code == 422
    assert f'id="id_{place}_error"' in text(answer)
    with inside(company):
        assert not Limit.objects.for_company(company).exists()


def test_a_limit_that_the_balance_passes_already_is_refused(signed_in, page_of, company, bank):
    client = signed_in("accountant")
    typed = {"account": "1000", "sub_account": "", "currency": "EUR", "floor": "100.01", "ceiling": ""}
    answer = client.post(page_of("ledger:limit-new"), typed)
    assert answer.status_code == 422
    assert 'id="id_floor_error">The balance is past it already' in text(answer)
    changed = client.post(page_of("ledger:limit-change", bank.pk), {"floor": "", "ceiling": "99"})
    assert changed.status_code == 422
    assert 'id="id_bounds_ceiling_error">The balance is past it already' in text(changed)
    assert 'value="99"' in text(changed)
    assert fetched(company, Limit).floor == 0


def hold(client, page_of, bank, amount, **fields):
    return client.post(page_of("ledger:limit-hold", bank.pk), {"amount": amount, "memo": "Card", "key": KEY, **fields})


def test_an_amount_is_held_once_under_the_key_of_its_form(signed_in, page_of, company, bank):
    client = signed_in("accountant")
    hold(client, page_of, bank, "-70")
    hold(client, page_of, bank, "-70")

    assert fetched(company, Hold).amount == -70
    page = text(client.get(page_of("ledger:limit-detail", bank.pk)))
    assert "(70.00)" in page
    assert "30.00" in page


@pytest.mark.parametrize(
    ("amount", "fields", "message"),
    [
        ("-100.01", {}, "more than is free under the limit"), ("0", {}, ""), ("x", {}, "is not an amount"), ("-0.001", {}, "decimals"),
        ("-5", {"expires_at": "2020-01-01T10:00"}, "expires in the future"),
    ],
)  # fmt: skip
def test_what_cannot_be_held_is_refused_and_kept_and_may_be_changed(
    signed_in, page_of, company, bank, amount, fields, message
):
    client = signed_in("accountant")
    answer = hold(client, page_of, bank, amount, **fields)

    assert answer.status_code == 422
    assert message in text(answer)
    assert 'value="Card"' in text(answer)
    key = re.search(r'name="key" value="([^"]+)"', text(answer)).group(1)
    assert hold(client, page_of, bank, "-5", key=key).status_code == 302


def held(company, bank, amount="-70.00", key="h", **fields):
    with inside(company):
        return reserve(bank.pk, Decimal(amount), key=key, memo=f"Card {key}", **fields)


def test_a_hold_is_posted_in_part_against_an_account(signed_in, page_of, company, bank):
    one = held(company, bank)
    client = signed_in("accountant")
    address = page_of("ledger:hold-post", one.pk)
    assert 'value="-70.00"' in text(client.get(address))
    typed = {"amount": "-60", "against": "5000 Rent", "date": "2026-03-20", "memo": "Rent"}
    for wrong, place in (
        ({"amount": "-70.01"}, "amount"),
        ({"against": "zzz"}, "against"),
        ({"date": "1999-01-01"}, "date"),
    ):
        refused = client.post(address, {**typed, **wrong})
        assert refused.status_code == 422
        assert f'id="id_{place}_error"' in text(refused)
    answer = client.post(address, typed)

    entry = fetched(company, Entry, source="hold")
    assert answer.url == page_of("ledger:entry-detail", entry.pk)
    page = text(client.get(page_of("ledger:limit-detail", bank.pk)))
    assert page_of("ledger:entry-detail", entry.pk) in page
    assert "40.00" in page
    assert "This hold is posted" in text(client.get(address))


def test_a_hold_in_dollars_is_posted_in_dollars(signed_in, page_of, company):
    from accounting.rates import set_rate
    from ledger.proposals import NewEntry, NewLine

    with inside(company):
        set_rate("USD", MARCH, Decimal("0.9"), source="ECB")
        line = NewLine("1010", Decimal(100), "USD")
        post(NewEntry("usd", MARCH, (line, NewLine("4000", Decimal(-90)))))
        limit = set_limit(ids_of(company).accounts["1010"], currency="USD", floor=Decimal(0))
    one = held(company, limit, "-40.00")
    typed = {"amount": "-40", "against": "5000", "date": "2026-03-20", "memo": ""}
    assert signed_in("accountant").post(page_of("ledger:hold-post", one.pk), typed).status_code == 302
    assert fetched(company, Limit).balance == 60


def test_a_hold_is_voided_with_a_reason(signed_in, page_of, company, bank):
    one = held(company, bank)
    client = signed_in("accountant")
    assert "This field is required" in text(
        client.post(page_of("ledger:hold-void", one.pk), {"reason": ""}, follow=True)
    )
    page = text(client.post(page_of("ledger:hold-void", one.pk), {"reason": "Shop closed"}, follow=True))

    assert "Shop closed" in page
    assert fetched(company, HoldEnd).outcome == "voided"
    assert fetched(company, Limit).held_down == 0


def test_holds_are_narrowed_by_state_and_exported_and_say_when_they_expire(
    signed_in, page_of, company, bank, monkeypatch
):
    held(company, bank, "-10.00", "stays")
    held(company, bank, "-20.00", "short", expires_at=timezone.now() + datetime.timedelta(hours=1))
    later = timezone.now() + datetime.timedelta(hours=2)
    monkeypatch.setattr("ledger.views_limits.timezone.now", lambda: later)
    client = signed_in("auditor")
    address = page_of("ledger:limit-detail", bank.pk)
    assert ">over<" in text(client.get(address))
    with inside(company):
        expire_due(MARCH)
    assert "Card short" in text(client.get(f"{address}?state=expired"))
    assert "Card stays" not in text(client.get(f"{address}?state=expired"))
    assert "Card short" not in text(client.get(f"{address}?state=held"))
    rows = text(client.get(f"{address}?format=csv")).splitlines()
    assert [row.split(",")[5] for row in rows[1:]] == ["expired", "held"]


def test_who_may_not_is_offered_nothing_and_refused(signed_in, page_of, company, bank):
    one = held(company, bank)
    for role in ("auditor", "clerk", "approver"):
        client = signed_in(role)
        page = text(client.get(page_of("ledger:limit-detail", bank.pk)))
        assert 'popovertarget="hold"' not in page
        assert 'popovertarget="bounds"' not in page
        assert client.get(page_of("ledger:limit-new")).status_code == 403
        assert client.get(page_of("ledger:hold-post", one.pk)).status_code == 403
        for name, pk in (
            ("limit-change", bank.pk),
            ("limit-hold", bank.pk),
            ("hold-post", one.pk),
            ("hold-void", one.pk),
        ):
            assert client.post(page_of(f"ledger:{name}", pk), {"reason": "x"}).status_code == 403, name


def test_limits_and_holds_of_another_company_are_not_there(signed_in, page_of, company):
    other = make_company()
    with inside(other):
        post(sale("100.00", date=MARCH))
        limit = set_limit(ids_of(other).accounts["1000"], floor=Decimal(0))
    one = held(other, limit)
    client = signed_in("accountant")
    for name, pk in (("limit-detail", limit.pk), ("hold-post", one.pk)):
        assert client.get(page_of(f"ledger:{name}", pk)).status_code == 404
    for name, pk in (
        ("limit-change", limit.pk),
        ("limit-hold", limit.pk),
        ("hold-post", one.pk),
        ("hold-void", one.pk),
    ):
        answer = client.post(page_of(f"ledger:{name}", pk), {"amount": "-1", "key": KEY, "reason": "x", "floor": "1"})
        assert answer.status_code == 404, name
    assert "No account has a floor" in text(client.get(page_of("ledger:limit-list")))


def test_limits_are_narrowed_by_account_and_exported(signed_in, page_of, company, bank):
    client = signed_in("auditor")
    address = page_of("ledger:limit-list")
    assert "1000 Bank" in text(client.get(f"{address}?account=1000"))
    assert "No limit under this account" in text(client.get(f"{address}?account=4000"))
    assert client.get(f"{address}?account=zzz").status_code == 422
    assert (
        text(client.get(f"{address}?format=csv"))
        .splitlines()[1]
        .startswith("1000,Bank,,EUR,0.00,,100.00,0.00,0.00,100.00,")
    )


def test_the_lists_cost_the_same_for_1_20_and_200_rows(signed_in, page_of, company, bank):
    from accounting.accounts import open_sub_account
    from accounting.models import Account

    client = signed_in("accountant")
    costs = []
    with inside(company):
        receivable = Account.objects.for_company(company).get(code="1100")
    for start, count in ((0, 1), (1, 19), (20, 180)):
        with inside(company):
            for n in range(start, start + count):
                sub = open_sub_account(receivable, code=f"X{n}", name=f"Customer {n}")
                set_limit(receivable.pk, sub_account_id=sub.pk, ceiling=Decimal(5))
                reserve(bank.pk, Decimal("-0.10"), key=f"h{n}")
        row = []
        for address in (page_of("ledger:limit-list"), page_of("ledger:limit-detail", bank.pk)):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            row.append(len(queries))
        costs.append(tuple(row))

    assert len(set(costs)) == 1, costs
