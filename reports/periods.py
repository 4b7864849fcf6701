"""The columns of a report: one period, or months, quarters or years side by side, and the same a year before."""

import calendar
import datetime
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounting.business_day import year_before
from tenants.refusal import Refused

MONTHS = {"month": 1, "quarter": 3, "year": 12}
MOST = 36
ONE_DAY = datetime.timedelta(days=1)


class TooManyColumns(Refused):
    """So many periods are not shown side by side."""

    code = "too_many_columns"


class NoSuchDays(Refused):
    """The calendar has no period before this one."""

    code = "no_such_days"


class Period(NamedTuple):
    """The days of a column; without a first one it stands at the end of its last."""

    start: datetime.date | None
    end: datetime.date


def periods_of(start: datetime.date, end: datetime.date, by: str = "", *, compare: str = "") -> list[Period]:
    """The days from `start` to `end` as one period, or cut into months, quarters or years counted from the first; and
    beside them the same days of the year before, or as many before them. Refused: `too_many_columns`.

    >>> periods_of(datetime.date(2026, 1, 15), datetime.date(2026, 3, 10), "month")[1]
    Period(start=datetime.date(2026, 2, 1), end=datetime.date(2026, 2, 28))
    """
    found = _cut(start, end, MONTHS[by]) if by else [Period(start, end)]
    if compare == "year":
        found += [earlier(one, compare) for one in found]
    elif compare:
        months = MONTHS[by] * len(found) if by else _months(start, end)
        found += [_shifted(one, months, (end - start).days + 1) for one in found]
    if len(found) > MOST:
        raise TooManyColumns(_("At most %d columns stand side by side.") % MOST, place="by")
    return found


def _cut(start: datetime.date, end: datetime.date, months: int) -> list[Period]:
    found: list[Period] = []
    first = start
    while first <= end and len(found) <= MOST:
        later = first.year * 12 + first.month - 1 + months
        after = datetime.date(later // 12, later % 12 + 1, 1) if later < 12 * datetime.MAXYEAR else datetime.date.max
        found.append(Period(first, min(end, after - ONE_DAY)))
        first = after
    return found


def earlier(period: Period, compare: str) -> Period:
    """The same days of the year before, or the period just before; a day alone stands a month before. The last day of
    a month stays the last."""
    start, end = period
    if compare == "year":
        return Period(year_before(start) if start else None, _kept_last(end, year_before(end)))
    if start is None:
        return Period(None, months_before(end, 1))
    return _shifted(period, _months(start, end), (end - start).days + 1)


def month_start(day: datetime.date) -> datetime.date:
    """The first day of its month."""
    return day.replace(day=1)


def _shifted(period: Period, months: int, days: int) -> Period:
    """So many whole months before, or so many days where the period is not of whole months. Refused:
    `no_such_days`."""
    start, end = period
    try:
        if start is None or not months:
            shift = datetime.timedelta(days=days)
            return Period(start - shift if start else None, end - shift)
        return Period(months_before(start, months), months_before(end, months))
    except (ValueError, OverflowError) as error:
        raise NoSuchDays(_("There are no such days before these."), place="compare") from error


def _months(start: datetime.date, end: datetime.date) -> int:
    """How many whole calendar months the days are; none where they are not whole."""
    whole = start.day == 1 and end.day == calendar.monthrange(end.year, end.month)[1]
    return (end.year - start.year) * 12 + end.month - start.month + 1 if whole else 0


def months_before(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months before, or after where they are below zero; the last of a month stays the last."""
    month = day.year * 12 + day.month - 1 - months
    year, place = month // 12, month % 12 + 1
    last = calendar.monthrange(year, place)[1]
    return _kept_last(day, datetime.date(year, place, min(day.day, last)))


def _kept_last(day: datetime.date, before: datetime.date) -> datetime.date:
    """The last day of a month is matched with the last of the other."""
    if day.day == calendar.monthrange(day.year, day.month)[1]:
        return before.replace(day=calendar.monthrange(before.year, before.month)[1])
    return before


def label_of(period: Period) -> str:
    """What stands over a column: its last day, its month, quarter or year, or its first and last day."""
    start, end = period
    if start is None:
        return date_format(end, "j M Y")
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    if start.day == 1 and end.day == calendar.monthrange(end.year, end.month)[1]:
        if months == 1:
            return date_format(start, "M Y")
        if months == 3 and start.month % 3 == 1:
            return f"Q{start.month // 3 + 1} {start.year}"
        if months == 12 and start.month == 1:
            return str(start.year)
    return _("%(start)s to %(end)s") % {"start": date_format(start, "j M Y"), "end": date_format(end, "j M Y")}
