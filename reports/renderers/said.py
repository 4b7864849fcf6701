"""What a report was asked, in words: over the table, on paper and in the workbook."""

import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reports.table import Column, Report


def said_lines(report: Report) -> list[str]:
    """The days, the knowledge and the currency."""
    asked = report.asked
    day = _day(asked.date)
    days = _("%(start)s to %(end)s") % {"start": _day(asked.start), "end": day} if asked.start else _("As at %s") % day
    found = [f"{days} · {report.company.base_currency}"]
    if asked.known_at is not None:
        known = asked.known_at
        text = known.isoformat(" ", "minutes") if isinstance(known, datetime.datetime) else _("block %d") % known
        found.append(_("As known at %s") % text)
    return [*found, *map(str, report.notes)]


def head_of(column: Column) -> str:
    """What stands over a column where there is one head alone."""
    return f"{column.over}: {column.label}" if column.over else str(column.label)


def _day(day: datetime.date) -> str:
    return date_format(day, "j M Y")
