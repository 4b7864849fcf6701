"""The number register: every number of every series, what became of it, and whether one is missing."""

import datetime
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounting.models import NumberUse
from invoicing.models import Document
from ledger.known_at import moment_of
from reports.reading import moment_text, read_in_chunks
from reports.table import EMPTY, Asked, Cell, Column, Kind, Link, Report, Row, Standing
from tenants.models import Company

PAYMENTS = ("receipt", "payment")
# Numbers of journals are given by the seal, those of documents by their series; the one before is looked for among all
# numbers of the series, whatever their day.
_NUMBERS = """
SELECT * FROM (
  SELECT 1, s.series AS series, '' AS year, s.number AS number, s.number_text, 'used', 'entry', s.entry_id, '',
         b.sealed_at, e.date AS date, lag(s.number) OVER (PARTITION BY s.series ORDER BY s.number) AS before
  FROM ledger_entryseal s
  JOIN ledger_block b ON b.company_id = s.company_id AND b.number = s.block_number
  JOIN ledger_entry e ON e.company_id = s.company_id AND e.id = s.entry_id
  WHERE s.company_id = %(company)s AND (%(block)s::bigint IS NULL OR s.block_number <= %(block)s)
    AND (%(moment)s::timestamptz IS NULL OR b.sealed_at <= %(moment)s)
  UNION ALL
  SELECT 2, n.code || ' ' || n.name, u.year, u.number, u.text, u.outcome, u.subject, u.subject_id, u.reason, u.at,
         coalesce(d.date, p.date, u.at::date), lag(u.number) OVER (PARTITION BY u.series_id, u.year ORDER BY u.number)
  FROM accounting_numberuse u
  JOIN accounting_numberseries n ON n.company_id = u.company_id AND n.id = u.series_id
  LEFT JOIN invoicing_document d ON d.company_id = u.company_id AND d.id = u.subject_id
  LEFT JOIN invoicing_payment p ON p.company_id = u.company_id AND p.id = u.subject_id
  WHERE u.company_id = %(company)s AND (%(moment)s::timestamptz IS NULL OR u.at <= %(moment)s)) numbers
WHERE date BETWEEN %(start)s AND %(end)s
ORDER BY 1, series, year, number
"""


def number_register(company: Company, asked: Asked) -> Report:
    """Every number that journals and documents of these days took, by series and year, with what has it, and every
    number that was voided or skipped, with the reason. A number that is missing is named."""
    columns = [
        Column("number", _("Number")), Column("outcome", _("Outcome")), Column("what", _("For"), is_wide=True),
        Column("date", _("Date"), Kind.DATE), Column("at", _("Given"), is_wide=True), Column("reason", _("Reason")),
    ]  # fmt: skip
    return Report("number-register", gettext_lazy("Number register"), company, asked, columns, _rows(company, asked))


def _rows(company: Company, asked: Asked) -> Iterator[Row]:
    block = asked.known_at if isinstance(asked.known_at, int) else None
    values = {"company": company.pk, "start": asked.start or datetime.date.min, "end": asked.date, "block": block,
              "moment": moment_of(company, asked.known_at)}  # fmt: skip
    missing = 0
    for (_kind, series, year), numbers in groupby(read_in_chunks(_NUMBERS, values), key=lambda row: row[:3]):
        yield Row([Cell(f"{series} {year}".strip()), *[EMPTY] * 5], Standing.HEADING)
        count = 0
        for row in numbers:
            if gap := row[3] - (row[11] or 0) - 1:
                missing += gap
                yield Row([Cell(_span(row[3] - gap, row[3] - 1)), Cell(_("Missing")), *[EMPTY] * 4], Standing.TOTAL)
            yield _number(row)
            count += 1
        said = ngettext("%d number", "%d numbers", count) % count
        yield Row([Cell(said), *[EMPTY] * 5], Standing.SUBTOTAL)
    said = ngettext("%d number is missing", "%d numbers are missing", missing) % missing
    yield Row([Cell(said), *[EMPTY] * 5], Standing.TOTAL)


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _number(row: tuple[Any, ...]) -> Row:
    _kind, _series, _year, _number, text, outcome, subject, subject_id, reason, at, date, _before = row
    link, what = _behind(subject, subject_id)
    label = str(NumberUse.Outcome(outcome).label)
    return Row([
        Cell(text, link), Cell(label), Cell(what), Cell(date), Cell(moment_text(at)),
        Cell(reason or None),
    ], level=1)  # fmt: skip


def _behind(subject: str, subject_id: UUID | None) -> tuple[Link | None, str]:
    """The page of what has the number, and what it is."""
    if subject == "entry":
        return Link("ledger:entry-detail", (subject_id,)), _("Journal entry")
    if subject_id is None:
        return None, ""
    if subject in PAYMENTS:
        return Link("invoicing:payment-detail", (subject_id,)), _("Payment")
    kinds = dict(Document.Kind.choices)
    if subject in kinds:
        return Link("invoicing:document-detail", (subject_id,)), str(kinds[subject])
    return None, subject
