"""The FEC, read back by the rules of article A47 A-1: whole, exact, and in the order of validation."""

import datetime
from decimal import Decimal

import pytest

from accounting.accounts import open_account, open_sub_account
from accounting.models import Account, FiscalYear
from ledger.allocation import allocate
from ledger.allocation_plan import Pair
from ledger.allocation_undo import undo_settlement
from ledger.models import Line
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from ledger.year_closing import close_year
from reports.statutory.exporting import ask_to_export
from reports.statutory.refusals import MissingTaxNumber
from tests.books import new_entry, sale
from tests.conftest import make_company
from tests.invoicing.papers import customer, line, posted
from tests.reports.statutory.exported import (
    SIREN,
    balances_by_code,
    exported,
    inside,
    job_of,
    post,
    settled,
    summed,
)
from tests.reports.statutory.read_fec import read_fec

D = Decimal
DAY = datetime.date(2026, 5, 4)


@pytest.fixture
def french(committed_company):
    return settled(committed_company, tax_number=f"FR83{SIREN}", country="FR")


def moved(rows):
    return summed((row["CompteNum"], row["Debit"] - row["Credit"]) for row in rows)


def test_every_entry_is_there_once_and_adds_up_to_the_balances(french):
    wrong, *_rest = post(
        french,
        sale("77.00", date=DAY, memo="Posted twice"), sale("10.50", date=datetime.date(2025, 3, 1)),
        new_entry(("5000", "200.00"), ("1000", "-150.00"), ("2100", "-50.00"), date=DAY, memo="Rent"),
        NewEntry("usd", DAY, (NewLine("1010", D("120.00"), currency="USD", base_amount=D("100.01")),
                              NewLine("4000", D("-100.01"))), memo="Dollars"),
        NewEntry("days", DAY, (NewLine("9000", D("2.5"), currency="DAY"), NewLine("9010", D("-2.5"), currency="DAY"))),
    )  # fmt: skip
    with inside(french):
        reverse(wrong.id, date=DAY, reason="Entered twice")

    rows = read_fec(exported(french, "fec"))

    # The result of 2025, which nobody closed, is carried forward on retained earnings.
    expected = balances_by_code(french)
    expected["4000"] += D("10.50")
    expected["3100"] = D("-10.50")
    assert moved(rows) == expected
    assert sum(row["Debit"] for row in rows) == sum(row["Credit"] for row in rows) > 0
    by_entry = summed((row["EcritureNum"], row["Debit"] - row["Credit"]) for row in rows)
    assert not by_entry, "each entry balances"
    assert len({row["EcritureNum"] for row in rows}) == 5, (
        "carried forward, three entries, a reversal; no days of leave"
    )
    assert [(row["CompteNum"], row["Montantdevise"], row["Idevise"]) for row in rows if row["Idevise"]] == [
        ("1010", D("120.00"), "USD")
    ]


def test_what_is_carried_forward_comes_first_then_the_order_of_sealing(french):
    post(french, sale("1.00", date=datetime.date(2025, 12, 31)))
    post(french, sale("2.00", date=datetime.date(2026, 9, 9)))
    job_of(french, "fec")
    post(french, sale("3.00", date=datetime.date(2026, 2, 2)))

    rows = read_fec(exported(french, "fec"))

    assert [row["Debit"] for row in rows if row["Debit"]] == [D("1.00"), D("2.00"), D("3.00")]
    assert [row["JournalCode"] for row in rows[:2]] == ["AN", "AN"]
    assert [row["EcritureNum"] for row in rows[2::2]] == ["GEN-2026-00001", "GEN-2026-00002"]
    assert [row["EcritureDate"].month for row in rows[2::2]] == [9, 2], "not by date"


def test_what_customers_owe_is_carried_forward_by_customer(french):
    with inside(french):
        for name, price in (("Adatum", "70.00"), ("Blue", "30.00")):
            posted(customer(name), line(price), date=datetime.date(2025, 6, 1))
    post(french, sale("1.00", date=datetime.date(2025, 7, 1)))

    rows = read_fec(exported(french, "fec"))

    assert [(row["CompteNum"], row["CompAuxLib"], row["Debit"] - row["Credit"]) for row in rows] == [
        ("1000", "", 1), ("1100", "Adatum", 70), ("1100", "Blue", 30), ("3100", "", -101),
    ]  # fmt: skip
    assert {(row["EcritureNum"], row["EcritureDate"]) for row in rows} == {("AN-2026-00001", datetime.date(2026, 1, 1))}


@pytest.mark.parametrize(("currency", "amount", "written"), [("JPY", "1234", b"1234"), ("KWD", "1.234", b"1,234")])
def test_amounts_have_the_decimals_of_the_base_currency(committed_db, currency, amount, written):
    company = settled(make_company(currency=currency), tax_number=SIREN, country="FR")
    post(company, sale(amount, date=DAY))
    body = exported(company, "fec")
    assert b"\t" + written + b"\t" in body
    assert moved(read_fec(body)) == {"1000": D(amount), "4000": -D(amount)}


