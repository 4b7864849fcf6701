"""Short ways to say what a beancount text is read as."""

from textwrap import dedent

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
