import pytest

from ledger.parsers.beancount import parse_beancount
from tests.ledger.parsers.beancount_reading import OPEN, clean, codes


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
    clean('* Heading\n** 2024\n#!/usr/bin/env x\n; comment "\n  ; indented comment\n:drawer:\n')


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
