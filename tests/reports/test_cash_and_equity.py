"""Cash flow by both methods, changes in equity, and cash basis: right, reconciled, and the same in parts and whole."""

import dataclasses
import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.chart import chart_of
from accounting.models import Account, FiscalYear, SubAccount
from accounting.rates import set_rate
from ledger.allocation import allocate_lines
from ledger.open_items import open_items
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from ledger.revaluation import revalue
from ledger.year_closing import close_year
from reports.cash_basis import open_part
from reports.catalogue import CATALOGUE
from reports.table import Asked
from tests.invoicing.papers import add_tax, customer, line, posted, supplier
from tests.invoicing.test_payments import paid, part
from tests.reports.statement_books import book, open_accounts

D = Decimal
NEW_YEAR, END = datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)


@pytest.fixture
def books(scope):
    """Capital, a loan, a machine and its depreciation, goods sold on credit and for cash, dividends."""
    open_accounts(
        scope.company,
        ("1600", "Machines", "asset", "fixed_asset"), ("1650", "Depreciated", "asset", "accumulated_depreciation"),
        ("2500", "Loan", "liability", "loan"), ("3000", "Capital", "equity", "share_capital"),
        ("3300", "Dividends", "equity", "drawings"), ("5300", "Depreciation", "expense", "depreciation"),
    )  # fmt: skip
    Account.objects.filter(company=scope.company, code="3000").update(subtype="share_capital")
    receivable = Account.objects.for_company(scope.company).get(code="1100")
    SubAccount.objects.create(company=scope.company, account=receivable, code="C1", name="Customer")
    book("capital", datetime.date(2026, 1, 5), ("1000", "1000"), ("3000", "-1000"))
    book("loan", datetime.date(2026, 1, 6), ("1000", "500"), ("2500", "-500"))
    book("machine", datetime.date(2026, 2, 1), ("1600", "600"), ("1000", "-600"))
    book("depreciation", datetime.date(2026, 12, 31), ("5300", "60"), ("1650", "-60"))
    post(NewEntry("sold", datetime.date(2026, 3, 1),
                  (NewLine("1100", D(300), sub_account="C1"), NewLine("4000", D(-300)))))  # fmt: skip
    post(NewEntry("paid", datetime.date(2026, 4, 1),
                  (NewLine("1000", D(200)), NewLine("1100", D(-200), sub_account="C1"))))  # fmt: skip
    book("rent", datetime.date(2026, 5, 1), ("5000", "80"), ("1000", "-80"))
    book("dividend", datetime.date(2026, 6, 1), ("3300", "50"), ("1000", "-50"))
    return scope.company


def made(company, name, date=END, **asked):
    report = CATALOGUE[name].make(company, Asked(date, **asked))
    rows = {row.cells[0].value: [cell.value for cell in row.cells[1:]] for row in report.rows}
    return rows, [str(one) for one in report.problems]


def test_indirect_begins_with_the_result_and_comes_to_the_change_in_cash(books):
    rows, problems = made(books, "cash-flow")
    assert problems == []
    assert rows["Profit for the period, exchange differences on cash left out"] == [160]
    assert rows["Depreciation and amortisation"] == [60]
    assert rows["Change in receivables and other current assets"] == [-100]
    assert rows["Cash flow from operating activities"] == [120]
    assert rows["Cash flow from investing activities"] == [-600]
    assert rows["Cash flow from financing activities"] == [1450]
    assert (rows["Net change in cash"], rows["Cash at the end"]) == ([970], [970])


def test_direct_says_whom_it_came_from_and_went_to_and_comes_to_the_same(books):
    rows, problems = made(books, "cash-flow", method="direct")
    assert problems == []
    assert (rows["Received from customers"], rows["Paid to suppliers"]) == ([200], [-80])
    assert rows["Property, plant and equipment"] == [-600] and rows["Drawings and dividends"] == [-50]
    assert (rows["Net change in cash"], rows["Cash at the end"]) == ([970], [970])


@pytest.mark.parametrize("method", ["direct", "indirect"])
def test_months_of_cash_flow_begin_where_the_one_before_ended(books, method):
    rows, problems = made(books, "cash-flow", by="month", method=method)
    assert problems == []
    assert rows["Cash at the beginning"][1:] == rows["Cash at the end"][:-1]
    assert sum(rows["Net change in cash"]) == 970


@pytest.mark.parametrize("method", ["direct", "indirect"])
def test_the_closing_of_a_year_moves_no_cash_and_no_activity(books, method):
    before = made(books, "cash-flow", method=method)
    close_year(FiscalYear.objects.for_company(books).get(name="2026").pk)
    assert made(books, "cash-flow", method=method) == before


@pytest.mark.parametrize("method", ["direct", "indirect"])
def test_what_rates_alone_did_to_cash_is_no_flow(books, method):
    set_rate("USD", NEW_YEAR, D("0.90"), source="ECB")
    set_rate("USD", END, D("0.95"), source="ECB")
    Account.objects.get_or_create(
        company=books, code="1010", defaults={"name": "Dollars", "type": "asset", "subtype": "bank"}
    )
    Account.objects.filter(company=books, code="1010").update(subtype="bank")
    post(NewEntry("usd", datetime.date(2026, 7, 1), (
        NewLine("1010", D(100), "USD", base_amount=D(90), rate_source="ECB"), NewLine("3000", D(-90)))))  # fmt: skip
    for role in ("exchange_gain_unrealised", "exchange_loss_unrealised"):
        Account.objects.create(company=books, code=role, name=role, type="income", subtype="exchange_gain", role=role)
    revalue(END)
    rows, problems = made(books, "cash-flow", method=method)
    assert problems == []
    assert (rows["Effect of exchange rates on cash"], rows["Net change in cash"]) == ([5], [1060])
    assert rows["Cash at the end"] == [1065]


