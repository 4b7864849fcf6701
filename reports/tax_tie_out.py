"""The return beside the books: what stands on the tax accounts, and why it may be something else than the return says.

Two things explain a difference: entries whose tax point lies in another period, and what was booked on the account
without a row of the tax ledger, such as the payment of the tax or an entry made by hand. What is left is a fault.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.chart import ChartAccount, chart_of
from reports.known_moment import known_condition
from reports.links import ledger_of
from reports.periods import month_start
from reports.table import Asked, Cell, Column, Kind, Report, Row, Standing
from tenants.models import Company

# What a row put on the account of its tax, debit above zero, by the day of its tax point and by that of its entry.
_ROWS = """
WITH rows AS (
  SELECT t.date AS tax_point, e.date AS booked, s.account_id, s.amount
  FROM invoicing_taxrow t
  JOIN accounting_taxcode c ON c.company_id = t.company_id AND c.id = t.tax_code_id
  JOIN ledger_entry e ON e.company_id = t.company_id AND e.id = t.entry_id
  LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
  CROSS JOIN LATERAL (
    SELECT c.account_id, t.deductible * CASE WHEN (c.use = 'sales') = (c.kind = 'withheld') THEN 1 ELSE -1 END AS amount
    UNION ALL SELECT c.counter_account_id, -t.amount WHERE c.kind = 'reverse_charge') s
  WHERE t.company_id = %(company)s AND s.account_id IS NOT NULL AND (t.date BETWEEN %(start)s AND %(end)s
    OR e.date BETWEEN %(start)s AND %(end)s) {known}),
lines AS (
  SELECT l.account_id, sum(l.amount) AS booked,
         sum(l.amount) FILTER (WHERE NOT EXISTS (SELECT 1 FROM invoicing_taxrow r
           WHERE r.company_id = l.company_id AND r.entry_id = l.entry_id)) AS by_hand
  FROM ledger_line l
  JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
  LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
  WHERE l.company_id = %(company)s AND l.date BETWEEN %(start)s AND %(end)s {known}
    AND l.account_id IN (SELECT unnest(ARRAY[c.account_id, c.counter_account_id]) FROM accounting_taxcode c
                         WHERE c.company_id = %(company)s)
  GROUP BY l.account_id),
returned AS (
  SELECT account_id, sum(amount) FILTER (WHERE tax_point BETWEEN %(start)s AND %(end)s) AS returned,
         sum(amount) FILTER (WHERE booked BETWEEN %(start)s AND %(end)s) AS of_entries
  FROM rows GROUP BY account_id)
SELECT account_id, coalesce(r.returned, 0), coalesce(r.of_entries, 0) - coalesce(r.returned, 0),
       coalesce(l.by_hand, 0), coalesce(l.booked, 0)
FROM returned r FULL JOIN lines l USING (account_id)
"""


@dataclass(frozen=True, slots=True)
class TiedTax:
    """An account of taxes, credit above zero where tax is owed: what the return says of it, and what is booked."""

    account: ChartAccount
    returned: Decimal
    other_tax_point: Decimal
    by_hand: Decimal
    booked: Decimal

    @property
    def unexplained(self) -> Decimal:
        """What neither another tax point nor a booking without a tax row explains."""
        return self.booked - self.returned - self.other_tax_point - self.by_hand


def tied_taxes(company: Company, asked: Asked) -> list[TiedTax]:
    """Every account of a tax that moved in these days, by code, on its own side; in one statement."""
    chart = chart_of(company)
    values: dict[str, Any] = {"company": company.pk, "start": asked.start or month_start(asked.date), "end": asked.date,
              "known_at": asked.known_at}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.format(known=known_condition(asked.known_at)), values)
        rows = cursor.fetchall()
    found = []
    for account_id, *amounts in rows:
        account = chart.by_id[account_id]
        found.append(TiedTax(account, *(account.normal_side * amount for amount in amounts)))
    return sorted(found, key=lambda one: one.account.code)


def tax_tie_out(company: Company, asked: Asked) -> Report:
    """Each tax account on its own side: what the return holds of it, what has its tax point in another period, what was
    booked without a tax row, and what is booked; the difference is nothing while the books are whole."""
    decimals = chart_of(company).units[company.base_currency].decimals
    money: dict[str, Any] = {"kind": Kind.AMOUNT, "decimals": decimals}
    columns = [
        Column("account", _("Account")), Column("returned", _("On the return"), **money),
        Column("other_tax_point", _("Other tax point"), is_wide=True, **money),
        Column("by_hand", _("Without tax row"), is_wide=True, **money), Column("booked", _("Booked"), **money),
        Column("unexplained", _("Difference"), **money),
    ]  # fmt: skip
    found = tied_taxes(company, asked)
    report = Report("tax-tie-out", gettext_lazy("Tax tie-out"), company, asked, columns, list(_rows(found, asked)))
    if differing := sum(bool(one.unexplained) for one in found):
        report.problems.append(_("%d tax accounts differ from the return, and nothing explains it.") % differing)
    return report


def _rows(found: list[TiedTax], asked: Asked) -> Iterator[Row]:
    for one in found:
        link = ledger_of(one.account, asked.start or month_start(asked.date), asked.date, asked)
        yield Row([
            Cell(f"{one.account.code} {one.account.name}", link), Cell(one.returned, link),
            Cell(one.other_tax_point, link), Cell(one.by_hand, link), Cell(one.booked, link),
            Cell(one.unexplained, link),
        ], Standing.SUBTOTAL if one.unexplained else Standing.LINE)  # fmt: skip
