"""One hledger posting: account, amount, cost, balance assertion and comment."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from accounting.written_numbers import Unreadable
from ledger.parsers.dimensions import parse_dimensions
from ledger.parsers.hledger_amounts import Amount, AmountText, Styles

_STATUS = re.compile(r"[*!]\s+|[*!](?=[^\s*!])")
_TAG = re.compile(r"([^\s:,;]+):[ ]*([^,\n]*)")
_ASSERTS = re.compile(r"==?\*?")
_COSTS = re.compile(r"\(@@?\)|@@?")
_LOT = re.compile(r"\{\{[^{}]*\}\}|\{[^{}]*\}|\[[^\[\]]*\]|\((?!@)[^()]*\)")
_VIRTUAL = {"(": "virtual", "[": "balanced"}
_BRACKETED_DATE = re.compile(r"\[[0-9/.\-=]+\]")


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an account should hold after a posting: of this commodity, or (sole) of nothing else."""

    amount: Amount
    sole: bool
    with_children: bool


@dataclass(slots=True)
class Posting:
    """A posting as written; `kind` is real, balanced or virtual. A cost of the whole is positive, as written."""

    place: int
    account: str
    kind: str
    amount: Amount | None = None
    cost: Amount | None = None
    cost_of_whole: bool = False
    assertion: Assertion | None = None
    comments: list[str] = field(default_factory=list)
    sub_account: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    memo: str = ""
    weight: Decimal | None = None
    ignored: list[str] = field(default_factory=list)


def read_posting(place: int, text: str, styles: Styles) -> Posting:
    """Read one indented line that is not a comment."""
    body, _, comment = text.strip().partition(";")
    ignored: list[str] = []
    if status := _STATUS.match(body):
        body = body[status.end() :]
        ignored.append("posting status")
    account, _, amount = re.sub(r"\t| {2,}", "\t", body.strip(), count=1).partition("\t")
    account = account.strip()
    kind = "real"
    if account[:1] in _VIRTUAL and account[-1:] == {"(": ")", "[": "]"}[account[:1]]:
        kind, account = _VIRTUAL[account[0]], account[1:-1].strip()
    if not account or account.startswith(("(", "[")):
        raise Unreadable("bad_account", "A posting has no account name.")
    posting = Posting(place, account, kind, ignored=ignored)
    _read_amounts(posting, AmountText(amount, styles))
    if comment.strip():
        posting.comments.append(comment.strip())
    return posting


def _read_amounts(posting: Posting, text: AmountText) -> None:
    if text.rest and text.rest[0] != "=":
        posting.amount = text.read_amount()
    while text.rest and text.rest[0] != "=":
        if text.accept(_LOT):
            posting.ignored.append("lot")
        elif posting.cost is None and (sign := text.accept(_COSTS)):
            posting.cost_of_whole = "@@" in sign
            posting.cost = text.read_amount()
        else:
            break
    if sign := text.accept(_ASSERTS):
        posting.assertion = Assertion(text.read_amount(), sign.startswith("=="), sign.endswith("*"))
        # hledger compares quantities only; a cost written behind an assertion says nothing.
        if text.accept(_COSTS):
            text.read_amount()
            posting.ignored.append("cost of an assertion")
    text.end()


def tags_in(comment: str) -> list[tuple[str, str]]:
    """The name:value tags of a comment; a value ends at a comma."""
    return [(match[1], match[2].strip()) for match in _TAG.finditer(comment)]


def settle_comments(posting: Posting) -> None:
    """Read from a posting's comments what belongs to the line; the rest is its memo."""
    memo: list[str] = []
    for comment in posting.comments:
        tags = dict(tags_in(comment))
        if "dimensions" in tags:
            posting.dimensions = parse_dimensions(tags["dimensions"])
        elif "sub_account" in tags:
            posting.sub_account = tags["sub_account"]
        else:
            memo.append(comment)
        if {"date", "date2"} & tags.keys() or _BRACKETED_DATE.search(comment):
            posting.ignored.append("posting date")
    posting.memo = " ".join(memo)
