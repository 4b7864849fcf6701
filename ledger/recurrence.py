"""On which days something comes again: pure, by the calendar."""

import calendar
import datetime
from typing import Protocol

_DAY = datetime.timedelta(days=1)
_LONGEST = {"day": 1, "week": 7, "month": 31, "year": 366}


class Rule(Protocol):
    """Every so many days, weeks, months or years from a first date on, until a last one or for ever."""

    @property
    def start(self) -> datetime.date: ...
    @property
    def frequency(self) -> str: ...
    @property
    def interval(self) -> int: ...
    @property
    def month_end(self) -> bool: ...
    @property
    def end(self) -> datetime.date | None: ...


def occurrence(
    start: datetime.date, frequency: str, interval: int, number: int, *, month_end: bool = False
) -> datetime.date:
    """The date of occurrence `number` (0 is the first), counted from the start so that no day drifts.

    A day that a month does not have becomes its last: 31 January, 28 February, 31 March. `frequency` is `day`, `week`,
    `month` or `year`; `month_end` moves each to the last day of its month. An `OverflowError` beyond the year 9999.
    """
    steps = interval * number
    if frequency in ("day", "week"):
        day = start + datetime.timedelta(days=steps * (7 if frequency == "week" else 1))
        return _last_of(day.year, day.month) if month_end else day
    months = start.year * 12 + start.month - 1 + steps * (12 if frequency == "year" else 1)
    year, month = divmod(months, 12)
    if year > datetime.MAXYEAR:
        raise OverflowError("beyond the calendar")
    last = _last_of(year, month + 1)
    return last if month_end else last.replace(day=min(start.day, last.day))


def date_of(rule: Rule, number: int) -> datetime.date | None:
    """The date of occurrence `number`; None past the last date, and past the calendar."""
    try:
        date = _on(rule, number)
    except OverflowError:
        return None
    return None if rule.end and date > rule.end else date


def after(rule: Rule, number: int) -> tuple[int, datetime.date | None]:
    """The next occurrence: its number, and its date where there is one.

    It lies on a later day: days and weeks that are moved to the end of their month meet there, and come once.
    """
    here, date = _on(rule, number), date_of(rule, number + 1)
    number += 1
    while date == here:
        number += 1
        date = date_of(rule, number)
    return number, date


def period_of(rule: Rule, date: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The time that the occurrence of a date is for: until the next one, or what ends with the end of its month."""
    number = (date - rule.start).days // (rule.interval * _LONGEST[rule.frequency])
    step = -1 if rule.month_end else 1
    try:
        while _on(rule, number) < date:
            number += 1
        while (other := _on(rule, number)) == date:
            number += step
    except (OverflowError, ValueError):
        # Before the first year, or past the last.
        return date, date
    return (other + _DAY, date) if rule.month_end else (date, other - _DAY)


def _on(rule: Rule, number: int) -> datetime.date:
    return occurrence(rule.start, rule.frequency, rule.interval, number, month_end=rule.month_end)


def _last_of(year: int, month: int) -> datetime.date:
    return datetime.date(year, month, calendar.monthrange(year, month)[1])
