"""From the body of a call to proposed entries: strict, exact, and each complaint with its place."""

import datetime
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounting.api_query import IsoDate
from ledger.draft_content import DraftContent, DraftedLine
from ledger.proposals import NEXT_PERIOD, NewEntry, NewLine
from ledger.refusals import BadAmount, PostingRefused, TooManyLines
from ledger.resolving import MAX_LINES
from tenants.api_fields import AmountField
from tenants.refusal import Refused

ENTRY_FIELDS = {"date", "memo", "journal", "reference", "reason", "reverse_on", "lines"}
LINE_FIELDS = {
    "account", "debit", "credit", "amount", "currency", "rate", "base_amount", "sub_account", "dimensions", "memo",
}  # fmt: skip
SIDES = ("debit", "credit", "amount")
_AMOUNT = AmountField(max_digits=30, decimal_places=12)
_DATE = IsoDate()
_LINE = re.compile(r"^(?:entries\[(\d+)\]\.)?lines\[(\d+)\]\.amount$")
# Refusals of the whole entry that one field of it explains.
_EXPLAINED_BY = {
    "no_period": "date", "period_closed": "date", "period_soft_closed": "date", "books_locked": "date",
    "idempotency_key_reused": "Idempotency-Key", "unknown_journal": "journal",
}  # fmt: skip


def entry_of(body: Any, key: str, place: str = "") -> NewEntry:
    """The entry that a body proposes; refused where it is no entry."""
    _check_names(body, ENTRY_FIELDS, place)
    lines = _lines(_given(body, "lines", place), place)
    entry = NewEntry(
        key=key,
        date=_date(_given(body, "date", place), f"{place}date"),
        journal=_text(body, "journal", place) or "GEN",
        memo=_text(body, "memo", place),
        reference=_text(body, "reference", place),
        reason=_text(body, "reason", place),
        reverse_on=_reverse_on(body.get("reverse_on"), f"{place}reverse_on"),
        lines=tuple(_line(line, f"{place}lines[{number}]") for number, line in enumerate(lines)),
    )
    if line_count(entry) > MAX_LINES:
        raise TooManyLines(_("An entry has at most %d lines, split ones counted.") % MAX_LINES, place=f"{place}lines")
    return entry


def draft_of(body: Any) -> DraftContent:
    """The draft that a body describes: like an entry, but lines may lack their account and their amount."""
    _check_names(body, ENTRY_FIELDS, "")
    return DraftContent(
        date=_date(_given(body, "date", ""), "date"),
        journal=_text(body, "journal", "") or "GEN",
        memo=_text(body, "memo", ""),
        reference=_text(body, "reference", ""),
        reason=_text(body, "reason", ""),
        reverse_on=_reverse_on(body.get("reverse_on"), "reverse_on"),
        lines=proposed_lines(body.get("lines")),
    )


def proposed_lines(value: Any) -> list[DraftedLine]:
    """The lines of a draft or template."""
    lines = _lines([] if value is None else value, "")
    return [_drafted_line(line, f"lines[{number}]") for number, line in enumerate(lines)]


def line_count(entry: NewEntry) -> int:
    """How many lines an entry stands for: shares of several dimensions multiply."""
    return sum(math.prod(len(shares) for shares in line.splits.values()) for line in entry.lines)


def explained(refusal: Refused, body: Any) -> Refused:
    """The refusal with its place in the caller's own words: `debit` where that is what they sent."""
    if not refusal.place:
        refusal.place = _EXPLAINED_BY.get(refusal.code, "")
    elif found := _LINE.match(refusal.place):
        entry = body if found[1] is None else body["entries"][int(found[1])]
        side = next(name for name in SIDES if entry["lines"][int(found[2])].get(name) is not None)
        refusal.place = refusal.place.removesuffix("amount") + side
    return refusal


