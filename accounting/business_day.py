"""Which day it is for a company: its books follow its own time zone."""

import calendar
import datetime
from zoneinfo import ZoneInfo

from accounting.fiscal_years import year_start
from tenants.models import Company


def business_day(company: Company) -> datetime.date:
    """Today, where the company is."""
    return datetime.datetime.now(tz=ZoneInfo(company.time_zone)).date()


def fiscal_year_start(company: Company, day: datetime.date) -> datetime.date:
    """The first day of the company's fiscal year that holds the day."""
    return year_start(day, company.year_start_month)


def year_before(day: datetime.date) -> datetime.date:
    """The same day of the year before; the last of February stays the last."""
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, day=28)
    if (day.month, day.day) == (2, 28) and not calendar.isleap(day.year):
        return datetime.date(day.year - 1, 3, 1) - datetime.timedelta(days=1)
    return day.replace(year=day.year - 1)
