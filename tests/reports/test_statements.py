"""Profit and loss and balance sheet: right at any date, beside other periods, whether years are closed or not."""

import datetime
from decimal import Decimal

import pytest

from accounting.chart import chart_of
from accounting.models import Account, FiscalYear
from ledger.refusals import BelongsToDocument
from ledger.reversal import reverse
from ledger.year_closing import close_year, reopen_year
from reports.catalogue import CATALOGUE
from reports.periods import NoSuchDays, Period, TooManyColumns, periods_of
from reports.statement_layout import BadLayout, layout_from, placed, reckoned
from reports.statement_layouts import shipped_layout
from reports.statement_table import Filled
from reports.table import Asked
from tests.reports.statement_books import book, open_accounts

D = Decimal
NEW_YEAR, END = datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)


@pytest.fixture
def books(scope):
    """Sales of 300 and rent of 120 in two months, a loan, and what the owner put in."""
    open_accounts(
        scope.company,
        ("2500", "Loan", "liability", "loan"), ("3000", "Capital", "equity", "share_capital"),
        ("5100", "Goods", "expense", "cost_of_sales"), ("5200", "Tax on income", "expense", "income_tax"),
    )  # fmt: skip
    book("capital", datetime.date(2026, 1, 5), ("1000", "1000"), ("3000", "-1000"))
    book("loan", datetime.date(2026, 1, 6), ("1000", "500"), ("2500", "-500"))
    for month, sold, spent in ((1, "100", "40"), (2, "200", "80")):
        day = datetime.date(2026, month, 20)
        book(f"sale {month}", day, ("1000", sold), ("4000", f"-{sold}"))
        book(f"cost {month}", day, ("5100", spent), ("1000", f"-{spent}"))
    return scope.company


def made(company, name, date=END, **asked):
    report = CATALOGUE[name].make(company, Asked(date, **asked))
    rows = {row.cells[0].value: [cell.value for cell in row.cells[1:]] for row in report.rows}
    return rows, [str(one) for one in report.problems]


def test_what_is_earned_and_spent_stands_by_its_kind_and_comes_to_the_profit(books):
    rows, problems = made(books, "profit-and-loss")
    assert (rows["Revenue"], rows["Cost of sales"], rows["Gross profit"]) == ([300], [120], [180])
    assert rows["Profit for the period"] == [180] and problems == []
    assert "Income tax" not in rows, "what is nothing takes no room"


def test_months_stand_side_by_side_and_add_up_to_the_whole(books):
    rows, _problems = made(books, "profit-and-loss", by="month")
    assert rows["Revenue"] == [100, 200, *[0] * 10] and sum(rows["Profit for the period"]) == 180
    rows, _problems = made(books, "profit-and-loss", start=datetime.date(2026, 1, 1), by="quarter", compare="year")
    assert rows["Revenue"] == [300, 0, 0, 0, 0, 0, 0, 0]
    rows, _problems = made(books, "profit-and-loss", datetime.date(2026, 1, 31))
    assert rows["Profit for the period"] == [60]


def test_the_closing_of_a_year_is_no_result_of_it(books):
    """T30: closed, opened and closed again, the year shows the same, and the next one begins with nothing."""
    year = FiscalYear.objects.for_company(books).get(name="2026")
    before, sheet = made(books, "profit-and-loss"), made(books, "balance-sheet")
    close_year(year.pk)
    assert made(books, "profit-and-loss") == before
    closed, problems = made(books, "balance-sheet")
    assert problems == [] and "Result that is not closed yet" not in closed
    assert closed["Total equity"] == sheet[0]["Total equity"] == [1180]
    reopen_year(year.pk, reason="Late bill")
    assert (made(books, "profit-and-loss"), made(books, "balance-sheet")) == (before, sheet)


