"""Amounts as hledger writes them: commodity on either side, any decimal mark, grouped digits."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from accounting.written_numbers import Unreadable, decimal_mark_in, grouped_number

# The symbols whose ISO 4217 code is beyond doubt in a journal; every other symbol is kept as its own name.
SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}

_SYMBOL = r'"[^";\n]*"|[^\s0-9\-+.,@*;"{}=()\[\]~!|\\/^&<>?]+'
_NUMBER = r"[0-9]+(?:[ .,_'’][0-9]+)*[.,]?|[.,][0-9]+"
_LEFT = re.compile(rf"([-+]?)[ ]*({_SYMBOL})[ ]*([-+]?)[ ]*({_NUMBER})")
_RIGHT = re.compile(rf"([-+]?)[ ]*({_NUMBER})[ ]*({_SYMBOL})?")


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of a commodity; "" stands for no commodity."""

    quantity: Decimal
    commodity: str


@dataclass(slots=True)
class Styles:
    """What the directives read so far say about numbers: decimal marks and decimals, by commodity."""

    decimal_mark: str = ""
    mark_of: dict[str, str] = field(default_factory=dict)
    decimals: dict[str, int] = field(default_factory=dict)
    default_commodity: str = ""

    def mark_for(self, commodity: str) -> str:
        """The decimal mark of a commodity; one that no directive shows is written like the default commodity."""
        default = self.mark_of.get(self.default_commodity, "") if self.default_commodity else ""
        return self.decimal_mark or self.mark_of.get(commodity, default)


class AmountText:
    """The right-hand side of a posting, taken from left to right."""

    def __init__(self, text: str, styles: Styles) -> None:
        self.rest = text.replace("\t", " ").replace("\u00a0", " ").replace("\u202f", " ").strip()
        self._styles = styles

    def accept(self, pattern: re.Pattern[str]) -> str:
        """The text the pattern matches here, or ""."""
        if match := pattern.match(self.rest):
            self.rest = self.rest[match.end() :].lstrip()
            return match.group()
        return ""

    def read_amount(self) -> Amount:
        """One signed amount."""
        if match := _LEFT.match(self.rest):
            before, symbol, behind, digits = match.groups()
        elif match := _RIGHT.match(self.rest):
            before, digits, symbol = match.groups()
            behind = ""
        else:
            raise Unreadable("bad_amount", f"“{self.rest[:40]}” is not an amount.")
        if before and behind:
            raise Unreadable("bad_amount", f"“{match.group()[:40]}” has two signs.")
        self.rest = self.rest[match.end() :].lstrip()
        commodity = commodity_name(symbol) if symbol else self._styles.default_commodity
        number = grouped_number(digits, self._styles.mark_for(commodity))
        return Amount(-number if "-" in (before, behind) else number, commodity)

    def end(self) -> None:
        """Nothing may follow."""
        if self.rest:
            raise Unreadable("bad_amount", f"Did not expect “{self.rest[:40]}” behind the amount.")


def commodity_name(symbol: str) -> str:
    """The name of a commodity: without its quotes, and as ISO code when it is one of the four symbols."""
    bare = symbol.strip('"')
    return SYMBOLS.get(bare, bare)


def learn_style(text: str, styles: Styles) -> str:
    """Take the decimal mark and the decimals of a commodity from a sample amount; return its commodity."""
    sample = AmountText(text, styles)
    amount = sample.read_amount()
    sample.end()
    digits = re.search(_NUMBER, text)
    mark = _sample_mark(digits.group()) if digits else ""
    if mark:
        styles.mark_of[amount.commodity] = mark
    exponent = grouped_number(digits.group(), mark).as_tuple().exponent if digits else 0
    styles.decimals[amount.commodity] = max(0, -exponent) if isinstance(exponent, int) else 0
    return amount.commodity


def _sample_mark(digits: str) -> str:
    """The decimal mark a sample shows; one that only groups digits shows the other one."""
    mark = decimal_mark_in(digits, "")
    if mark or not re.search("[.,]", digits):
        return mark
    return "." if "," in digits else ","
