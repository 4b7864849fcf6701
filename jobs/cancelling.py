"""Cancel a job: one that waits ends at once, one that runs is asked to stop at its next step."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from jobs.models import Job, State
from tenants.permissions import Permission
from tenants.refusal import Conflict
from tenants.scope import current_scope


class JobHasEnded(Conflict):
    """The job is done, failed or cancelled already."""

    code = "job_has_ended"


@transaction.atomic
def cancel(job: Job) -> Job:
    """Stop a job. Asking again changes nothing. Refused: `not_permitted`, `job_has_ended`."""
    require_say_in(job)
    mine = Job.objects.for_company(job.company_id).filter(pk=job.pk)
    locked: Job = mine.held().get()
    if locked.state in {State.SUCCEEDED, State.FAILED}:
        raise JobHasEnded(_("The job has ended already: it cannot be cancelled any more."))
    if locked.state == State.CANCELLED or locked.cancel_requested:
        return locked
    asked = {"cancel_requested": True, "cancelled_by": current_scope().actor.name[:200], "version": F("version") + 1}
    if locked.state == State.QUEUED:
        asked |= {"state": State.CANCELLED, "finished_at": Now(), "handed_at": None}
    mine.update(**asked)
    locked.refresh_from_db()
    return locked


def may_manage(job: Job) -> bool:
    """Whether the current actor may cancel and retry the job: their own, or any with the permission."""
    scope = current_scope()
    own = job.actor_id is not None and job.actor_id == scope.actor.id
    return own or scope.allows(Permission.MANAGE_JOBS)


def require_say_in(job: Job) -> None:
    """Refuse (`not_permitted`) who neither asked for the job nor manages jobs."""
    if not may_manage(job):
        current_scope().require(Permission.MANAGE_JOBS)
