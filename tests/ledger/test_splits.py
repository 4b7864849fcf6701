"""A line split over projects in percent adds up to the cent, whatever the shares."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.models import Dimension, DimensionValue
from ledger.models import Line
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.splits import BadSplit, allot, read_split, split_line
from tests.books import DAY


@given(
    cents=st.integers(-(10**12), 10**12),
    shares=st.lists(st.decimals("0.0001", 100, places=4), min_size=1, max_size=12),
    decimals=st.integers(0, 4),
)
def test_the_parts_add_up_and_none_is_a_unit_off(cents, shares, decimals):
    step = Decimal(1).scaleb(-decimals)
    amount = cents * step

    parts = allot(amount, shares, decimals)

    assert sum(parts) == amount
    for part, share in zip(parts, shares, strict=True):
        assert part == part.quantize(step)
        assert abs(part - amount * share / sum(shares)) < step
        assert part * amount >= 0


def test_what_is_left_goes_to_those_that_lost_most():
    assert allot(Decimal("100.00"), [Decimal(1)] * 3, 2) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert allot(Decimal("-0.01"), [Decimal(40), Decimal(60)], 2) == [Decimal(0), Decimal("-0.01")]


def test_two_dimensions_multiply_and_both_amounts_stay_whole():
    line = NewLine(
        "4000", Decimal("-100.00"), currency="USD", base_amount=Decimal("-91.23"),
        splits={"project": {"A": Decimal(60), "B": Decimal(40)}, "region": {"N": Decimal(50), "S": Decimal(50)}},
    )  # fmt: skip

    parts = split_line(line, 2, 2)

    assert [part.dimensions for part in parts] == [
        {"project": "A", "region": "N"}, {"project": "A", "region": "S"},
        {"project": "B", "region": "N"}, {"project": "B", "region": "S"},
    ]  # fmt: skip
    assert sum(part.amount for part in parts) == Decimal("-100.00")
    assert sum(part.base_amount for part in parts if part.base_amount) == Decimal("-91.23")


@pytest.mark.parametrize("percents", [{"A": "60", "B": "39.99"}, {"A": "100", "B": "0"}, {"A": "110", "B": "-10"}, {}])
def test_shares_that_are_not_the_whole_are_refused(percents):
    shares = {value: Decimal(percent) for value, percent in percents.items()}

    with pytest.raises(BadSplit) as caught:
        split_line(NewLine("4000", Decimal("10.00"), splits={"project": shares}), 2, 2, "lines[3].")

    assert caught.value.place == "lines[3].dimensions.project"


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("North 60, South 40", {"North": "60", "South": "40"}),
        ("A 33.5%; B 66,5 %", {"A": "33.5", "B": "66.5"}),
        ("A=50;B=50", {"A": "50", "B": "50"}),
        ("North", {}),
        ("P 2024", {}),
        ("North, South", {}),
        ("", {}),
    ],
)
def test_shares_are_read_as_people_type_them(text, shares):
    assert read_split(text) == {value: Decimal(percent) for value, percent in shares.items()}


def test_a_split_line_is_posted_as_one_line_for_each_value(scope):
    project = Dimension.objects.create(company=scope.company, code="project", name="Project")
    for code in ("A", "B", "C"):
        DimensionValue.objects.create(company=scope.company, dimension=project, code=code, name=code)
    shares = {"A": Decimal("33.33"), "B": Decimal("33.33"), "C": Decimal("33.34")}
    entry = NewEntry(
        "split", DAY, (NewLine("1000", Decimal("0.10")), NewLine("4000", Decimal("-0.10"), splits={"project": shares}))
    )

    posted = post(entry)
    again = post(entry)

    lines = Line.objects.for_company(scope.company).filter(entry_id=posted.id).order_by("number")
    assert [(line.dimensions, line.amount) for line in lines] == [
        ({}, Decimal("0.10")),
        ({"project": "A"}, Decimal("-0.03")),
        ({"project": "B"}, Decimal("-0.03")),
        ({"project": "C"}, Decimal("-0.04")),
    ]
    assert again.replayed


def test_the_api_takes_a_split(api, company):
    from tenants.scope import Actor, company_scope

    with company_scope(company, actor=Actor.system("test")):
        project = Dimension.objects.create(company=company, code="project", name="Project")
        for code in ("A", "B"):
            DimensionValue.objects.create(company=company, dimension=project, code=code, name=code)
    body = {
        "date": DAY.isoformat(),
        "lines": [
            {"account": "1000", "debit": "10.01"},
            {"account": "4000", "credit": "10.01", "dimensions": {"project": {"A": "50", "B": "50"}}},
        ],
    }

    answer = api("post").post("entries/", body, key="split")

    assert answer.status_code == 201, answer.json()
    assert [(line["dimensions"], line["credit"]) for line in answer.json()["lines"][1:]] == [
        ({"project": "A"}, "5.01"),
        ({"project": "B"}, "5.00"),
    ]
