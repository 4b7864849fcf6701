"""Deferrals: the parts add up, each is posted once, none into a closed period."""

import datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounting.close_checklist import CloseBlocked
from accounting.dimensions import change_dimension_value, open_dimension, open_dimension_value
from accounting.models import Period
from accounting.periods import close_period, reopen_period
from ledger.approval_rules import ApprovalNeeded
from ledger.deferral_plan import spread
from ledger.deferrals import DeferralRefused, recognise_due, start_deferral, stop_deferral, unrecognised
from ledger.models import DeferralPart, Entry, Line
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from tenants.approvals import set_rule
from tenants.refusal import Conflict, Refused

START, END = datetime.date(2026, 1, 15), datetime.date(2026, 6, 30)


def defer_insurance():
    return start_deferral(
        name="Insurance", from_account="1500", to_account="5000", amount=Decimal("100.00"), start=START, end=END
    )


@pytest.fixture
def insurance(scope):
    return defer_insurance()


def close_up_to(company, day):
    periods = list(Period.objects.for_company(company).filter(start__lte=day).order_by("start"))
    for period in periods:
        close_period(period)
    return periods[-1]


def recognised(company):
    rows = Line.objects.for_company(company).filter(account__code="5000").order_by("date")
    return list(rows.values_list("date", "amount"))


def test_each_part_is_posted_once_on_its_day(scope, insurance):
    assert recognise_due(datetime.date(2026, 1, 30)) == 0
    assert recognise_due(datetime.date(2026, 3, 31)) == 3
    assert recognise_due(datetime.date(2026, 3, 31)) == 0
    assert recognised(scope.company) == [
        (datetime.date(2026, 1, 31), Decimal("16.67")), (datetime.date(2026, 2, 28), Decimal("16.66")),
        (datetime.date(2026, 3, 31), Decimal("16.67")),
    ]  # fmt: skip
    recognise_due(datetime.date(2027, 1, 1))
    assert sum(amount for _day, amount in recognised(scope.company)) == 100


def test_a_part_of_a_closed_month_is_posted_on_the_first_open_day(scope):
    """T42: nothing enters a reported month."""
    close_up_to(scope.company, datetime.date(2026, 2, 1))
    defer_insurance()
    recognise_due(datetime.date(2026, 2, 28))
    assert [part.problem_code for part in unrecognised().order_by("number")[:2]] == ["period_closed", "period_closed"]

    recognise_due(datetime.date(2026, 3, 1))
    assert [day for day, _amount in recognised(scope.company)] == [datetime.date(2026, 3, 1)] * 2


def test_what_is_left_is_recognised_at_once_when_it_stops(scope, insurance):
    recognise_due(datetime.date(2026, 2, 28))
    stopped = stop_deferral(insurance.pk, date=datetime.date(2026, 3, 10), reason="Contract ended")

    assert stopped.stopped_on == datetime.date(2026, 3, 10)
    assert recognised(scope.company)[-1] == (datetime.date(2026, 3, 10), Decimal("66.67"))
    assert not unrecognised().exists()
    with pytest.raises(Conflict):
        stop_deferral(insurance.pk, date=datetime.date(2026, 3, 11), reason="Again")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"end": START - datetime.timedelta(days=1)}, "end"),
        ({"to_account": "1500"}, "to_account"),
        ({"name": " "}, "name"),
    ],
)
def test_a_wrong_plan_is_refused_with_its_place(scope, change, place):
    plan = {"name": "x", "from_account": "1500", "to_account": "5000", "amount": Decimal(1), "start": START, "end": END}
    with pytest.raises(DeferralRefused) as refusal:
        start_deferral(**{**plan, **change})
    assert refusal.value.place == place


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"from_account": "1100"}, "control_account", "from_account"),
        ({"to_account": "4999"}, "unknown_account", "to_account"),
        ({"dimensions": {"project": "none"}}, "unknown_dimension", "dimensions.project"),
    ],
)
def test_what_could_never_be_posted_is_not_planned(scope, change, code, place):
    plan = {"name": "x", "from_account": "1500", "to_account": "5000", "amount": Decimal(1), "start": START, "end": END}
    with pytest.raises(Refused) as refusal:
        start_deferral(**{**plan, **change})
    assert (refusal.value.code, refusal.value.place) == (code, place)


def test_an_amount_that_needs_approval_is_spread_from_the_entry_it_was_approved_in_and_once(scope):
    paid = post(NewEntry("paid", START, (NewLine("1500", Decimal(5000)), NewLine("1000", Decimal(-5000)))))
    set_rule("entry", minimum=Decimal(1000))
    plan = {
        "name": "x",
        "from_account": "1500",
        "to_account": "5000",
        "amount": Decimal(3000),
        "start": START,
        "end": END,
    }
    for change in ({}, {"entry": paid.id, "to_account": "1000"}, {"entry": paid.id, "amount": Decimal(-3000)},
                   {"entry": paid.id, "amount": Decimal(5001)}):  # fmt: skip
        with pytest.raises(ApprovalNeeded):
            start_deferral(**{**plan, **change})

    assert start_deferral(**plan, entry=paid.id)
    with pytest.raises(ApprovalNeeded):
        start_deferral(**plan, entry=paid.id)
    assert start_deferral(**{**plan, "amount": Decimal(2000)}, entry=paid.id)


def test_a_dimension_that_is_no_longer_used_does_not_keep_what_is_planned_from_being_posted(scope):
    project = open_dimension(code="project", name="Project")
    bridge = open_dimension_value(project, code="bridge", name="Bridge")
    start_deferral(
        name="x", from_account="1500", to_account="5000", amount=Decimal(60), start=START, end=END,
        dimensions={"project": "bridge"},
    )  # fmt: skip
    change_dimension_value(bridge, is_active=False)

    assert recognise_due(END) == 6


def test_the_database_keeps_the_sum_and_what_is_posted(scope, insurance):
    recognise_due(datetime.date(2026, 1, 31))
    parts = DeferralPart.objects.for_company(scope.company)
    with pytest.raises(DatabaseError), transaction.atomic():
        parts.filter(entry=None).first().delete()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError), transaction.atomic():
        parts.filter(entry__isnull=False).update(entry=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        parts.filter(entry=None).update(amount=1)


def test_a_month_with_a_part_left_to_post_cannot_be_closed(scope, insurance):
    with pytest.raises(CloseBlocked, match="Parts of deferrals that are not posted: 1"):
        close_up_to(scope.company, START)


def test_a_part_that_was_refused_is_posted_when_the_period_is_open_again(scope):
    closed = close_up_to(scope.company, START)
    defer_insurance()
    assert recognise_due(datetime.date(2026, 1, 31)) == 0
    reopen_period(closed, reason="Late")
    assert recognise_due(datetime.date(2026, 1, 31)) == 1
    assert Entry.objects.for_company(scope.company).get().date == datetime.date(2026, 1, 31)


@given(
    st.decimals("-100000", "100000", places=2).filter(bool),
    st.dates(datetime.date(2020, 1, 1), datetime.date(2030, 1, 1)),
    st.integers(0, 900),
    st.sampled_from(["months", "days"]),
)
def test_parts_add_up_and_keep_one_sign(amount, start, days, method):
    end = start + datetime.timedelta(days=days)
    parts = spread(amount, start, end, method, 2)

    assert sum(part for _day, part in parts) == amount
    assert all((part > 0) == (amount > 0) for _day, part in parts)
    assert parts[-1][0] <= end
    assert [day for day, _part in parts] == sorted({day for day, _part in parts})
