"""Beancount statements read into directives; what cannot be read becomes a problem with its line."""

import datetime
import re
from collections.abc import Callable

from accounting.written_numbers import Unreadable
from ledger.parsers.amount_expression import read_number
from ledger.parsers.beancount_entries import BOOKING_METHODS, Check, Closing, Leg, Opening, Pad, Rules, Transaction
from ledger.parsers.beancount_options import set_option
from ledger.parsers.beancount_postings import POSTING_FLAGS, parse_date, read_posting
from ledger.parsers.beancount_tokens import Cursor, Statement, statements, unquote
from ledger.parsers.dimensions import parse_dimensions
from ledger.parsers.journal import ParsedJournal, ParsedPrice

_UNREAD = frozenset({"note", "document", "event", "query", "custom"})
_UNDATED = frozenset({"option", "plugin", "include", "pushtag", "poptag", "pushmeta", "popmeta"})
_OPENING_PLUGINS = frozenset({"beancount.plugins.auto", "beancount.plugins.auto_accounts"})
_METADATA = re.compile(r"\s+([a-z][a-zA-Z0-9\-_]+):")
_TRANSACTION_METADATA = frozenset({"reference", "journal"})
_LINE_METADATA = frozenset({"memo", "sub_account", "dimensions"})


class BeancountLines:
    """The directives of one file as they are read, with the state the file carries from line to line."""

    def __init__(self, journal: ParsedJournal) -> None:
        self.journal = journal
        self.rules = Rules()
        self.transactions: list[Transaction] = []
        self.pads: list[Pad] = []
        self.openings: list[Opening] = []
        self.closings: list[Closing] = []
        self.checks: list[Check] = []
        self._pushed_tags: list[str] = []

    def read(self, text: str) -> None:
        """Read every statement of the file."""
        for statement in statements(text):
            try:
                self._read_statement(statement)
            except Unreadable as refusal:
                self.journal.refuse(refusal.place or statement.place, refusal.code, refusal.message)
        for tag in self._pushed_tags:
            self.journal.refuse(0, "unbalanced_tag", f"The tag {tag} is pushed and never popped.")

    def _read_statement(self, statement: Statement) -> None:
        if not statement.head:
            raise Unreadable("unexpected_indent", "An indented line belongs to no directive.")
        line = Cursor(statement.head)
        if line.kind == "word" and line.text in _UNDATED:
            self._read_undated(line.take("word"), line)
        elif line.kind == "date":
            self._read_dated(parse_date(line.take("date")), line, statement)
        else:
            raise Unreadable("unknown_directive", f"“{statement.head[:40]}” starts no directive.")

    def _read_undated(self, keyword: str, line: Cursor) -> None:
        if keyword in ("pushtag", "poptag"):
            self._set_tag(keyword, line.take("tag")[1:])
        elif keyword == "option":
            name, value = unquote(line.take("string")), unquote(line.take("string"))
            set_option(name, value, self.rules, self.journal)
        elif keyword == "include":
            self.journal.ignore("include")
            name = unquote(line.take("string"))
            raise Unreadable("include", f"The included file {name[:80]} was not uploaded: import one joined file.")
        else:
            self.journal.ignore(keyword)
            if keyword == "plugin" and unquote(line.take("string")) in _OPENING_PLUGINS:
                self.rules.opens_accounts = True
            return
        line.end()

    def _set_tag(self, keyword: str, tag: str) -> None:
        if keyword == "pushtag":
            self._pushed_tags.append(tag)
        elif tag in self._pushed_tags:
            self._pushed_tags.remove(tag)
        else:
            raise Unreadable("unbalanced_tag", f"The tag {tag} is popped and was never pushed.")

    def _read_dated(self, date: datetime.date, line: Cursor, statement: Statement) -> None:
        keyword = line.text
        if line.kind in POSTING_FLAGS or keyword == "txn" or (line.kind == "currency" and len(keyword) == 1):
            line.advance()
            self.transactions.append(self._read_transaction(date, keyword, line, statement))
            return
        readers: dict[str, Callable[[datetime.date, Cursor, int], None]] = {
            "open": self._read_open,
            "close": self._read_close,
            "commodity": self._read_commodity,
            "balance": self._read_balance,
            "pad": self._read_pad,
            "price": self._read_price,
        }
        if keyword in _UNREAD:
            self.journal.ignore(keyword)
            self._ignore_metadata(len(statement.body))
        elif line.kind == "word" and keyword in readers:
            line.advance()
            readers[keyword](date, line, statement.place)
            line.end()
            self._ignore_metadata(len(statement.body))
        else:
            raise Unreadable("unknown_directive", f"“{keyword[:40]}” is not a directive.")

    def _read_open(self, date: datetime.date, line: Cursor, place: int) -> None:
        account = self._account(line)
        commodities: list[str] = []
        if line.kind == "currency":
            commodities.append(line.take("currency"))
            while line.accept(","):
                commodities.append(line.take("currency"))
        booking = unquote(line.take("string")) if line.kind == "string" else ""
        if booking and booking not in BOOKING_METHODS:
            raise Unreadable("bad_booking_method", f"{booking[:40]} is not a booking method.")
        self.openings.append(Opening(place, date, account, tuple(commodities), booking))

    def _read_close(self, date: datetime.date, line: Cursor, place: int) -> None:
        self.closings.append(Closing(place, date, self._account(line)))

    def _read_commodity(self, date: datetime.date, line: Cursor, place: int) -> None:
        self.journal.commodities.setdefault(line.take("currency"), 0)

    def _read_pad(self, date: datetime.date, line: Cursor, place: int) -> None:
        self.pads.append(Pad(place, date, self._account(line), self._account(line)))

    def _read_price(self, date: datetime.date, line: Cursor, place: int) -> None:
        commodity, price = line.take("currency"), read_number(line)
        self.journal.prices.append(ParsedPrice(date, commodity, price, line.take("currency"), place))

    def _read_balance(self, date: datetime.date, line: Cursor, place: int) -> None:
        account, quantity = self._account(line), read_number(line)
        tolerance = read_number(line) if line.accept("~") else None
        self.checks.append(Check(place, date, account, quantity, line.take("currency"), tolerance))

    def _account(self, line: Cursor) -> str:
        account = line.take("account")
        self._check_root(account)
        return account

    def _check_root(self, account: str) -> None:
        if account.partition(":")[0] not in self.rules.roots:
            raise Unreadable("bad_account", f"{account[:80]} does not start with one of the five account roots.")

    def _read_transaction(self, date: datetime.date, flag: str, line: Cursor, statement: Statement) -> Transaction:
        strings: list[str] = []
        tags, links = list(self._pushed_tags), list[str]()
        while line.kind in ("string", "|"):
            if line.kind == "|":
                raise Unreadable("bad_syntax", "The | between payee and narration is no longer written.")
            strings.append(unquote(line.take("string")))
        if len(strings) > 2:
            raise Unreadable("bad_syntax", "A transaction has at most a payee and a narration.")
        _read_labels(line, tags, links)
        if flag not in ("*", "txn"):
            self.journal.ignore(f"flag {flag}")
        memo = strings[-1] if strings else ""
        payee = strings[0] if len(strings) == 2 else ""
        transaction = Transaction(statement.place, date, flag, payee, memo, (), "", "", [])
        self._read_body(transaction, statement, tags, links)
        if transaction.reference:
            tags.extend(f"^{link}" for link in links)
        else:
            transaction.reference = " ".join(links)
        transaction.tags = tuple(dict.fromkeys(tags))
        return transaction

    def _read_body(self, transaction: Transaction, statement: Statement, tags: list[str], links: list[str]) -> None:
        for place, text in statement.body:
            try:
                if metadata := _METADATA.match(text):
                    self._read_metadata(transaction, metadata[1], text[metadata.end() :])
                elif text.lstrip()[0] in "#^" and text.lstrip()[1:2].strip():
                    if transaction.legs:
                        raise Unreadable("bad_syntax", "Tags and links stand before the first posting.")
                    _read_labels(Cursor(text), tags, links)
                else:
                    leg, flag = read_posting(place, text)
                    self._check_root(leg.account)
                    transaction.legs.append(leg)
                    if flag:
                        self.journal.ignore("posting flag")
            except Unreadable as refusal:
                refusal.place = refusal.place or place
                raise

    def _read_metadata(self, transaction: Transaction, key: str, value: str) -> None:
        known = _LINE_METADATA if transaction.legs else _TRANSACTION_METADATA
        line = Cursor(value) if key in known else None
        if line is None or line.kind != "string":
            self._ignore_metadata(1)
        elif transaction.legs:
            _set_line_metadata(transaction.legs[-1], key, unquote(line.text))
        else:
            setattr(transaction, key, unquote(line.text))

    def _ignore_metadata(self, count: int) -> None:
        if count:
            self.journal.ignore("metadata", count)


def _set_line_metadata(leg: Leg, key: str, text: str) -> None:
    if key == "dimensions":
        leg.dimensions = parse_dimensions(text)
    elif key == "memo":
        leg.memo = text
    else:
        leg.sub_account = text


def _read_labels(line: Cursor, tags: list[str], links: list[str]) -> None:
    while line.kind in ("tag", "link"):
        (tags if line.kind == "tag" else links).append(line.text[1:])
        line.advance()
    line.end()
