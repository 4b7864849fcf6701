import datetime
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.parsers.beancount import parse_beancount
from ledger.parsers.hledger import parse_hledger
from ledger.parsers.journal import ParsedJournal
from ledger.renderers.beancount import render_beancount
from ledger.renderers.hledger import render_hledger
from ledger.renderers.rows import ExportAccount, ExportEntry, ExportJournal, ExportLine, ExportUnit
from tests.ledger.renderers.journal_round_trip import Rows, balances_of, beancount_balances, hledger_balances

needs_hledger = pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not installed")

DAY = datetime.date(2024, 1, 31)
HEAD = ExportJournal('Acme "Ltd" \\', "EUR")
BANK = ExportAccount("1200", "Bank", "asset", DAY)
SALES = ExportAccount("4400", "Sales 19 %", "income", DAY)
HOURS = ExportAccount("9000", "Hours", "statistical", DAY)
UNITS = [
    ExportUnit("EUR", 2, True),
    ExportUnit("USD", 2, True),
    ExportUnit("JPY", 0, True),
    ExportUnit("hours", 1, False),
]


def line(account: ExportAccount, quantity: str, currency: str = "EUR", amount: str = "", **more: object) -> ExportLine:
    return ExportLine(account.code, Decimal(quantity), currency, Decimal(amount or quantity), **more)  # type: ignore[arg-type]


def entry(*lines: ExportLine, memo: str = "Invoice", date: datetime.date = DAY) -> ExportEntry:
    return ExportEntry(date, "2024-7", "SALES", memo, "INV-7", "invoice:7", lines)


def as_beancount(*entries: ExportEntry, head: ExportJournal = HEAD) -> str:
    return "".join(render_beancount(head, [BANK, SALES, HOURS], UNITS, iter(entries)))


def as_hledger(*entries: ExportEntry, head: ExportJournal = HEAD) -> str:
    return "".join(render_hledger(head, [BANK, SALES, HOURS], UNITS, iter(entries)))


INVOICE = entry(
    line(
        BANK, "119.00", memo="paid; in full", sub_account="C-1", dimensions=(("department", "SALES"), ("project", "X"))
    ),
    line(SALES, "-119.00"),
)


def test_a_beancount_journal_reads_like_one():
    assert as_beancount(INVOICE) == dedent("""\
        option "title" "Acme \\"Ltd\\" \\\\"
        option "operating_currency" "EUR"
        option "inferred_tolerance_default" "*:0.00000001"

        2024-01-31 commodity EUR
        2024-01-31 commodity USD
        2024-01-31 commodity JPY
        2024-01-31 commodity L.HOURS

        2024-01-31 open Assets:1200-Bank
        2024-01-31 open Income:4400-Sales-19
        2024-01-31 * "Invoice"
          number: "2024-7"
          journal: "SALES"
          reference: "INV-7"
          key: "invoice:7"
          Assets:1200-Bank  119.00 EUR
            memo: "paid; in full"
            sub_account: "C-1"
            dimensions: "department=SALES;project=X"
          Income:4400-Sales-19  -119.00 EUR
        2024-01-31 open Equity:Statistical:9000-Hours
        """)


def test_an_hledger_journal_reads_like_one():
    assert as_hledger(INVOICE) == dedent("""\
        ; Acme "Ltd" \\
        ; base currency: EUR
        decimal-mark .

        commodity 1000.00 EUR
        commodity 1000.00 USD
        commodity 1000. JPY
        commodity 1000.0 "L.HOURS"

        account Assets:1200-Bank  ; type:A
        account Income:4400-Sales-19  ; type:R
        account Equity:Statistical:9000-Hours  ; type:E

        2024-01-31 * (2024-7) Invoice
            ; journal: SALES
            ; reference: INV-7
            ; key: invoice:7
            Assets:1200-Bank  119.00 EUR  ; paid; in full
            ; sub_account: C-1
            ; dimensions: department=SALES;project=X
            Income:4400-Sales-19  -119.00 EUR
        """)


AMOUNTS = [
    entry(line(BANK, "100.00", "USD", "91.37"), line(SALES, "-91.37")),
    entry(line(BANK, "-3.00", "USD", "-1.00"), line(SALES, "1.00")),
    entry(line(BANK, "10.00", "USD", "0.00"), line(SALES, "0.00")),
    entry(line(HOURS, "7.5", "hours", "0", statistical=True), line(HOURS, "-7.5", "hours", "0", statistical=True)),
    entry(line(HOURS, "7.5", "hours", "0", statistical=True)),
    entry(line(BANK, "1.00"), line(SALES, "-1.00"), line(HOURS, "2", "EUR", "0", statistical=True)),
]
EXPECTED = {
    ("Assets:1200-Bank", "USD"): Decimal("107.00"),
    ("Assets:1200-Bank", "EUR"): Decimal("1.00"),
    ("Income:4400-Sales-19", "EUR"): Decimal("-91.37"),
    ("Equity:Statistical:9000-Hours", "L.HOURS"): Decimal("7.5"),
    ("Equity:Statistical:9000-Hours", "EUR"): Decimal("2"),
}


def test_beancount_takes_every_kind_of_line():
    assert beancount_balances(as_beancount(*AMOUNTS)) == EXPECTED


@needs_hledger
def test_hledger_takes_every_kind_of_line(tmp_path: Path):
    assert hledger_balances(as_hledger(*AMOUNTS), tmp_path) == EXPECTED


