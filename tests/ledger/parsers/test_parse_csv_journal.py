import datetime
from decimal import Decimal

import pytest

from ledger.parsers.csv_journal import parse_csv_journal
from ledger.parsers.journal import ParsedJournal


def clean(text: str, **options: str) -> ParsedJournal:
    journal = parse_csv_journal(text, **options)
    assert journal.problems == []
    return journal


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.place, problem.code) for problem in parse_csv_journal(text).problems]


def quantity(amount: str, other: str = "0") -> Decimal:
    journal = clean(
        f"entry;date;account;amount\n1;2024-01-01;A;{amount}\n1;;B;-{amount}\n2;2024-01-01;C;{other}\n2;;C;-{other}"
    )
    return journal.transactions[0].lines[0].quantity


def test_an_entry_is_read_whole():
    [transaction] = clean(
        "Entry,Date,Account,Debit,Credit,Currency,Memo,Description,Reference,Journal,Sub Account,Dimensions\n"
        "7,2024-01-31,1200,119.00,,EUR,receivable,Invoice,INV-7,SALES,C-1,department=SALES;project=X\n"
        "7,,4400,,119.00,EUR,,,,,,\n"
    ).transactions
    assert transaction.date == datetime.date(2024, 1, 31)
    assert (transaction.memo, transaction.reference, transaction.journal) == ("Invoice", "INV-7", "SALES")
    debit, credit = transaction.lines
    assert (debit.account, debit.quantity, debit.commodity, debit.memo) == (
        "1200",
        Decimal("119.00"),
        "EUR",
        "receivable",
    )
    assert (debit.sub_account, debit.dimensions) == ("C-1", (("department", "SALES"), ("project", "X")))
    assert (credit.quantity, credit.place, credit.weight) == (Decimal("-119.00"), 3, None)


def test_rows_of_an_entry_need_not_stand_together():
    journal = clean("entry,date,account,amount\n1,2024-01-02,A,1\n2,2024-01-01,A,2\n1,,B,-1\n2,,B,-2\n")
    assert [[line.place for line in transaction.lines] for transaction in journal.transactions] == [[3, 5], [2, 4]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(delimiter: str):
    text = "entry,date,account,amount\n1,2024-01-01,A,1\n1,,B,-1\n".replace(",", delimiter)
    assert len(clean(text).transactions) == 1


def test_the_delimiter_may_be_given():
    assert len(clean("entry|date|account|amount\n1|2024-01-01|A|1\n1||B|-1\n", delimiter="|").transactions) == 1


def test_quoted_cells_may_hold_delimiters_and_line_ends():
    [transaction] = clean(
        'entry,date,account,amount,memo\r\n1,2024-01-01,A,"1,234.50","a\r\nb, c"\r\n1,,B,-1234.50,\r\n'
    ).transactions
    assert transaction.lines[0].memo == "a\r\nb, c"
    assert transaction.lines[1].place == 3


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1234.56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1,234,567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("1,5", "1.5"),
        ("1.234", "1.234"),
        ("0,125", "0.125"),
        ("1234,567", "1234.567"),
        ("12", "12"),
    ],
)
def test_an_amount_that_can_mean_one_thing_is_read(written: str, meant: str):
    assert quantity(written) == Decimal(meant)


@pytest.mark.parametrize(
    "written",
    [
        "NaN",
        "Infinity",
        "inf",
        "1e30",
        "1e5",
        "1E5",
        "1.2.3",
        "1,23,4.5",
        "--1",
        "(5.00)",
        "5 EUR",
        "0x1",
        "١",
        "9" * 40,
        "-",
        "1-",
    ],
)
def test_what_is_no_amount_is_refused(written: str):
    assert problems(f"entry;date;account;amount\n1;2024-01-01;A;{written}\n") == [(2, "bad_amount")]


def test_thousands_or_decimals_is_refused():
    assert problems('entry,date,account,amount\n1,2024-01-01,A,"1,234"\n') == [(2, "ambiguous_amount")]


def test_a_point_before_three_digits_is_refused_in_a_file_of_decimal_commas():
    assert quantity("1.234", "5.00") == Decimal("1.234")
    for comma in ("5,00", "1.234,567"):
        text = f"entry;date;account;amount\n1;2024-01-01;A;1.234\n2;2024-01-01;A;{comma}\n2;;B;-{comma}\n"
        assert problems(text) == [(2, "ambiguous_amount")]


def test_a_problem_names_row_and_column():
    [problem] = parse_csv_journal("entry,date,account,debit,credit\n1,2024-01-01,A,x,\n").problems
    assert problem.message.startswith("Row 2, column debit: “x”")


def test_every_bad_row_is_named_and_other_entries_are_read():
    journal = parse_csv_journal(
        "entry,date,account,amount\n1,2024-01-01,A,x\n1,,,1\n1,,C,1\n2,2024-01-01,A,1\n2,,B,-1\n"
    )
    assert [(problem.place, problem.code) for problem in journal.problems] == [(2, "bad_amount"), (3, "missing_value")]
    assert [transaction.place for transaction in journal.transactions] == [5]


def test_an_entry_out_of_balance_is_refused():
    [problem] = parse_csv_journal("entry,date,account,amount\n1,2024-01-01,A,1\n1,,B,-0.99\n").problems
    assert (problem.place, problem.code) == (2, "unbalanced")
    assert "0.01" in problem.message


