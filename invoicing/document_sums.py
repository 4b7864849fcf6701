"""What the documents of some kinds have open, by currency: the figures over a list."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from accounting.chart import chart_of
from tenants.models import Company


@dataclass(frozen=True, slots=True)
class OpenSum:
    """How many documents of a currency are open, what is open of them, and what of that is overdue."""

    currency: str
    number: int
    open: Decimal
    overdue: Decimal
    decimals: int


# Instalments from the index of open items, and from each what was allocated already.
_SUMS = """
WITH instalment AS (
  SELECT i.document_id, d.currency, i.line_id, i.amount, i.due_date < %(today)s AS late
  FROM ledger_openline o
  JOIN invoicing_instalment i ON i.company_id = o.company_id AND i.line_id = o.id
  JOIN invoicing_document d ON d.company_id = i.company_id AND d.id = i.document_id
  WHERE o.company_id = %(company)s AND d.kind = ANY (%(kinds)s))
SELECT currency, count(DISTINCT document_id), sum(amount), coalesce(sum(amount) FILTER (WHERE late), 0) FROM (
  SELECT document_id, currency, amount, late FROM instalment
  UNION ALL
  SELECT i.document_id, i.currency, -a.debit_amount, i.late FROM instalment i
    JOIN ledger_allocation a ON a.company_id = %(company)s AND a.debit_line_id = i.line_id
  UNION ALL
  SELECT i.document_id, i.currency, -a.credit_amount, i.late FROM instalment i
    JOIN ledger_allocation a ON a.company_id = %(company)s AND a.credit_line_id = i.line_id) part
GROUP BY currency ORDER BY currency
"""


def open_sums(company: Company, kinds: Sequence[str], today: datetime.date) -> list[OpenSum]:
    """What is open of the company's posted documents of these kinds, in one statement, however many were ever paid."""
    units = chart_of(company).units
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"company": company.pk, "kinds": list(kinds), "today": today})
        return [
            OpenSum(currency, number, left, late, units[currency].decimals)
            for currency, number, left, late in cursor.fetchall()
        ]
