import datetime
from decimal import Decimal
from textwrap import dedent

import pytest

from ledger.parsers.beancount import parse_beancount
from ledger.parsers.journal import ParsedJournal, ParsedTransaction

OPEN = """\
2000-01-01 open Assets:Cash
2000-01-01 open Assets:Shares
2000-01-01 open Expenses:Food
2000-01-01 open Income:Gain
2000-01-01 open Equity:Opening
"""


def read(text: str) -> ParsedJournal:
    return parse_beancount(OPEN + dedent(text))


def clean(text: str) -> ParsedJournal:
    journal = read(text)
    assert journal.problems == []
    return journal


def shown(transaction: ParsedTransaction) -> list[str]:
    return [
        f"{line.account} {line.quantity} {line.commodity}"
        + (f" = {line.weight} {line.weight_commodity}" if line.weight is not None else "")
        for line in transaction.lines
    ]


def only(text: str) -> list[str]:
    [transaction] = clean(text).transactions
    return shown(transaction)


def codes(text: str) -> list[str]:
    return [problem.code for problem in read(text).problems]


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
    assert only("""\
        2024-01-01 * "x"
          Assets:Shares  1.234 HOOL @ 10.10 USD
          Expenses:Food  0.01 USD
          Assets:Cash
        """)[2] == "Assets:Cash -12.47 USD"


def test_the_rounding_is_told_as_residue():
    [transaction] = clean("""\
        2024-01-01 * "x"
          Assets:Shares  1.234 HOOL @ 10.10 USD
          Assets:Cash  -12.46 USD
        """).transactions
    assert transaction.residue == {"USD": Decimal("0.00340")}


def test_prices_give_the_weight():
    assert only("""\
        2024-01-01 * "x"
          Assets:Cash  100 USD @ 0.90 EUR
          Assets:Cash  -90 EUR
        """)[0] == "Assets:Cash 100 USD = 90.00 EUR"


def test_a_total_price_is_the_exact_weight():
    assert only("""\
        2024-01-01 * "x"
          Assets:Cash  -3 USD @@ 1.00 EUR
          Assets:Cash  1.00 EUR
        """)[0] == "Assets:Cash -3 USD = -1.00 EUR"


def test_a_price_of_which_only_the_currency_is_given_is_found():
    assert only("""\
        2024-01-01 * "x"
          Assets:Cash  100 USD @ EUR
          Assets:Cash  -90 EUR
        """)[0] == "Assets:Cash 100 USD = 90.0 EUR"


def test_cost_beats_price():
    assert only("""\
        2024-01-01 * "x"
          Assets:Shares  10 HOOL {5.00 USD} @ 7.00 USD
          Assets:Cash  -50.00 USD
        """)[0] == "Assets:Shares 10 HOOL = 50.00 USD"


@pytest.mark.parametrize("cost", ["{5 USD}", "{{50 USD}}", "{4 # 10 USD}", "{# 50 USD}", "{4 # USD}", "{USD}", "{}"])
def test_every_way_to_write_a_cost_weighs_the_same(cost: str):
    text = f'2024-01-01 * "x"\n  Assets:Shares  10 HOOL {cost}\n  Assets:Cash  -50 USD\n'
    [transaction] = clean(text).transactions
    assert transaction.lines[0].weight == 50


def test_a_total_cost_that_does_not_divide_stays_exact():
    assert only("""\
        2024-01-01 * "x"
          Assets:Shares  3 HOOL {{100.00 USD}}
          Assets:Cash  -100.00 USD
        """)[0] == "Assets:Shares 3 HOOL = 100.00 USD"


TWO_LOTS = """\
    2024-01-01 * "buy"
      Assets:Shares  10 HOOL {5 USD}
      Assets:Cash
    2024-01-02 * "buy"
      Assets:Shares  10 HOOL {6 USD, "second"}
      Assets:Cash
    """


def sale(cost: str, units: int = 5) -> str:
    return dedent(TWO_LOTS) + dedent(f"""\
        2024-01-03 * "sell"
          Assets:Shares  -{units} HOOL {cost}
          Assets:Cash  40 USD
          Income:Gain
        """)


@pytest.mark.parametrize("cost", ["{5 USD}", "{2024-01-01}", "{5 USD, 2024-01-01}", "{5}"])
def test_a_sale_finds_its_lot(cost: str):
    assert shown(clean(sale(cost)).transactions[-1])[0] == "Assets:Shares -5 HOOL = -25 USD"


