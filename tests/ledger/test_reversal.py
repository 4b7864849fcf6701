"""Reversal: a mirror that is linked, once, and the original as it was."""

import datetime
from decimal import Decimal

import pytest

from accounting.dimensions import (
    change_dimension_value,
    open_dimension,
    open_dimension_value,
    require_dimensions,
)
from accounting.models import Account, FiscalYear, SubAccount
from ledger import refusals
from ledger.account_ledger import account_ledger
from ledger.balances import balances
from ledger.models import Entry, Line
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from ledger.year_closing import close_year
from tests.books import DAY, sale

LATER = datetime.date(2026, 4, 2)


def lines_of(company, entry_id):
    rows = Line.objects.for_company(company).filter(entry_id=entry_id).order_by("number")
    return [(row.account_id, row.amount, row.currency, row.currency_amount, row.rate) for row in rows]


def test_a_reversal_mirrors_every_line_and_leaves_the_original(scope):
    original = post(
        NewEntry(
            "fx",
            DAY,
            (NewLine("1010", Decimal(100), "USD", rate=Decimal("0.9")), NewLine("4000", Decimal(-90))),
            "Sale",
        )
    )
    before = lines_of(scope.company, original.id)
    reversal = reverse(original.id, date=LATER, reason="Wrong customer")

    mirrored = [(account, -amount, currency, -quantity, rate) for account, amount, currency, quantity, rate in before]
    assert lines_of(scope.company, reversal.id) == mirrored
    assert lines_of(scope.company, original.id) == before
    entry = Entry.objects.for_company(scope.company).get(pk=reversal.id)
    assert (entry.reverses_id, entry.date, entry.reason, entry.memo) == (
        original.id,
        LATER,
        "Wrong customer",
        "Reversal: Sale",
    )
    assert all(balance.amount == 0 for balance in balances(scope.company, LATER))


def test_past_balances_are_not_touched_by_a_later_reversal(scope):
    original = post(sale("100.00"))
    reverse(original.id, date=LATER, reason="Wrong customer")

    assert {abs(balance.amount) for balance in balances(scope.company, DAY)} == {Decimal(100)}


def test_reversing_twice_is_refused_and_asking_again_answers_with_the_first(scope):
    original = post(sale("100.00"))
    first = reverse(original.id, date=LATER, reason="Wrong customer")

    assert reverse(original.id, date=LATER, reason="Wrong customer").id == first.id
    with pytest.raises(refusals.AlreadyReversed):
        reverse(original.id, date=LATER, reason="Again", key="another key")


def test_a_reversal_can_be_reversed(scope):
    original = post(sale("100.00"))
    reversal = reverse(original.id, date=LATER, reason="Wrong customer")
    reverse(reversal.id, date=LATER, reason="It was right")

    assert {abs(balance.amount) for balance in balances(scope.company, LATER)} == {Decimal(100)}


def test_a_reversal_needs_a_reason_a_later_date_and_an_open_period(scope):
    from accounting.models import Period
    from accounting.periods import close_period

    original = post(sale("100.00"))
    with pytest.raises(refusals.Refused) as refusal:
        reverse(original.id, date=LATER, reason=" ")
    assert refusal.value.code == "reason_needed"
    with pytest.raises(refusals.PostingRefused):
        reverse(original.id, date=DAY - datetime.timedelta(days=1), reason="Too early")
    for period in Period.objects.for_company(scope.company).filter(start__lte=LATER):
        close_period(period)
    with pytest.raises(refusals.PeriodClosed):
        reverse(original.id, date=LATER, reason="Closed")
    assert reverse(original.id, date=datetime.date(2026, 5, 1), reason="Open").replayed is False
    with pytest.raises(refusals.AlreadyReversed):
        reverse(original.id, date=datetime.date(2026, 5, 2), reason="Once more")


def test_a_refusal_is_remembered_under_the_callers_key_alone(scope):
    from accounting.models import Period
    from accounting.periods import close_period, reopen_period

    original = post(sale("100.00"))
    periods = list(Period.objects.for_company(scope.company).filter(start__lte=LATER).order_by("start"))
    for period in periods:
        close_period(period)
    for key in ("mine", ""):
        with pytest.raises(refusals.PeriodClosed):
            reverse(original.id, date=LATER, reason="Closed", key=key)
    for period in reversed(periods):
        reopen_period(period, reason="Late")
    with pytest.raises(refusals.RefusedBefore):
        reverse(original.id, date=LATER, reason="Closed", key="mine")
    assert reverse(original.id, date=LATER, reason="Closed").replayed is False


def test_what_lines_carry_may_be_out_of_use_when_they_are_reversed_and_closed(scope):
    """A project that has ended, a customer's sub-account that is closed, a dimension that is asked for only since."""
    company = scope.company
    project, team = open_dimension(code="project", name="Project"), open_dimension(code="team", name="Team")
    bridge = open_dimension_value(project, code="bridge", name="Bridge")
    open_dimension_value(team, code="a", name="A")
    receivable = Account.objects.for_company(company).get(code="1100")
    customer = SubAccount.objects.create(company=company, account=receivable, code="C1", name="Customer")
    sold = (
        NewLine("1100", Decimal(10), sub_account="C1"),
        NewLine("4000", Decimal(-10), dimensions={"project": "bridge"}),
    )
    original, kept = post(NewEntry("one", DAY, sold)), post(NewEntry("two", DAY, sold))
    change_dimension_value(bridge, is_active=False)
    SubAccount.objects.for_company(company).filter(pk=customer.pk).update(is_active=False)
    require_dimensions(Account.objects.for_company(company).get(code="4000"), ["team"])

    reversal = reverse(original.id, date=LATER, reason="Wrong")
    (closing,) = close_year(FiscalYear.objects.for_company(company).get(name="2026").pk)

    lines = Line.objects.for_company(company).filter(account__code="4000").order_by("entry__posted_at", "id")
    assert {line.entry_id for line in lines} == {original.id, kept.id, reversal.id, closing.id}
    assert all(line.dimensions == {"project": "bridge"} for line in lines)
    with pytest.raises(refusals.Refused):
        post(NewEntry("new", DAY, sold))


def test_an_unknown_entry_is_not_found(scope):
    with pytest.raises(refusals.EntryNotFound):
        reverse("01a1fcc8-581b-72d2-8dfd-7b785778b2fc", date=DAY, reason="x")


def test_an_account_ledger_runs_its_balance_across_pages(scope):
    from accounting.chart import chart_of

    for day in (1, 2, 3, 4, 5):
        post(sale(f"{day}.00", date=datetime.date(2026, 3, day)))
    bank = chart_of(scope.company).account("1000").id
    span = {"start": datetime.date(2026, 3, 2), "date": datetime.date(2026, 3, 31), "limit": 2}

    first = account_ledger(scope.company, bank, **span)
    second = account_ledger(scope.company, bank, after=first.next_after, **span)

    assert first.opening == 1
    assert [line.balance for line in first.lines] == [3, 6]
    assert (second.opening, [line.balance for line in second.lines], second.next_after) == (6, [10, 15], "")
