"""Journals that other programs wrote go in, and come out again with the same balances to the cent."""

import csv
import datetime
import io
import random
import shutil
import subprocess
from collections import defaultdict
from decimal import Decimal

import pytest

from accounting.table_rows import BadColumns
from ledger.balances import balances
from ledger.journal_export import export_journal
from ledger.journal_import import column_names, import_journal
from ledger.models import Entry, Line
from ledger.sealing import seal

END = datetime.date(2199, 12, 31)


@pytest.fixture(scope="session")
def example() -> str:
    """A ledger of more than 10,000 transactions, made by beancount's own generator."""
    from beancount.scripts import example

    random.seed(7)
    out = io.StringIO()
    example.write_example_file(
        datetime.date(1980, 5, 12), datetime.date(1996, 1, 1), datetime.date(2026, 1, 1), True, out
    )
    return out.getvalue()


def daybook_balances(company) -> dict[tuple[str, str], Decimal]:
    """(account code, currency) -> quantity, leaving out what rounding put there."""
    from accounting.chart import chart_of

    chart = chart_of(company)
    return {
        (chart.by_id[b.account_id].code, b.currency): b.currency_amount
        for b in balances(company, END)
        if b.currency_amount and chart.by_id[b.account_id].role != "rounding"
    }


def beancount_balances(text: str) -> dict[tuple[str, str], Decimal]:
    """The same from beancount itself, which must find no error."""
    from beancount import loader
    from beancount.core.data import Transaction

    entries, errors, _options = loader.load_string(text)
    assert errors == []
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                totals[posting.account, posting.units.currency] += posting.units.number
    return {key: total for key, total in totals.items() if total}


