"""The columns of a report: one period, or months, quarters or years side by side, and the same a year before."""

import calendar
import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounting.business_day import year_before
from tenants.refusal import Refused

MONTHS = {"month": 1, "quarter": 3, "year": 12}
MOST = 36


class TooManyColumns(Refused):
    """So many periods are not shown side by side."""

    code = "too_many_columns"


class Period(NamedTuple):
    """The days of a column; without a first one it stands at the end of its last."""

    start: datetime.date | None
    end: datetime.date


def periods_of(start: datetime.date, end: datetime.date, by: str = "", *, compare: bool = False) -> list[Period]:
    """The days from `start` to `end` as one period, or cut into months, quarters or years counted from the first; and
    the same days a year before. Refused: `too_many_columns`.

    >>> periods_of(datetime.date(2026, 1, 15), datetime.date(2026, 3, 10), "month")[1]
    Period(start=datetime.date(2026, 2, 1), end=datetime.date(2026, 2, 28))
    """
    found = _cut(start, end, MONTHS[by]) if by else [Period(start, end)]
    if compare:
        found += [_a_year_before(one) for one in found]
    if len(found) > MOST:
        raise TooManyColumns(_("At most %d columns stand side by side.") % MOST, place="by")
    return found


def _cut(start: datetime.date, end: datetime.date, months: int) -> list[Period]:
    found: list[Period] = []
    first = start
    while first <= end and len(found) <= MOST:
        later = first.year * 12 + first.month - 1 + months
        after = datetime.date(later // 12, later % 12 + 1, 1) if later < 12 * datetime.MAXYEAR else datetime.date.max
        found.append(Period(first, min(end, after - datetime.timedelta(days=1))))
        first = after
    return found


def _a_year_before(period: Period) -> Period:
    """The last day of February stays the last."""
    end = year_before(period.end)
    if period.end.day == calendar.monthrange(period.end.year, period.end.month)[1]:
        end = end.replace(day=calendar.monthrange(end.year, end.month)[1])
    return Period(year_before(period.start) if period.start else None, end)
