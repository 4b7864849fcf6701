"""Close a fiscal year: income and expenses go to retained earnings on its last day; undone by reversal."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from accounting.models import FiscalYear
from accounting.periods import hold_calendar
from ledger import refusals
from ledger.models import Entry, Journal
from ledger.posting import Posted, hold_books, post_many
from ledger.proposals import NewEntry, NewLine
from ledger.reversal import ReasonNeeded, reverse
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import NotFound
from tenants.scope import current_scope

SOURCE = "year_close"
# Groups of one entry; with its line of retained earnings it stays far below what an entry may have.
CHUNK = 4_000


class YearNotFound(NotFound):
    """No such fiscal year."""


class NothingToClose(refusals.PostingRefused):
    """Income and expenses of the year are nothing, or closed already."""

    code = "nothing_to_close"


class YearOrder(refusals.PostingRefused):
    """Years close from the first, and open again from the last."""

    code = "year_order"


_RESULT = """
SELECT l.account_id, l.sub_account_id, l.currency, l.dimensions, sum(l.currency_amount), sum(l.amount)
FROM ledger_line l JOIN accounting_account a ON a.company_id = l.company_id AND a.id = l.account_id
WHERE l.company_id = %(company)s AND l.date BETWEEN %(start)s AND %(end)s AND NOT l.statistical
  AND a.type IN ('income', 'expense')
GROUP BY 1, 2, 3, 4 HAVING sum(l.currency_amount) <> 0 OR sum(l.amount) <> 0
ORDER BY min(a.code), 3, 4::text, 2
"""


@transaction.atomic
def close_year(year_id: UUID, *, reason: str = "") -> list[Posted]:
    """Post what is left of the year's income and expenses to retained earnings, by account, currency and dimensions.

    Posters in flight are waited for, later ones wait: nothing slips in between. Closed again after late entries, it
    posts the rest. Refused: `nothing_to_close`, `year_order`, `period_closed`, `missing_role`, `not_found`.
    """
    scope = current_scope()
    _require()
    hold_calendar()
    year = _year(year_id)
    hold_books(scope.company)
    if (earlier := _years_before(year)) and (open_year := next((one for one in earlier if _result(one)), None)):
        raise YearOrder(_("%s has a result that is not closed yet: close it first.") % open_year, place="year")
    rows = _result(year)
    if not rows:
        raise NothingToClose(_("Income and expenses of %s are closed.") % year)
    closings = Entry.objects.for_company(scope.company).filter(source=SOURCE, source_id=year.pk).count()
    entries = [
        _closing(year, rows[start : start + CHUNK], f"close-year:{year.pk}:{closings + number}", reason)
        for number, start in enumerate(range(0, len(rows), CHUNK), 1)
    ]
    return post_many(entries)


@transaction.atomic
def reopen_year(year_id: UUID, *, reason: str) -> list[Posted]:
    """Take the closing of a year back by reversal, on its last day. Refused: `reason_needed`, `nothing_to_close`,
    `year_order` (a later year is closed), `period_closed`, `not_found`.
    """
    _require()
    if not reason.strip():
        raise ReasonNeeded(_("Say why the year is opened again."), place="reason")
    hold_calendar()
    year = _year(year_id)
    later = FiscalYear.objects.for_company(year.company_id).filter(start__gt=year.end).order_by("start")
    if closed := next((one for one in later if closing_entries(one)), None):
        raise YearOrder(_("%s is closed: open it first.") % closed, place="year")
    entries = closing_entries(year)
    if not entries:
        raise NothingToClose(_("%s is not closed.") % year)
    return [reverse(pk, date=year.end, reason=reason, owner=SOURCE) for pk in entries]


def unclosed_result(year: FiscalYear) -> dict[UUID, Decimal]:
    """What closing the year now would empty: each account of income and expenses with its amount, by code."""
    found: dict[UUID, Decimal] = {}
    for account, _sub_account, _currency, _dimensions, _amount, worth in _result(year):
        found[account] = found.get(account, Decimal(0)) + worth
    return found


def closing_entries(year: FiscalYear) -> list[UUID]:
    """The entries that close the year and were not reversed."""
    entries = Entry.objects.for_company(year.company_id).filter(source=SOURCE, source_id=year.pk, reversed_by=None)
    return list(entries.order_by("posted_at", "id").values_list("id", flat=True))


def _closing(year: FiscalYear, rows: Sequence[Any], key: str, reason: str) -> NewEntry:
    company = current_scope().company
    lines = [line for row in rows for line in _lines(row, company.base_currency)]
    if total := sum((row[5] for row in rows), Decimal(0)):
        lines.append(NewLine(chart_of(company).in_role("retained_earnings").id, total))
    return NewEntry(
        key=key, date=year.end, journal=_journal(company), memo=_("Closing of %s") % year, reason=reason, source=SOURCE,
        source_id=year.pk, lines=tuple(lines), derived=True,
    )  # fmt: skip


def _lines(row: Any, base: str) -> list[NewLine]:
    """The lines that empty one group; where rates have left its two amounts on different sides, one for each."""
    account, sub_account, currency, dimensions, amount, worth = row
    values = json.loads(dimensions) if isinstance(dimensions, str) else dimensions
    given: dict[str, Any] = {"account": account, "sub_account": sub_account or "", "dimensions": values}
    if currency == base:
        return [NewLine(amount=-amount, **given)]
    given["currency"] = currency
    if amount and (not worth or (worth > 0) == (amount > 0)):
        return [NewLine(amount=-amount, base_amount=-worth, **given)]
    lines = [NewLine(amount=-amount, base_amount=Decimal(0), **given)] if amount else []
    return [*lines, NewLine(amount=Decimal(0), base_amount=-worth, **given)]


def _result(year: FiscalYear) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_RESULT, {"company": year.company_id, "start": year.start, "end": year.end})
        return cursor.fetchall()


def _journal(company: Company) -> str:
    journals = Journal.objects.for_company(company).filter(kind=Journal.Kind.CLOSING, is_active=True)
    code = journals.order_by("code").values_list("code", flat=True).first()
    if code is None:
        raise refusals.UnknownJournal(_("No journal for closing entries is active."))
    return str(code)


def _year(year_id: UUID) -> FiscalYear:
    year: FiscalYear | None = FiscalYear.objects.for_company(current_scope().company).filter(pk=year_id).first()
    if year is None:
        raise YearNotFound(_("There is no such fiscal year."))
    return year


def _years_before(year: FiscalYear) -> list[FiscalYear]:
    return list(FiscalYear.objects.for_company(year.company_id).filter(end__lt=year.start).order_by("start"))


def _require() -> None:
    scope = current_scope()
    scope.require(Permission.MANAGE_PERIODS)
    scope.require(Permission.POST_ENTRIES)
