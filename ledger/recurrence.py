"""On which days something comes again: pure, by the calendar."""

import calendar
import datetime


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


def _last_of(year: int, month: int) -> datetime.date:
    return datetime.date(year, month, calendar.monthrange(year, month)[1])
