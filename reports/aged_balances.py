"""Aged receivables and payables: what is open on a day, by contact and by how long it has been due.

Every instalment ages by its own due date, what has none by its date. What was paid later, or became known later, is not
in it; the buckets add up to the balance of the accounts.
"""

import itertools
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounting.chart import chart_of
from ledger.balances import balances
from ledger.open_items import open_statement
from reports.links import days_query
from reports.table import Asked, Cell, Column, Kind, Link, Report, Row, Standing
from tenants.models import Company

# The last day late of each bucket; the first is what is not due yet, the last what is older than all.
BUCKETS = (0, 30, 60, 90)
LABELS = (_("Not due"), _("1–30 days"), _("31–60 days"), _("61–90 days"), _("Over 90 days"))
SUBTYPES = {"receivables": "receivable", "payables": "payable"}
TITLES = {"receivables": _("Aged receivables"), "payables": _("Aged payables")}
_AGED = """
SELECT o.sub_account, o.sub_account_name, b.contact_id, {buckets}, sum(o.base_residual)
FROM ({open}) o
LEFT JOIN invoicing_instalment i ON i.company_id = %(company)s AND i.line_id = o.line_id
LEFT JOIN accounting_subaccount b ON b.company_id = %(company)s AND b.id = o.sub_account_id
CROSS JOIN LATERAL (SELECT %(date)s::date - coalesce(i.due_date, o.date) AS late) d
GROUP BY 1, 2, 3 HAVING bool_or(o.base_residual <> 0) ORDER BY 1, 3
"""


def aged_receivables(company: Company, asked: Asked) -> Report:
    """What customers owe on a day, by how long it has been due, in base currency; owed to us is above zero."""
    return _aged(company, asked, "receivables", 1)


def aged_payables(company: Company, asked: Asked) -> Report:
    """What is owed to suppliers on a day, by how long it has been due, in base currency; owed by us is above zero."""
    return _aged(company, asked, "payables", -1)


def _aged(company: Company, asked: Asked, which: str, sign: int) -> Report:
    asked = Asked(asked.date, None, asked.known_at)
    chart = chart_of(company)
    accounts = [one for one in chart.by_id.values() if one.subtype == SUBTYPES[which] and one.open_item]
    decimals = chart.units[company.base_currency].decimals
    columns = [Column("contact", _("Contact")), *(
        Column(f"bucket_{number}", label, Kind.AMOUNT, decimals, is_wide=number not in (0, 4))
        for number, label in enumerate(LABELS)
    ), Column("total", _("Total"), Kind.AMOUNT, decimals)]  # fmt: skip
    found = _found(company, asked, [one.id for one in accounts]) if accounts else []
    report = Report(f"aged-{which}", TITLES[which], company, asked, columns, list(_rows(found, sign, asked)))
    kept = sum((row[-1] for row in found), Decimal(0))
    ids = {one.id for one in accounts}
    standing = balances(company, asked.date, known_at=asked.known_at)
    balance = sum((one.amount for one in standing if one.account_id in ids), Decimal(0))
    if kept != balance:
        report.problems.append(_("The open items and the balance of the accounts differ by %s.") % (balance - kept))
    return report


def _found(company: Company, asked: Asked, accounts: Sequence[Any]) -> list[tuple[Any, ...]]:
    statement, values = open_statement(company, asked.date, accounts=accounts, known_at=asked.known_at)
    with connection.cursor() as cursor:
        cursor.execute(_AGED.format(open=statement, buckets=_buckets()), values)
        return cursor.fetchall()


def _buckets() -> str:
    edges = [None, *BUCKETS, None]
    sums = []
    for lowest, highest in itertools.pairwise(edges):
        above = f"d.late > {lowest}" if lowest is not None else "true"
        below = f"d.late <= {highest}" if highest is not None else "true"
        condition = f"{above} AND {below}"
        sums.append(f"coalesce(sum(o.base_residual) FILTER (WHERE {condition}), 0)")
    return ", ".join(sums)


def _rows(found: Sequence[tuple[Any, ...]], sign: int, asked: Asked) -> Iterator[Row]:
    totals = [Decimal(0)] * (len(LABELS) + 1)
    for code, name, contact, *amounts in found:
        link = Link("accounting:contact-detail", (contact,)) if contact else None
        signed = [sign * amount for amount in amounts]
        totals = [before + amount for before, amount in zip(totals, signed, strict=True)]
        yield Row(
            [Cell(f"{code} {name}".strip() or str(_("Without a contact")), link), *(Cell(one, link) for one in signed)]
        )
    tied = Link("reports:report", ("control-accounts",), days_query(None, asked.date, asked.known_at))
    yield Row([Cell(str(_("Total"))), *(Cell(amount, tied) for amount in totals)], Standing.TOTAL)
