"""Reports that are made by themselves: every day, week or month, or when a period is closed; each day once."""

import dataclasses
import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounting.api_query import FIRST_YEAR
from accounting.business_day import fiscal_year_start
from accounting.models import Period as BookPeriod
from jobs.models import Job
from ledger.resolving import check_text
from reports.asked_texts import asked_of_texts, kind_named, texts_of
from reports.catalogue import ReportKind
from reports.models import ReportSchedule
from reports.periods import ONE_DAY, Period, months_before
from reports.report_files import FORMATS
from reports.report_runs import KIND, ask_for_report
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope

log = structlog.get_logger(__name__)

Cadence, Span = ReportSchedule.Cadence, ReportSchedule.Span
# A day that every month has.
LAST_DAY = 28
MOST_RECIPIENTS = 50
# So many missed days are caught up at once; the rest waits for the next round.
MOST_AT_ONCE = 31
FIELDS = ("name", "report", "asked", "cadence", "span", "forms", "recipients", "next_date", "is_active")


class ScheduleNotFound(NotFound):
    """The company has no such schedule."""


class ScheduleChanged(Conflict):
    """Somebody else has changed the schedule."""

    code = "conflict"


class BadSchedule(Refused):
    """The schedule cannot be kept like this."""

    code = "invalid_schedule"


@dataclasses.dataclass(frozen=True, slots=True)
class ScheduleContent:
    """What a schedule says: which report, asked how besides its days, made when, for which days, as what, for whom."""

    name: str
    report: str
    cadence: str
    span: str
    next_date: datetime.date
    asked: Mapping[str, str] = dataclasses.field(default_factory=dict)
    forms: Sequence[str] = ("pdf",)
    recipients: Sequence[str] = ()
    is_active: bool = True