def test_the_two_sides_of_the_balance_sheet_are_equal_on_any_day(books):
    for day in (NEW_YEAR, datetime.date(2026, 1, 6), datetime.date(2026, 1, 20), END):
        rows, problems = made(books, "balance-sheet", day, compare="year")
        assert problems == [] and rows["Total assets"] == rows["Total equity and liabilities"]
    assert rows["Total assets"] == [1680, 0, 1680, None] and rows["Result that is not closed yet"][:2] == [180, 0]


def test_balances_stand_side_by_side_at_the_end_of_each_month(books):
    rows, problems = made(books, "balance-sheet", datetime.date(2026, 3, 15), by="month")
    assert problems == [] and rows["Total assets"] == [1560, 1680, 1680]
    rows, problems = made(books, "balance-sheet", datetime.date(2026, 2, 28), by="month", compare="year")
    assert problems == [] and rows["Total assets"] == [1560, 1680, 0, 0]


def test_every_figure_leads_to_its_ledger(books):
    report = CATALOGUE["profit-and-loss"].make(books, Asked(END, by="month"))
    (row,) = [row for row in report.rows if row.cells[0].value.startswith("4000")]
    link = row.cells[2].link
    assert (link.page, link.args) == ("ledger:account-ledger", ("4000",))
    assert link.query == {"from": "2026-02-01", "to": "2026-02-28"}


def test_an_account_in_no_row_is_told_of(books, monkeypatch):
    short = layout_from({"rows": [{"key": "cash", "label": "Cash", "subtypes": ["bank", "cash"]}], "whole": ["income"]})
    monkeypatch.setattr("reports.statements.layout_of", lambda *_asked: short)
    _rows, problems = made(books, "profit-and-loss")
    assert problems == [f"Account {Account.objects.get(company=books, code='4000')} stands in no row."]


@pytest.mark.parametrize("name", ["profit-and-loss", "balance-sheet"])
def test_the_shipped_layouts_place_every_account_of_every_subtype(name, scope):
    from accounting.models.chart import SUBTYPES

    account = next(iter(chart_of(scope.company).by_id.values()))
    import dataclasses

    layout = shipped_layout("ifrs", name)
    every = [dataclasses.replace(account, type=kind, subtype=subtype, code=f"{kind}{subtype}")
             for kind, subtypes in SUBTYPES.items() for subtype in (*subtypes, "") if kind != "statistical"]  # fmt: skip
    rows, left = placed(layout, every)
    assert left == []
    assert sum(map(len, rows.values())) == sum(one.type in layout.whole for one in every)


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([], "rows"), ([{"key": "A", "label": "x", "types": ["asset"]}], "rows[0].key"),
        ([{"key": "a", "label": " ", "types": ["asset"]}], "rows[0].label"), ([{"key": "a", "label": "x"}], "rows[0]"),
        ([{"key": "a", "label": "x", "types": ["asset"], "sde": 1}], "rows[0]"),
        ([{"key": "a", "label": "x", "types": ["asset"], "side": "left"}], "rows[0].side"),
        ([{"key": "a", "label": "x", "formula": "b"}], "rows[0].formula"),
        ([{"key": "a", "label": "x", "formula": ""}], "rows[0].formula"),
        ([{"key": "a", "label": "x", "types": ["asset"]}, {"key": "b", "label": "y", "formula": "a a"}], "rows[1].formula"),
        ([{"key": "a", "label": "x", "types": ["asset"]}, {"key": "b", "label": "y", "formula": "a * 2"}], "rows[1].formula"),
        ([{"key": "a", "label": "x", "types": ["asset"]}, {"key": "a", "label": "y", "formula": "a"}], "rows[1].key"),
        ([{"key": "a", "label": "x", "types": ["asset"], "formula": "a"}], "rows[0].formula"),
        ([{"key": "a", "label": "x", "types": 5}], "rows[0].types"), ([{"key": "a", "label": "x", "side": ["c"]}], "rows[0].side"),
        ([{"key": "a", "label": "x", "codes": [5]}], "rows[0].codes"), (["a"], "rows[0]"),
        ([{"key": "a", "label": "x", "codes": ["4000-"]}], "rows[0].codes"),
        ([{"key": "a", "label": "x" * 9999, "types": ["asset"]}], "rows[0].label"),
    ],
)  # fmt: skip
def test_a_layout_that_does_not_add_up_is_refused_at_its_row(rows, place):
    with pytest.raises(BadLayout) as refused:
        layout_from({"rows": rows})
    assert refused.value.place == place


