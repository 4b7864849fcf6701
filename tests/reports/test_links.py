"""What is behind a sum of very many accounts is named by the ranges that they fill, exactly, or one by one."""

import dataclasses
import datetime

import pytest

from accounting.chart import chart_of
from reports.chosen_accounts import chosen_accounts, spans_of
from reports.links import LONGEST, ledgers_of
from reports.table import Asked

DAY = datetime.date(2026, 12, 31)


@pytest.fixture
def chart(scope):
    found = chart_of(scope.company)
    account = found.by_code["4000"]
    codes = [f"{number:05}" for number in range(10_000, 11_000)]
    return dataclasses.replace(found, by_code={code: dataclasses.replace(account, code=code) for code in codes})


def test_a_thousand_accounts_have_a_page(chart):
    link = ledgers_of(chart.by_code.values(), None, DAY, Asked(DAY), chart=chart)
    assert link.query["accounts"] == "10000-10999"
    assert ledgers_of(chart.by_code.values(), None, DAY, Asked(DAY)) is None and LONGEST < 6000


def test_ranges_take_in_no_other_account(chart):
    codes = [code for code in chart.by_code if code not in ("10500", "10700")]
    text = spans_of(chart, codes)
    assert text == "10000-10499,10501-10699,10701-10999"
    assert [one.code for one in chosen_accounts(chart, text)] == codes


def test_where_a_range_would_take_in_more_each_is_named(chart):
    chart.by_code["109991"] = dataclasses.replace(chart.by_code["10999"], code="109991")
    codes = [code for code in chart.by_code if code != "109991"]
    assert spans_of(chart, codes) == ",".join(codes), "what begins with the end of a range belongs to it"
