"""Entries of many lines as postings of one account against one other: what programs of that tradition want. Pure.

Debits and credits are taken in the order of their lines; each posting takes as much as the nearer of the two has left.
So every line is used up exactly, an entry of n debits and m credits makes at most n + m - 1 postings, and no account
in between is needed. Where one side has one line, each line of the other side is a posting of its own.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from reports.statutory.ledger_lines import ExportedLine

# A debit and a credit may be posted in several parts, where one amount is too long for its column.
LARGEST = Decimal("9999999999.99")


class Posting(NamedTuple):
    """So much from the account of `credit` to the account of `debit`; `whole` are those of the two lines that it uses
    up alone, whose amount in another currency is therefore the posting's."""

    debit: ExportedLine
    credit: ExportedLine
    amount: Decimal
    whole: tuple[ExportedLine, ...]


def postings_of(lines: Sequence[ExportedLine]) -> Iterator[Posting]:
    """The postings of an entry that balances: by account they add up to its lines, to the last cent."""
    taken = [line for line in lines if line.amount > 0]
    given = [line for line in lines if line.amount < 0]
    left = {line.id: abs(line.amount) for line in lines}
    place = 0
    for debit in taken:
        while left[debit.id]:
            credit = given[place]
            amount = min(left[debit.id], left[credit.id], LARGEST)
            left[debit.id] -= amount
            left[credit.id] -= amount
            whole = tuple(line for line in (debit, credit) if abs(line.amount) == amount)
            yield Posting(debit, credit, amount, whole)
            if not left[credit.id]:
                place += 1
