import datetime
from decimal import Decimal
from textwrap import dedent

import pytest

from ledger.parsers.hledger import parse_hledger
from ledger.parsers.journal import ParsedJournal, ParsedTransaction


def read(text: str) -> ParsedJournal:
    return parse_hledger(dedent(text))


def clean(text: str) -> ParsedJournal:
    journal = read(text)
    assert journal.problems == []
    return journal


def shown(transaction: ParsedTransaction) -> list[str]:
    return [
        f"{line.account} {line.quantity:f} {line.commodity}"
        + (f" = {line.weight:f} {line.weight_commodity}" if line.weight is not None else "")
        for line in transaction.lines
    ]


def only(text: str) -> list[str]:
    [transaction] = clean(text).transactions
    return shown(transaction)


def codes(text: str) -> list[str]:
    return [problem.code for problem in read(text).problems]


def quantity(amount: str, above: str = "") -> str:
    [transaction] = clean(f"{above}\n2024-01-01 x\n  a  {amount}\n  b\n").transactions
    return f"{transaction.lines[0].quantity:f} {transaction.lines[0].commodity}"


def test_a_transaction_is_read_whole():
    [transaction] = clean("""\
        2024-01-31=2024-02-02 * (INV-7) Baker | Bread  ; trip:, place:Berlin
            ; journal: CASH
            expenses:food  1,234.50 EUR  ; two loaves
                ; dimensions: department=SALES;project=X
                ; sub_account: C-1
            assets:cash
        """).transactions
    assert transaction.date == datetime.date(2024, 1, 31)
    assert (transaction.payee, transaction.memo, transaction.reference) == ("Baker", "Bread", "INV-7")
    assert (transaction.tags, transaction.journal) == (("trip", "place:Berlin"), "CASH")
    assert shown(transaction) == ["expenses:food 1234.50 EUR", "assets:cash -1234.50 EUR"]
    line = transaction.lines[0]
    assert (line.memo, line.sub_account, line.place) == ("two loaves", "C-1", 3)
    assert line.dimensions == (("department", "SALES"), ("project", "X"))


def test_a_reference_tag_beats_the_code():
    [transaction] = clean("2024-01-31 (7) x\n  ; reference: INV-7\n  a  1 EUR\n  b\n").transactions
    assert transaction.reference == "INV-7"


@pytest.mark.parametrize("date", ["2024-01-05", "2024/1/5", "2024.01.5"])
def test_dates_are_written_three_ways(date: str):
    assert clean(f"{date} x\n  a  1 EUR\n  b\n").transactions[0].date == datetime.date(2024, 1, 5)


@pytest.mark.parametrize("directive", ["Y2024", "Y 2024", "year 2024", "apply year 2024"])
def test_the_year_may_stand_above(directive: str):
    assert clean(f"{directive}\n1/5 x\n  a  1 EUR\n  b\n").transactions[0].date == datetime.date(2024, 1, 5)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$-10", "-10 USD"),
        ("-$10", "-10 USD"),
        ("- $ 10", "-10 USD"),
        ("10€", "10 EUR"),
        ("£1.50", "1.50 GBP"),
        ("¥ 100", "100 JPY"),
        ('3 "AB 12"', "3 AB 12"),
        ('"AB 12" -3', "-3 AB 12"),
        ("+5 hours", "5 hours"),
        ("1,000.50 EUR", "1000.50 EUR"),
        ("1.000,50 EUR", "1000.50 EUR"),
        ("1 000 000,50 EUR", "1000000.50 EUR"),
        ("1.000.000 EUR", "1000000 EUR"),
        ("1_000_000.5 EUR", "1000000.5 EUR"),
        ("12,34,567.00 INR", "1234567.00 INR"),
        ("1,000 EUR", "1.000 EUR"),
        ("1.000 EUR", "1.000 EUR"),
        ("10. EUR", "10 EUR"),
        (".5 EUR", "0.5 EUR"),
    ],
)
def test_amounts_are_read_as_hledger_reads_them(written: str, meant: str):
    assert quantity(written) == meant