def test_a_total_price_in_a_currency_without_decimals_is_in_balance():
    yen = ExportJournal("Acme", "JPY")
    text = as_beancount(entry(line(BANK, "3", "USD", "100"), line(SALES, "-100", "JPY")), head=yen)
    assert beancount_balances(text)["Assets:1200-Bank", "USD"] == 3


def test_the_tolerance_hides_no_cent():
    text = as_beancount(entry(line(BANK, "1"), line(SALES, "-2")))
    assert [problem.code for problem in parse_beancount(text).problems] == ["unbalanced"]
    with pytest.raises(AssertionError):
        beancount_balances(text)


def test_a_worth_against_the_sign_of_its_quantity_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="cannot be worth"):
        as_beancount(entry(line(BANK, "1", "USD", "-1"), line(SALES, "1")))


def test_an_account_is_opened_at_its_first_use_even_when_it_was_opened_later():
    early = entry(line(BANK, "1"), line(SALES, "-1"), date=datetime.date(2020, 1, 1))
    assert "2020-01-01 open Assets:1200-Bank\n" in as_beancount(early)
    assert len(beancount_balances(as_beancount(early))) == 2


def test_an_export_streams():
    def endless():
        while True:
            yield INVOICE

    for render in (render_beancount, render_hledger):
        pieces = render(HEAD, [BANK, SALES], UNITS, endless())
        assert len([next(pieces) for _ in range(1000)]) == 1000


HARD_TEXT = st.text(st.sampled_from('ab ;|"\\\n\r\t(),:#*!=@é{}~日'), max_size=12)


@given(memo=HARD_TEXT, note=HARD_TEXT)
@settings(max_examples=150, deadline=None)
def test_no_memo_breaks_a_journal(memo: str, note: str):
    written = entry(line(BANK, "1.00", memo=note), line(SALES, "-1.00"), memo=memo)
    from_beancount = parse_beancount(as_beancount(written))
    from_hledger = parse_hledger(as_hledger(written))
    assert from_beancount.problems == from_hledger.problems == []
    assert from_beancount.transactions[0].memo == memo
    assert from_beancount.transactions[0].lines[0].memo == note
    assert len(from_hledger.transactions[0].lines) == 2
    assert len(beancount_balances(as_beancount(written))) == 2


def test_what_an_export_says_beside_amounts_comes_back():
    for journal in (parse_beancount(as_beancount(INVOICE)), parse_hledger(as_hledger(INVOICE))):
        [transaction] = journal.transactions
        assert (transaction.reference, transaction.journal, transaction.memo) == ("INV-7", "SALES", "Invoice")
        assert transaction.lines[0].memo == "paid; in full"
        assert transaction.lines[0].sub_account == "C-1"
        assert transaction.lines[0].dimensions == (("department", "SALES"), ("project", "X"))


CENTS = st.integers(-10_000, 10_000)
EXCHANGES = st.lists(st.tuples(CENTS.filter(bool), st.integers(0, 10_000)), min_size=1, max_size=6)


@pytest.mark.parametrize(("render", "parse"), [(as_beancount, parse_beancount), (as_hledger, parse_hledger)])
@given(exchanges=EXCHANGES)
@settings(max_examples=60, deadline=None)
def test_writing_and_reading_keeps_every_balance(
    render: Callable[..., str], parse: Callable[[str], ParsedJournal], exchanges: list[tuple[int, int]]
):
    entries = []
    for units, worth in exchanges:
        amount = f"{Decimal(worth if units > 0 else -worth).scaleb(-2):f}"
        opposite = f"{-Decimal(amount):f}"
        entries.append(entry(line(BANK, f"{Decimal(units).scaleb(-2):f}", "USD", amount), line(SALES, opposite)))
    journal = parse(render(*entries))
    assert journal.problems == []
    for currency in ("USD", "EUR"):
        read = [one.quantity for each in journal.transactions for one in each.lines if one.commodity == currency]
        written = [one.quantity for each in entries for one in each.lines if one.currency == currency]
        assert sum(read) == sum(written)
    weights = [one.weight for each in journal.transactions for one in each.lines if one.weight is not None]
    assert sum(weights) == sum(one.amount for each in entries for one in each.lines if one.currency == "USD")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    path = tmp_path_factory.mktemp("beancount") / "example.beancount"
    dates = ["--date-begin", "2018-01-01", "--date-end", "2022-01-01", "--date-birth", "1980-01-01"]
    run = "from beancount.scripts.example import main; main()"
    command = [sys.executable, "-c", run, "--no-reformat", "--seed", "11", *dates, "-o", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return Rows(parse_beancount(path.read_text(encoding="utf-8")), "USD")


def test_beancount_finds_the_balances_of_the_rows_in_their_export(example: Rows):
    text = "".join(render_beancount(example.head, example.accounts, example.units, example.entries))
    assert beancount_balances(text) == balances_of(example.entries)


@needs_hledger
def test_hledger_finds_the_balances_of_the_rows_in_their_export(example: Rows, tmp_path: Path):
    text = "".join(render_hledger(example.head, example.accounts, example.units, example.entries))
    assert hledger_balances(text, tmp_path) == balances_of(example.entries)


def test_our_own_parsers_find_them_too(example: Rows):
    rows = example.head, example.accounts, example.units, example.entries
    for journal in (parse_beancount("".join(render_beancount(*rows))), parse_hledger("".join(render_hledger(*rows)))):
        assert journal.problems == []
        again = Rows(journal, "USD")
        assert balances_of(again.entries) == balances_of(example.entries)
