"""The DATEV posting batch, read back by its published expressions: every entry, split exactly, in its year."""

import datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.accounts import open_account
from accounting.dimensions import open_dimension, open_dimension_value
from accounting.mappings import map_account
from accounting.models import Account, FiscalYear
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import reverse
from ledger.year_closing import close_year
from reports.statutory.exporting import ask_to_export
from reports.statutory.one_to_one import postings_of
from reports.statutory.refusals import BadExportParameter, UnsupportedCurrency
from tests.books import new_entry, sale
from tests.conftest import make_company
from tests.reports.statutory.exported import balances_by_code, exported, inside, job_of, post, refusal_of, summed
from tests.reports.statutory.read_datev import read_datev

D = Decimal
DAY = datetime.date(2026, 5, 4)
ASKED = {"adviser": "29098", "client": "55003"}


def moved(rows):
    debits = [(row["Konto"], row["amount"]) for row in rows]
    return summed([*debits, *((row["Gegenkonto (ohne BU-Schlüssel)"], -row["amount"]) for row in rows)])


def batch(company, **parameters):
    return read_datev(exported(company, "datev", **{**ASKED, **parameters}))


def test_every_entry_is_there_and_its_accounts_move_as_in_the_books(committed_company):
    company = committed_company
    wrong, *_rest = post(
        company, sale("77.00", date=DAY),
        new_entry(("5000", "200.00"), ("5900", "7.00"), ("1000", "-150.00"), ("2100", "-50.00"), ("4000", "-7.00"), date=DAY),
        NewEntry("days", DAY, (NewLine("9000", D("2.5"), currency="DAY"), NewLine("9010", D("-2.5"), currency="DAY"))),
    )  # fmt: skip
    with inside(company):
        reverse(wrong.id, date=DAY, reason="Entered twice")

    header, rows = batch(company)

    assert header[10:16] == ["29098", "55003", "20260101", "4", "20260101", "20261231"]
    assert moved(rows) == balances_by_code(company)
    assert {row["date"] for row in rows} == {DAY} and {row["Festschreibung"] for row in rows} == {"0"}
    numbers = [row["Beleginfo - Inhalt 1"] for row in rows]
    assert len(set(numbers)) == 3 and len(rows) == 1 + 3 + 1, "two debits and three credits make three postings"


def test_a_foreign_amount_goes_with_the_posting_that_uses_it_up(committed_company):
    usd = (NewLine("1010", D("120.00"), currency="USD", base_amount=D("100.00")), NewLine("4000", D("-100.00")))
    split = (NewLine("1010", D("60.00"), currency="USD", base_amount=D("50.00")), NewLine("4000", D("-20.00")),
             NewLine("2100", D("-30.00")))  # fmt: skip
    cheap = (NewLine("1010", D("50.00"), currency="USD", base_amount=D("100.00")), NewLine("4000", D("-100.00")))
    post(committed_company, NewEntry("a", DAY, usd), NewEntry("b", DAY, split), NewEntry("c", DAY, cheap))

    _header, rows = batch(committed_company)

    written = [
        (row["Umsatz (ohne Soll/Haben-Kz)"], row["WKZ Umsatz"], row["Kurs"], row["Basis-Umsatz"]) for row in rows
    ]
    assert written == [
        (D("120.00"), "USD", D("1.200000"), D("100.00")), (D("20.00"), "EUR", None, None),
        (D("30.00"), "EUR", None, None), (D("100.00"), "EUR", None, None),
    ]  # fmt: skip
    assert moved(rows) == balances_by_code(committed_company)


def test_codes_keys_personal_accounts_and_cost_centres(committed_company):
    company = committed_company
    with inside(company):
        accounts = {one.code: one for one in Account.objects.for_company(company)}
        map_account(accounts["4000"], "datev", "8400:40")
        from accounting.accounts import open_sub_account

        open_sub_account(accounts["1100"], code="10001", name='Müller; "Söhne"')
        centre = open_dimension(code="centre", name="Centre")
        open_dimension_value(centre, code="BERLIN", name="Berlin")
    lines = (NewLine("1100", D(5), sub_account="10001"), NewLine("4000", D(-5), dimensions={"centre": "BERLIN"}))
    post(company, NewEntry("a", DAY, lines, opened=frozenset([accounts["1100"].pk]), reference="RE 2026/1 ä"))

    (row,) = batch(company, cost_centre_1="centre", final="1", chart="03")[1]
    assert (row["Konto"], row["Gegenkonto (ohne BU-Schlüssel)"], row["BU-Schlüssel"]) == ("10001", "8400", "40")
    assert (row["KOST1 - Kostenstelle"], row["Festschreibung"], row["Belegfeld 1"]) == ("BERLIN", "1", "RE-2026/1")
    assert row["Beleginfo - Inhalt 2"] == '10001 Müller; "Söhne"'
    header, (longer,) = batch(company, account_length="6")
    assert (longer["Konto"], longer["Gegenkonto (ohne BU-Schlüssel)"]) == ("110000", "840000") and header[13] == "6"


