"""What a recurring document says each time: its pattern on another day, with the places in its texts filled."""

import dataclasses
import datetime

from babel.dates import format_date

from accounting.due_dates import Part, due_date
from invoicing.document_content import ContentLine, DocumentContent
from invoicing.documents import content_of
from invoicing.mail_words import PLACE, filled
from invoicing.models import Document, RecurringDocument
from invoicing.pdf.formats import formats_of
from ledger.recurrence import period_of

# What may stand in braces in reference, notes and descriptions of a pattern.
PLACES = ("month", "year", "period")
GIVEN = "rate given"


def content_on(
    recurring: RecurringDocument, pattern: Document, date: datetime.date, day: datetime.date
) -> DocumentContent:
    """What the document of one date says, made on that day or another: all that the pattern says, prices included.

    It is due by the same payment terms or, without, as many days after its date as the pattern. A rate that was
    given stays; else it is the rate of the day.
    """
    places = places_of(recurring, pattern, date)
    content = content_of(pattern)
    own_due = content.due_date and due_date(day, Part(days=(content.due_date - pattern.date).days))
    return dataclasses.replace(
        content, date=day, tax_date=day, due_date=own_due, reason="",
        rate=content.rate if pattern.rate_source == GIVEN else None,
        reference=filled(content.reference, places), memo=filled(content.memo, places),
        notes=filled(content.notes, places), lines=[_line(line, places) for line in content.lines],
    )  # fmt: skip


def places_of(recurring: RecurringDocument, pattern: Document, date: datetime.date) -> dict[str, str]:
    """The month and year of the date, and the time that it is for, in the language of the contact."""
    formats = formats_of(pattern.contact.language or pattern.company.language, 0)
    first, last = period_of(recurring, date)
    return {
        "month": format_date(date, "LLLL", formats.locale), "year": f"{date.year}",
        "period": f"{formats.day(first)} – {formats.day(last)}",
    }  # fmt: skip


def says_its_date(text: str) -> bool:
    """Whether the text is another one each time."""
    return any(name in PLACES for name in PLACE.findall(text))


def _line(line: ContentLine, places: dict[str, str]) -> ContentLine:
    return dataclasses.replace(line, description=filled(line.description, places), credits=None, order_line=None)
