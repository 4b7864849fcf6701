"""What has to be said for a statutory export, and whether it can be: every value is a text, as a form sends it."""

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from accounting.models import FiscalYear
from reports.statutory.refusals import BadExportParameter
from tenants.models import Company


class Parameter(NamedTuple):
    """One value: its name in API and forms, what it is called, and what it may be (`pattern`, or one of `choices`)."""

    name: str
    label: Any
    hint: Any = ""
    pattern: str = ""
    choices: Mapping[str, Any] = {}
    default: str = ""
    required: bool = False

    @property
    def is_day(self) -> bool:
        return self.pattern == DAY


DAY = r"\d{4}-\d{2}-\d{2}"


def checked_values(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, str]:
    """The values by name, with the defaults of those that are not given. Refused: `invalid_parameter`."""
    known = {parameter.name for parameter in parameters}
    for name in given:
        if name not in known and str(given[name] or ""):
            raise BadExportParameter(_("The format has no parameter “%s”.") % name, place=name)
    return {parameter.name: _checked(parameter, str(given.get(parameter.name) or "").strip())
            for parameter in parameters}  # fmt: skip


def _checked(parameter: Parameter, value: str) -> str:
    value = value or parameter.default
    if not value and parameter.required:
        raise BadExportParameter(_("Say what it is: %s.") % parameter.label, place=parameter.name)
    fits = value in parameter.choices if parameter.choices else re.fullmatch(parameter.pattern or ".{0,100}", value)
    if value and not fits:
        raise BadExportParameter(
            _("“%(value)s” cannot be: %(label)s.") % {"value": value[:50], "label": parameter.label},
            place=parameter.name,
        )
    return value


def year_asked(company: Company, values: Mapping[str, str]) -> FiscalYear:
    """The fiscal year by its name. Refused: `invalid_parameter`."""
    year: FiscalYear | None = FiscalYear.objects.for_company(company).filter(name=values["year"]).first()
    if year is None:
        raise BadExportParameter(_("There is no fiscal year “%s”.") % values["year"], place="year")
    return year


def days_asked(year: FiscalYear, values: Mapping[str, str]) -> tuple[datetime.date, datetime.date]:
    """The first and the last day: those of the year, where none are named. Refused: `invalid_parameter`."""
    start = _day(values.get("from", ""), "from") or year.start
    end = _day(values.get("to", ""), "to") or year.end
    if not year.start <= start <= year.end:
        raise BadExportParameter(_("The first day lies outside the fiscal year."), place="from")
    if not start <= end <= year.end:
        raise BadExportParameter(_("The last day lies before the first, or outside the fiscal year."), place="to")
    return start, end


def _day(text: str, place: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadExportParameter(_("“%s” is no date.") % text, place=place) from error
