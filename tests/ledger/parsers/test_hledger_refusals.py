import pytest

from ledger.parsers.hledger import parse_hledger


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("include other.journal", "include"),
        ("frobnicate", "unknown_directive"),
        ("alias /x.*/ = y", "regex_alias"),
        ("2024-02-30 x\n  a  1 EUR\n  b", "bad_date"),
        ("1/5 x\n  a  1 EUR\n  b", "bad_date"),
        ("2024-01-01 x\n  a  1\n  b", "missing_commodity"),
        ("2024-01-01 x\n  a  1e3 EUR\n  b", "bad_amount"),
        ("2024-01-01 x\n  a  1,00.0 EUR\n  b", "bad_amount"),
        ("2024-01-01 x\n  a  1.0,0.0 EUR\n  b", "bad_amount"),
        ("2024-01-01 x\n  a  -$-1\n  b", "bad_amount"),
        ("2024-01-01 x\n  a  1 EUR foo\n  b", "bad_amount"),
        ("2024-01-01 x\n  a  NaN EUR\n  b", "bad_amount"),
        (f"2024-01-01 x\n  a  {'9' * 60} EUR\n  b", "bad_amount"),
        ("2024-01-01 x\n  a\n  b", "ambiguous_elided_amount"),
        ("  a  1 EUR", "unexpected_indent"),
        ("2024-01-01 (x\n  a  1 EUR\n  b", "bad_syntax"),
        ("2024-01-01 x\n  a  1 EUR\n  b\n2024-01-02 x\n  a  == 1 USD\n  b", "balance_assignment"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, code: str):
    assert [problem.code for problem in parse_hledger(text + "\n").problems] == [code]