def test_days_limit_the_batch_and_closing_is_left_out(committed_company):
    company = committed_company
    post(company, sale("1.00", date=datetime.date(2026, 1, 31)), sale("2.00", date=datetime.date(2026, 2, 1)))
    with inside(company):
        close_year(FiscalYear.objects.for_company(company).get(name="2026").pk)
    assert moved(batch(company)[1]) == {"1000": D("3.00"), "4000": D("-3.00")}
    header, rows = batch(company, **{"from": "2026-02-01", "to": "2026-02-28"})
    assert moved(rows) == {"1000": D("2.00"), "4000": D("-2.00")} and header[14:16] == ["20260201", "20260228"]


def test_the_year_of_a_date_follows_from_the_first_day_of_the_fiscal_year(committed_db):
    company = make_company(year_start_month=7)
    with inside(company):
        name = FiscalYear.objects.for_company(company).get(start=datetime.date(2025, 7, 1)).name
    days = [datetime.date(2025, 7, 1), datetime.date(2025, 12, 31), datetime.date(2026, 6, 30)]
    post(company, *(sale("1.00", key=str(day), date=day) for day in days))
    assert [row["date"] for row in batch(company, year=name)[1]] == days


@pytest.mark.parametrize("text", ["a\tb\r\nc", 'x"y;z', "日本語", "ß" * 200, "| – “q”"])
def test_odd_texts_stay_in_their_field(committed_company, text):
    post(committed_company, sale("1.00", date=DAY, memo=text, reference=text))
    (row,) = batch(committed_company)[1]
    expected = {"a\tb\r\nc": "a b c", "日本語": "???", "ß" * 200: "ß" * 60}.get(text, text)
    assert row["Buchungstext"] == expected


def test_what_datev_cannot_take_is_refused(committed_company, monkeypatch):
    with inside(committed_company):
        open_account(code="BANK", name="Elsewhere", type="asset")
        open_account(code="123456", name="Long", type="asset")
        with pytest.raises(BadExportParameter) as refused:
            ask_to_export("datev", {"year": "2026", "adviser": "12", "client": "1"})
    assert refused.value.place == "adviser"
    post(committed_company, new_entry(("BANK", "5.00"), ("123456", "-5.00"), date=DAY))
    job = job_of(committed_company, "datev", **ASKED)
    assert job.error_code == "unmapped_accounts" and "123456, BANK" in job.error_message
    assert refusal_of(committed_company, "datev", **ASKED, account_length="6") == "unmapped_accounts"
    with inside(committed_company):
        map_account(Account.objects.for_company(committed_company).get(code="BANK"), "datev", "1200")
        map_account(Account.objects.for_company(committed_company).get(code="123456"), "datev", "1210")
    monkeypatch.setattr("reports.statutory.datev.MOST_POSTINGS", 0)
    assert refusal_of(committed_company, "datev", **ASKED) == "too_many_postings"


def test_a_currency_of_three_decimals_is_refused_and_one_of_none_is_written(committed_db):
    dinars, yen = make_company(currency="KWD"), make_company(currency="JPY")
    with inside(dinars), pytest.raises(UnsupportedCurrency):
        ask_to_export("datev", {"year": "2026", **ASKED})
    post(yen, sale("1234", date=DAY))
    (row,) = batch(yen)[1]
    assert (row["amount"], row["WKZ Umsatz"]) == (D("1234.00"), "JPY")


AMOUNTS = st.lists(st.integers(1, 10**14).map(lambda cents: D(cents) / 100), min_size=1, max_size=8)


@given(taken=AMOUNTS, given_back=AMOUNTS)
def test_postings_use_every_line_up_and_nothing_else(taken, given_back):
    """However an entry is cut, each account gets what its lines say."""
    short = sum(taken) - sum(given_back)
    amounts = [*taken, *(-amount for amount in given_back), *([-short] if short else [])]
    lines = [SimpleNamespace(id=number, amount=amount) for number, amount in enumerate(amounts)]
    postings = list(postings_of(lines))
    got = summed(
        [*((one.debit.id, one.amount) for one in postings), *((one.credit.id, -one.amount) for one in postings)]
    )
    assert got == {line.id: line.amount for line in lines}
    assert all(0 < one.amount <= D("9999999999.99") for one in postings)
    if max(map(abs, amounts)) <= D("9999999999.99"):
        assert len(postings) < len(lines)
