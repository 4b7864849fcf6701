"""When a document is due, and how much of it on each day. Reckons with days and amounts alone, knows no database."""

import calendar
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

# More digits than a total and a percentage have together: nothing is rounded before the decimals of the currency.
DIGITS = 60


@dataclass(frozen=True, slots=True)
class Part:
    """So many percent, so many months and days after the document, or on a day of the month that is reached then."""

    percent: Decimal = Decimal(100)
    months: int = 0
    days: int = 0
    day_of_month: int | None = None


AT_ONCE = Part()


def due_parts(
    date: datetime.date, parts: Sequence[Part], total: Decimal, decimals: int
) -> list[tuple[datetime.date, Decimal]]:
    """The day and the amount of each part. They add up to the total, whatever rounding does; credit notes mirror it.

    No part takes more than is left, so that small totals in many parts never turn their sign; the last takes the rest.
    Without parts everything is due at once.
    """
    parts = parts or (AT_ONCE,)
    dates = [due_date(date, part) for part in parts]
    amounts = _shares(abs(total), [part.percent for part in parts], decimals)
    return list(zip(dates, [-amount if total < 0 else amount for amount in amounts], strict=True))


def due_date(date: datetime.date, part: Part) -> datetime.date:
    """The day on which a part of a document of this date is due: never before it."""
    reached = _days_after(_months_after(date, part.months), part.days)
    if part.day_of_month is None:
        return reached
    that_day = _on_day(reached.year, reached.month, part.day_of_month)
    return that_day if that_day >= reached else _on_day(*_following(reached), part.day_of_month)


def discount_until(date: datetime.date, days: int) -> datetime.date:
    """The last day on which paying early saves something."""
    return _days_after(date, days)


def _shares(total: Decimal, percents: list[Decimal], decimals: int) -> list[Decimal]:
    with localcontext() as context:
        context.prec = DIGITS
        left, shares = total, []
        for percent in percents[:-1]:
            share = (total * percent / 100).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
            shares.append(min(share, left))
            left -= shares[-1]
        return [*shares, left]


def _months_after(date: datetime.date, months: int) -> datetime.date:
    years, month = divmod(date.month - 1 + months, 12)
    return _on_day(date.year + years, month + 1, date.day)


def _days_after(date: datetime.date, days: int) -> datetime.date:
    return datetime.date.fromordinal(min(date.toordinal() + days, datetime.date.max.toordinal()))


def _following(date: datetime.date) -> tuple[int, int]:
    return (date.year, date.month + 1) if date.month < 12 else (date.year + 1, 1)


def _on_day(year: int, month: int, day: int) -> datetime.date:
    """That day of the month or, where it is shorter, its last one; the calendar ends with the year 9999."""
    if year > datetime.MAXYEAR:
        return datetime.date.max
    return datetime.date(year, month, min(day, calendar.monthrange(year, month)[1]))
