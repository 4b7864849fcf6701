"""Claim a job for one worker, and record what came of it: two short transactions around the work.

The lease token names the worker. Whoever lost the lease cannot record anything any more. All times are the database's,
so that workers whose clocks differ agree.
"""

import dataclasses
import datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from jobs.asker import acting_for
from jobs.models import Job, State
from jobs.plain_values import plain_text
from tenants.models import Company
from tenants.scope import Actor, company_scope

WORKER = Actor.system("job worker")


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """A job that this worker, and nobody else, is to run; `actor` is None where the asker has left."""

    company: Company
    job: Job
    token: UUID
    actor: Actor | None


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt; with state `queued` there is to be another one after `delay`."""

    state: str
    result: Any = None
    error_code: str = ""
    error_message: str = ""
    delay: datetime.timedelta | None = None


def lease() -> datetime.timedelta:
    """How long a worker may be silent before somebody else takes its job."""
    return datetime.timedelta(seconds=getattr(settings, "JOB_LEASE_SECONDS", 60))


def claim(company_id: UUID, job_id: UUID) -> Claim | None:
    """Take the job if it is due and nobody runs it; None otherwise. A twin waits here, and then gets None."""
    company = Company.objects.filter(pk=company_id, is_active=True).first()
    if company is None:
        return None
    with transaction.atomic(durable=True), company_scope(company, actor=WORKER, act="claim job"):
        jobs = Job.objects.for_company(company)
        job: Job | None = jobs.due().held().filter(pk=job_id).first()
        if job is None:
            return None
        if (end := _end_of_orphan(job)) is not None:
            jobs.filter(pk=job.pk).update(**_values(job, end))
            return None
        token = uuid4()
        jobs.filter(pk=job.pk).update(
            state=State.RUNNING, lease_token=token, lease_until=Now() + lease(), attempts=F("attempts") + 1,
            started_at=Now(), handed_at=None, done=0, total=0, message="", error_code="", error_message="",
            version=F("version") + 1,
        )  # fmt: skip
        job.refresh_from_db()
        return Claim(company, job, token, acting_for(job))


def record(claimed: Claim, outcome: Outcome, **progress: Any) -> bool:
    """Write down what came of the attempt; False where another worker holds the job by now."""
    with transaction.atomic(durable=True), company_scope(claimed.company, actor=WORKER, act="record job"):
        mine = Job.objects.for_company(claimed.company).filter(
            pk=claimed.job.pk, state=State.RUNNING, lease_token=claimed.token
        )
        job = mine.held().first()
        if job is None:
            return False
        if outcome.state == State.QUEUED and job.cancel_requested:
            outcome = Outcome(State.CANCELLED)
        mine.update(**progress, **_values(job, outcome))
        return True


def _end_of_orphan(job: Job) -> Outcome | None:
    """How a job ends whose worker died, if it is not to be run again."""
    if job.state != State.RUNNING:
        return None
    if job.cancel_requested:
        return Outcome(State.CANCELLED)
    if job.attempts >= job.max_attempts:
        message = _("The job was interrupted %d times before it could finish. Retry it, or make it smaller.")
        return Outcome(State.FAILED, error_code="interrupted", error_message=message % job.attempts)
    return None


def _values(job: Job, outcome: Outcome) -> dict[str, Any]:
    again = outcome.state == State.QUEUED
    return {
        "state": outcome.state,
        "result": outcome.result,
        "error_code": outcome.error_code[:100],
        "error_message": plain_text(outcome.error_message, 2000),
        "run_after": Now() + outcome.delay if again and outcome.delay else job.run_after,
        "finished_at": None if again else Now(),
        "handed_at": None,
        "lease_token": None,
        "lease_until": None,
        "version": F("version") + 1,
    }
