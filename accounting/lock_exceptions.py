"""Post behind a lock date for a while: asked for with a reason, approved by another person, ended by itself."""

import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.models import LockDate, LockException
from accounting.periods import ReasonNeeded, hold_calendar
from tenants.models import Company, Membership, User
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, NotPermitted, Refused
from tenants.scope import current_scope, explain

LONGEST = datetime.timedelta(days=31)
STATES = {
    "asked": gettext_lazy("asked for"), "open": gettext_lazy("open"), "declined": gettext_lazy("declined"),
    "ended": gettext_lazy("ended"), "over": gettext_lazy("over"),
}  # fmt: skip


class ExceptionRefused(Refused):
    """The exception cannot be asked for like this."""

    code = "invalid_lock_exception"


class ExceptionNotFound(NotFound):
    """No such lock exception."""


@transaction.atomic
def ask_exception(
    kind: str, *, start: datetime.date, expires_at: datetime.datetime, reason: str, person: User | None = None
) -> LockException:
    """Ask to post behind a lock from a day on, for one member or (None) everybody who may post, until a moment.

    Nothing is open before another person approves it. Refused: `reason_needed`, `invalid_lock_exception`.
    """
    scope = current_scope()
    scope.require(Permission.POST_ENTRIES)
    if not reason.strip():
        raise ReasonNeeded(_("Say why the lock has to be passed."), place="reason")
    if kind not in LockDate.Kind.values:
        raise ExceptionRefused(_("There is no such lock."), place="kind")
    if not timezone.now() < expires_at <= timezone.now() + LONGEST:
        raise ExceptionRefused(_("It ends in the future, within 31 days."), place="expires_at")
    if person and not Membership.objects.for_company(scope.company).filter(user=person, is_active=True).exists():
        raise ExceptionRefused(_("%s is not a member of the company.") % person, place="person")
    asked: LockException = LockException.objects.create(
        company=scope.company, kind=kind, start=start, expires_at=expires_at, reason=reason.strip(),
        person_id=person.pk if person else None, person=str(person)[:200] if person else "",
        requested_by_id=scope.actor.id, requested_by=scope.actor.name[:200],
    )  # fmt: skip
    return asked


@transaction.atomic
def approve_exception(exception_id: UUID) -> LockException:
    """Open the lock as asked. Not by who asked, nor by whom it is for. Refused: `self_approval`, `conflict`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_PERIODS)
    hold_calendar()
    asked = _held(exception_id)
    if asked.approved_at or asked.revoked_at or asked.expires_at <= timezone.now():
        raise Conflict(_("The exception is decided already, or its time is over."))
    if scope.actor.id is not None and scope.actor.id in (asked.requested_by_id, asked.person_id):
        refusal = NotPermitted(_("Somebody else approves what you asked for."))
        refusal.code = "self_approval"
        raise refusal
    explain(asked.reason)
    asked.approved_by_id, asked.approved_by, asked.approved_at = scope.actor.id, scope.actor.name[:200], timezone.now()
    asked.version += 1
    asked.save(update_fields=["approved_by_id", "approved_by", "approved_at", "version"])
    return asked


@transaction.atomic
def end_exception(exception_id: UUID, *, reason: str = "") -> LockException:
    """Lock again at once, or decline what was asked for; ending twice is once. By who asked, or who may approve."""
    scope = current_scope()
    hold_calendar()
    asked = _held(exception_id)
    if scope.actor.id is None or scope.actor.id != asked.requested_by_id:
        scope.require(Permission.MANAGE_PERIODS)
    if asked.revoked_at is None:
        if reason:
            explain(reason)
        asked.revoked_by, asked.revoked_at, asked.version = scope.actor.name[:200], timezone.now(), asked.version + 1
        asked.save(update_fields=["revoked_by", "revoked_at", "version"])
    return asked


def count_waiting(company: Company) -> int:
    """How many exceptions are asked for and not decided."""
    rows = LockException.objects.for_company(company).filter(approved_at=None, revoked_at=None)
    return int(rows.filter(expires_at__gt=timezone.now()).count())


def state_of(asked: LockException) -> str:
    """Where an exception stands: `asked`, `open`, `declined`, `ended` before its time, `over` with its time."""
    if asked.revoked_at:
        return "ended" if asked.approved_at else "declined"
    if asked.expires_at <= timezone.now():
        return "over"
    return "open" if asked.approved_at else "asked"


def _held(exception_id: UUID) -> LockException:
    rows = LockException.objects.for_company(current_scope().company).select_for_update(no_key=True)
    found: LockException | None = rows.filter(pk=exception_id).first()
    if found is None:
        raise ExceptionNotFound(_("There is no such exception."))
    return found
