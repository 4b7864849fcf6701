"""The hledger directives that change how the lines below them are read."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from accounting.written_numbers import Unreadable
from ledger.parsers.hledger_amounts import AmountText, Styles, commodity_name, learn_style
from ledger.parsers.hledger_postings import tags_in
from ledger.parsers.journal import ParsedAccount, ParsedJournal, ParsedPrice

_TYPES = {"a": "asset", "c": "asset", "l": "liability", "e": "equity", "v": "equity", "r": "income", "x": "expense"}
_TYPE_WORDS = {
    "asset": "asset",
    "cash": "asset",
    "liability": "liability",
    "equity": "equity",
    "conversion": "equity",
    "revenue": "income",
    "income": "income",
    "expense": "expense",
}
_TYPE_BY_NAME = (
    (re.compile(r"assets?(:|$)", re.IGNORECASE), "asset"),
    (re.compile(r"(debts?|liabilit(y|ies))(:|$)", re.IGNORECASE), "liability"),
    (re.compile(r"equity(:|$)", re.IGNORECASE), "equity"),
    (re.compile(r"(income|revenue)s?(:|$)", re.IGNORECASE), "income"),
    (re.compile(r"expenses?(:|$)", re.IGNORECASE), "expense"),
)
# Understood by hledger or by ledger, and without effect on the books.
_UNREAD = frozenset(
    {"payee", "tag", "N", "A", "C", "bucket", "capture", "check", "define", "eval", "expr", "python", "value"}
    | {"assert", "apply", "end", "endfixed", "fixed"}
)
_DATE = re.compile(r"(?:([0-9]{4,})([-/.]))?([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])")


@dataclass(slots=True)
class HledgerState:
    """What the directives above a line have set."""

    styles: Styles = field(default_factory=Styles)
    year: int | None = None
    aliases: list[tuple[str, str]] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)

    def account(self, written: str) -> str:
        """The full name of an account: below the applied parents, then through the aliases, latest first."""
        name = ":".join([*self.parents, written])
        for old, new in reversed(self.aliases):
            if name == old or name.startswith(f"{old}:"):
                name = new + name[len(old) :]
        return name


def read_date(text: str, year: int | None) -> tuple[datetime.date, str]:
    """A day at the start of a line, and what follows it."""
    match = _DATE.match(text)
    if not match:
        raise Unreadable("bad_date", f"“{text[:20]}” does not start with a date.")
    if match[1] is None and year is None:
        raise Unreadable("bad_date", f"“{text[:20]}” names no year, and no year directive stands above it.")
    try:
        day = datetime.date(int((match[1] or str(year))[:9]), int(match[3]), int(match[4]))
    except ValueError as error:
        raise Unreadable("bad_date", f"{match.group()} is not in the calendar.") from error
    return day, text[match.end() :]


def type_of(account: str, declared: dict[str, str]) -> str:
    """The type of an account: its own, its nearest parent's, or the one hledger reads from its English name."""
    parts = account.split(":")
    for length in range(len(parts), 0, -1):
        if found := declared.get(":".join(parts[:length])):
            return found
    return next((kind for pattern, kind in _TYPE_BY_NAME if pattern.match(account)), "")


