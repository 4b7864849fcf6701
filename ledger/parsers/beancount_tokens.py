"""Beancount text cut into statements (a head and its indented lines), and lines cut into tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from accounting.written_numbers import Unreadable

LONGEST_STRING = 64  # lines, as in beancount

_NON_ASCII = "\u0080-\U0010ffff"
ACCOUNT = rf"[A-Z{_NON_ASCII}][A-Za-z0-9\-{_NON_ASCII}]*(?::[A-Z0-9{_NON_ASCII}][A-Za-z0-9\-{_NON_ASCII}]*)+"
DATE = r"[0-9]{4,}[-/][0-9]+[-/][0-9]+"
NUMBER = r"[0-9](?:[0-9,]*[0-9])?(?:\.[0-9]*)?"
CURRENCY = r"[A-Z][A-Z0-9'._\-]*[A-Z0-9]|/[A-Z0-9'._\-]*[A-Z](?:[A-Z0-9'._\-]*[A-Z0-9])?"
_STRING = r'"(?:[^"\\]|\\.)*"'
_TOKEN = re.compile(
    rf"(?P<space>[ \t\r\n]+)|(?P<comment>;.*)|(?P<string>{_STRING})|(?P<date>{DATE})|(?P<number>{NUMBER})"
    rf"|(?P<account>{ACCOUNT})|(?P<constant>(?:TRUE|FALSE|NULL)(?![A-Z0-9'._\-]))"
    rf"|(?P<currency>{CURRENCY}|[A-Z](?![A-Za-z0-9]))|(?P<tag>\#[A-Za-z0-9\-_/.]+)|(?P<link>\^[A-Za-z0-9\-_/.]+)"
    r"|(?P<word>[a-z][a-zA-Z0-9\-_]*)|(?P<sign>@@|@|\{\{|\}\}|[{}(),~+\-*/\#:|!&?%])|(?P<bad>\S+)",
    re.DOTALL,
)
_OUTSIDE_STRINGS = re.compile(rf'(?:[^";]+|{_STRING})*', re.DOTALL)
# Org-mode headings and #! lines: a mark in the first column with something behind it.
_HEADING = re.compile(r"[*:#!&?%].")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(slots=True)
class Statement:
    """One directive: its first line, and the indented lines below it."""

    place: int
    head: str
    body: list[tuple[int, str]] = field(default_factory=list)


class Cursor:
    """The tokens of one line, taken from left to right. `kind` is "" at the end; a sign is its own kind."""

    __slots__ = ("_at", "_tokens", "kind", "text")

    def __init__(self, line: str) -> None:
        self._tokens = _tokens(line)
        self._at = -1
        self.advance()

    def advance(self) -> None:
        """Go on to the next token."""
        self._at += 1
        self.kind, self.text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def take(self, kind: str) -> str:
        """The text of the next token, which must be of this kind."""
        if self.kind != kind:
            found = f"“{self.text[:40]}”" if self.kind else "the end of the line"
            raise Unreadable("bad_syntax", f"Expected {kind}, found {found}.")
        text = self.text
        self.advance()
        return text

    def accept(self, kind: str) -> str:
        """The text of the next token if it is of this kind, else ""."""
        return self.take(kind) if self.kind == kind else ""

    def end(self) -> None:
        """Nothing may follow."""
        if self.kind:
            raise Unreadable("bad_syntax", f"Did not expect “{self.text[:40]}” here.")


def _tokens(line: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(line):
        kind = match.lastgroup or "bad"
        if kind in ("space", "comment"):
            continue
        text = match.group()
        if kind == "bad":
            raise Unreadable("bad_syntax", f"Cannot read “{text[:40]}”.")
        found.append((text if kind == "sign" else kind, text))
    return found


def unquote(literal: str) -> str:
    """The text a quoted string stands for."""
    inner = literal[1:-1]
    if "\\" not in inner:
        return inner
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), inner, flags=re.DOTALL)


def statements(text: str) -> Iterator[Statement]:
    """Every directive of the file. Like in beancount, a line that is not indented (a blank one too) ends it."""
    current: Statement | None = None
    for place, line in _logical_lines(text):
        bare = line.strip(" \t\r")
        if line[:1] in (" ", "\t") and bare:
            if bare[0] == ";":
                continue
            if current is None:
                current = Statement(place, "")
            current.body.append((place, line))
            continue
        if current is not None:
            yield current
            current = None
        if bare and bare[0] != ";" and not _HEADING.match(line):
            current = Statement(place, line)
    if current is not None:
        yield current


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        taken, line = 1, lines[at]
        if '"' in line and not _HEADING.match(line) and _inside_string(line):
            taken, line = _with_whole_string(lines, at)
        yield at + 1, line
        at += taken


def _with_whole_string(lines: list[str], at: int) -> tuple[int, str]:
    joined = lines[at]
    for taken in range(2, min(LONGEST_STRING, len(lines) - at) + 1):
        joined += "\n" + lines[at + taken - 1]
        if '"' in lines[at + taken - 1] and not _inside_string(joined):
            return taken, joined
    # Never closed: the line alone is refused, and what follows is read for itself.
    return 1, lines[at]


def _inside_string(text: str) -> bool:
    match = _OUTSIDE_STRINGS.match(text)
    return match is not None and text[match.end() : match.end() + 1] == '"'
