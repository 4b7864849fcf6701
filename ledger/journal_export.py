"""Export the whole ledger as a plain-text journal that hledger or beancount accepts; it streams, entry by entry."""

import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from accounting.chart import Chart, chart_of
from ledger.models import Entry
from ledger.renderers.beancount import render_beancount
from ledger.renderers.hledger import render_hledger
from ledger.renderers.rows import ExportAccount, ExportEntry, ExportJournal, ExportLine, ExportUnit
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import company_scope, current_scope

if TYPE_CHECKING:
    from jobs.running import RunningJob

RENDERERS = {"hledger": render_hledger, "beancount": render_beancount}
ENDINGS = {"hledger": "journal", "beancount": "beancount"}
_FETCH = 2000
_PAGE = """
SELECT e.id, e.date FROM ledger_entry e
WHERE e.company_id = %(company)s AND (%(date)s::date IS NULL OR (e.date, e.id) > (%(date)s::date, %(entry)s::uuid))
ORDER BY e.date, e.id LIMIT %(limit)s
"""
_LINES = """
SELECT e.id, e.date, coalesce(x.number_text, ''), j.code, e.memo, e.reference, e.key, l.account_id, l.currency_amount,
       l.currency, l.amount, l.statistical, l.memo, coalesce(s.code, ''), l.dimensions
FROM ledger_entry e
JOIN ledger_journal j ON j.company_id = e.company_id AND j.id = e.journal_id
CROSS JOIN LATERAL (SELECT * FROM ledger_line n WHERE n.company_id = e.company_id AND n.entry_id = e.id
                    ORDER BY n.number LIMIT 100000) l
LEFT JOIN accounting_subaccount s ON s.company_id = l.company_id AND s.id = l.sub_account_id
LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
WHERE e.company_id = %(company)s AND e.id = ANY(%(entries)s)
ORDER BY e.date, e.id, l.number
"""


class UnknownExportFormat(Refused):
    """Journals are exported as hledger or beancount."""

    code = "unknown_format"


def export_journal(format: str) -> Iterator[str]:
    """The company's books as pieces of a text file; refused (`unknown_format`) for any other format."""
    scope = current_scope()
    scope.require(Permission.EXPORT)
    if format not in RENDERERS:
        raise UnknownExportFormat("Journals are exported as hledger or beancount.", place="format")
    company = scope.company
    _note_read(format)
    chart = chart_of(company)
    first = Entry.objects.for_company(company).order_by("date").values_list("date", flat=True).first()
    opened = first or datetime.date(1970, 1, 1)
    accounts = [
        ExportAccount(account.code, account.name, account.type, opened)
        for account in chart.by_code.values()
        if not account.is_heading
    ]
    units = [ExportUnit(unit.code, unit.decimals, unit.kind == "currency") for unit in chart.units.values()]
    journal = ExportJournal(company.name, company.base_currency)
    return RENDERERS[format](journal, accounts, units, _entries(company, chart))


def run_export(job: "RunningJob") -> dict[str, Any]:
    """The background job: writes the export into a file of the job."""
    format = job.parameters["format"]
    with company_scope(job.company, actor=job.actor, act="export journal"):
        text = "".join(export_journal(format))
        name = f"{job.company.slug}.{ENDINGS[format]}"
    job.save_file(name, text.encode(), "text/plain; charset=utf-8")
    return {"file": name, "bytes": len(text)}


def _note_read(format: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.tenants_note_read('ledger_entry', NULL, jsonb_build_object('export', %s::text))",
                       [format])  # fmt: skip


def _entries(company: Company, chart: Chart) -> Iterator[ExportEntry]:
    """Entries by date, fetched in pages so that memory stays flat."""
    position: tuple[Any, Any] = (None, None)
    while True:
        with connection.cursor() as cursor:
            page = {"company": company.pk, "date": position[1], "entry": position[0], "limit": _FETCH}
            cursor.execute(_PAGE, page)
            found = cursor.fetchall()
            if not found:
                return
            cursor.execute(_LINES, {"company": company.pk, "entries": [pk for pk, _date in found]})
            rows = cursor.fetchall()
        yield from _grouped(rows, chart, company.base_currency)
        position = found[-1]


def _grouped(rows: list[tuple[Any, ...]], chart: Chart, base: str) -> Iterator[ExportEntry]:
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end][0] != rows[start][0]:
            _id, date, number, journal, memo, reference, key = rows[start][:7]
            lines = tuple(_line(row[7:], chart, base) for row in rows[start:end])
            yield ExportEntry(date, number, journal, memo, reference, key, lines)
            start = end


def _line(row: tuple[Any, ...], chart: Chart, base: str) -> ExportLine:
    account_id, quantity, currency, amount, statistical, memo, sub_account, dimensions = row
    named = json.loads(dimensions)
    if not quantity:
        # An exchange difference has nothing in its currency; other programs keep it in base currency.
        quantity, currency = amount, base
    return ExportLine(
        chart.by_id[account_id].code, _plain(quantity), currency, _plain(amount), statistical, memo, sub_account,
        tuple(sorted(named.items())),
    )  # fmt: skip


def _plain(amount: Decimal) -> Decimal:
    """Without the zeros that the column's scale adds, and never in scientific notation."""
    short = amount.normalize()
    return short if short.as_tuple().exponent <= 0 else short.quantize(Decimal(1))  # type: ignore[operator]
