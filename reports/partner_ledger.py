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
from reports.links import days_query
from reports.reading import in_order, read_in_chunks
from reports.table import EMPTY, Asked, Cell, Link, Report, Row, Standing
from tenants.models import Company
from tenants.refusal import Refused

ZERO = Decimal(0)
# Receivables and payables by sub-account, those of one contact together. What came before is summed by the index of the
# sub-account; the lines of a partner come by it too.
_LEDGER = """
SELECT p.code, p.name, p.contact_id, p.opening, l.date, l.entry_id, l.number_text, l.memo, l.reference, l.amount
FROM (
  SELECT coalesce(c.code, s.code) AS code, coalesce(c.name, s.name) AS name, s.contact_id,
         array_agg(s.id) AS sub_accounts, coalesce(sum(o.amount), 0) AS opening
  FROM accounting_subaccount s
  JOIN accounting_account a ON a.company_id = s.company_id AND a.id = s.account_id
    AND a.subtype IN ('receivable', 'payable', 'customer_deposit', 'prepayment')
  LEFT JOIN accounting_contact c ON c.company_id = s.company_id AND c.id = s.contact_id
  LEFT JOIN LATERAL (
    SELECT sum(l.amount) AS amount FROM ledger_line l
    JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
    LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
    WHERE l.company_id = %(company)s AND l.sub_account_id = s.id AND l.date < %(start)s {known}) o ON true
  WHERE s.company_id = %(company)s {chosen}
  GROUP BY 1, 2, 3 ORDER BY coalesce(c.code, s.code) COLLATE "C", 2, 3) p
LEFT JOIN LATERAL (
  SELECT l.date, l.entry_id, coalesce(x.number_text, '') AS number_text, e.reference, l.amount,
         concat_ws(' · ', nullif(e.memo, ''), nullif(l.memo, '')) AS memo
  FROM ledger_line l
  JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
  LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
  WHERE l.company_id = %(company)s AND l.sub_account_id = ANY (p.sub_accounts) AND l.date >= %(start)s
    AND l.date <= %(end)s {known}
  ORDER BY l.date, l.entry_id, l.number) l ON true
WHERE l.entry_id IS NOT NULL OR p.opening <> 0
"""


class UnknownContact(Refused):
    """No contact of the company has this number."""

    code = "unknown_contact"


class PartnerLine(NamedTuple):
    """A line of a contact, or of a sub-account that is nobody's; without an entry, what is brought forward alone."""

    contact: str
    name: str
    contact_id: UUID | None
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
    rows = _rows(_lines(company, asked), asked)
    return Report("partner-ledger", gettext_lazy("Partner ledger"), company, asked, ledger_columns(company), rows)


def _rows(lines: Iterator[PartnerLine], asked: Asked) -> Iterator[Row]:
    sums = (ZERO, ZERO, ZERO)
    for (number, name, contact, opening), own in groupby(lines, key=lambda line: line[:4]):
        link = Link("accounting:contact-detail", (contact,)) if contact else None
        closing = yield from ledger_rows(f"{number} {name}", _("Balance of %s") % number, opening, own, link)
        sums = (sums[0] + closing[0], sums[1] + closing[1], sums[2] + closing[2])
    tied = Link("reports:report", ("control-accounts",), days_query(None, asked.date, asked.known_at))
    yield Row([EMPTY, EMPTY, Cell(_("Total")), EMPTY, *(Cell(one, tied) for one in sums)], Standing.TOTAL)


def _lines(company: Company, asked: Asked) -> Iterator[PartnerLine]:
    values = {"company": company.pk, "start": asked.start, "end": asked.date, "known_at": asked.known_at,
              "contact": asked.contact}  # fmt: skip
    chosen = "AND c.code = %(contact)s" if asked.contact else ""
    statement = _LEDGER.format(known=known_condition(asked.known_at), chosen=chosen)
    lines = map(PartnerLine._make, read_in_chunks(statement, values))
    return in_order(lines, lambda line: (line.contact, line.name, str(line.contact_id or ""), line.date, line.entry))
