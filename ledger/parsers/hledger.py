"""hledger journals (and ledger journals written alike), read without hledger.

Taken: transactions with dates Y-M-D, Y/M/D or Y.M.D (the year from a year directive if left out), status, (code),
`payee | note`, comments and tags; postings with the commodity on either side, quoted commodities, costs @ @@ (@) (@@),
one elided amount, balance assertions = == =* ==*, balance assignments, and [balanced virtual] postings; a conversion
between two commodities without a cost. Directives: account (with type), commodity (with format), decimal-mark, D, P,
alias (by name), apply account, apply year, year, Y, comment. $ € £ ¥ are read as USD EUR GBP JPY.

Numbers follow hledger: of two different marks the last is decimal, a repeated one groups, and a lone one is decimal
unless a commodity, D or decimal-mark directive says otherwise. Balances are checked at the decimals a commodity is
displayed with: its directive's, else the most one of its posting amounts is written with.

Counted in `ignored`: secondary dates, posting dates, status marks, ledger's {lots} (which hledger does not weigh
either), periodic transactions, auto posting rules, zero lines without a commodity, and directives without effect on
the books. Problems: include, (virtual) postings, aliases by regular expression, amounts with exponents or without a
commodity (when D names none), and a balance assignment == on an account that holds something else.
The reference of a transaction is its reference tag, else its code.
"""

from decimal import localcontext

from accounting.written_numbers import Unreadable
from ledger.parsers.hledger_balancing import Books, complete, decimals_of
from ledger.parsers.hledger_directives import type_of
from ledger.parsers.hledger_lines import HledgerLines, Transaction
from ledger.parsers.hledger_postings import Posting
from ledger.parsers.journal import ParsedAccount, ParsedBalance, ParsedJournal, ParsedTransaction, count_decimals
from ledger.parsers.numerals import EXACT, ZERO


def parse_hledger(text: str) -> ParsedJournal:
    """Read an hledger journal: every good transaction balanced, every bad one named."""
    with localcontext(EXACT):
        journal = ParsedJournal()
        source = HledgerLines(journal)
        source.read(text)
        books = Books(decimals=_displayed_decimals(source))
        for written in sorted(source.transactions, key=lambda transaction: (transaction.date, transaction.place)):
            try:
                whole = complete(written, books)
            except Unreadable as refusal:
                journal.refuse(refusal.place or written.place, refusal.code, refusal.message)
                continue
            _keep(whole, written, books, journal)
        _complete_accounts(source, journal)
        journal.problems.sort(key=lambda problem: problem.place)
        count_decimals(journal)
        journal.commodities.pop("", None)
    return journal


def _displayed_decimals(source: HledgerLines) -> dict[str, int]:
    written: dict[str, int] = {}
    for transaction in source.transactions:
        for posting in transaction.postings:
            if posting.amount:
                decimals = decimals_of(posting.amount.quantity)
                written[posting.amount.commodity] = max(decimals, written.get(posting.amount.commodity, 0))
    return written | source.directives.state.styles.decimals


def _keep(whole: ParsedTransaction, written: Transaction, books: Books, journal: ParsedJournal) -> None:
    """Take a good transaction in, and hold its assertions against the books line by line."""
    if whole.lines:
        journal.transactions.append(whole)
    else:
        journal.ignore("transaction without lines")
    asserting = {posting.place: posting for posting in written.postings if posting.assertion}
    for posting in written.postings:
        if posting.amount and not posting.amount.commodity:
            journal.ignore("zero line without a commodity")
            _assert_balance(asserting.pop(posting.place, None), whole, books, journal)
    for line in whole.lines:
        books.add(line.account, line.quantity, line.commodity)
        _assert_balance(asserting.pop(line.place, None), whole, books, journal)


def _assert_balance(posting: Posting | None, whole: ParsedTransaction, books: Books, journal: ParsedJournal) -> None:
    assertion = posting.assertion if posting else None
    if posting is None or assertion is None:
        return
    wanted, account, place = assertion.amount, posting.account, posting.place
    journal.balances.append(
        ParsedBalance(whole.date, account, wanted.quantity, wanted.commodity, place, False, assertion.with_children)
    )
    held = books.of(account, with_children=assertion.with_children)
    others = [commodity for commodity, quantity in held.items() if quantity and commodity != wanted.commodity]
    if held.get(wanted.commodity, ZERO) != wanted.quantity or (assertion.sole and others):
        shown = ", ".join(f"{quantity:f} {commodity}" for commodity, quantity in held.items()) or "nothing"
        message = f"{account} should hold {wanted.quantity:f} {wanted.commodity} and holds {shown}."
        journal.refuse(place, "balance_missed", message)


def _complete_accounts(source: HledgerLines, journal: ParsedJournal) -> None:
    """Declared accounts first, then the others at their first use, each with the type hledger would give it."""
    places = {account.name: account.place for account in journal.accounts}
    for transaction in journal.transactions:
        for line in transaction.lines:
            places.setdefault(line.account, line.place)
    types = source.directives.types
    journal.accounts = [
        ParsedAccount(name, None, None, (), place, type_of(name, types)) for name, place in places.items()
    ]
