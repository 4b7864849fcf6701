"""Run a failed or cancelled job again, under its old key: what it did already is not done twice."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from jobs.cancelling import require_say_in
from jobs.handover import hand_over_on_commit
from jobs.models import Job, State
from tenants.refusal import Conflict


class NothingToRetry(Conflict):
    """Only a failed or cancelled job can be run again."""

    code = "nothing_to_retry"


@transaction.atomic
def retry(job: Job) -> Job:
    """Queue the job again with all its attempts, on behalf of who first asked for it.

    Refused: `not_permitted`, `nothing_to_retry`.
    """
    require_say_in(job)
    mine = Job.objects.for_company(job.company_id).filter(pk=job.pk)
    locked: Job = mine.held().get()
    if locked.state not in {State.FAILED, State.CANCELLED}:
        raise NothingToRetry(_("Only a failed or cancelled job can be run again."))
    mine.update(
        state=State.QUEUED, attempts=0, done=0, total=0, message="", result=None, error_code="", error_message="",
        run_after=Now(), handed_at=Now(), cancel_requested=False, cancelled_by="", started_at=None, finished_at=None,
        version=F("version") + 1,
    )  # fmt: skip
    locked.refresh_from_db()
    hand_over_on_commit(locked)
    return locked
