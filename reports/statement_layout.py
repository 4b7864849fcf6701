"""How a statement is laid out: rows of accounts, chosen by type, subtype, code or tag, and rows reckoned from others.

Pure: a layout is read from plain data and checked before anything is shown with it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounting.chart import ChartAccount
from tenants.refusal import Refused

SIDES = {"debit": 1, "credit": -1}
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_FORMULA = re.compile(r"\s*([+-]?)\s*([a-z][a-z0-9_]*)")
CHOICES = ("types", "subtypes", "codes", "tags")
KNOWN = {"key", "label", "side", "formula", "standing", "as_one", *CHOICES}
LONGEST, LONGEST_TEXT = 120, 2_000


class BadLayout(Refused):
    """The layout of a statement does not add up."""

    code = "bad_layout"


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """A row: of accounts, shown on one side (1 debit, -1 credit), of a formula over rows above it, or a heading alone.

    An account is chosen that fits each of the choices that are made; the first row that chooses it has it alone.
    """

    key: str
    label: str
    side: int = 1
    types: frozenset[str] = frozenset()
    subtypes: frozenset[str] = frozenset()
    codes: tuple[tuple[str, str], ...] = ()
    tags: frozenset[str] = frozenset()
    formula: tuple[tuple[int, str], ...] = ()
    is_total: bool = False
    as_one: bool = False
    is_heading: bool = False

    def chooses(self, account: ChartAccount) -> bool:
        """Whether the account stands in this row."""
        if self.formula or self.is_heading:
            return False
        return (
            (not self.types or account.type in self.types)
            and (not self.subtypes or account.subtype in self.subtypes)
            and (not self.codes or any(within(account.code, first, last) for first, last in self.codes))
            and (not self.tags or bool(self.tags & set(account.tags)))
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows in their order; `whole` are the types of account that have to be in it, `equal` rows that are the same."""

    rows: tuple[LayoutRow, ...]
    whole: frozenset[str]
    equal: tuple[str, ...] = ()


def layout_from(data: Mapping[str, Any]) -> Layout:
    """The layout that plain data describe. Refused (`bad_layout`) at the row that is wrong."""
    known: set[str] = set()
    rows = []
    for number, given in enumerate(data.get("rows", ())):
        if not isinstance(given, Mapping):
            raise BadLayout("A row says its key, its label and what stands in it.", place=f"rows[{number}]")
        if set(given) == {"heading"} and str(given["heading"]).strip():
            rows.append(LayoutRow("", str(given["heading"]).strip()[:LONGEST], is_heading=True))
            continue
        row = _row(given, known, f"rows[{number}]")
        known.add(row.key)
        rows.append(row)
    if not known:
        raise BadLayout("A statement has at least one row.", place="rows")
    equal = tuple(data.get("equal", ()))
    if unknown := next((key for key in equal if key not in known), None):
        raise BadLayout(f"There is no row “{unknown}”.", place="equal")
    return Layout(tuple(rows), frozenset(data.get("whole", ())), equal)


def _row(given: Mapping[str, Any], known: set[str], place: str) -> LayoutRow:
    _check_kinds(given, place)
    key, label = str(given.get("key", "")), str(given.get("label", "")).strip()
    if not _KEY.fullmatch(key) or key in known:
        raise BadLayout("A key is lower-case letters, digits and _, and comes once.", place=f"{place}.key")
    if not label:
        raise BadLayout("A row has a label.", place=f"{place}.label")
    is_total = given.get("standing") == "total"
    if "formula" in given:
        if any(given.get(name) for name in CHOICES):
            raise BadLayout("A row is of accounts or of a formula.", place=f"{place}.formula")
        return LayoutRow(key, label, formula=_formula(str(given["formula"]), known, place), is_total=is_total)
    if not any(given.get(name) for name in CHOICES):
        raise BadLayout("Say which accounts stand in the row.", place=place)
    if given.get("side", "debit") not in SIDES:
        raise BadLayout("A side is debit or credit.", place=f"{place}.side")
    types, subtypes, tags = (frozenset(map(str, given.get(name, ()))) for name in ("types", "subtypes", "tags"))
    return LayoutRow(
        key, label, SIDES[given.get("side", "debit")], types=types, subtypes=subtypes, tags=tags, is_total=is_total,
        codes=tuple(_span(text, f"{place}.codes") for text in given.get("codes", ())), as_one=bool(given.get("as_one")),
    )  # fmt: skip


def _check_kinds(given: Mapping[str, Any], place: str) -> None:
    """Choices are lists of texts, everything else is a text, and nothing is endless."""
    for name, value in given.items():
        if name not in KNOWN:
            raise BadLayout(f"“{name[:60]}” says nothing.", place=place)
        if name in CHOICES:
            if not isinstance(value, (list, tuple)) or not all(
                isinstance(one, str) and len(one) < LONGEST for one in value
            ):
                raise BadLayout("Choices are a list of texts.", place=f"{place}.{name}")
        elif not isinstance(value, bool if name == "as_one" else str) or len(str(value)) > LONGEST_TEXT:
            raise BadLayout("This is a text, and not that long.", place=f"{place}.{name}")


def _formula(text: str, known: set[str], place: str) -> tuple[tuple[int, str], ...]:
    """`a + b - c` over rows above."""
    terms: list[tuple[int, str]] = []
    at = 0
    while at < len(text.rstrip()):
        found = _FORMULA.match(text, at)
        if found is None or (terms and not found[1]) or found[2] not in known:
            raise BadLayout("A formula adds and subtracts rows that stand above it.", place=f"{place}.formula")
        terms.append((-1 if found[1] == "-" else 1, found[2]))
        at = found.end()
    if not terms:
        raise BadLayout("A formula adds and subtracts rows that stand above it.", place=f"{place}.formula")
    return tuple(terms)


def _span(text: str, place: str) -> tuple[str, str]:
    first, dash, last = (part.strip() for part in text.partition("-"))
    if not first or (dash and not last):
        raise BadLayout("A range of codes has two ends: 4000-4999.", place=place)
    return first, last or first


def within(code: str, first: str, last: str) -> bool:
    """“4000-4999” holds 4000 to 4999 and what begins with them."""
    return first <= code and (code <= last or code.startswith(last))


def placed(
    layout: Layout, accounts: Iterable[ChartAccount]
) -> tuple[dict[str, list[ChartAccount]], list[ChartAccount]]:
    """The accounts of each row, by code, and those of the types that have to be in it which no row chooses."""
    rows: dict[str, list[ChartAccount]] = {row.key: [] for row in layout.rows if row.key}
    left = []
    for account in sorted(accounts, key=lambda one: one.code):
        row = next((one for one in layout.rows if one.chooses(account)), None)
        if row is not None:
            rows[row.key].append(account)
        elif account.type in layout.whole:
            left.append(account)
    return rows, left


def reckoned(layout: Layout, amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What each row comes to, from what the rows of accounts come to."""
    found = dict(amounts)
    for row in layout.rows:
        if row.formula:
            found[row.key] = sum((sign * found[key] for sign, key in row.formula), Decimal(0))
    return found


def differing(layout: Layout, found: Sequence[Mapping[str, Decimal]]) -> list[Decimal]:
    """In each column how far the rows that have to be equal are apart."""
    if not layout.equal:
        return []
    return [max(one[key] for key in layout.equal) - min(one[key] for key in layout.equal) for one in found]