def test_a_sale_finds_its_lot_by_label():
    assert shown(clean(sale('{"second"}')).transactions[-1])[0] == "Assets:Shares -5 HOOL = -30 USD"


def test_an_ambiguous_sale_is_refused():
    journal = read(sale("{}"))
    assert [(problem.code, problem.place) for problem in journal.problems] == [("ambiguous_lots", 13)]
    assert len(journal.transactions) == 2


def test_a_sale_of_everything_is_not_ambiguous():
    assert shown(clean(sale("{}", 20)).transactions[-1])[:2] == [
        "Assets:Shares -10 HOOL = -50 USD",
        "Assets:Shares -10 HOOL = -60 USD",
    ]


def test_a_sale_without_its_lot_is_refused():
    assert codes(sale("{7 USD}")) == ["lot_not_found"]


def test_a_sale_of_more_than_there_is_is_refused():
    assert codes(sale("{5 USD}", 11)) == ["not_enough_lots"]


@pytest.mark.parametrize(
    ("method", "weights"), [("FIFO", ["-50", "-12"]), ("LIFO", ["-60", "-10"]), ("HIFO", ["-60", "-10"])]
)
def test_the_booking_method_of_the_file_chooses_the_lots(method: str, weights: list[str]):
    journal = clean(f'option "booking_method" "{method}"\n' + sale("{}", 12))
    lines = journal.transactions[-1].lines
    assert [line.weight for line in lines if line.commodity == "HOOL"] == [Decimal(weight) for weight in weights]


def test_the_booking_method_of_an_account_wins():
    journal = parse_beancount(OPEN.replace("Assets:Shares", 'Assets:Shares "FIFO"') + sale("{}", 12))
    assert journal.problems == []


def test_without_booking_a_sale_makes_its_own_lot():
    journal = clean('option "booking_method" "NONE"\n' + sale("{7 USD}"))
    assert journal.transactions[-1].lines[0].weight == -35


def test_two_sales_of_one_transaction_do_not_take_the_same_lot():
    text = 'option "booking_method" "FIFO"\n' + dedent(TWO_LOTS)
    text += '2024-01-03 * "x"\n  Assets:Shares  -10 HOOL {}\n  Assets:Shares  -10 HOOL {}\n  Assets:Cash\n'
    assert shown(clean(text).transactions[-1])[:2] == [
        "Assets:Shares -10 HOOL = -50 USD",
        "Assets:Shares -10 HOOL = -60 USD",
    ]


def test_a_transaction_out_of_balance_is_named_with_the_difference_and_stops_nothing():
    journal = read("""\
        2024-01-01 * "bad"
          Expenses:Food  10.00 EUR
          Assets:Cash  -9.98 EUR
        2024-01-02 * "good"
          Expenses:Food  10.00 EUR
          Assets:Cash
        """)
    [problem] = journal.problems
    assert (problem.code, problem.place) == ("unbalanced", 6)
    assert "0.02 EUR" in problem.message
    assert [transaction.memo for transaction in journal.transactions] == ["good"]


def test_whole_numbers_have_no_tolerance():
    assert codes('2024-01-01 * "x"\n  Assets:Cash  3 USD @ 0.333 EUR\n  Assets:Cash  -1 EUR\n') == ["unbalanced"]


def test_the_default_tolerance_is_used_where_none_is_inferred():
    text = '2024-01-01 * "x"\n  Assets:Cash  3 USD @ 0.333 EUR\n  Assets:Cash  -1 EUR\n'
    clean('option "inferred_tolerance_default" "EUR:0.005"\n' + text)
    clean('option "inferred_tolerance_default" "*:0.005"\n' + text)


def test_the_tolerance_multiplier_widens_the_tolerance():
    text = '2024-01-01 * "x"\n  Assets:Cash  10.00 EUR\n  Assets:Cash  -10.01 EUR\n'
    assert codes(text) == ["unbalanced"]
    clean('option "inferred_tolerance_multiplier" "1"\n' + text)


def test_the_tolerance_from_cost_allows_what_rounded_units_cause():
    text = '2024-01-01 * "x"\n  Assets:Shares  1.123 HOOL {100.00 USD}\n  Assets:Cash  -112.34 USD\n'
    assert codes(text) == ["unbalanced"]
    clean('option "infer_tolerance_from_cost" "TRUE"\n' + text)


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