def test_codes_and_tags_choose_accounts_and_the_first_row_has_them(scope):
    layout = layout_from({"rows": [
        {"key": "some", "label": "Some", "codes": ["1000-1100", "5"]}, {"key": "rest", "label": "Rest", "types": ["asset"]},
        {"key": "both", "label": "Both", "formula": "some - rest"},
    ]})  # fmt: skip
    rows, left = placed(layout, chart_of(scope.company).by_id.values())
    assert {one.code for one in rows["some"]} >= {"1000", "1100", "5000"} and left == []
    assert all(one.code > "1100" for one in rows["rest"])
    assert reckoned(layout, {"some": D(5), "rest": D(2)})["both"] == 3


def test_periods_are_cut_by_the_calendar():
    day = datetime.date
    assert periods_of(day(2026, 1, 15), day(2026, 3, 10), "month") == [
        Period(day(2026, 1, 15), day(2026, 1, 31)), Period(day(2026, 2, 1), day(2026, 2, 28)),
        Period(day(2026, 3, 1), day(2026, 3, 10)),
    ]  # fmt: skip
    assert periods_of(day(2024, 2, 1), day(2024, 2, 29), compare="year")[1] == Period(day(2023, 2, 1), day(2023, 2, 28))
    assert periods_of(day(2023, 2, 1), day(2025, 2, 28), "year", compare="year")[-1].end == day(2024, 2, 29)
    with pytest.raises(TooManyColumns):
        periods_of(day(2020, 1, 1), day(2026, 1, 1), "month")


def test_a_period_before_is_as_many_months_before_also_where_the_last_is_cut():
    day = datetime.date
    found = periods_of(day(2026, 1, 1), day(2026, 3, 15), "month", compare="period")
    assert found[3:] == [
        Period(day(2025, 10, 1), day(2025, 10, 31)), Period(day(2025, 11, 1), day(2025, 11, 30)),
        Period(day(2025, 12, 1), day(2025, 12, 15)),
    ]  # fmt: skip
    found = periods_of(day(2026, 1, 1), day(2026, 11, 22), "quarter", compare="period")
    assert found[-1] == Period(day(2025, 10, 1), day(2025, 11, 22)) and found[4] == Period(
        day(2025, 1, 1), day(2025, 3, 31)
    )
    with pytest.raises(NoSuchDays):
        periods_of(day(1000, 1, 2), day(9998, 12, 31), compare="period")


def test_a_year_closing_is_taken_back_by_its_year_alone(books):
    (closing,) = close_year(FiscalYear.objects.for_company(books).get(name="2026").pk)
    with pytest.raises(BelongsToDocument):
        reverse(closing.id, date=datetime.date(2027, 2, 1), reason="By its page")


def test_rows_reckoned_from_each_other_are_known_at_once(scope):
    """Each twice of the one before: two to the power of a hundred ways, and one pass."""
    rows = [{"key": "f0", "label": "0", "types": ["income"]}]
    rows += [{"key": f"f{n}", "label": str(n), "formula": f"f{n - 1} + f{n - 1}"} for n in range(1, 100)]
    accounts = {"f0": [next(iter(chart_of(scope.company).by_id.values()))]}
    filled = Filled(layout_from({"rows": rows}), accounts, [], [], [])
    assert filled.behind["f99"] == frozenset(accounts["f0"])