@pytest.mark.parametrize(
    ("above", "meant"),
    [
        ("decimal-mark ,", "1000 EUR"),
        ("decimal-mark .", "1.000 EUR"),
        ("commodity 1.000,00 EUR", "1000 EUR"),
        ("commodity 1,000.00 EUR", "1.000 EUR"),
        ("commodity EUR\n  format 1.000,00 EUR", "1000 EUR"),
        ("D 1.000,00 EUR", "1000 EUR"),
        ("D $1.000,00", "1000 EUR"),
        ("D $1.000,00\ncommodity 1,000.00 EUR", "1.000 EUR"),
        ("commodity 1.000,00", "1.000 EUR"),
    ],
)
def test_a_directive_says_what_a_lone_mark_is(above: str, meant: str):
    assert quantity("1.000 EUR", above) == meant


def test_the_default_commodity_is_put_on_bare_numbers():
    assert quantity("1,000", "D $1,000.00") == "1000 USD"


def test_an_elided_amount_is_found_for_every_commodity_at_cost():
    assert only("2024-01-01 x\n  a  2 AB @ $3.50\n  b  1 EUR\n  c\n") == [
        "a 2 AB = 7.00 USD",
        "b 1 EUR",
        "c -7.00 USD",
        "c -1 EUR",
    ]


@pytest.mark.parametrize("cost", ["@ $3", "@@ $6", "(@) $3", "(@@) $6", "{$9} @ $3", "{$9} [2023-01-01] (lot) @@ $6"])
def test_costs_give_the_weight_and_lots_do_not(cost: str):
    assert only(f"2024-01-01 x\n  a  -2 AB {cost}\n  b  $6\n")[0] == "a -2 AB = -6 USD"


def test_lots_are_counted():
    assert clean("2024-01-01 x\n  a  2 AB {$9}\n  b\n").ignored == {"lot": 1}


def test_two_commodities_without_a_cost_are_a_conversion():
    assert only("2024-01-01 x\n  a  10 EUR\n  b  -11 USD\n") == ["a 10 EUR = 11 USD", "b -11 USD"]


def test_a_conversion_over_several_lines_loses_nothing():
    [transaction] = clean("2024-01-01 x\n  a  1 EUR\n  b  2 EUR\n  c  -10 USD\n").transactions
    weights = [line.weight for line in transaction.lines if line.weight is not None]
    assert sum(weights) == 10
    assert transaction.residue == {}


def test_two_commodities_of_the_same_sign_are_no_conversion():
    assert codes("2024-01-01 x\n  a  10 EUR\n  b  11 USD\n") == ["unbalanced"]


def test_a_transaction_out_of_balance_is_named_with_the_difference_and_stops_nothing():
    journal = read("2024-01-01 bad\n  a  1 EUR\n  b  -2 EUR\n\n2024-01-02 good\n  a  1 EUR\n  b\n")
    [problem] = journal.problems
    assert (problem.code, problem.place) == ("unbalanced", 1)
    assert "-1 EUR" in problem.message
    assert [transaction.memo for transaction in journal.transactions] == ["good"]


def test_the_balance_is_checked_at_the_decimals_of_the_commodity():
    text = "2024-01-01 x\n  a  10.5 AB @ 1.333 USD\n  b  -14.00 USD\n"
    assert clean(text).transactions[0].residue == {"USD": Decimal("-0.0035")}
    assert codes("commodity 1000.000 USD\n" + text) == ["unbalanced"]


def test_assertions_are_kept_and_checked_line_by_line():
    journal = read("""\
        2024-01-02 later
          a  1 EUR = 3 EUR
          b
        2024-01-01 earlier
          a  2 EUR = 2 EUR
          b  = -2 EUR
        2024-01-03 wrong
          a  1 EUR = 5 EUR
          b
        """)
    assert [(problem.code, problem.place) for problem in journal.problems] == [("balance_missed", 8)]
    assert [(balance.account, balance.quantity, balance.at_start) for balance in journal.balances] == [
        ("a", 2, False),
        ("b", -2, False),
        ("a", 3, False),
        ("a", 5, False),
    ]


