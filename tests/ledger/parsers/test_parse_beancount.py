import datetime
from decimal import Decimal

import pytest

from ledger.parsers.beancount import parse_beancount
from tests.ledger.parsers.beancount_reading import clean, codes, only, shown


def test_a_transaction_is_read_whole():
    [transaction] = clean("""\
        2024-01-31 * "Baker" "Bread \\"rye\\"" #food ^inv-1
          journal: "CASH"
          Expenses:Food   1,234.50 EUR ; a comment
            memo: "two loaves"
            dimensions: "department=SALES;project=X"
          Assets:Cash    -1,234.50 EUR
        """).transactions
    assert transaction.date == datetime.date(2024, 1, 31)
    assert (transaction.payee, transaction.memo) == ("Baker", 'Bread "rye"')
    assert (transaction.tags, transaction.reference, transaction.journal) == (("food",), "inv-1", "CASH")
    assert transaction.place == 6
    assert transaction.lines[0].memo == "two loaves"
    assert transaction.lines[0].dimensions == (("department", "SALES"), ("project", "X"))
    assert transaction.lines[0].place == 8
    assert transaction.residue == {}


def test_a_reference_in_metadata_leaves_the_links_among_the_tags():
    [transaction] = clean("""\
        2024-01-31 * "x" ^link #tag
          reference: "R1"
          Assets:Cash  0 EUR
        """).transactions
    assert (transaction.reference, transaction.tags) == ("R1", ("tag", "^link"))


def test_transactions_come_by_date_and_then_by_place():
    journal = clean("""\
        2024-02-01 * "second"
          Assets:Cash  0 EUR
        2024-01-01 * "first"
          Assets:Cash  0 EUR
        2024-02-01 * "third"
          Assets:Cash  0 EUR
        """)
    assert [transaction.memo for transaction in journal.transactions] == ["first", "second", "third"]


@pytest.mark.parametrize("flag", ["*", "!", "txn", "P", "#", "?"])
def test_every_flag_starts_a_transaction(flag: str):
    assert only(f'2024-01-01 {flag} "x"\n  Assets:Cash  0 EUR\n') == ["Assets:Cash 0 EUR"]


def test_unusual_flags_are_counted():
    assert clean('2024-01-01 ! "x"\n  ! Assets:Cash  0 EUR\n').ignored == {"flag !": 1, "posting flag": 1}


def test_strings_run_over_lines():
    [transaction] = clean('2024-01-01 * "two\nlines; still" ; comment "\n  Assets:Cash  0 EUR\n').transactions
    assert transaction.memo == "two\nlines; still"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("(1 + 2) * 3", "9"),
        ("1 + 2 * 3", "7"),
        ("-(4 - 6)", "2"),
        ("10 / 4", "2.5"),
        ("- 2 * -3", "6"),
        ("1,000.5 - 0.5", "1000.0"),
        ("8 / 2 / 2", "2"),
        ("2 - 3 - 4", "-5"),
    ],
)
def test_amounts_may_be_arithmetic(written: str, meant: str):
    [transaction] = clean(f'2024-01-01 * "x"\n  Assets:Cash  {written} EUR\n  Equity:Opening\n').transactions
    assert transaction.lines[0].quantity == Decimal(meant)


def test_an_elided_amount_is_found_for_every_currency():
    assert only("""\
        2024-01-01 * "x"
          Expenses:Food  10.00 EUR
          Expenses:Food   5.00 USD
          Assets:Cash
        """) == [
        "Expenses:Food 10.00 EUR",
        "Expenses:Food 5.00 USD",
        "Assets:Cash -10.00 EUR",
        "Assets:Cash -5.00 USD",
    ]


def test_an_elided_amount_is_rounded_to_what_its_currency_shows():
    assert (
        only("""\
        2024-01-01 * "x"
          Assets:Shares  1.234 HOOL @ 10.10 USD
          Expenses:Food  0.01 USD
          Assets:Cash
        """)[2]
        == "Assets:Cash -12.47 USD"
    )


def test_precise_interpolation_rounds_to_the_finest_amount_written():
    text = '2024-01-01 * "x"\n  Assets:Cash  1.10 USD\n  Assets:Cash  1 EUR @ 0.1234 USD\n'
    text += "  Assets:Cash  0.0010 USD\n  Equity:Opening\n"
    assert shown(clean('option "inferred_tolerance_default" "USD:0.05"\n' + text).transactions[0])[-1].endswith(
        "-1.2 USD"
    )
    assert shown(clean('option "use_precise_interpolation" "TRUE"\n' + text).transactions[0])[-1].endswith(
        "-1.2244 USD"
    )


def test_an_elided_amount_that_is_nothing_leaves_no_line():
    assert only("""\
        2024-01-01 * "x"
          Expenses:Food  10.00 EUR
          Assets:Cash  -10.00 EUR
          Equity:Opening
        """) == ["Expenses:Food 10.00 EUR", "Assets:Cash -10.00 EUR"]