@pytest.mark.parametrize("method", ["direct", "indirect"])
def test_what_a_transfer_between_own_accounts_lost_by_its_rate_is_no_flow(books, method):
    for code, name, kind, subtype in (
        ("1015", "Dollars", "asset", "bank"),
        ("5800", "Rates", "expense", "exchange_loss"),
    ):
        Account.objects.create(company=books, code=code, name=name, type=kind, subtype=subtype)
    post(NewEntry("usd", datetime.date(2026, 7, 1), (
        NewLine("1015", D(100), "USD", base_amount=D(90), rate_source="ECB"), NewLine("3000", D(-90)))))  # fmt: skip
    post(NewEntry("to euro", datetime.date(2026, 7, 2), (
        NewLine("1015", D(-100), "USD", base_amount=D(-90), rate_source="ECB"), NewLine("1000", D(85)),
        NewLine("5800", D(5)))))  # fmt: skip
    rows, problems = made(books, "cash-flow", method=method)
    assert problems == [] and rows["Effect of exchange rates on cash"] == [-5] and rows["Net change in cash"] == [1060]


def test_equity_is_what_it_was_what_was_earned_and_what_owners_did(books):
    rows, problems = made(books, "changes-in-equity")
    columns = [column.key for column in CATALOGUE["changes-in-equity"].make(books, Asked(END)).columns[1:]]
    end = dict(zip(columns, rows["At the end: 31 Dec 2026"], strict=True))
    assert problems == []
    assert (end["share_capital"], end["drawings"], end["result"], end["total"]) == (1000, -50, 160, 1110)
    assert rows["Result of the period"][-1] == 160 and rows["Put in, and other increases"][-1] == 1000
    close_year(FiscalYear.objects.for_company(books).get(name="2026").pk)
    closed, _problems = made(books, "changes-in-equity")
    assert closed["Closing of years"][-1] == 0, "it moves the result and adds nothing"
    ended = dict(zip(columns, closed["At the end: 31 Dec 2026"], strict=True))
    assert (ended["result"], ended["retained_earnings"], ended["total"]) == (0, 160, 1110)
    following, _problems = made(books, "changes-in-equity", datetime.date(2027, 12, 31))
    assert following["At the beginning: 1 Jan 2027"] == closed["At the end: 31 Dec 2026"], "T30"


def test_on_cash_basis_a_document_counts_as_far_as_it_is_paid(scope):
    add_tax("S20", "20")
    buyer = customer()
    invoice = posted(buyer, line("100.00", tax="S20"), date=datetime.date(2026, 3, 1))
    posted(supplier(), line("40.00"), date=datetime.date(2026, 3, 2))
    assert made(scope.company, "profit-and-loss", basis="cash")[0].get("Revenue") is None
    paid(buyer, "60.00", part(invoice, "60.00"))
    rows, problems = made(scope.company, "profit-and-loss", basis="cash")
    assert problems == [] and rows["Revenue"] == [50] and "Operating expenses" not in rows
    assert made(scope.company, "profit-and-loss")[0]["Profit for the period"] == [60]
    sheet, problems = made(scope.company, "balance-sheet", basis="cash")
    assert problems == [] and sheet["Total assets"] == [60] and sheet["Result that is not closed yet"] == [50]


def test_months_on_cash_basis_add_up(scope):
    buyer = customer()
    invoice = posted(buyer, line("100.00"), date=datetime.date(2026, 1, 10))
    paid(buyer, "33.33", part(invoice, "33.33"), date=datetime.date(2026, 2, 1))
    paid(buyer, "66.67", part(invoice, "66.67"), date=datetime.date(2026, 4, 1))
    rows, _problems = made(scope.company, "profit-and-loss", basis="cash", by="month")
    assert rows["Revenue"][:5] == [0, D("33.33"), 0, D("66.67"), 0]


@given(st.lists(st.decimals("-999", "999", places=2), min_size=1, max_size=6), st.integers(1, 99))
def test_the_open_part_of_an_entry_balances_to_the_cent(others, hundredths):
    whole = -sum(others, D(0))
    residual = (whole * hundredths / 100).quantize(D("0.01"))
    owed = dataclasses.replace(_account("receivable"), subtype="receivable")
    lines = [(owed, whole, residual), *((_account("revenue"), amount, D(0)) for amount in others)]
    assert sum((amount for _account, amount in open_part(lines, D("0.01"))), D(0)) == 0


def _account(subtype):
    from accounting.chart import ChartAccount

    return ChartAccount(id=subtype, code=subtype, name="", type="income", subtype=subtype, currency="", control=False,
                        open_item=False, status="active", role="", parent_id=None,
                        mandatory_dimensions=frozenset())  # fmt: skip


def test_what_settles_nothing_stays_as_it_was_on_cash_basis(books):
    """Entries that move cash themselves count when they are posted, open items of theirs or not."""
    accrual, cash = made(books, "balance-sheet")[0], made(books, "balance-sheet", basis="cash")[0]
    assert cash["Cash and bank"] == accrual["Cash and bank"]
    items = open_items(books, END, accounts=[chart_of(books).by_code["1100"].id])
    debit, credit = (next(one for one in items if one.is_debit is side) for side in (True, False))
    allocate_lines([debit.line_id, credit.line_id], date=END, key="settled")
    rows, _problems = made(books, "profit-and-loss", basis="cash")
    assert rows["Revenue"] == [200]
