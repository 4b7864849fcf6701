"""What is proposed to settle what; what is open in total; which rates a revaluation lacks."""

import datetime
from decimal import Decimal
from uuid import UUID, uuid5

import pytest

from accounting.rates import set_rate
from ledger.open_items import OpenItem, open_items, open_totals
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.revaluation import missing_rates
from ledger.settlement_proposal import propose_pairs
from tests.ledger.test_open_items import APRIL, LATER, MARCH, customer, on_account  # noqa: F401

DECIMALS = {"EUR": 2, "USD": 2, "JPY": 0}
SPACE = UUID(int=1)


def item(name, day, amount, currency="EUR", base=None):
    value = Decimal(amount)
    worth = value if base is None else Decimal(base)
    return OpenItem(
        uuid5(SPACE, name), SPACE, "", datetime.date(2026, 1, day), SPACE, None, "", "", currency, value, value, worth,
        worth, name, "",
    )  # fmt: skip


def proposed(*items):
    names = {one.line_id: one.memo for one in items}
    pairs = propose_pairs(items, DECIMALS, "EUR")
    return [(names[pair.debit], names[pair.credit], pair.debit_amount, pair.credit_amount) for pair in pairs]


def test_the_oldest_settle_each_other_first():
    found = proposed(item("new", 9, "50"), item("old", 1, "30"), item("paid", 10, "-60"), item("more", 12, "-40"))

    assert found == [("old", "paid", 30, 30), ("new", "paid", 30, 30), ("new", "more", 20, 20)]


def test_one_currency_comes_before_another():
    found = proposed(
        item("euro", 1, "10"), item("dollars", 2, "100", "USD", "90"), item("paid", 3, "-100", "USD", "95")
    )
    assert found == [("dollars", "paid", 100, 100)]


@pytest.mark.parametrize(
    ("debit", "credit", "expected"),
    [
        (("100", "USD", "90"), ("-92", "EUR", "-92"), ("100", "92")),
        (("100", "USD", "90"), ("-45", "EUR", "-45"), ("50.00", "45")),
        (("45", "EUR", "45"), ("-100", "USD", "-90"), ("45", "50.00")),
        (("10000", "JPY", "60"), ("-20", "EUR", "-20"), ("3333", "20")),
    ],
)
def test_across_currencies_it_is_the_whole_of_both_or_the_same_worth(debit, credit, expected):
    found = proposed(item("d", 1, debit[0], *debit[1:]), item("c", 2, credit[0], *credit[1:]))

    assert found == [("d", "c", *map(Decimal, expected))]


def test_what_is_settled_or_stands_alone_is_not_proposed():
    assert proposed(item("d", 1, "10")) == []
    assert proposed(item("d", 1, "10"), item("nothing", 2, "0", base="0")) == []


@pytest.mark.usefixtures("customer")
def test_totals_are_the_sums_of_what_is_open(scope):
    on_account("a", MARCH, "100.00")
    on_account("b", APRIL, "-30.00", against="1000")
    on_account("c", MARCH, "300.00", currency="USD", rate="0.9")

    for date, currency in ((MARCH, ""), (LATER, ""), (LATER, "USD")):
        items = open_items(scope.company, date, currency=currency)
        by_currency = {one.currency: one for one in open_totals(scope.company, date, currency=currency)}
        assert set(by_currency) == {one.currency for one in items}
        for code, total in by_currency.items():
            mine = [one for one in items if one.currency == code]
            assert total.count == len(mine)
            assert total.residual == sum(one.residual for one in mine)
            assert total.base_residual == sum(one.base_residual for one in mine)


def test_settled_items_are_listed_where_they_are_asked_for(scope, customer):  # noqa: F811
    from ledger.allocation import allocate
    from ledger.allocation_plan import Pair

    invoice, paid = on_account("invoice", MARCH, "100.00"), on_account("paid", APRIL, "-60.00", against="1000")
    allocate([Pair(invoice, paid)], key="k")

    assert [one.memo for one in open_items(scope.company, LATER)] == ["invoice"]
    every = open_items(scope.company, LATER, settled=True)
    assert [(one.memo, one.is_settled) for one in every] == [("invoice", False), ("paid", True)]


def test_every_currency_without_a_rate_is_named(scope):
    line = NewLine("1010", Decimal("1000.00"), "USD", rate=Decimal("0.90"))
    post(NewEntry("usd", MARCH, (line, NewLine("4000", Decimal(-900)))))

    assert missing_rates(scope.company, MARCH) == ["USD"]
    set_rate("USD", MARCH, Decimal("0.9"), source="ECB")
    assert missing_rates(scope.company, MARCH) == []
    assert missing_rates(scope.company, MARCH - datetime.timedelta(days=1)) == []
