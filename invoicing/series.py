"""The number series of documents and payments, and the year that a date counts in."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.lookups import CacheKeys, CacheTTL, cached
from accounting.models import FiscalYear, NumberSeries
from accounting.numbers import take_numbers
from ledger.refusals import NoPeriod
from tenants.models import Company
from tenants.scope import current_scope

STANDARD = {
    "invoice": ("INV", "Invoices"),
    "debit_note": ("DN", "Debit notes"),
    "credit_note": ("CN", "Credit notes"),
    "bill": ("BILL", "Bills"),
    "supplier_credit": ("SCN", "Supplier credit notes"),
    "receipt": ("RCT", "Receipts"),
    "payment": ("PAY", "Payments"),
}


@dataclass(frozen=True)
class Numbering:
    """A company's series by code, and its fiscal years: first day, last day, name."""

    series: dict[str, NumberSeries]
    years: tuple[tuple[datetime.date, datetime.date, str], ...]

    def year_of(self, date: datetime.date) -> str:
        """The name of the fiscal year that holds the date; refused (`no_period`) where there is none."""
        for start, end, name in self.years:
            if start <= date <= end:
                return name
        raise NoPeriod(_("There is no fiscal year for %s.") % date, place="date")


def on_company_created(company: Company, options: dict[str, Any]) -> None:
    """A new company has a series for each kind of document."""
    add_standard_series()


def add_standard_series() -> None:
    """The series of each kind; those already there stay as they are."""
    company = current_scope().company
    present = set(NumberSeries.objects.for_company(company).values_list("code", flat=True))
    NumberSeries.objects.bulk_create(
        NumberSeries(company=company, code=code, name=_(name))
        for code, name in STANDARD.values()
        if code not in present
    )


def numbering_of(company: Company, current: dict[str, UUID] | None = None) -> Numbering:
    """The company's series and years, cached."""
    found: Numbering = cached(company, CacheKeys.NUMBERING, CacheTTL.NUMBERING, _load, current)
    return found


def _load(company: Company) -> Numbering:
    years = FiscalYear.objects.for_company(company).order_by("start").values_list("start", "end", "name")
    return Numbering({row.code: row for row in NumberSeries.objects.for_company(company)}, tuple(years))


def number_all(numbering: Numbering, wanted: Mapping[UUID, tuple[str, datetime.date]]) -> dict[UUID, str]:
    """A number for each id from the series of its kind, in the year of its date; in the order given.

    Refused: `no_period` where no fiscal year holds a date.
    """
    groups: dict[tuple[str, str], list[UUID]] = {}
    for pk, (kind, date) in wanted.items():
        groups.setdefault((kind, numbering.year_of(date)), []).append(pk)
    numbers: dict[UUID, str] = {}
    # Always in the same order, so that two who number several series never wait for each other.
    for (kind, year), ids in sorted(groups.items(), key=lambda group: group[0]):
        taken = take_numbers(numbering.series[STANDARD[kind][0]], year, kind, ids)
        numbers.update(zip(ids, taken, strict=True))
    return numbers