def test_what_is_left_out_is_counted():
    journal = clean("""\
        2024-01-01 note Assets:Cash "called"
        2024-01-01 event "location" "Berlin"
        2024-01-01 query "q" "select
        1"
        2024-01-01 custom "budget" Assets:Cash 1.00 EUR
        2024-01-01 document Assets:Cash "/a.pdf"
          key: "value"
        option "render_commas" "TRUE"
        pushmeta a-key: "x"
        popmeta a-key:
        """)
    assert journal.ignored == {
        "note": 1,
        "event": 1,
        "query": 1,
        "custom": 1,
        "document": 1,
        "metadata": 1,
        "option render_commas": 1,
        "pushmeta": 1,
        "popmeta": 1,
    }


def test_an_include_is_a_problem():
    assert codes('include "other.beancount"\n') == ["include"]


def test_headings_and_comments_say_nothing():
    clean("* Heading\n** 2024\n#!/usr/bin/env x\n; comment \"\n  ; indented comment\n:drawer:\n")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2024-02-30 close Assets:Cash", "bad_date"),
        ("2024-01-01 frobnicate Assets:Cash", "unknown_directive"),
        ("frobnicate", "unknown_directive"),
        ('2024-01-01 * "x"\n  Assets:Cash  1,00 EUR\n  Equity:Opening', "bad_amount"),
        ('2024-01-01 * "x"\n  Assets:Cash  1 / 0 EUR\n  Equity:Opening', "bad_amount"),
        ('2024-01-01 * "x"\n  Assets:Cash  (1 EUR\n  Equity:Opening', "bad_amount"),
        ('2024-01-01 * "x"\n  Assets:Cash  1e5 EUR\n  Equity:Opening', "bad_syntax"),
        (f'2024-01-01 * "x"\n  Assets:Cash  {"9" * 60} EUR\n  Equity:Opening', "bad_amount"),
        ('2024-01-01 * "x"\n  Assets:Cash  1 EUR EUR\n  Equity:Opening', "bad_syntax"),
        ('2024-01-01 * "x"\n  Assets:cash  1 EUR\n  Equity:Opening', "bad_syntax"),
        ('2024-01-01 * "x"\n  Wrong:Cash  1 EUR\n  Equity:Opening', "bad_account"),
        ('2024-01-01 * "x"\n  Assets:Cash\n  Equity:Opening', "ambiguous_elided_amount"),
        ('2024-01-01 * "x"\n  Assets:Shares  1 HOOL {}\n  Equity:Opening', "ambiguous_elided_amount"),
        ('2024-01-01 * "x"\n  Assets:Shares  1 HOOL {*}\n  Equity:Opening', "merged_cost"),
        ('2024-01-01 * "x"\n  Assets:Shares  1 HOOL {1 USD} @ 1 EUR\n  Equity:Opening', "bad_cost"),
        ('2024-01-01 * "x"\n  Assets:Cash  1 USD @ -1 EUR\n  Equity:Opening', "negative_price"),
        ('2024-01-01 * "unclosed\n  Assets:Cash  1 EUR\n  Equity:Opening', "bad_syntax"),
        ('2024-01-01 open Assets:New "WRONG"', "bad_booking_method"),
        ("2024-01-01 open Assets:Cash", "duplicate_open"),
        ("2024-01-01 close Assets:Never", "unknown_account"),
        ("  Assets:Cash  1 EUR", "unexpected_indent"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, code: str):
    journal = parse_beancount(OPEN + "\n" + text + "\n")
    assert [problem.code for problem in journal.problems] == [code]


def test_a_blank_line_ends_a_transaction():
    assert codes('2024-01-01 * "x"\n  Assets:Cash  1 EUR\n\n  Equity:Opening\n') == ["unbalanced", "unexpected_indent"]


def test_deep_parentheses_stop_nothing():
    text = f'2024-01-01 * "x"\n  Assets:Cash  {"(" * 50_000}1 EUR\n'
    assert codes(text) == ["bad_amount"]


def test_windows_line_ends_are_read():
    journal = parse_beancount((OPEN + '2024-01-01 * "x"\n  Assets:Cash  0 EUR\n').replace("\n", "\r\n"))
    assert journal.problems == []
    assert len(journal.transactions) == 1