def test_a_base_amount_is_the_weight():
    [transaction] = clean(
        "entry,date,account,debit,credit,currency,base_amount\n1,2024-01-01,A,100,,USD,91.37\n1,,B,,91.37,EUR,\n"
    ).transactions
    line = transaction.lines[0]
    assert (line.quantity, line.weight, line.weight_commodity) == (100, Decimal("91.37"), "EUR")
    assert transaction.residue == {}


def test_a_base_amount_behind_a_credit_may_be_written_without_its_sign():
    header = "entry,date,account,debit,credit,currency,base_amount\n"
    for written in ("91.37", "-91.37"):
        [transaction] = clean(header + f"1,2024-01-01,A,,100,USD,{written}\n1,,B,91.37,,EUR,\n").transactions
        assert transaction.lines[0].weight == Decimal("-91.37")


def test_a_base_amount_must_have_the_sign_of_its_amount():
    text = "entry,date,account,amount,currency,base_amount\n1,2024-01-01,A,-100,USD,91.37\n1,,B,91.37,EUR,\n"
    assert problems(text) == [(2, "bad_amount")]


def test_a_rate_gives_the_exact_weight_and_tells_the_residue():
    [transaction] = clean(
        "entry,date,account,amount,currency,rate\n1,2024-01-01,A,100.01,USD,0.9137\n1,,B,-91.38,EUR,\n"
    ).transactions
    assert transaction.lines[0].rate == Decimal("0.9137")
    assert transaction.lines[0].weight == Decimal("91.379137")
    assert transaction.residue == {"EUR": Decimal("-0.000863")}


def test_a_rate_excuses_no_more_than_its_rounding():
    text = "entry,date,account,amount,currency,rate\n1,2024-01-01,A,100,USD,0.9137\n1,,B,-91.38,EUR,\n"
    assert problems(text) == [(2, "unbalanced")]


@pytest.mark.parametrize("rate", ["0", "-1"])
def test_a_rate_is_positive(rate: str):
    assert problems(f"entry,date,account,amount,rate\n1,2024-01-01,A,1,{rate}\n") == [(2, "bad_amount")]


def test_the_base_currency_may_be_named():
    journal = clean(
        "entry,date,account,amount,currency,base_amount\n1,2024-01-01,A,1,USD,2\n1,,B,-2,,\n", base_currency="EUR"
    )
    lines = journal.transactions[0].lines
    assert [(line.commodity, line.weight_commodity) for line in lines] == [("USD", "EUR"), ("EUR", None)]


def test_each_currency_without_base_amounts_balances_by_itself():
    text = "entry,date,account,amount,currency\n1,2024-01-01,A,1,USD\n1,,B,-1,EUR\n"
    assert problems(text) == [(2, "unbalanced")]


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("", 1, "missing_column"),
        ("entry,account,amount\n", 1, "missing_column"),
        ("entry,date,account,debit\n", 1, "missing_column"),
        ("entry,date,account,debit,credit,amount\n", 1, "bad_column"),
        ("entry,date,date,account,amount\n", 1, "bad_column"),
        ("entry,date,account,amount\n1,2024-01-01,A,1,000\n", 2, "bad_column"),
        ('entry,date,account,amount\n1,2024-01-01,"A,1\n', 2, "bad_csv"),
        ("entry,date,account,amount\n,2024-01-01,A,1\n", 2, "missing_value"),
        ("entry,date,account,amount\n1,2024-01-01,A,\n", 2, "missing_value"),
        ("entry,date,account,debit,credit\n1,2024-01-01,A,1,1\n", 2, "bad_amount"),
        ("entry,date,account,amount,rate,base_amount\n1,2024-01-01,A,1,1,1\n", 2, "bad_amount"),
        ("entry,date,account,amount,dimensions\n1,2024-01-01,A,1,x\n", 2, "bad_dimension"),
        ("entry,date,account,amount,dimensions\n1,2024-01-01,A,1,x=1;x=2\n", 2, "bad_dimension"),
        ("entry,date,account,amount\n1,,A,0\n", 2, "bad_date"),
        ("entry,date,account,amount\n1,2024-02-30,A,0\n", 2, "bad_date"),
        ("entry,date,account,amount\n1,20240201,A,0\n", 2, "bad_date"),
        ("entry,date,account,amount\n1,31.01.2024,A,0\n", 2, "bad_date"),
        ("entry,date,account,amount\n1,2024-01-01,A,1\n1,2024-01-02,B,-1\n", 3, "conflicting_entry"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_row(text: str, place: int, code: str):
    assert problems(text) == [(place, code)]


def test_unknown_columns_are_counted():
    assert clean("entry,date,account,amount,colour\n1,2024-01-01,A,0,red\n").ignored == {"column colour": 1}


def test_blank_rows_are_skipped_and_counted_as_rows():
    assert problems("entry,date,account,amount\n\n,,,\n1,2024-01-01,A,x\n") == [(4, "bad_amount")]


def test_accounts_are_listed_at_their_first_use():
    journal = clean("entry,date,account,amount\n1,2024-01-01,A,1\n1,,B,-1\n")
    assert [(account.name, account.place) for account in journal.accounts] == [("A", 2), ("B", 3)]