def test_a_starred_assertion_counts_sub_accounts():
    clean("2024-01-01 x\n  a:b  2 EUR\n  c\n2024-01-02 x\n  a  1 EUR =* 3 EUR\n  c\n")
    assert codes("2024-01-01 x\n  a:b  2 EUR\n  c\n2024-01-02 x\n  a  1 EUR = 3 EUR\n  c\n") == ["balance_missed"]


def test_a_double_assertion_allows_no_other_commodity():
    text = "2024-01-01 x\n  a  2 EUR\n  c\n2024-01-02 x\n  a  1 USD {} 1 USD\n  c\n"
    clean(text.format("="))
    assert codes(text.format("==")) == ["balance_missed"]


def test_a_balance_assignment_is_worked_out():
    journal = clean("2024-01-01 x\n  a  10 EUR\n  b\n2024-01-02 x\n  a  = 15 EUR\n  b\n")
    assert shown(journal.transactions[1]) == ["a 5 EUR", "b -5 EUR"]


def test_a_virtual_posting_refuses_its_transaction():
    assert codes("2024-01-01 x\n  a  1 EUR\n  b\n  (budget)  1 EUR\n") == ["virtual_posting"]


def test_bracketed_postings_balance_for_themselves():
    assert only("2024-01-01 x\n  a  1 EUR\n  [c]  5 EUR\n  b\n  [d]\n") == [
        "a 1 EUR",
        "c 5 EUR",
        "b -1 EUR",
        "d -5 EUR",
    ]
    assert codes("2024-01-01 x\n  a  1 EUR\n  [c]  5 EUR\n  b\n") == ["unbalanced"]


def test_applied_accounts_and_aliases_name_the_account():
    assert only("apply account top\nalias top:a = z\n2024-01-01 x\n  a:c  1 EUR\n  b\nend apply account\n") == [
        "z:c 1 EUR",
        "top:b -1 EUR",
    ]


def test_accounts_carry_the_type_hledger_would_give_them():
    journal = clean("""\
        account bank  ; type:A
        account other
          ; type: Liability
        2024-01-01 x
          bank:current  1 EUR
          Revenues:sales  1 EUR
          expenses  1 EUR
          Liabilities  1 EUR
          equity:x  1 EUR
          thing
        """)
    assert {account.name: account.type for account in journal.accounts} == {
        "bank": "asset",
        "other": "liability",
        "bank:current": "asset",
        "Revenues:sales": "income",
        "expenses": "expense",
        "Liabilities": "liability",
        "equity:x": "equity",
        "thing": "",
    }


def test_prices_are_kept():
    journal = clean('P 2024-01-05 "AB 1" $5.25\nP 2024/1/6 12:00:00 EUR 1,10 USD\n')
    assert [(price.commodity, price.price, price.currency) for price in journal.prices] == [
        ("AB 1", Decimal("5.25"), "USD"),
        ("EUR", Decimal("1.10"), "USD"),
    ]


def test_commodities_tell_the_most_decimals_seen():
    journal = clean("commodity 1000.000 CHF\n2024-01-01 x\n  a  1.5 EUR\n  a  1.50 EUR\n  b\n")
    assert journal.commodities == {"CHF": 3, "EUR": 2}


def test_what_is_left_out_is_counted():
    journal = clean("""\
        ~ monthly
          a  1 EUR
          b

        = expenses
          (x)  *2
        payee Baker
        tag trip
        2024-01-01=2024-01-02 ! x
          * a  1 EUR  ; date:2024-01-05
          c  0
          b
        """)
    assert journal.ignored == {
        "periodic transaction": 1,
        "auto posting rule": 1,
        "payee": 1,
        "tag": 1,
        "secondary date": 1,
        "pending status": 1,
        "posting status": 1,
        "posting date": 1,
        "zero line without a commodity": 1,
    }


def test_comments_say_nothing():
    assert clean("; a\n# b\n* c\ncomment\n2024-01-01 x\nnonsense\nend comment\n  ; d\n").ignored == {}
