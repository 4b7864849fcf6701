"""What a report was asked, in words: over the table, on paper and in the workbook."""

import datetime
from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from reports.entry_conditions import CONDITIONS
from reports.table import Asked, Column, Report

LONGEST = 200


def said_lines(report: Report) -> list[str]:
    """The days, the currency, the knowledge, what it is narrowed to, and what helps to read it."""
    asked = report.asked
    day = _day(asked.date)
    days = _("%(start)s to %(end)s") % {"start": _day(asked.start), "end": day} if asked.start else _("As at %s") % day
    found = [f"{days} · {report.company.base_currency}"]
    if asked.known_at is not None:
        known = asked.known_at
        text = known.isoformat(" ", "minutes") if isinstance(known, datetime.datetime) else _("block %d") % known
        found.append(_("As known at %s") % text)
    return [*found, *_narrowed(asked), *map(str, report.notes)]


def _narrowed(asked: Asked) -> Iterator[str]:
    """What of the books is not in it, and how it is laid out: a reader on paper sees no address."""
    if asked.only in CONDITIONS:
        yield str(CONDITIONS[asked.only].label)
    for label, text in (
        (_("Accounts: %s"), asked.accounts), (_("Contact: %s"), asked.contact), (_("Box: %s"), asked.box),
        (_("Dimension: %s"), asked.value), (_("Layout: %s"), asked.layout),
    ):  # fmt: skip
        if text:
            yield label % Truncator(text).chars(LONGEST)


def head_of(column: Column) -> str:
    """What stands over a column where there is one head alone."""
    return f"{column.over}: {column.label}" if column.over else str(column.label)


def _day(day: datetime.date) -> str:
    return date_format(day, "j M Y")