@transaction.atomic
def add_schedule(content: ScheduleContent) -> ReportSchedule:
    """Let a report be made by itself from a day on. Refused: `invalid_schedule` (with its place), `unknown_report`,
    `invalid_parameter`, `not_permitted`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_COMPANY)
    schedule = ReportSchedule(company=scope.company, **_keeper(), **_checked(content))
    schedule.save(force_insert=True)
    return schedule


@transaction.atomic
def change_schedule(schedule_id: UUID, content: ScheduleContent, *, version: int | None = None) -> ReportSchedule:
    """Change a schedule, or let it rest; what it made stays. Refused: `not_found`, `conflict`, and as adding."""
    current_scope().require(Permission.MANAGE_COMPANY)
    schedule = schedule_named(schedule_id, held=True)
    if version is not None and version != schedule.version:
        raise ScheduleChanged(_("Somebody else has changed this schedule: look at it first."))
    for name, value in (_checked(content) | _keeper()).items():
        setattr(schedule, name, value)
    schedule.version += 1
    schedule.save()
    return schedule


@transaction.atomic
def remove_schedule(schedule_id: UUID) -> None:
    """Remove a schedule that has asked for nothing; one that has is left to rest. Refused: `not_found`,
    `not_permitted`."""
    current_scope().require(Permission.MANAGE_COMPANY)
    schedule = schedule_named(schedule_id, held=True)
    if _asked_for(schedule):
        ReportSchedule.objects.for_company(schedule.company_id).filter(pk=schedule.pk).update(
            is_active=False, version=F("version") + 1
        )
    else:
        schedule.delete()


def schedule_named(schedule_id: UUID, *, held: bool = False) -> ReportSchedule:
    """The schedule, held until the transaction ends where it is to be changed. Refused: `not_found`."""
    rows = ReportSchedule.objects.for_company(current_scope().company)
    rows = rows.select_for_update(no_key=True) if held else rows
    found: ReportSchedule | None = rows.filter(pk=schedule_id).first()
    if found is None:
        raise ScheduleNotFound(_("There is no such schedule."))
    return found


def make_due_reports(today: datetime.date) -> int:
    """Ask for every report whose day has come; late or twice, each day of a schedule is asked for once. A schedule that
    is refused does not keep the others waiting: it rests, and the log says why."""
    company = current_scope().company
    due = ReportSchedule.objects.for_company(company).filter(is_active=True, next_date__lte=today)
    asked = 0
    for schedule in due.select_for_update(no_key=True, skip_locked=True).order_by("next_date", "pk"):
        try:
            with transaction.atomic():
                asked += _ask_for_due(company, schedule, today)
        except Refused as refusal:
            log.warning("report_schedule_refused", schedule=str(schedule.pk), code=refusal.code, error=refusal.message)
            ReportSchedule.objects.for_company(company).filter(pk=schedule.pk).update(is_active=False)
    return asked


def _ask_for_due(company: Company, schedule: ReportSchedule, today: datetime.date) -> int:
    done, asked = _asked_for(schedule), 0
    for day in _days_due(schedule, today):
        if day.isoformat() not in done:
            _ask(company, schedule, day)
            asked += 1
    schedule.save(update_fields=["next_date"])
    return asked


def _asked_for(schedule: ReportSchedule) -> set[str]:
    """The days for which the schedule has asked for its report."""
    jobs = Job.objects.for_company(schedule.company_id).filter(kind=KIND, key__startswith=_key(schedule))
    return set(jobs.values_list("parameters__occurrence", flat=True))


def _key(schedule: ReportSchedule, day: str = "") -> str:
    return f"report-schedule:{schedule.pk}:{day}"


def _keeper() -> dict[str, Any]:
    """Who has the schedule as it is: the maker of what it makes, who does not sign that off."""
    actor = current_scope().actor
    return {"kept_by_id": actor.id, "kept_by": actor.name[:200]}


def _ask(company: Company, schedule: ReportSchedule, day: datetime.date) -> None:
    kind = kind_named(schedule.report)
    days = days_of(company, schedule.span, day)
    ask_for_report(
        schedule.report, {**schedule.asked, **days_asked(kind, days)}, forms=schedule.forms, title=schedule.name,
        key=_key(schedule, day.isoformat()), schedule=schedule.pk, occurrence=day.isoformat(),
    )  # fmt: skip


def days_of(company: Company, span: str, day: datetime.date) -> Period:
    """The days that a report is about which is made on this day."""
    last = day - ONE_DAY
    if span == Span.DAY:
        return Period(last, last)
    if span == Span.YEAR_TO_DATE:
        return Period(fiscal_year_start(company, last), last)
    months = 3 if span == Span.QUARTER else 1
    month = day.replace(day=1)
    after = months_before(month, (month.month - 1) % months)
    return Period(months_before(after, months), after - ONE_DAY)


def days_asked(kind: ReportKind, days: Period) -> dict[str, str]:
    """The days as a report heeds them: a range, or its last day."""
    assert days.start is not None
    found = {"date": days.end.isoformat()}
    return {"start": days.start.isoformat(), **found} if "start" in kind.heeds else found


def _days_due(schedule: ReportSchedule, today: datetime.date) -> Iterator[datetime.date]:
    """The days that have come; `next_date` moves on behind each."""
    if schedule.cadence == Cadence.AFTER_CLOSE:
        # Periods may be closed in any order: its first day stays, and what was asked for is known by its key.
        closed = BookPeriod.objects.for_company(schedule.company_id).exclude(status=BookPeriod.Status.OPEN)
        ends = closed.filter(end__gte=schedule.next_date - ONE_DAY).order_by("end").values_list("end", flat=True)
        yield from (end + ONE_DAY for end in ends)
        return
    for _number in range(MOST_AT_ONCE):
        if schedule.next_date > today:
            return
        yield schedule.next_date
        schedule.next_date = _following(schedule.cadence, schedule.next_date)


def _following(cadence: str, day: datetime.date) -> datetime.date:
    if cadence == Cadence.MONTHLY:
        return datetime.date(day.year + day.month // 12, day.month % 12 + 1, day.day)
    return day + datetime.timedelta(days=7 if cadence == Cadence.WEEKLY else 1)


def _checked(content: ScheduleContent) -> dict[str, Any]:
    """The fields of the row, once everything in them is right."""
    name = content.name.strip()
    check_text(name, "name", 100)
    if not name:
        raise BadSchedule(_("A schedule has a name."), place="name")
    kind = kind_named(content.report)
    if content.cadence not in Cadence.values:
        raise BadSchedule(_("There is no such rhythm."), place="cadence")
    if content.span not in Span.values:
        raise BadSchedule(_("There are no such days."), place="span")
    if not FIRST_YEAR <= content.next_date.year < datetime.MAXYEAR - 1:
        raise BadSchedule(_("No books are of that year."), place="next_date")
    if content.cadence == Cadence.MONTHLY and content.next_date.day > LAST_DAY:
        raise BadSchedule(_("Choose a day up to the 28th: every month has it."), place="next_date")
    if unknown := sorted(set(content.forms) - set(FORMATS)):
        raise BadSchedule(_("There are no files of form “%s”.") % unknown[0], place="forms")
    _check_recipients(content)
    days = days_asked(kind, days_of(current_scope().company, content.span, content.next_date))
    asked = {name: text for name, text in texts_of(asked_of_texts(kind, {**content.asked, **days})).items()
             if name not in ("date", "start")}  # fmt: skip
    found = {name: getattr(content, name) for name in FIELDS}
    lists = {"forms": sorted({*content.forms}), "recipients": [*content.recipients]}
    return found | {"name": name, "asked": asked, **lists}


def _check_recipients(content: ScheduleContent) -> None:
    if len(content.recipients) > MOST_RECIPIENTS:
        raise BadSchedule(_("At most %d people get it.") % MOST_RECIPIENTS, place="recipients")
    if content.recipients and not content.forms:
        raise BadSchedule(_("Choose what is sent."), place="forms")
    for address in content.recipients:
        try:
            validate_email(address)
        except ValidationError as error:
            raise BadSchedule(_("“%s” is no e-mail address.") % address, place="recipients") from error
