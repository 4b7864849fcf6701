"""What is asked of a report as plain texts, as jobs and schedules keep it, and back."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ledger.balances import KnownAt
from ledger.forms import known_moment
from reports.catalogue import CATALOGUE, ReportKind
from reports.entry_conditions import CONDITIONS
from reports.periods import MONTHS
from reports.table import Asked
from tenants.refusal import Refused

CHOICES: dict[str, frozenset[str]] = {
    "by": frozenset(MONTHS), "compare": frozenset({"year", "period"}), "basis": frozenset({"accrual", "cash"}),
    "method": frozenset({"direct", "indirect"}), "only": frozenset(CONDITIONS),
}  # fmt: skip


class UnknownReport(Refused):
    """The catalogue has no report of this name."""

    code = "unknown_report"


class BadAsked(Refused):
    """What is asked of the report cannot be read, or the report does not heed it."""

    code = "invalid_parameter"


def kind_named(name: str) -> ReportKind:
    """The report of the catalogue. Refused: `unknown_report`."""
    if name not in CATALOGUE:
        raise UnknownReport(_("There is no report “%s”.") % name, place="report")
    return CATALOGUE[name]


def texts_of(asked: Asked) -> dict[str, str]:
    """What was asked, without what says nothing."""
    found = {name: _text(value) for name, value in dataclasses.asdict(asked).items()}
    return {name: text for name, text in found.items() if text}


def asked_of_texts(kind: ReportKind, texts: Mapping[str, Any]) -> Asked:
    """What texts ask of a report. Refused (`invalid_parameter`) at what it does not heed or cannot be read."""
    if unknown := sorted(set(texts) - kind.heeds - {"date"}):
        raise BadAsked(_("%(report)s does not heed “%(name)s”.") % {"report": kind.title, "name": unknown[0]},
                       place=unknown[0])  # fmt: skip
    values: dict[str, Any] = {name: str(text) for name, text in texts.items() if text not in (None, "")}
    for name in sorted(set(CHOICES) & set(values)):
        if values[name] not in CHOICES[name]:
            raise BadAsked(_("“%s” is no choice.") % values[name][:100], place=name)
    if values.get("basis") == "accrual":
        del values["basis"]
    if "date" not in values:
        raise BadAsked(_("Name the last day."), place="date")
    for name in {"date", "start"} & set(values):
        values[name] = _day(values[name], name)
    if values.get("start", datetime.date.min) > values["date"]:
        raise BadAsked(_("The range ends before it begins."), place="start")
    if "known_at" in values:
        values["known_at"] = _known(values["known_at"])
    return Asked(**values)


def _day(text: str, place: str) -> datetime.date:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise BadAsked(_("A date is written YYYY-MM-DD."), place=place) from error
    if not 1000 <= day.year < datetime.MAXYEAR:
        raise BadAsked(_("No books are of that year."), place=place)
    return day


def _known(text: str) -> KnownAt:
    try:
        return known_moment(text)
    except ValidationError as error:
        raise BadAsked(error.messages[0], place="known_at") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)
