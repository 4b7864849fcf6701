"""Due dates: worked examples as they stand on invoices, and what holds for whatever terms and totals."""

import datetime
import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.due_dates import Part, discount_until, due_date, due_parts

D = Decimal


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("date", "part", "due"),
    [
        ("2026-03-15", Part(), "2026-03-15"),
        ("2026-03-15", Part(days=30), "2026-04-14"),
        # 30 days, end of month.
        ("2026-03-15", Part(days=30, day_of_month=31), "2026-04-30"),
        ("2026-03-31", Part(day_of_month=31), "2026-03-31"),
        ("2026-01-31", Part(months=1), "2026-02-28"),
        ("2024-01-31", Part(months=1), "2024-02-29"),
        ("2025-11-30", Part(months=3), "2026-02-28"),
        # The 15th of the following month, whatever the length of this one.
        ("2026-01-31", Part(months=1, day_of_month=15), "2026-03-15"),
        ("2026-03-15", Part(day_of_month=15), "2026-03-15"),
        ("2026-03-16", Part(day_of_month=15), "2026-04-15"),
        ("2026-12-16", Part(day_of_month=15), "2027-01-15"),
        ("2026-01-31", Part(day_of_month=30), "2026-02-28"),
        # First the months, then the days: 28 February and ten days.
        ("2026-01-31", Part(months=1, days=10), "2026-03-10"),
        ("2026-12-31", Part(months=120), "2036-12-31"),
        ("9999-11-30", Part(months=2), "9999-12-31"),
        ("9999-12-31", Part(days=1, day_of_month=5), "9999-12-31"),
    ],
)
def test_a_part_is_due_on_its_day(date, part, due):
    assert due_date(day(date), part) == day(due)


def test_two_percent_within_ten_days_or_all_within_thirty():
    assert discount_until(day("2026-03-25"), 10) == day("2026-04-04")
    assert due_parts(day("2026-03-25"), [Part(days=30)], D("500.00"), 2) == [(day("2026-04-24"), D("500.00"))]


THIRD = D("33.333333")
HALVES = [Part(D(50)), Part(D(50), days=30)]
THIRDS = [Part(THIRD), Part(THIRD, months=1), Part(D("33.333334"), months=2)]


@pytest.mark.parametrize(
    ("parts", "total", "decimals", "amounts"),
    [
        ([], "119.00", 2, ["119.00"]),
        (HALVES, "100.01", 2, ["50.01", "50.00"]),
        (HALVES, "-100.01", 2, ["-50.01", "-50.00"]),
        (THIRDS, "100.00", 2, ["33.33", "33.33", "33.34"]),
        # A currency without decimals.
        (HALVES, "1001", 0, ["501", "500"]),
        (THIRDS, "1000", 0, ["333", "333", "334"]),
        (THIRDS, "0.01", 2, ["0.00", "0.00", "0.01"]),
        (THIRDS, "0", 2, ["0.00", "0.00", "0.00"]),
        # Half cents round up in both; what is left is no less than nothing.
        ([Part(D(30)), Part(D(30)), Part(D(40))], "0.02", 2, ["0.01", "0.01", "0.00"]),
        ([Part(D(1))] * 100, "0.50", 2, ["0.01"] * 50 + ["0"] * 50),
        (HALVES, "999999999999999999.999999", 6, ["500000000000000000.000000", "499999999999999999.999999"]),
    ],
)
def test_the_parts_add_up_to_the_total(parts, total, decimals, amounts):
    assert [amount for _due, amount in due_parts(day("2026-03-15"), parts, D(total), decimals)] == [
        D(amount) for amount in amounts
    ]


@st.composite
def terms(draw):
    """Instalments of 100 percent together."""
    cuts = sorted(draw(st.sets(st.integers(1, 99_999_999), max_size=12)))
    edges = [0, *cuts, 100_000_000]
    return [
        Part(
            D(upto - start).scaleb(-6), draw(st.integers(0, 120)), draw(st.integers(0, 3660)),
            draw(st.none() | st.integers(1, 31)),
        )
        for start, upto in itertools.pairwise(edges)
    ]  # fmt: skip


amounts_of = st.integers(-(10**18), 10**18)


@given(st.dates(), terms(), amounts_of, st.integers(0, 6))
def test_whatever_the_terms_the_sum_is_exact_the_mirror_is_true_and_no_day_lies_before(date, parts, units, decimals):
    total = D(units).scaleb(-decimals)
    due = due_parts(date, parts, total, decimals)
    assert len(due) == len(parts)
    assert sum(amount for _due, amount in due) == total
    assert due_parts(date, parts, -total, decimals) == [(one, -amount) for one, amount in due]
    assert all(one >= date for one, _amount in due)
    assert all(amount * total >= 0 and amount == round(amount, decimals) for _due, amount in due)


@given(st.dates(max_value=datetime.date(9000, 1, 1)), st.integers(0, 120), st.integers(1, 31))
def test_a_day_of_the_month_is_that_day_or_the_last_of_a_shorter_month(date, months, number):
    due = due_date(date, Part(months=months, day_of_month=number))
    assert due.day == number or (due + datetime.timedelta(days=1)).day == 1
    assert due - due_date(date, Part(months=months)) < datetime.timedelta(days=62)


@given(st.dates(), st.integers(0, 3660))
def test_a_discount_ends_so_many_days_after_the_document(date, days):
    until = discount_until(date, days)
    assert until == datetime.date.max or (until - date).days == days
