"""The journal register: every entry with its lines, in the order of the books."""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounting.business_day import fiscal_year_start
from accounting.chart import chart_of
from reports.entry_conditions import entry_condition
from reports.known_moment import known_condition
from reports.links import page_query
from reports.reading import read_in_chunks
from reports.table import EMPTY, Asked, Cell, Column, Kind, Link, Report, Row, Standing
from tenants.models import Company

_REGISTER = """
SELECT e.id, e.date, coalesce(x.number_text, ''), j.code, e.memo, e.reference, a.code, a.name, l.memo, l.amount
FROM ledger_entry e
JOIN ledger_journal j ON j.company_id = e.company_id AND j.id = e.journal_id
LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
JOIN ledger_line l ON l.company_id = e.company_id AND l.entry_id = e.id AND NOT l.statistical
JOIN accounting_account a ON a.company_id = l.company_id AND a.id = l.account_id
WHERE e.company_id = %(company)s AND e.date >= %(start)s AND e.date <= %(end)s {known} {only}
ORDER BY e.date, e.id, l.number
"""


def journal_register(company: Company, asked: Asked) -> Report:
    """Every entry from a day (of the fiscal year, where none is named) to another, in base currency; or `only` those of
    a condition that auditors ask for. Refused: `unknown_condition`."""
    start = asked.start or fiscal_year_start(company, asked.date)
    decimals = chart_of(company).units[company.base_currency].decimals
    columns = [
        Column("date", _("Date"), Kind.DATE), Column("number", _("Entry"), is_wide=True),
        Column("journal", _("Journal"), is_wide=True), Column("account", _("Account")),
        Column("memo", _("Description")),
        Column("reference", _("Reference"), is_wide=True), Column("debit", _("Debit"), Kind.AMOUNT, decimals),
        Column("credit", _("Credit"), Kind.AMOUNT, decimals),
    ]  # fmt: skip
    ranged = dataclasses.replace(asked, start=start)
    return Report("journal-register", _("Journal register"), company, ranged, columns, _rows(company, ranged))


def _rows(company: Company, asked: Asked) -> Iterator[Row]:
    """An entry's head on its first line, and its sums after all."""
    debit = credit = Decimal(0)
    for entry, lines in groupby(_lines(company, asked), key=lambda row: row[0]):
        link = Link("ledger:entry-detail", (entry,))
        for number, row in enumerate(lines):
            debit, credit = debit + max(row[9], 0), credit + max(-row[9], 0)
            yield _line(row, link, is_first=number == 0)
    whole = Link("reports:report", ("journal-register",), page_query(asked))
    yield Row([EMPTY] * 4 + [Cell(str(_("Total"))), EMPTY, Cell(debit, whole), Cell(credit, whole)], Standing.TOTAL)


def _line(row: tuple[Any, ...], link: Link, *, is_first: bool) -> Row:
    head = [Cell(row[1]), Cell(row[2], link), Cell(row[3])]
    amount: Decimal = row[9]
    return Row(
        [
            *head, Cell(f"{row[6]} {row[7]}", link), Cell(" · ".join(filter(None, (row[4], row[8])))), Cell(row[5]),
            Cell(amount, link) if amount > 0 else EMPTY, Cell(-amount, link) if amount < 0 else EMPTY,
        ],
        level=0 if is_first else 1,
    )  # fmt: skip


def _lines(company: Company, asked: Asked) -> Iterator[tuple[Any, ...]]:
    values = {"company": company.pk, "start": asked.start, "end": asked.date, "known_at": asked.known_at}
    return read_in_chunks(
        _REGISTER.format(known=known_condition(asked.known_at), only=entry_condition(asked.only)), values
    )
