"""Amounts, quantities, percentages and dates as people of a language write them."""

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

# A word longer than this has no place to break: an article number, an address on the web.
LONGEST_WORD = 24
BREAK = "\u200b"


@dataclass(frozen=True, slots=True)
class Formats:
    """How a document in this language, with amounts of so many decimals, writes things."""

    locale: Locale
    decimals: int

    def money(self, amount: Decimal, decimals: int | None = None) -> str:
        """An amount with the decimals of its currency."""
        places = "0" * (self.decimals if decimals is None else decimals)
        return _minus(format_decimal(amount, f"#,##0.{places}" if places else "#,##0", self.locale))

    def price(self, amount: Decimal) -> str:
        """A price: at least the decimals of the currency, and whatever more it has."""
        kept = "0" * self.decimals + "#" * (12 - self.decimals)
        return _minus(format_decimal(amount, f"#,##0.{kept}", self.locale))

    def quantity(self, number: Decimal) -> str:
        """A quantity without empty decimals."""
        return _minus(format_decimal(number, "#,##0.######", self.locale))

    def percent(self, number: Decimal) -> str:
        """A percentage: 19 is “19%”, or “19 %”."""
        pattern = str(self.locale.percent_formats[None].pattern)
        return pattern.replace("#,##0", self.quantity(number)).replace(" ", "\u00a0")

    def country(self, code: str) -> str:
        """The name of a country; its code where the language has none."""
        return str(self.locale.territories.get(code, code))

    def day(self, day: datetime.date) -> str:
        """A date that nobody reads the wrong way round."""
        return format_date(day, "medium", self.locale).replace(" ", "\u00a0")


def formats_of(language: str, decimals: int) -> Formats:
    """The formats of a language; English where it is not known."""
    try:
        return Formats(Locale.parse(language.replace("-", "_")), decimals)
    except (UnknownLocaleError, ValueError):
        return Formats(Locale.parse("en"), decimals)


def breakable(text: str, longest: int = LONGEST_WORD) -> str:
    """The text with places where its longest words may break, so that they stay in their column."""
    return re.sub(rf"\S{{{longest},}}", lambda found: _broken(found[0]), text)


def _broken(word: str) -> str:
    return BREAK.join(word[place : place + 8] for place in range(0, len(word), 8))


def _minus(number: str) -> str:
    return number.replace("-", "\u2212")
