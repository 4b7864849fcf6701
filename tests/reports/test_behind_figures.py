"""What a figure leads to comes to the figure: accounts, sums, comparatives, values of a dimension, closed years."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from accounting.chart import chart_of
from accounting.dimensions import UnknownDimension, open_dimension, open_dimension_value
from accounting.models import FiscalYear
from ledger.account_ledger import account_ledger
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.year_closing import close_year, reopen_year
from reports.catalogue import CATALOGUE
from reports.renderers.said import said_lines
from reports.table import Asked, Kind, Standing
from tests.ledger.budget_books import a_budget, planned

D = Decimal
START, END = datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)
OF_BALANCES = ("balance-sheet",)


def book(key, date, amount, against="4000", **dimensions):
    lines = (NewLine("1000", D(amount)), NewLine(against, -D(amount), dimensions=dimensions))
    post(NewEntry(key, date, lines, memo=key))


@pytest.fixture
def books(scope):
    """Sales and costs of two months with and without a project, capital, and a year that was closed, opened, closed."""
    project = open_dimension(code="project", name="Project")
    for code in ("A", "B"):
        open_dimension_value(project, code=code, name=f"Project {code}")
    book("capital", datetime.date(2026, 1, 5), "1000", "3000")
    book("a", datetime.date(2026, 1, 20), "100", project="A")
    book("b", datetime.date(2026, 2, 20), "30.50", project="B")
    book("none", datetime.date(2026, 2, 21), "7")
    book("cost", datetime.date(2026, 2, 22), "-40", "5000", project="A")
    year = FiscalYear.objects.for_company(scope.company).get(name="2026").pk
    close_year(year)
    reopen_year(year, reason="One more")
    book("more", datetime.date(2026, 12, 30), "9")
    close_year(year)
    return scope.company


def behind(company, link):
    """What the ledger that a figure leads to moved, and where it stands at its end."""
    start, end = (datetime.date.fromisoformat(link.query[one]) if link.query[one] else None for one in ("from", "to"))
    if link.page == "ledger:account-ledger":
        account = chart_of(company).by_code[link.args[0]]
        page = account_ledger(company, account.id, start=start or datetime.date.min, date=end)
        return page.closing - page.opening, page.closing
    assert (link.page, link.args) == ("reports:report", ("general-ledger",))
    narrowed = {name: text for name, text in link.query.items() if name in ("accounts", "only", "value")}
    *_lines, total = CATALOGUE["general-ledger"].make(company, Asked(end, start, **narrowed)).rows
    debit, credit, balance = (cell.value for cell in total.cells[-3:])
    return debit - credit, balance


def signed_figures(report):
    """Each amount with its link; the column of changes leads to the later period alone."""
    places = [place for place, one in enumerate(report.columns) if one.kind is Kind.AMOUNT and one.key != "change"]
    return [(row.cells[0].value, row.cells[place]) for row in report.rows if row.standing is not Standing.HEADING or
            row.cells[1].value is not None for place in places if row.cells[place].value]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("profit-and-loss", {}),
        ("profit-and-loss", {"by": "month"}),
        ("profit-and-loss", {"by": "quarter", "compare": "period"}),
        ("profit-and-loss", {"across": "project"}),
        ("balance-sheet", {}),
        ("balance-sheet", {"by": "quarter"}),
    ],
)
def test_what_a_figure_leads_to_comes_to_the_figure(books, name, asked):
    start = None if name in OF_BALANCES else START
    report = CATALOGUE[name].make(books, Asked(END, start, **asked))
    figures = signed_figures(report)
    assert len(figures) > 4 and report.problems == []
    for label, cell in figures:
        moved, balance = behind(books, cell.link)
        assert abs(balance if name in OF_BALANCES else moved) == abs(cell.value), (label, cell)


@pytest.mark.parametrize("asked", [{}, {"by": "quarter"}, {"across": "project"}])
def test_what_was_posted_beside_a_budget_leads_to_ledgers_that_come_to_it(books, asked):
    a_budget(*planned("40.00", "30.50", account="4000"))
    report = CATALOGUE["budget-variance"].make(books, Asked(END, START, **asked))
    places = [place for place, one in enumerate(report.columns) if one.key.startswith("actual")]
    cells = [row.cells[place] for row in report.rows for place in places]
    assert sum(bool(cell.value) for cell in cells) > 2
    for cell in cells:
        if cell.value:
            moved, _balance = behind(books, cell.link)
            assert abs(moved) == abs(cell.value), cell


def test_a_planned_asset_is_compared_across_a_dimension_too(books):
    a_budget(*planned("400.00", account="1000"))
    report = CATALOGUE["budget-variance"].make(books, Asked(END, START, across="project"))
    place = [one.key for one in report.columns].index("actual_0")
    (row,) = [row for row in report.rows if str(row.cells[0].value).startswith("1000")]
    assert row.cells[-3].value == sum(cell.value for cell in row.cells[place:-4:4]) == D("1106.50")


def test_the_result_of_a_closed_year_leads_to_its_ledgers_without_the_closing(books):
    report = CATALOGUE["changes-in-equity"].make(books, Asked(END, START))
    rows = {row.cells[0].value: row.cells[-1] for row in report.rows}
    assert {"Result of the period", "Closing of years", "Put in, and other increases"} <= set(rows)
    for row in report.rows:
        for cell in row.cells[1:]:
            if cell.value and row.standing is Standing.LINE:
                moved, _balance = behind(books, cell.link)
                assert abs(moved) == abs(cell.value), row.cells[0].value


@pytest.mark.parametrize("start", [None, START])
def test_sums_of_a_trial_balance_lead_to_the_ledgers_that_they_add_up(books, start):
    report = CATALOGUE["trial-balance"].make(books, Asked(END, start))
    keys = [one.key for one in report.columns]
    for row in report.rows:
        if row.standing is not Standing.SUBTOTAL:
            continue
        debit, credit = (row.cells[keys.index(f"closing_{side}")] for side in ("debit", "credit"))
        _moved, balance = behind(books, (debit if debit.link else credit).link)
        assert balance == (debit.value or 0) - (credit.value or 0), row.cells[0].value


def test_a_ledger_of_chosen_lines_brings_nothing_forward(books):
    asked = Asked(datetime.date(2026, 2, 28), datetime.date(2026, 2, 1), accounts="4000", value="project:B")
    report = CATALOGUE["general-ledger"].make(books, asked)
    heading, line, subtotal, _total = report.rows
    assert heading.cells[-1].value == 0 and line.cells[2].value == "b" and subtotal.cells[-1].value == D("-30.50")
    assert [str(note) for note in report.notes] == ["Chosen lines alone: nothing is brought forward."]


def test_what_a_report_is_narrowed_to_is_said_on_it(books):
    asked = Asked(END, START, accounts="4000-4999", only="by-hand", value="project:B")
    said = said_lines(CATALOGUE["general-ledger"].make(books, asked))
    assert said[1:4] == ["Made by hand", "Accounts: 4000-4999", "Dimension: project:B"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"accounts": "nope"}, "There is no account “nope”."), ({"value": "nope:B"}, "There is no dimension “nope”."),
     ({"from": "2026-12-01", "to": "2026-01-01"}, "The range ends before it begins.")],
)  # fmt: skip
def test_what_is_asked_wrongly_is_said_at_its_field_and_not_answered_with_something_else(books, signed_in, asked, said):
    answer = signed_in("auditor").get(reverse("reports:report", args=[books.slug, "general-ledger"]), asked)
    content = answer.content.decode()
    assert answer.status_code == 422 and said in content and 'aria-invalid="true"' in content
    assert "4000 Sales" not in content and "Balance of" not in content and 'id="keep"' not in content


def test_a_dimension_that_is_not_there_is_refused_at_its_place(books):
    with pytest.raises(UnknownDimension) as refused:
        CATALOGUE["general-ledger"].make(books, Asked(END, START, value="nope:B"))
    assert refused.value.place == "value"