def test_the_entries_that_only_empty_income_and_expenses_are_left_out(french):
    post(french, sale("40.00", date=DAY))
    with inside(french):
        close_year(FiscalYear.objects.for_company(french).get(name="2026").pk)

    assert moved(read_fec(exported(french, "fec"))) == {"1000": D("40.00"), "4000": D("-40.00")}
    assert balances_by_code(french) == {"1000": D("40.00"), "3100": D("-40.00")}


TEXTS = [
    "tab\tand | bar", "two\r\nlines\u2028more", "“quoted” – “x”…", "日本語 Ł 中", "x" * 200, "\ud7ff\u0000 nul".replace("\x00", ""),
    'a "b" \'c\'; d, e', "Œuvre à 5 €",
]  # fmt: skip


def test_odd_texts_stay_on_their_line_and_in_their_column(french):
    post(french, *(sale("1.00", key=f"t{n}", date=DAY, memo=text, reference=text[:40]) for n, text in enumerate(TEXTS)))
    for separator, sign in (("tab", "\t"), ("pipe", "|")):
        rows = read_fec(exported(french, "fec", separator=separator), sign)
        assert len(rows) == 2 * len(TEXTS)
        said = [row["EcritureLib"] for row in rows[::2]]
        assert said[0] == "tab and bar" and said[1] == "two lines more" and said[2] == '"quoted" - "x"...'
        assert said[3] == "??? ? ?" and said[4] == "x" * 200 and said[7] == "Œuvre à 5 €"
    # Six signs of typography, five letters and a code point that is none: in two texts of two lines each.
    assert job_of(french, "fec").result["replaced_characters"] == 4 * (6 + 5 + 1)


def test_settled_lines_carry_one_letter_and_add_up_to_nothing(french):
    with inside(french):
        account = Account.objects.for_company(french).get(code="1100")
        open_sub_account(account, code="C1", name="Adatum | Ltd")

    def item(amount, key):
        line = NewLine("1100", D(amount), sub_account="C1")
        return NewEntry(key, DAY, (line, NewLine("4000", -D(amount))), opened=frozenset([account.pk]))

    post(
        french,
        item("100", "i1"),
        item("-60", "p1"),
        item("-40", "p2"),
        item("30", "i2"),
        item("-10", "p3"),
        item("7", "i3"),
    )
    with inside(french):
        lines = {one.amount: one.pk for one in Line.objects.for_company(french).filter(account=account)}
        for number, (debit, credit) in enumerate([("100", "-60"), ("100", "-40"), ("30", "-10")]):
            allocate([Pair(lines[D(debit)], lines[D(credit)])], key=f"s{number}")

    rows = [row for row in read_fec(exported(french, "fec")) if row["CompteNum"] == "1100"]

    letters = {row["Debit"] - row["Credit"]: row["EcritureLet"] for row in rows}
    assert letters[D(100)] == letters[D(-60)] == letters[D(-40)] != ""
    assert letters[D(30)] == letters[D(-10)] == letters[D(7)] == "", "nothing that is still open has a letter"
    assert {(row["CompAuxNum"], row["CompAuxLib"]) for row in rows} == {("C1", "Adatum Ltd")}
    assert not summed((row["EcritureLet"], row["Debit"] - row["Credit"]) for row in rows if row["EcritureLet"])


def test_a_settlement_that_was_taken_back_leaves_no_letter(french):
    with inside(french):
        account = Account.objects.for_company(french).get(code="1100")
        open_sub_account(account, code="C1", name="Adatum")
    for number, amount in enumerate(("50", "-50")):
        line = NewLine("1100", D(amount), sub_account="C1")
        entry = NewEntry(f"i{number}", DAY, (line, NewLine("4000", -D(amount))), opened=frozenset([account.pk]))
        post(french, entry)
    with inside(french):
        lines = {one.amount: one.pk for one in Line.objects.for_company(french).filter(account=account)}
        pair = Pair(lines[D(50)], lines[D(-50)])
        undo_settlement(allocate([pair], key="first").id, date=DAY, reason="Wrong customer")
    assert {row["EcritureLet"] for row in read_fec(exported(french, "fec"))} == {""}
    with inside(french):
        again = allocate([pair], key="again").id
    letters = {row["EcritureLet"] for row in read_fec(exported(french, "fec")) if row["CompteNum"] == "1100"}
    assert letters == {again.hex[-16:].upper()}, "of the settlement that holds"


def test_accounts_that_the_plan_comptable_does_not_know_are_named(french):
    with inside(french):
        open_account(code="BANK", name="Elsewhere", type="asset")
    post(french, new_entry(("BANK", "5.00"), ("4000", "-5.00"), date=DAY))
    job = job_of(french, "fec")
    assert job.error_code == "unmapped_accounts" and "BANK" in job.error_message


def test_a_company_without_a_siren_is_refused_at_once(committed_company):
    for number in ("", "FR40303265044", "12"):
        settled(committed_company, tax_number=number)
        with inside(committed_company), pytest.raises(MissingTaxNumber):
            ask_to_export("fec", {"year": "2026"})


@pytest.mark.parametrize("number", [SIREN, f"FR83{SIREN}", f"{SIREN} 00022"])
def test_the_file_is_named_by_siren_and_the_last_day_of_the_year(committed_company, number):
    settled(committed_company, tax_number=number)
    assert job_of(committed_company, "fec").result["file"] == f"{SIREN}FEC20261231.txt"
