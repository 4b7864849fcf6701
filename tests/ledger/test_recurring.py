"""Recurring entries: each date once, missed days caught up, closed periods reported."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.models import Period
from accounting.periods import close_period
from ledger.draft_content import DraftedLine, LineIncomplete
from ledger.entry_templates import TemplateInUse, TemplateNameTaken, delete_template, save_template
from ledger.models import Draft, Entry, Occurrence
from ledger.recurrence import occurrence
from ledger.recurring import (
    change_recurring,
    make_due,
    occurrences_of,
    retry_occurrence,
    skip_occurrence,
    start_recurring,
    unresolved,
)
from tenants.permissions import permissions_of_role
from tenants.refusal import NotPermitted
from tenants.scope import Actor, acting_as

RENT = (DraftedLine("5000", Decimal(800)), DraftedLine("1000", Decimal(-800)))
JANUARY = datetime.date(2026, 1, 31)


@pytest.fixture
def rent(scope):
    return save_template("Rent", RENT, memo="Rent of the office")


def dates(company, **wanted):
    return list(Entry.objects.for_company(company).filter(**wanted).order_by("date").values_list("date", flat=True))


def test_missed_dates_are_caught_up_and_each_is_made_once(scope, rent):
    start_recurring(rent.pk, start=JANUARY)

    assert make_due(datetime.date(2026, 1, 30)) == 0
    assert make_due(datetime.date(2026, 4, 10)) == 3
    assert make_due(datetime.date(2026, 4, 10)) == 0
    assert dates(scope.company, source="recurring") == [
        datetime.date(2026, 1, 31), datetime.date(2026, 2, 28), datetime.date(2026, 3, 31),
    ]  # fmt: skip


def test_days_that_meet_at_the_end_of_a_month_come_once(scope, rent):
    start_recurring(rent.pk, start=datetime.date(2026, 1, 20), frequency="day", month_end=True)

    assert make_due(datetime.date(2026, 3, 30)) == 2
    assert dates(scope.company) == [datetime.date(2026, 1, 31), datetime.date(2026, 2, 28)]


def test_a_closed_period_is_reported_and_can_be_tried_again_or_left_out(scope, rent):
    for period in Period.objects.for_company(scope.company).filter(start__lte=datetime.date(2026, 2, 1)):
        close_period(period)
    recurring = start_recurring(rent.pk, start=JANUARY)

    make_due(datetime.date(2026, 3, 31))
    assert [(one.date, one.problem_code) for one in unresolved()] == [
        (datetime.date(2026, 1, 31), "period_closed"), (datetime.date(2026, 2, 28), "period_closed"),
    ]  # fmt: skip
    retry_occurrence(recurring.pk, datetime.date(2026, 1, 31), on=datetime.date(2026, 3, 1))
    skip_occurrence(recurring.pk, datetime.date(2026, 2, 28), reason="Paid in March")
    assert not unresolved()
    assert dates(scope.company) == [datetime.date(2026, 3, 1), datetime.date(2026, 3, 31)]
    assert len(occurrences_of([recurring])[recurring.pk]) == 3


def test_a_recurring_draft_is_for_somebody_to_look_at(scope, rent):
    recurring = start_recurring(rent.pk, start=JANUARY, as_draft=True)
    make_due(JANUARY)

    assert Draft.objects.for_company(scope.company).get().recurring_id == recurring.pk
    assert not dates(scope.company)


def test_it_ends_and_pauses(scope, rent):
    recurring = start_recurring(rent.pk, start=JANUARY, end=datetime.date(2026, 2, 28))
    make_due(datetime.date(2026, 12, 31))
    assert len(dates(scope.company)) == 2
    other = start_recurring(rent.pk, start=JANUARY)
    change_recurring(other.pk, is_active=False)
    assert make_due(datetime.date(2026, 12, 31)) == 0
    assert recurring.pk != other.pk


def test_what_is_posted_by_itself_has_all_its_accounts_and_amounts(scope):
    half = save_template("Half", [DraftedLine("5000")])
    with pytest.raises(LineIncomplete):
        start_recurring(half.pk, start=JANUARY)
    assert start_recurring(half.pk, start=JANUARY, as_draft=True)


def test_a_template_has_a_name_of_its_own_and_stays_while_it_recurs(scope, rent):
    with pytest.raises(TemplateNameTaken):
        save_template("Rent", RENT)
    start_recurring(rent.pk, start=JANUARY)
    with pytest.raises(TemplateInUse):
        delete_template(rent.pk)


def test_who_only_drafts_neither_stops_nor_starts_what_posts_by_itself(scope, rent):
    posted, drafted = start_recurring(rent.pk, start=JANUARY), start_recurring(rent.pk, start=JANUARY, as_draft=True)
    clerk = Actor(type="user", name="Clerk", permissions=permissions_of_role("clerk"))
    with acting_as(clerk):
        for recurring, changes in ((posted, {"as_draft": True, "is_active": False}), (drafted, {"as_draft": False})):
            with pytest.raises(NotPermitted):
                change_recurring(recurring.pk, **changes)
        assert change_recurring(drafted.pk, is_active=False)


def test_what_becomes_posted_by_itself_is_whole(scope):
    half = start_recurring(save_template("Half", [DraftedLine("5000")]).pk, start=JANUARY, as_draft=True)
    with pytest.raises(LineIncomplete):
        change_recurring(half.pk, as_draft=False)


def test_a_crash_between_two_dates_leaves_the_first_and_makes_the_second_later(scope, rent, monkeypatch):
    start_recurring(rent.pk, start=JANUARY)
    make_due(JANUARY)
    with monkeypatch.context() as patch:
        patch.setattr(Occurrence, "save", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            make_due(datetime.date(2026, 2, 28))
    assert make_due(datetime.date(2026, 2, 28)) == 1
    assert len(dates(scope.company)) == 2


@given(
    st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 12, 31)),
    st.sampled_from(["day", "week", "month", "year"]),
    st.integers(1, 12),
    st.integers(0, 60),
    st.booleans(),
)
def test_occurrences_move_forward_and_keep_their_day(start, frequency, interval, number, month_end):
    here = occurrence(start, frequency, interval, number, month_end=month_end)
    following = occurrence(start, frequency, interval, number + 1, month_end=month_end)

    assert here <= following
    if frequency in ("month", "year"):
        months = interval * (12 if frequency == "year" else 1)
        assert (following.year * 12 + following.month) - (here.year * 12 + here.month) == months
        assert month_end or here.day in (start.day, 28, 29, 30)
    if month_end:
        assert (here + datetime.timedelta(days=1)).day == 1
