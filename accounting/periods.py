"""Close and reopen periods, and move lock dates. Posters in flight are waited for; later ones see the new state."""

import datetime

from django.db import connection, transaction
from django.db.models import F

from accounting.close_checklist import refuse_blocked
from accounting.models import LockDate, Period
from tenants.fields import CompanyQuerySet
from tenants.permissions import Permission
from tenants.refusal import NotFound, Refused
from tenants.scope import current_scope, explain


class ReasonNeeded(Refused):
    """The audit trail asks why."""

    code = "reason_needed"


class PeriodOrder(Refused):
    """Periods close from the first and reopen from the last."""

    code = "period_order"


def hold_calendar() -> None:
    """Until the transaction ends, nobody else in the company closes, reopens or locks: each looks at the others first.

    Whoever also locks a period's row, or posts, in the same transaction calls this before, so that nobody waits in a
    circle.
    """
    with connection.cursor() as cursor:
        name = f"calendar:{current_scope().company.pk}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


@transaction.atomic
def close_period(period: Period, *, soft: bool = False) -> Period:
    """Close a period for everybody, or softly: then only who may, with a reason, posts into it.

    Refused: `period_order`, `close_blocked` (the checklist names what is left to do).
    """
    current_scope().require(Permission.MANAGE_PERIODS)
    hold_calendar()
    if not soft:
        earlier = _periods().filter(end__lt=period.start).exclude(status=Period.Status.CLOSED).order_by("start").first()
        if earlier:
            raise PeriodOrder(f"{earlier} is still open: close it first.", place="period")
        refuse_blocked(period)
    return _move(period, Period.Status.SOFT_CLOSED if soft else Period.Status.CLOSED)


@transaction.atomic
def reopen_period(period: Period, *, reason: str) -> Period:
    """Open a closed period again; the reason stays in the audit trail."""
    current_scope().require(Permission.MANAGE_PERIODS)
    if not reason.strip():
        raise ReasonNeeded("Say why the period is opened again.", place="reason")
    hold_calendar()
    later = _periods().filter(start__gt=period.end, status=Period.Status.CLOSED).order_by("-start").first()
    if later:
        raise PeriodOrder(f"{later} is closed: reopen it first.", place="period")
    explain(reason)
    return _move(period, Period.Status.OPEN)


@transaction.atomic
def set_lock_date(kind: str, until: datetime.date | None, *, reason: str = "") -> LockDate | None:
    """Lock everything of this kind up to and including the date; None lifts the lock. Moving it back needs a reason."""
    scope = current_scope()
    scope.require(Permission.MANAGE_PERIODS)
    hold_calendar()
    lock = LockDate.objects.for_company(scope.company).filter(kind=kind).first()
    if lock and (until is None or until < lock.until) and not reason.strip():
        raise ReasonNeeded("Say why the books are unlocked.", place="reason")
    explain(reason)
    if until is None:
        if lock:
            lock.delete()
        return None
    if lock is None:
        created: LockDate = LockDate.objects.create(company=scope.company, kind=kind, until=until)
        return created
    lock.until, lock.version = until, lock.version + 1
    lock.save(update_fields=["until", "version"])
    return lock


def locked_until(company: object) -> datetime.date | None:
    """The date up to which everything is locked, for the badge on every page."""
    lock = LockDate.objects.for_company(company).filter(kind=LockDate.Kind.ALL).first()
    return lock.until if lock else None


def _periods() -> CompanyQuerySet:
    return Period.objects.for_company(current_scope().company)


def _move(period: Period, status: str) -> Period:
    moved = _periods().filter(pk=period.pk).update(status=status, version=F("version") + 1)
    if not moved:
        raise NotFound("There is no such period.")
    period.refresh_from_db()
    return period