def test_the_rounding_is_told_as_residue():
    [transaction] = clean("""\
        2024-01-01 * "x"
          Assets:Shares  1.234 HOOL @ 10.10 USD
          Assets:Cash  -12.46 USD
        """).transactions
    assert transaction.residue == {"USD": Decimal("0.00340")}


def test_a_pad_makes_the_next_assertion_true():
    journal = clean("""\
        2024-01-01 pad Assets:Cash Equity:Opening
        2024-01-02 * "x"
          Expenses:Food  10.00 EUR
          Assets:Cash
        2024-01-05 balance Assets:Cash  90.00 EUR
        """)
    assert journal.transactions[0].date == datetime.date(2024, 1, 1)
    assert shown(journal.transactions[0]) == ["Assets:Cash 100.00 EUR", "Equity:Opening -100.00 EUR"]
    assert [(balance.quantity, balance.at_start, balance.tolerance) for balance in journal.balances] == [
        (Decimal("90.00"), True, Decimal("0.01"))
    ]


def test_a_pad_nobody_needs_is_named():
    assert codes("2024-01-01 pad Assets:Cash Equity:Opening\n") == ["unused_pad"]


def test_a_missed_assertion_is_named():
    assert codes("2024-01-05 balance Assets:Cash  90.00 EUR\n") == ["balance_missed"]


def test_an_assertion_stands_before_the_transactions_of_its_day_and_counts_below():
    clean("""\
        2024-01-01 open Assets:Cash:Purse
        2024-01-02 * "x"
          Assets:Cash:Purse  5 EUR
          Equity:Opening
        2024-01-03 balance Assets:Cash 5 EUR
        2024-01-03 * "x"
          Assets:Cash:Purse  5 EUR
          Equity:Opening
        """)


def test_an_account_that_was_never_opened_is_refused():
    assert codes('2024-01-01 * "x"\n  Assets:Other  0 EUR\n') == ["unknown_account"]


def test_the_auto_accounts_plugin_opens_accounts():
    journal = clean('plugin "beancount.plugins.auto_accounts"\n2024-01-01 * "x"\n  Assets:Other  0 EUR\n')
    assert journal.ignored == {"plugin": 1}


def test_an_account_is_used_only_while_it_is_open():
    text = '2024-01-02 close Assets:Cash\n2024-01-03 * "x"\n  Assets:Cash  0 EUR\n'
    assert codes(text) == ["inactive_account"]
    assert codes('1999-01-01 * "x"\n  Assets:Cash  0 EUR\n') == ["inactive_account"]


def test_an_account_holds_only_its_commodities():
    assert codes('2024-01-01 open Assets:Euro EUR\n2024-01-01 * "x"\n  Assets:Euro  0 USD\n') == [
        "commodity_not_allowed"
    ]


def test_accounts_carry_dates_commodities_and_type():
    journal = clean("2024-01-01 open Liabilities:Card EUR, USD\n2024-02-01 close Liabilities:Card\n")
    account = journal.accounts[-1]
    assert (account.name, account.type, account.commodities) == ("Liabilities:Card", "liability", ("EUR", "USD"))
    assert (account.opened, account.closed) == (datetime.date(2024, 1, 1), datetime.date(2024, 2, 1))


def test_renamed_roots_keep_their_type():
    text = 'option "name_assets" "Vermoegen"\n2024-01-01 open Vermoegen:Kasse\n2024-01-01 open Assets:Gone\n'
    journal = parse_beancount(text)
    assert [(account.name, account.type) for account in journal.accounts] == [("Vermoegen:Kasse", "asset")]
    assert [problem.code for problem in journal.problems] == ["bad_account"]


def test_title_and_operating_currencies_are_kept():
    journal = clean('option "title" "Acme"\noption "operating_currency" "EUR"\noption "operating_currency" "USD"\n')
    assert (journal.title, journal.operating_currencies) == ("Acme", ("EUR", "USD"))


def test_prices_are_kept():
    [price] = clean("2024-01-05 price HOOL 510.25 USD\n").prices
    assert (price.commodity, price.price, price.currency) == ("HOOL", Decimal("510.25"), "USD")


def test_commodities_tell_the_most_decimals_seen():
    journal = clean("""\
        2024-01-01 commodity VACHR
        2024-01-01 * "x"
          Assets:Cash  1.5 EUR
          Assets:Cash  -1.50 EUR
          Assets:Shares  2 HOOL {10 USD}
          Assets:Shares  -2 HOOL {10 USD}
        """)
    assert journal.commodities == {"VACHR": 0, "EUR": 2, "HOOL": 0, "USD": 0}


def test_pushed_tags_are_put_on_transactions():
    journal = clean("""\
        pushtag #trip
        2024-01-01 * "x" #own
          Assets:Cash  0 EUR
        poptag #trip
        2024-01-02 * "y"
          Assets:Cash  0 EUR
        """)
    assert [transaction.tags for transaction in journal.transactions] == [("trip", "own"), ()]


def test_a_tag_that_stays_pushed_is_named():
    assert codes("pushtag #trip\n") == ["unbalanced_tag"]
