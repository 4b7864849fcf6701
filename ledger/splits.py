"""Split a line over the values of a dimension in percent: 60 % here, 40 % there, exact to the last cent."""

import dataclasses
import re
from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal

from ledger import refusals
from ledger.proposals import NewLine

HUNDRED = Decimal(100)
_SHARE = re.compile(r"(?P<value>.+?)[\s:=]+(?P<percent>\d{1,3}(?:[.,]\d{1,4})?)\s*%?")


class BadSplit(refusals.PostingRefused):
    """The shares of a split are positive and add up to 100 percent."""

    code = "bad_split"


def read_split(text: str) -> dict[str, Decimal]:
    """The shares in a text such as `North 60, South 40`; none where it is no split but the code of a value."""
    parts = [part.strip() for part in re.split(r"[;,](?!\d)", text)]
    found = [_SHARE.fullmatch(part) for part in parts]
    if len(parts) < 2 or not all(found):
        return {}
    return {match["value"].strip(): Decimal(match["percent"].replace(",", ".")) for match in found if match}


def split_line(line: NewLine, decimals: int, base_decimals: int, place: str = "") -> list[NewLine]:
    """The lines that a line with splits stands for; their amounts add up to its amount, in both currencies.

    Shares of several dimensions multiply. A part too small for one unit of the last decimal is left out.
    """
    parts = [dataclasses.replace(line, splits={})]
    for name, percents in line.splits.items():
        _check(percents, f"{place}dimensions.{name}")
        parts = [new for part in parts for new in _split_part(part, name, percents, decimals, base_decimals)]
    return parts


def _split_part(
    part: NewLine, name: str, percents: Mapping[str, Decimal], decimals: int, base_decimals: int
) -> list[NewLine]:
    amounts = allot(part.amount, list(percents.values()), decimals)
    given = part.base_amount
    bases = [None] * len(amounts) if given is None else allot(given, list(percents.values()), base_decimals)
    return [
        dataclasses.replace(part, amount=amount, base_amount=base, dimensions={**part.dimensions, name: value})
        for value, amount, base in zip(percents, amounts, bases, strict=True)
        if amount
    ]


def allot(amount: Decimal, shares: list[Decimal], decimals: int) -> list[Decimal]:
    """The amount in parts as the shares say, which add up to it: each cut to the decimals, and what is left goes
    unit by unit to the parts that lost most (largest remainder, Hamilton's method)."""
    step, total = Decimal(1).scaleb(-decimals), sum(shares)
    exact = [amount * share / total for share in shares]
    parts = [part.quantize(step, ROUND_DOWN) for part in exact]
    left = amount - sum(parts)
    units = int((abs(left) / step).to_integral_value())
    most = sorted(range(len(parts)), key=lambda n: abs(exact[n] - parts[n]), reverse=True)
    for n in most[:units]:
        parts[n] += step.copy_sign(amount)
    return parts


def _check(percents: Mapping[str, Decimal], place: str) -> None:
    if any(not percent.is_finite() or percent <= 0 for percent in percents.values()):
        raise BadSplit("A share is a percentage above zero.", place=place)
    if sum(percents.values()) != HUNDRED:
        raise BadSplit(f"The shares add up to {sum(percents.values()):f} %, not to 100 %.", place=place)