def _lines(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise _refusal("invalid", _("The lines are a list."), f"{place}lines")
    if len(value) > MAX_LINES:
        raise TooManyLines(_("An entry has at most %d lines.") % MAX_LINES, place=f"{place}lines")
    return value


def _drafted_line(body: Any, place: str) -> DraftedLine:
    _check_names(body, LINE_FIELDS, f"{place}.")
    given = [name for name in SIDES if body.get(name) is not None]
    if len(given) > 1:
        raise _refusal("one_amount", _("A line has either a debit, a credit or a signed amount."), place)
    side = given[0] if given else "amount"
    rate, base = body.get("rate"), body.get("base_amount")
    dimensions, splits = _dimensions(body.get("dimensions"), f"{place}.dimensions")
    return DraftedLine(
        account=_text(body, "account", f"{place}."),
        amount=_on(side, body[side], f"{place}.{side}") if given else None,
        currency=_text(body, "currency", f"{place}."),
        rate=None if rate is None else _amount(rate, f"{place}.rate"),
        base_amount=None if base is None else _on(side, base, f"{place}.base_amount"),
        sub_account=_text(body, "sub_account", f"{place}."),
        dimensions={**dimensions, **splits},
        memo=_text(body, "memo", f"{place}."),
    )


def _reverse_on(value: Any, place: str) -> datetime.date | str | None:
    if value is None or value == NEXT_PERIOD:
        return value
    return _date(value, place)


def _line(body: Any, place: str) -> NewLine:
    _check_names(body, LINE_FIELDS, f"{place}.")
    account = _text(body, "account", f"{place}.")
    if not account:
        raise _refusal("required", _("A line names its account."), f"{place}.account")
    given = [name for name in SIDES if body.get(name) is not None]
    if len(given) != 1:
        raise _refusal("one_amount", _("A line has either a debit, a credit or a signed amount."), place)
    side = given[0]
    rate, base = body.get("rate"), body.get("base_amount")
    dimensions, splits = _dimensions(body.get("dimensions"), f"{place}.dimensions")
    return NewLine(
        account=account,
        amount=_on(side, body[side], f"{place}.{side}"),
        currency=_text(body, "currency", f"{place}."),
        rate=None if rate is None else _amount(rate, f"{place}.rate"),
        base_amount=None if base is None else _on(side, base, f"{place}.base_amount"),
        sub_account=_text(body, "sub_account", f"{place}."),
        dimensions=dimensions,
        splits=splits,
        memo=_text(body, "memo", f"{place}."),
    )


def _check_names(body: Any, known: set[str], place: str) -> None:
    if not isinstance(body, dict):
        raise _refusal("invalid", _("This is no object."), place.rstrip("."))
    for name in sorted(set(body) - known):
        raise _refusal("unknown_field", _("There is no such field here."), f"{place}{name}")


def _given(body: Mapping[str, Any], name: str, place: str) -> Any:
    if body.get(name) is None:
        raise _refusal("required", _("This field is required."), f"{place}{name}")
    return body[name]


def _text(body: Mapping[str, Any], name: str, place: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise _refusal("invalid", _("This is no text."), f"{place}{name}")
    return value or ""


def _date(value: Any, place: str) -> datetime.date:
    try:
        return _DATE.to_internal_value(value)
    except ValidationError as error:
        raise _refusal("bad_date", _("A date is written YYYY-MM-DD."), place) from error


def _on(side: str, value: Any, place: str) -> Decimal:
    """The amount with its sign: a credit is below zero."""
    amount = _amount(value, place, signed=side == "amount")
    return amount.copy_negate() if side == "credit" and amount else amount


def _amount(value: Any, place: str, *, signed: bool = False) -> Decimal:
    try:
        amount = _AMOUNT.to_internal_value(value)
    except ValidationError as error:
        raise BadAmount(str(error.detail[0]), place=place) from error  # type: ignore[index]
    if amount < 0 and not signed:
        raise BadAmount(_("This is not below zero."), place=place)
    return amount


def _dimensions(value: Any, place: str) -> tuple[dict[str, str], dict[str, dict[str, Decimal]]]:
    """The values of the line, and the shares where a dimension is split."""
    if value is None:
        return {}, {}
    if not isinstance(value, dict):
        raise _refusal("invalid", _("This is no object."), place)
    values, splits = {}, {}
    for name, code in value.items():
        if isinstance(code, dict):
            splits[name] = {part: _amount(percent, f"{place}.{name}.{part}") for part, percent in code.items()}
        elif isinstance(code, str):
            values[name] = code
        else:
            raise _refusal("invalid", _("This is no text."), f"{place}.{name}")
    return values, splits


def _refusal(code: str, message: str, place: str) -> Refused:
    refusal = PostingRefused(message, place=place)
    refusal.code = code
    return refusal
