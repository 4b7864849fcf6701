"""hledger text read into transactions and directives; what cannot be read becomes a problem with its line."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from accounting.written_numbers import Unreadable
from ledger.parsers.hledger_directives import Directives, read_date
from ledger.parsers.hledger_postings import Posting, read_posting, settle_comments, tags_in
from ledger.parsers.journal import ParsedJournal

_COMMENT_MARKS = (";", "#", "*")
_OUR_TAGS = frozenset({"reference", "journal", "key"})
_HEAD = re.compile(r"\s*([*!])?\s*(?:\(([^()]*)\))?\s*([^;]*)(?:;(.*))?")
_Block = tuple[int, str, list[tuple[int, str]]]


@dataclass(slots=True)
class Transaction:
    """A transaction as written."""

    place: int
    date: datetime.date
    code: str
    payee: str
    memo: str
    tags: dict[str, str] = field(default_factory=dict)
    postings: list[Posting] = field(default_factory=list)


class HledgerLines:
    """The transactions of one file as they are read, under the directives above each."""

    def __init__(self, journal: ParsedJournal) -> None:
        self.journal = journal
        self.directives = Directives(journal)
        self.transactions: list[Transaction] = []

    def read(self, text: str) -> None:
        """Read every block of the file."""
        for place, head, body in self._blocks(text):
            try:
                self._read_block(place, head, body)
            except Unreadable as refusal:
                self.journal.refuse(refusal.place or place, refusal.code, refusal.message)

    def _blocks(self, text: str) -> Iterator[_Block]:
        """Every line that is not indented with the indented lines below it, comments and comment blocks left out."""
        current: _Block | None = None
        in_comment = False
        for place, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
            bare = line.strip()
            if in_comment:
                in_comment = bare not in ("end comment", "end test")
            elif line[:1] in (" ", "\t") and bare:
                if current is None and not bare.startswith(_COMMENT_MARKS):
                    current = (place, "", [])
                if current is not None:
                    current[2].append((place, line))
            else:
                if current is not None:
                    yield current
                    current = None
                in_comment = bare in ("comment", "test")
                if bare and not in_comment and not line.startswith(_COMMENT_MARKS):
                    current = (place, line.rstrip(), [])
        if current is not None:
            yield current

    def _read_block(self, place: int, head: str, body: list[tuple[int, str]]) -> None:
        if not head:
            raise Unreadable("unexpected_indent", "An indented line belongs to no transaction.")
        if head[0].isdigit():
            self.transactions.append(self._read_transaction(place, head, body))
        elif head[0] == "~":
            self.journal.ignore("periodic transaction")
        elif head[0] == "=":
            self.journal.ignore("auto posting rule")
        else:
            self.directives.read(head, place, body)

    def _read_transaction(self, place: int, head: str, body: list[tuple[int, str]]) -> Transaction:
        state = self.directives.state
        day, rest = read_date(head, state.year)
        if rest.startswith("="):
            _, rest = read_date(rest[1:], day.year)
            self.journal.ignore("secondary date")
        match = _HEAD.fullmatch(rest)
        if match is None or (rest and not rest[0].isspace()) or (match[2] is None and match[3].startswith("(")):
            raise Unreadable("bad_syntax", "The line of the date cannot be read.")
        status, code, description, comment = match.groups()
        if status == "!":
            self.journal.ignore("pending status")
        payee, bar, note = (part.strip() for part in description.partition("|"))
        transaction = Transaction(place, day, (code or "").strip(), payee if bar else "", note if bar else payee)
        transaction.tags.update(tags_in(comment or ""))
        self._read_postings(transaction, body)
        return transaction

    def _read_postings(self, transaction: Transaction, body: list[tuple[int, str]]) -> None:
        state = self.directives.state
        for place, line in body:
            bare = line.strip()
            try:
                if bare.startswith(";"):
                    if transaction.postings:
                        transaction.postings[-1].comments.append(bare[1:].strip())
                    else:
                        transaction.tags.update(tags_in(bare[1:]))
                    continue
                posting = read_posting(place, line, state.styles)
            except Unreadable as refusal:
                refusal.place = refusal.place or place
                raise
            posting.account = state.account(posting.account)
            transaction.postings.append(posting)
        for posting in transaction.postings:
            settle_comments(posting)
            for kind in posting.ignored:
                self.journal.ignore(kind)


def plain_tags(transaction: Transaction) -> tuple[str, ...]:
    """The tags of a transaction other than the ones this product writes itself."""
    return tuple(
        f"{name}:{value}" if value else name for name, value in transaction.tags.items() if name not in _OUR_TAGS
    )
