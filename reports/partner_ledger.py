"""The partner ledger: each customer and supplier with what was owed, what moved it, and the running balance."""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.business_day import fiscal_year_start
from accounting.models import Contact
from reports.general_ledger import ledger_columns, ledger_rows
from reports.known_moment import known_condition
from reports.reading import read_in_chunks
from reports.table import EMPTY, Asked, Cell, Link, Report, Row, Standing
from tenants.models import Company
from tenants.refusal import Refused

ZERO = Decimal(0)
# Receivables and payables by sub-account. The part before the range is summed by the index of the sub-account.
_LEDGER = """
SELECT c.code, c.name, c.id, coalesce(o.amount, 0), l.date, l.entry_id, l.number_text, l.memo, l.reference, l.amount
FROM accounting_contact c
LEFT JOIN LATERAL (
  SELECT sum(l.amount) AS amount
  FROM accounting_subaccount s
  JOIN ledger_line l ON l.company_id = s.company_id AND l.sub_account_id = s.id AND l.date < %(start)s
  JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
  LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
  WHERE s.company_id = c.company_id AND s.contact_id = c.id {known}) o ON true
LEFT JOIN LATERAL (
  SELECT l.date, l.entry_id, l.number, coalesce(x.number_text, '') AS number_text, e.reference, l.amount,
         concat_ws(' · ', nullif(e.memo, ''), nullif(l.memo, '')) AS memo
  FROM accounting_subaccount s
  JOIN ledger_line l ON l.company_id = s.company_id AND l.sub_account_id = s.id
    AND l.date >= %(start)s AND l.date <= %(end)s
  JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
  LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
  WHERE s.company_id = c.company_id AND s.contact_id = c.id {known}) l ON true
WHERE c.company_id = %(company)s AND (l.entry_id IS NOT NULL OR coalesce(o.amount, 0) <> 0) {chosen}
ORDER BY c.code, l.date, l.entry_id, l.number
"""


class UnknownContact(Refused):
    """No contact of the company has this number."""

    code = "unknown_contact"


class PartnerLine(NamedTuple):
    """A line of a contact, or, without an entry, what is brought forward alone."""

    contact: str
    name: str
    contact_id: UUID
    opening: Decimal
    date: Any
    entry: UUID | None
    number: str
    memo: str
    reference: str
    amount: Decimal


def partner_ledger(company: Company, asked: Asked) -> Report:
    """What moved the balance of every contact, or of one by its number, from a day (of the fiscal year, where none is
    named) to another, in base currency; what they owe is above zero. Refused: `unknown_contact`."""
    asked = dataclasses.replace(asked, start=asked.start or fiscal_year_start(company, asked.date))
    if asked.contact and not Contact.objects.for_company(company).filter(code=asked.contact).exists():
        raise UnknownContact(_("There is no contact “%s”.") % asked.contact, place="contact")
    rows = _rows(_lines(company, asked))
    return Report("partner-ledger", gettext_lazy("Partner ledger"), company, asked, ledger_columns(company), rows)


def _rows(lines: Iterator[PartnerLine]) -> Iterator[Row]:
    sums = (ZERO, ZERO, ZERO)
    for (number, name, contact, opening), own in groupby(lines, key=lambda line: line[:4]):
        link = Link("accounting:contact-detail", (contact,))
        closing = yield from ledger_rows(f"{number} {name}", _("Balance of %s") % number, opening, own, link)
        sums = (sums[0] + closing[0], sums[1] + closing[1], sums[2] + closing[2])
    yield Row([EMPTY, EMPTY, Cell(_("Total")), EMPTY, *map(Cell, sums)], Standing.TOTAL)


def _lines(company: Company, asked: Asked) -> Iterator[PartnerLine]:
    values = {"company": company.pk, "start": asked.start, "end": asked.date, "known_at": asked.known_at,
              "contact": asked.contact}  # fmt: skip
    chosen = "AND c.code = %(contact)s" if asked.contact else ""
    statement = _LEDGER.format(known=known_condition(asked.known_at), chosen=chosen)
    return map(PartnerLine._make, read_in_chunks(statement, values))