def hledger_balances(text: str, tmp_path) -> dict[tuple[str, str], Decimal]:
    """The same from hledger, whose strict checks must pass."""
    file = tmp_path / "books.journal"
    file.write_text(text, encoding="utf-8")
    subprocess.run(["hledger", "-f", file, "check", "--strict"], check=True, capture_output=True)
    command = ["hledger", "-f", file, "balance", "--flat", "--layout=bare", "--no-total", "-O", "csv"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = list(csv.DictReader(io.StringIO(answer)))
    found = {(row["account"], row["commodity"].strip('"')): Decimal(row["balance"]) for row in rows}
    return {key: total for key, total in found.items() if total}


@pytest.fixture(scope="module")
def imported(django_db_setup, django_db_blocker, example):
    """The example, imported and sealed, with the report of the import; the tests run inside its company."""
    from tenants.scope import Actor, company_scope
    from tests.conftest import make_company

    with django_db_blocker.unblock():
        company = make_company(currency="USD")
        with company_scope(company, actor=Actor.system("test")):
            report = import_journal(example.encode(), "beancount", key="example")
        seal(company)
        with company_scope(company, actor=Actor.system("test")):
            yield company, report


@pytest.mark.xdist_group("example")
class TestTheExampleOfBeancount:
    def test_ten_thousand_transactions_agree_account_by_account(self, imported, example):
        company, report = imported

        assert report.problems == []
        assert report.entries >= 10_000
        assert daybook_balances(company) == beancount_balances(example)

    def test_the_export_reads_back_in_beancount_with_the_same_balances(self, imported):
        company, _report = imported

        assert without_rounding(beancount_balances("".join(export_journal("beancount")))) == daybook_balances(company)

    @pytest.mark.skipif(not shutil.which("hledger"), reason="hledger is not installed: its comparison is left out")
    def test_the_export_reads_back_in_hledger_with_the_same_balances(self, imported, tmp_path):
        company, _report = imported
        found = hledger_balances("".join(export_journal("hledger")), tmp_path)

        assert without_rounding(found) == daybook_balances(company)

    def test_what_was_left_out_is_counted_in_the_report(self, imported):
        _company, report = imported

        assert report.ignored["event"] > 0
        assert report.ignored["line of zero"] > 0


def test_every_difference_of_the_source_is_a_named_rounding_line(scope):
    text = """2026-01-01 open Assets:Shares
2026-01-01 open Assets:Cash
2026-01-05 * "Buy"
  Assets:Shares   1 ACME {5.006 EUR}
  Assets:Shares   1 ACME {5.006 EUR}
  Assets:Cash    -10.01 EUR
"""
    report = import_journal(text.encode(), "beancount", key="rounding")

    assert report.problems == []
    assert [(r.place, r.amount, r.currency) for r in report.roundings] == [(3, Decimal("-0.01"), "EUR")]
    assert daybook_balances(scope.company) == {
        ("Assets:Shares", "ACME"): 2,
        ("Assets:Cash", "EUR"): Decimal("-10.01"),
    }
    assert Line.objects.for_company(scope.company).get(memo="Rounding of the source").account.code == "5900"


def without_rounding(found):
    return {key: total for key, total in found.items() if "ounding" not in key[0]}


def test_importing_the_same_file_again_adds_nothing(scope):
    text = '2026-01-05 open Assets:Cash EUR\n2026-01-05 open Income:Work EUR\n2026-01-06 * "Pay"\n  Assets:Cash  10.00 EUR\n  Income:Work\n'
    first = import_journal(text.encode(), "beancount", key="same")
    again = import_journal(text.encode(), "beancount", key="same")

    assert (first.problems, again.problems) == ([], [])
    assert Entry.objects.for_company(scope.company).count() == 1


def test_a_dry_run_says_everything_and_stores_nothing(scope):
    from accounting.models import Account

    text = "2026-01-06 Pay\n  assets:cash  10.00 EUR\n  income:work\n"
    before = Account.objects.for_company(scope.company).count()
    report = import_journal(text.encode(), "hledger", key="dry", dry_run=True)

    assert (report.entries, report.lines, report.accounts) == (1, 2, ["assets:cash", "income:work"])
    assert not Entry.objects.for_company(scope.company).exists()
    assert Account.objects.for_company(scope.company).count() == before


def test_one_bad_transaction_keeps_all_out_and_is_named_with_its_line(scope):
    text = "entry,date,account,debit,credit\n1,2026-01-05,1000,10.00,\n1,2026-01-05,4000,,10.00\n2,2026-01-06,1000,5.00,\n2,2026-01-06,7777,,5.00\n"
    report = import_journal(text.encode(), "csv", key="bad")

    assert [problem.code for problem in report.problems] == ["unknown_account"]
    assert "7777" in report.problems[0].message
    assert not Entry.objects.for_company(scope.company).exists()


def test_csv_lines_carry_currency_rate_and_sub_account(scope):
    from accounting.accounts import open_sub_account
    from accounting.models import Account

    receivable = Account.objects.for_company(scope.company).get(code="1100")
    open_sub_account(receivable, code="C1", name="Customer 1")
    text = (
        "entry,date,account,amount,currency,rate,sub_account,memo\n"
        "1,2026-01-05,1100,100.00,USD,0.9,C1,Invoice 7\n1,2026-01-05,4000,-90.00,EUR,,,\n"
    )
    report = import_journal(text.encode(), "csv", key="fx")

    assert report.problems == []
    line = Line.objects.for_company(scope.company).get(account=receivable)
    assert (line.amount, line.currency_amount, line.sub_account.code) == (Decimal(90), Decimal(100), "C1")


@pytest.mark.parametrize("data", [b"2026-01-05\x00", b"\xff\xfe2026", "2026-01-05 café".encode("latin-1")])
def test_what_is_not_text_is_refused_with_its_place(scope, data):
    report = import_journal(data, "hledger", key="x")

    assert [problem.code for problem in report.problems] == ["bad_encoding"]


def test_a_closed_period_refuses_the_whole_import(scope):
    from accounting.models import Period
    from accounting.periods import close_period

    for period in Period.objects.for_company(scope.company).filter(end__lt=datetime.date(2026, 2, 1)):
        close_period(period)
    text = (
        "2026-01-06 Pay\n  assets:cash  10.00 EUR\n  income:work\n2026-02-06 Pay\n  assets:cash  1 EUR\n  income:work\n"
    )
    report = import_journal(text.encode(), "hledger", key="closed")

    assert [problem.code for problem in report.problems] == ["period_closed"]
    assert not Entry.objects.for_company(scope.company).exists()


GERMAN = "Beleg;Datum;Konto;Soll;Haben;Text\n1;2026-03-15;1000;10,50;;Bar\n1;2026-03-15;4000;;10,50;\n"
NAMES = "Beleg = entry\n datum=date\nKONTO = account\nSoll = debit\n\nHaben = credit\nText = memo\n"


def test_a_table_with_other_headings_says_what_they_stand_for(scope):
    report = import_journal(GERMAN.encode(), "csv", key="german", columns=column_names(NAMES))

    assert (report.problems, report.entries, report.lines) == ([], 1, 2)
    assert daybook_balances(scope.company)["1000", "EUR"] == Decimal("10.50")


def test_a_heading_that_the_file_does_not_have_is_named(scope):
    report = import_journal(GERMAN.encode(), "csv", key="german", columns={"Kto": "account"})

    assert [(problem.code, "Kto" in problem.message) for problem in report.problems] == [("missing_column", True)]


@pytest.mark.parametrize("text", ["Konto", "Konto = konto", "= account", "Konto account"])
def test_a_mapping_that_makes_no_sense_is_refused(text):
    with pytest.raises(BadColumns) as caught:
        column_names(text)
    assert (caught.value.code, caught.value.place) == ("bad_columns", "columns")
