"""Beancount journals, read without beancount.

Taken: open (with commodities and booking method), close, commodity, balance (with ~ tolerance), pad, price and
transactions (any flag; payee, narration, #tags, ^links, pushtag/poptag); postings with arithmetic, thousands commas,
costs {..} {{..}} {.. # ..} with date and label, prices @ and @@, and at most one missing number per currency; lots
booked STRICT (the default), STRICT_WITH_SIZE, FIFO, LIFO, HIFO or NONE. Options: title, operating_currency, name_*,
booking_method, tolerance_multiplier, inferred_tolerance_default, infer_tolerance_from_cost and
use_precise_interpolation. The plugins auto and auto_accounts open accounts at their first use.

Metadata is read where this product writes it (reference and journal of a transaction; memo, sub_account and dimensions
of a posting) and otherwise counted. The reference of a transaction without one is its links.

Counted in `ignored`: note, document, event, query, custom, plugin, metadata, flags, other options, transactions
without lines. Problems: include, {*}, AVERAGE, and whatever beancount itself refuses.
"""

import datetime
from decimal import localcontext

from accounting.written_numbers import Unreadable
from ledger.parsers.balancing import complete
from ledger.parsers.beancount_entries import Closing, Opening, Rules
from ledger.parsers.beancount_lines import BeancountLines
from ledger.parsers.booking import Holdings
from ledger.parsers.journal import ParsedAccount, ParsedBalance, ParsedJournal, ParsedTransaction, count_decimals
from ledger.parsers.numerals import EXACT
from ledger.parsers.padding import missed_balances, padding_entries, tolerance_of


def parse_beancount(text: str) -> ParsedJournal:
    """Read a beancount journal: every good transaction balanced and booked, every bad one named."""
    with localcontext(EXACT):
        journal = ParsedJournal()
        source = BeancountLines(journal)
        source.read(text)
        accounts = _Accounts(source, journal)
        _complete_transactions(source, accounts, journal)
        _pad(source, accounts, journal)
        source.checks = [check for check in source.checks if accounts.admit(check.account, check.date, check.place)]
        missed_balances(source.checks, journal, source.rules)
        journal.balances = [
            ParsedBalance(
                check.date,
                check.account,
                check.quantity,
                check.commodity,
                check.place,
                tolerance=tolerance_of(check, source.rules),
            )
            for check in source.checks
        ]
        journal.accounts = accounts.declared()
        journal.problems.sort(key=lambda problem: problem.place)
        count_decimals(journal)
    return journal


def _complete_transactions(source: BeancountLines, accounts: "_Accounts", journal: ParsedJournal) -> None:
    holdings = Holdings()
    for written in sorted(source.transactions, key=lambda transaction: (transaction.date, transaction.place)):
        try:
            whole = complete(written, holdings, source.rules)
            accounts.check(whole)
        except Unreadable as refusal:
            journal.refuse(refusal.place or written.place, refusal.code, refusal.message)
            continue
        if whole.lines:
            journal.transactions.append(whole)
        else:
            journal.ignore("transaction without lines")


def _pad(source: BeancountLines, accounts: "_Accounts", journal: ParsedJournal) -> None:
    made = padding_entries(source.pads, source.checks, journal, source.rules)
    for entry in made:
        try:
            accounts.check(entry)
        except Unreadable as refusal:
            journal.refuse(refusal.place or entry.place, refusal.code, refusal.message)
        else:
            journal.transactions.append(entry)
    if made:
        journal.transactions.sort(key=lambda transaction: (transaction.date, transaction.place))


class _Accounts:
    """The accounts of a journal: when each is open, and what it may hold."""

    def __init__(self, source: BeancountLines, journal: ParsedJournal) -> None:
        self._rules: Rules = source.rules
        self._journal = journal
        self._opened: dict[str, Opening] = {}
        self._closed: dict[str, Closing] = {}
        for opening in sorted(source.openings, key=lambda opening: (opening.date, opening.place)):
            if opening.account in self._opened:
                journal.refuse(opening.place, "duplicate_open", f"{opening.account} is opened twice.")
                continue
            self._opened[opening.account] = opening
            if opening.booking:
                self._rules.booking_of[opening.account] = opening.booking
        for closing in sorted(source.closings, key=lambda closing: (closing.date, closing.place)):
            self._close(closing)

    def _close(self, closing: Closing) -> None:
        if closing.account not in self._opened and not self._rules.opens_accounts:
            self._journal.refuse(closing.place, "unknown_account", f"{closing.account} is closed and was never opened.")
        elif closing.account in self._closed:
            self._journal.refuse(closing.place, "duplicate_close", f"{closing.account} is closed twice.")
        else:
            self._closed[closing.account] = closing

    def check(self, transaction: ParsedTransaction) -> None:
        """Refuse a transaction on an account that is not open that day, or may not hold the commodity."""
        for line in transaction.lines:
            self._check_open(line.account, transaction.date)
            opening = self._opened.get(line.account)
            if opening and opening.commodities and line.commodity not in opening.commodities:
                raise Unreadable("commodity_not_allowed", f"{line.account} may not hold {line.commodity}.", line.place)

    def admit(self, account: str, date: datetime.date, place: int) -> bool:
        """Whether an assertion names an open account; if not, say so."""
        try:
            self._check_open(account, date)
        except Unreadable as refusal:
            self._journal.refuse(place, refusal.code, refusal.message)
            return False
        return True

    def _check_open(self, account: str, date: datetime.date) -> None:
        opening = self._opened.get(account)
        if opening is None:
            if not self._rules.opens_accounts:
                raise Unreadable("unknown_account", f"{account} was never opened.")
            opening = self._opened[account] = Opening(0, date, account, (), "")
        closing = self._closed.get(account)
        if date < opening.date or (closing is not None and date > closing.date):
            raise Unreadable("inactive_account", f"{account} is not open on {date}.")

    def declared(self) -> list[ParsedAccount]:
        """Every account that was opened, with the type its root gives it."""
        return [
            ParsedAccount(
                opening.account,
                opening.date,
                self._closed[opening.account].date if opening.account in self._closed else None,
                opening.commodities,
                opening.place,
                self._rules.roots.get(opening.account.partition(":")[0], ""),
            )
            for opening in self._opened.values()
        ]
