"""Whatever a file holds, a parser answers with what it could read and with problems, never with an exception."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.parsers.beancount import parse_beancount
from ledger.parsers.csv_journal import parse_csv_journal
from ledger.parsers.hledger import parse_hledger
from ledger.parsers.journal import ParsedJournal

PIECES = [
    *("2024-01-01", "2024-02-30", "99999-1-1", "2024/1/1=2024/1/2", "1/2", "0000-01-01", "Y2024", "Y0", "D $1,000.00"),
    *(
        "open",
        "close",
        "balance",
        "pad",
        "price",
        "commodity",
        "txn",
        "*",
        "!",
        "P",
        "note",
        "option",
        "include",
        "plugin",
    ),
    *(
        "pushtag",
        "poptag",
        "custom",
        "alias a = b",
        "alias = ",
        "account",
        "apply account x",
        "end apply account",
        "end",
    ),
    *(
        "Assets:Cash",
        "Assets:Lots",
        "Equity:X",
        "(Assets:V)",
        "[Assets:B]",
        "a",
        "()",
        "[]",
        "decimal-mark ,",
        "comment",
    ),
    *(
        "1",
        "-1.50",
        "1,000.00",
        "1.000,00",
        "1e30",
        "NaN",
        "Infinity",
        "9" * 40,
        "0",
        "(1 + 2",
        "1 / 0",
        ".5",
        "5.",
        "1 000",
    ),
    *(
        "USD",
        "HOOL",
        '"A B"',
        "$",
        "€",
        "TRUE",
        "NULL",
        "V",
        "{",
        "}",
        "{{",
        "}}",
        "{}",
        "#",
        "{10 USD}",
        "{# 5 USD}",
        "{*}",
    ),
    *(
        "@",
        "@@",
        "@ 2 USD",
        "@@ USD",
        "(@)",
        "=",
        "==",
        "=*",
        "~",
        "= 5 USD",
        "|",
        ";",
        "; tag: x",
        "dimensions: a=b",
        '"',
    ),
    *(
        '"booking_method"',
        '"FIFO"',
        '"name_assets"',
        '"inferred_tolerance_default"',
        '"*:0.1"',
        '"x\\',
        "#tag",
        "^link",
        "\\",
    ),
    *(
        "  ",
        "\t",
        "\n",
        "\n  ",
        "\n  Assets:Cash  ",
        "\n2024-01-03 * ",
        ",",
        ":",
        "\r\n",
        "\x00",
        "\ufeff",
        "\u2028",
        "é",
    ),
    *(
        "entry,date,account,amount,rate\n",
        "entry;date;account;debit;credit\n",
        "1,2024-01-01,A,5,",
        "1;2024-01-01;A;5;",
    ),
]
TEXT = st.one_of(
    st.text(),
    st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join),
    st.lists(st.sampled_from(PIECES)).map("".join),
)


@pytest.mark.parametrize("parse", [parse_beancount, parse_hledger, parse_csv_journal])
@given(text=TEXT)
@settings(max_examples=400, deadline=None)
def test_any_text_is_answered_with_a_journal(parse: Callable[[str], ParsedJournal], text: str):
    journal = parse(text)
    places = [problem.place for problem in journal.problems]
    assert places == sorted(places)
    for transaction in journal.transactions:
        assert transaction.lines
        assert all(line.quantity.is_finite() and line.commodity is not None for line in transaction.lines)
