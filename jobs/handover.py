"""Hand a committed job to Celery. A broker that is away loses nothing: the relay offers the job again."""

import datetime
import time
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import transaction

from jobs.models import Job
from tenants.models import Company
from tenants.scope import Actor, company_scope

log = structlog.get_logger(__name__)

RELAY = Actor.system("job relay")
ONCE_MORE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
PAUSE_SECONDS = 10.0


class BrokerAway:
    """A broker that did not answer is left alone for a while: no request waits for it, the relay goes on asking."""

    until = 0.0


def handover_patience() -> datetime.timedelta:
    """How long a job that the broker took may go unclaimed before it is offered again."""
    return datetime.timedelta(seconds=getattr(settings, "JOB_HANDOVER_SECONDS", 60))


def hand_over_on_commit(job: Job) -> None:
    """Offer the job as soon as the running transaction is committed."""
    company, id = job.company, job.pk
    transaction.on_commit(lambda: _first_offer(company, id), robust=True)


def hand_over(company_id: UUID, job_id: UUID) -> bool:
    """Give the job's address to the broker; False where it does not take it."""
    from jobs import tasks

    try:
        # Once more at once, for a connection that went stale; then the relay is the retry, and no request waits.
        tasks.run.apply_async((str(company_id), str(job_id)), retry=True, retry_policy=ONCE_MORE)
    except Exception as error:  # whatever the transport raises, the row is safe
        log.warning("job_not_handed_over", job=str(job_id), error=str(error))
        return False
    return True


def take_back(company: Company, job_ids: list[UUID]) -> None:
    """Note that the broker has not got these jobs, so that the next round of the relay offers them at once."""
    with company_scope(company, actor=RELAY):
        Job.objects.for_company(company).under_way().filter(pk__in=job_ids).update(handed_at=None)


def _first_offer(company: Company, job_id: UUID) -> None:
    if time.monotonic() >= BrokerAway.until:
        if hand_over(company.pk, job_id):
            return
        BrokerAway.until = time.monotonic() + PAUSE_SECONDS
    try:
        take_back(company, [job_id])
    except DatabaseFailure as error:
        log.warning("job_offered_later", job=str(job_id), error=str(error))
