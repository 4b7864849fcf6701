"""The rows of a layout as people type them, and back: a place, a key, a label, what stands in the row, its side.

What stands in a row of accounts is written as choices: “type income, subtype revenue other_income, code 4000-4999,
tag board”. A formula is written as it is reckoned: “revenue - costs”.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from reports.statement_layout import CHOICES, BadLayout

HEADING, ACCOUNTS, ONE, FORMULA, TOTAL = "heading", "accounts", "one", "formula", "total"
COLUMNS = ("place", "kind", "key", "label", "content", "side")
# The word for each choice as it is typed.
WORDS = {name.removesuffix("s"): name for name in CHOICES}
BLANK_ROWS = 6
NO_SUBTYPE = "none"


def typed_rows(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rows of a layout as the form shows them, with some blank ones at the end."""
    rows = [_typed(number * 10, row) for number, row in enumerate(data.get("rows", ()), 1)]
    return rows + [dict.fromkeys(COLUMNS, "") for _blank in range(BLANK_ROWS)]


def rows_typed(posted: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """The rows of a layout from those of the form, by their places; blank ones say nothing. Refused: `bad_layout`."""
    filled = [row for row in posted if any(row.get(name, "").strip() for name in ("key", "label", "content"))]
    rows = []
    for number, row in enumerate(sorted(filled, key=_place)):
        try:
            rows.append(_row(row))
        except BadLayout as refusal:
            raise BadLayout(refusal.message, place=f"rows[{number}]") from refusal
    return rows


def _place(row: Mapping[str, str]) -> tuple[int, int]:
    """What has no place comes last, in its order."""
    text = row.get("place", "").strip()
    return (0, int(text)) if text.isdecimal() and len(text) < 9 else (1, 0)


def _typed(place: int, row: Mapping[str, Any]) -> dict[str, str]:
    if "heading" in row:
        return {"place": str(place), "kind": HEADING, "key": "", "label": row["heading"], "content": "", "side": ""}
    kind = ACCOUNTS
    if "formula" in row:
        kind = TOTAL if row.get("standing") == "total" else FORMULA
    elif row.get("as_one"):
        kind = ONE
    content = row.get("formula") or ", ".join(
        f"{word} {' '.join(one or NO_SUBTYPE for one in row[name])}" for word, name in WORDS.items() if row.get(name)
    )
    side = row.get("side", "debit") if kind in (ACCOUNTS, ONE) else ""
    typed = {"key": row["key"], "label": row["label"], "content": content, "side": side}
    return {"place": str(place), "kind": kind, **typed}


def _row(typed: Mapping[str, str]) -> dict[str, Any]:
    kind, label, content = (typed.get(name, "").strip() for name in ("kind", "label", "content"))
    if kind == HEADING:
        return {"heading": label}
    row: dict[str, Any] = {"key": typed.get("key", "").strip() or _key_of(label), "label": label}
    if kind in (FORMULA, TOTAL):
        return {**row, "formula": content, **({"standing": "total"} if kind == TOTAL else {})}
    row |= {"side": typed.get("side", "").strip() or "debit", **_choices(content)}
    return {**row, "as_one": True} if kind == ONE else row


def _choices(text: str) -> dict[str, list[str]]:
    """The choices as they are typed. Refused (`bad_layout`) at a word that chooses nothing."""
    found: dict[str, list[str]] = {}
    for piece in filter(None, (part.strip() for part in re.sub(r"\s*-\s*", "-", text).split(","))):
        word, *values = piece.split()
        if word.removesuffix("s") not in WORDS:
            raise BadLayout(
                _("“%(word)s” chooses nothing: write %(words)s.") % {"word": word, "words": ", ".join(WORDS)}
            )
        found.setdefault(WORDS[word.removesuffix("s")], []).extend("" if one == NO_SUBTYPE else one for one in values)
    return found


def _key_of(label: str) -> str:
    """A key made of the label, where none is typed."""
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_") or "row"