class Directives:
    """Reads directives into the state and the journal."""

    def __init__(self, journal: ParsedJournal) -> None:
        self.journal = journal
        self.state = HledgerState()
        self.types: dict[str, str] = {}
        self._readers: dict[str, Callable[[str, int, list[tuple[int, str]]], None]] = {
            "account": self._account,
            "commodity": self._commodity,
            "D": self._default_commodity,
            "P": self._price,
            "alias": self._alias,
            "decimal-mark": self._decimal_mark,
            "include": self._include,
            "year": self._year,
            "Y": self._year,
        }

    def read(self, head: str, place: int, body: list[tuple[int, str]]) -> None:
        """Apply one directive with the indented lines below it."""
        head = re.sub(r"^Y(?=[0-9])", "Y ", head.lstrip("!@"))
        keyword, _, rest = head.partition(" ") if " " in head else head.partition("\t")
        rest = rest.strip()
        two_words = f"{keyword} {rest.partition(' ')[0]}" if keyword == "apply" else head.partition(";")[0].strip()
        if two_words == "apply account":
            self.state.parents.append(rest.partition(" ")[2].strip())
        elif two_words == "apply year":
            self._year(rest.partition(" ")[2], place, body)
        elif two_words == "end apply account" or (two_words == "end" and self.state.parents):
            self._end_parent()
        elif two_words == "end aliases":
            self.state.aliases.clear()
        elif keyword in self._readers:
            self._readers[keyword](rest, place, body)
        elif keyword in _UNREAD:
            self.journal.ignore(keyword)
        else:
            raise Unreadable("unknown_directive", f"“{head[:40]}” starts no directive.")

    def _end_parent(self) -> None:
        if not self.state.parents:
            raise Unreadable("unknown_directive", "No account is applied that could end here.")
        self.state.parents.pop()

    def _account(self, rest: str, place: int, body: list[tuple[int, str]]) -> None:
        name, _, comment = rest.partition(";")
        account = self.state.account(re.split(r"\t| {2,}", name.strip())[0])
        comments = [comment, *(line.partition(";")[2] for _, line in body)]
        declared = ""
        for tag, value in (pair for text in comments for pair in tags_in(text)):
            if tag == "type":
                declared = _TYPES.get(value.lower()) or _TYPE_WORDS.get(value.lower(), "")
        if declared:
            self.types[account] = declared
        if body:
            self.journal.ignore("account detail", len(body))
        self.journal.accounts.append(ParsedAccount(account, None, None, (), place))

    def _commodity(self, rest: str, place: int, body: list[tuple[int, str]]) -> None:
        sample = rest.partition(";")[0].strip()
        for _, line in body:
            if line.strip().startswith("format "):
                sample = line.strip()[len("format ") :].partition(";")[0].strip()
        if re.search("[0-9]", re.sub('"[^"]*"', "", sample)):
            commodity = learn_style(sample, self.state.styles)
        else:
            commodity = commodity_name(sample)
        decimals = self.state.styles.decimals.get(commodity, 0)
        self.journal.commodities[commodity] = max(decimals, self.journal.commodities.get(commodity, 0))

    def _default_commodity(self, rest: str, place: int, body: list[tuple[int, str]]) -> None:
        declared = dict(self.state.styles.decimals)
        commodity = learn_style(rest.partition(";")[0].strip(), self.state.styles)
        self.state.styles.default_commodity = commodity
        # A commodity directive says more than D about how it is displayed.
        self.state.styles.decimals.update(declared)

    def _price(self, rest: str, place: int, body: list[tuple[int, str]]) -> None:
        day, behind = read_date(rest, self.state.year)
        behind = re.sub(r"^\s+[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?", "", behind).partition(";")[0].strip()
        match = re.match(r'("[^"]*"|[^\s0-9\-]+)\s*(.*)', behind)
        if not match:
            raise Unreadable("bad_amount", "A price names no commodity.")
        text = AmountText(match[2], self.state.styles)
        price = text.read_amount()
        text.end()
        commodity = commodity_name(match[1])
        self.journal.prices.append(ParsedPrice(day, commodity, price.quantity, price.commodity, place))

    def _alias(self, rest: str, place: int, body: list[tuple[int, str]]) -> None:
        old, equals, new = (part.strip() for part in rest.partition("="))
        if old.startswith("/"):
            raise Unreadable("regex_alias", "Aliases by regular expression are not read: write the names out.")
        if not (old and equals and new):
            raise Unreadable("bad_syntax", "An alias is written OLD = NEW.")
        self.state.aliases.append((old, new))

    def _decimal_mark(self, rest: str, place: int, body: list[tuple[int, str]]) -> None:
        mark = rest.partition(";")[0].strip()
        if mark not in (".", ","):
            raise Unreadable("bad_syntax", "The decimal mark is a point or a comma.")
        self.state.styles.decimal_mark = mark

    def _year(self, rest: str, place: int, body: list[tuple[int, str]]) -> None:
        text = rest.partition(";")[0].strip()
        if not re.fullmatch("[0-9]{4}", text, re.ASCII) or text == "0000":
            raise Unreadable("bad_date", f"“{text[:20]}” is not a year.")
        self.state.year = int(text)

    def _include(self, rest: str, place: int, body: list[tuple[int, str]]) -> None:
        self.journal.ignore("include")
        raise Unreadable("include", f"The included file {rest[:80]} was not uploaded: import one joined file.")
