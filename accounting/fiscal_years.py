"""Open fiscal years: a year of twelve monthly periods from the company's year start."""

import calendar
import datetime

from django.db import IntegrityError, transaction

from accounting.models import FiscalYear, Period
from tenants.refusal import Refused
from tenants.scope import current_scope


class FiscalYearOverlaps(Refused):
    """A day belongs to one fiscal year only."""

    code = "fiscal_year_overlaps"


def open_fiscal_year(day: datetime.date) -> FiscalYear:
    """The fiscal year that holds this day, with its monthly periods; made when it is not there yet."""
    company = current_scope().company
    start = year_start(day, company.year_start_month)
    end = _next_year(start) - datetime.timedelta(days=1)
    holding = FiscalYear.objects.for_company(company).filter(start__lte=day, end__gte=day)
    existing: FiscalYear | None = holding.first()
    if existing:
        return existing
    name = str(start.year) if start.month == 1 else f"{start.year}-{end.year % 100:02d}"
    try:
        with transaction.atomic():
            year: FiscalYear = FiscalYear.objects.create(company=company, name=name, start=start, end=end)
            Period.objects.bulk_create(_periods(year))
    except IntegrityError as error:
        opened_meanwhile: FiscalYear | None = holding.first()
        if opened_meanwhile:
            return opened_meanwhile
        raise FiscalYearOverlaps(f"The year from {start} overlaps another fiscal year.", place="start") from error
    return year


def year_start(day: datetime.date, first_month: int) -> datetime.date:
    """The first day of the fiscal year that holds the day."""
    year = day.year if day.month >= first_month else day.year - 1
    return datetime.date(year, first_month, 1)


def _next_year(start: datetime.date) -> datetime.date:
    return start.replace(year=start.year + 1)


def _periods(year: FiscalYear) -> list[Period]:
    periods = []
    for number in range(12):
        month = year.start.month - 1 + number
        first = datetime.date(year.start.year + month // 12, month % 12 + 1, 1)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        periods.append(Period(company_id=year.company_id, fiscal_year=year, number=number + 1, start=first, end=last))
    return periods
