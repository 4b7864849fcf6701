"""The audit report: what an auditor asks first about some days, each answer a figure that leads to what it counts."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.business_day import fiscal_year_start
from accounting.chart import chart_of
from ledger.known_at import moment_of
from ledger.open_items import tie_outs
from reports.entries_after_closing import CLOSED, LATE
from reports.entry_conditions import CONDITIONS, entry_condition
from reports.known_moment import known_condition
from reports.links import days_query
from reports.table import EMPTY, Asked, Cell, Column, Kind, Link, Report, Row, Standing
from reports.tax_tie_out import tied_taxes
from tenants.models import Company

_ENTRIES = """
SELECT count(*), coalesce(sum((SELECT sum(l.amount) FILTER (WHERE l.amount > 0) FROM ledger_line l
                               WHERE l.company_id = e.company_id AND l.entry_id = e.id)), 0)
FROM ledger_entry e
LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id
WHERE e.company_id = %(company)s AND e.date BETWEEN %(start)s AND %(end)s {condition} {{known}}
  AND EXISTS (SELECT 1 FROM ledger_line m WHERE m.company_id = e.company_id AND m.entry_id = e.id AND NOT m.statistical)
"""
_EVENTS = """
SELECT count(*), NULL::numeric FROM tenants_auditevent a
WHERE a.company_id = %(company)s AND a.at >= %(start)s::date AND a.at < %(end)s::date + 1 {condition}
  AND (%(moment)s::timestamptz IS NULL OR a.at <= %(moment)s)
"""
_LATE_ENTRIES = f"{CLOSED} SELECT count(*), NULL::numeric {LATE} {{known_sealed}}"


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is counted, and where its answer leads to."""

    label: Promise
    sql: str
    page: str = ""
    args: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()


def _entries(only: str = "") -> Question:
    condition, label = entry_condition(only), CONDITIONS[only].label if only else gettext_lazy("Entries")
    query = (("only", only),) if only else ()
    return Question(label, _ENTRIES.format(condition=condition), "reports:report", ("journal-register",), query)


def _events(label: Promise, subject: str = "", operation: str = "") -> Question:
    """Events of the audit trail, narrowed as its page narrows them."""
    narrowed = {name: value for name, value in (("subject", subject), ("operation", operation)) if value}
    condition = " ".join(f"AND a.{name} = '{value}'" for name, value in narrowed.items())
    return Question(label, _EVENTS.format(condition=condition), "tenants:audit-trail", query=tuple(narrowed.items()))


QUESTIONS: tuple[tuple[Promise, tuple[Question, ...]], ...] = (
    (gettext_lazy("The books"), (
        _entries(), *(_entries(only) for only, one in CONDITIONS.items() if one.is_finding),
    )),
    (gettext_lazy("Closing"), (
        Question(gettext_lazy("Entries after closing"), _LATE_ENTRIES, "reports:report", ("entries-after-closing",)),
        _events(gettext_lazy("Periods closed, or opened again"), "accounting_period", operation="update"),
        _events(gettext_lazy("Lock dates moved"), "accounting_lockdate"),
        Question(gettext_lazy("Exceptions from lock dates"), """
            SELECT count(*), NULL::numeric FROM accounting_lockexception l WHERE l.company_id = %(company)s
              AND l.requested_at >= %(start)s::date AND l.requested_at < %(end)s::date + 1
              AND (%(moment)s::timestamptz IS NULL OR l.requested_at <= %(moment)s)""",
                 "accounting:lock-exception-list"),
    )),
    (gettext_lazy("Changes beside the books"), (
        _events(gettext_lazy("Accounts"), "accounting_account"),
        _events(gettext_lazy("Taxes"), "accounting_taxcode"),
        _events(gettext_lazy("Rates of taxes"), "accounting_taxrate"),
        _events(gettext_lazy("Bank accounts of contacts"), "accounting_contactbankaccount"),
        _events(gettext_lazy("Members and their roles"), "tenants_membership"),
        _events(gettext_lazy("Credentials of programs"), "tenants_apicredential"),
        _events(gettext_lazy("Approval rules"), "tenants_approvalrule"),
        _events(gettext_lazy("Reports and exports that were read"), operation="read"),
    )),
)  # fmt: skip


def audit_report(company: Company, asked: Asked) -> Report:
    """What an auditor asks first about the days from one (of the fiscal year, where none is named) to another: how many
    entries, made how, dated and posted when; what came after closing; what was changed beside the books; and which
    accounts are not what they are made of."""
    asked = dataclasses.replace(asked, start=asked.start or fiscal_year_start(company, asked.date))
    decimals = chart_of(company).units[company.base_currency].decimals
    columns = [
        Column("what", _("What")), Column("count", _("Number"), Kind.COUNT),
        Column("amount", _("Debits"), Kind.AMOUNT, decimals, is_wide=True),
    ]  # fmt: skip
    rows = [*_rows(company, asked), *_tied(company, asked)]
    report = Report("audit", gettext_lazy("Audit report"), company, asked, columns, rows)
    report.notes.append(_("manage.py verify proves the promises of the ledger from every row."))
    return report


def _rows(company: Company, asked: Asked) -> Iterator[Row]:
    statement = " UNION ALL ".join(
        f"SELECT {number} AS place, * FROM ({one.sql}) AS q{number} (count, amount)"
        for number, one in enumerate(question for _title, own in QUESTIONS for question in own)
    )
    known = known_condition(asked.known_at)
    values = {"company": company.pk, "start": asked.start, "end": asked.date, "date": asked.date,
              "known_at": asked.known_at, "moment": moment_of(company, asked.known_at)}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement.format(known=known, known_sealed=known.replace("x.", "s.")), values)
        found = {place: (count, amount) for place, count, amount in cursor.fetchall()}
    number = 0
    for title, own in QUESTIONS:
        yield Row([Cell(str(title)), EMPTY, EMPTY], Standing.HEADING)
        for question in own:
            count, amount = found[number]
            number += 1
            behind = _behind(question, asked)
            debits = EMPTY if amount is None else Cell(amount, behind)
            yield Row([Cell(str(question.label)), Cell(count, behind), debits], level=1)


def _behind(question: Question, asked: Asked) -> Link:
    days: dict[str, Any] = days_query(asked.start, asked.date, asked.known_at)
    if question.page == "tenants:audit-trail":
        days = {"since": days["from"], "until": days["to"]}
    return Link(question.page, question.args, days | dict(question.query))


def _tied(company: Company, asked: Asked) -> Iterator[Row]:
    """How many accounts are not what they are made of."""
    yield Row([Cell(_("Tied out")), EMPTY, EMPTY], Standing.HEADING)
    days = days_query(asked.start, asked.date, asked.known_at)
    for label, name, differing in (
        (_("Control accounts that differ from their items"), "control-accounts",
         sum(not one.is_equal for one in tie_outs(company, asked.date, known_at=asked.known_at))),
        (_("Tax accounts that differ from the return"), "tax-tie-out",
         sum(bool(one.unexplained) for one in tied_taxes(company, asked))),
    ):  # fmt: skip
        yield Row([Cell(label), Cell(differing, Link("reports:report", (name,), days)), EMPTY], level=1)
