"""The relay: every few seconds it offers again what is due and what a dead worker left behind."""

import structlog
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import Now

from jobs import metrics
from jobs.handover import RELAY, hand_over, handover_patience, take_back
from jobs.models import Job
from tenants.models import Company
from tenants.scope import company_scope

log = structlog.get_logger(__name__)

MOST_PER_COMPANY = 100


def relay() -> int:
    """Hand over the due jobs of all companies; returns how many the broker took. One company's trouble is its own."""
    handed = 0
    depth = metrics.QueueDepth()
    for company in Company.objects.filter(is_active=True):
        try:
            taken = _relay_company(company, depth)
        except DatabaseFailure as error:
            log.warning("relay_failed", company=company.slug, error=str(error))
            connection.close_if_unusable_or_obsolete()
            continue
        if taken is None:  # the broker is away for the other companies too
            return handed
        handed += taken
    depth.publish()
    return handed


def _relay_company(company: Company, depth: "metrics.QueueDepth") -> int | None:
    with company_scope(company, actor=RELAY):
        jobs = Job.objects.for_company(company)
        depth.add(jobs.under_way().order_by().values_list("kind", "state").annotate(Count("pk")))
        # What the broker took a moment ago waits for a free worker; offering it again would only fill the queue.
        forgotten = Q(handed_at__isnull=True) | Q(handed_at__lte=Now() - handover_patience())
        ready = jobs.due().filter(forgotten).order_by("run_after")
        ids = list(ready.held(skip_locked=True).values_list("pk", flat=True)[:MOST_PER_COMPANY])
        if ids:
            jobs.filter(pk__in=ids).update(handed_at=Now())
    for position, job_id in enumerate(ids):
        if not hand_over(company.pk, job_id):
            take_back(company, ids[position:])
            return None
    return len(ids)
