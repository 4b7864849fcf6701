"""Revaluation: balances in foreign currency at the closing rate, taken back the next day, once."""

import datetime
from decimal import Decimal

import pytest

from accounting.accounts import open_account
from accounting.rates import MissingRate, set_rate
from ledger.auto_reversal import reverse_due
from ledger.balances import balances
from ledger.models import AutoReversal, Line
from ledger.open_items import open_items, tie_outs
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.revaluation import NothingToRevalue, revaluations, revalue

MARCH, NEXT = datetime.date(2026, 3, 31), datetime.date(2026, 4, 1)


@pytest.fixture
def dollars(scope):
    for code, name, kind, role in (
        ("4910", "Unrealised gains", "income", "exchange_gain_unrealised"),
        ("5960", "Unrealised losses", "expense", "exchange_loss_unrealised"),
    ):
        open_account(code=code, name=name, type=kind, role=role)
    line = NewLine("1010", Decimal("1000.00"), "USD", rate=Decimal("0.90"))
    post(NewEntry("usd", datetime.date(2026, 3, 10), (line, NewLine("4000", Decimal(-900)))))
    return scope.company


def carried(company, date):
    rows = balances(company, date)
    return [(one.currency_amount, one.amount) for one in rows if one.currency == "USD"]


def test_a_balance_stands_at_the_closing_rate_and_at_its_own_on_the_next_day(dollars):
    set_rate("USD", MARCH, Decimal("0.95"), source="ECB")
    revalue(MARCH)

    assert carried(dollars, MARCH) == [(1000, 950)]
    assert AutoReversal.objects.for_company(dollars).get().date == NEXT
    assert reverse_due(NEXT) == 1
    assert carried(dollars, NEXT) == [(1000, 900)]
    assert carried(dollars, MARCH) == [(1000, 950)]
    gain = Line.objects.for_company(dollars).filter(account__code="4910").order_by("date")
    assert list(gain.values_list("date", "amount")) == [(MARCH, -50), (NEXT, 50)]


def test_run_again_it_posts_what_is_new_only(dollars):
    set_rate("USD", MARCH, Decimal("0.95"), source="ECB")
    revalue(MARCH)
    with pytest.raises(NothingToRevalue):
        revalue(MARCH)
    set_rate("USD", MARCH, Decimal("0.85"), source="ECB, corrected")
    revalue(MARCH)
    assert carried(dollars, MARCH) == [(1000, 850)]


def test_two_months_in_a_row_count_the_first_as_reversed_before_it_is(dollars):
    """Beat takes the reversal back minutes later: meanwhile the second month must not build on the first."""
    april = datetime.date(2026, 4, 30)
    set_rate("USD", MARCH, Decimal("0.95"), source="ECB")
    revalue(MARCH)
    set_rate("USD", april, Decimal("0.97"), source="ECB")
    revalue(april)
    reverse_due(april)

    assert carried(dollars, MARCH) == [(1000, 950)]
    assert carried(dollars, april) == [(1000, 970)]


def test_a_missing_rate_is_refused_and_never_one(dollars):
    """T28."""
    with pytest.raises(MissingRate):
        revalue(datetime.date(2026, 3, 30))
    assert carried(dollars, MARCH) == [(1000, 900)]


def test_what_is_no_money_keeps_its_rate(dollars):
    set_rate("USD", MARCH, Decimal("0.95"), source="ECB")
    line = NewLine("1500", Decimal("10.00"), "USD", rate=Decimal("0.50"))
    post(NewEntry("machine", datetime.date(2026, 3, 10), (line, NewLine("1000", Decimal(-5)))))
    codes = Line.objects.for_company(dollars).filter(
        account_id__in=[one.account_id for one in revaluations(dollars, MARCH)]
    )
    assert set(codes.values_list("account__code", flat=True)) == {"1010"}


def test_open_items_tie_out_before_on_and_after_the_day(dollars):
    from accounting.accounts import open_sub_account
    from accounting.models import Account

    open_sub_account(Account.objects.for_company(dollars).get(code="1100"), code="C1", name="Customer")
    set_rate("USD", MARCH, Decimal("0.95"), source="ECB")
    line = NewLine("1100", Decimal("100.00"), "USD", rate=Decimal("0.90"), sub_account="C1")
    post(NewEntry("invoice", datetime.date(2026, 3, 10), (line, NewLine("4000", Decimal(-90)))))
    revalue(MARCH)
    reverse_due(NEXT)

    for day in (datetime.date(2026, 3, 30), MARCH, NEXT):
        assert all(one.is_equal for one in tie_outs(dollars, day))
    assert [(one.residual, one.base_residual) for one in open_items(dollars, NEXT)] == [(100, 90)]
