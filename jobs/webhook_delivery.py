"""Tell the webhooks what is due: claim in a short transaction, call outside any, record in a short one."""

import time
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

import structlog
from django.db import Error as DatabaseFailure
from django.db import connection
from django.utils import timezone
from prometheus_client import Counter

from jobs.webhook_calls import Answer, post, signed_headers
from jobs.webhook_claiming import MOST_TOGETHER, Claimed, claim_due, record
from tenants.models import Company

log = structlog.get_logger(__name__)

CALLS = Counter("daybook_webhook_calls", "Calls of webhooks, by what came of them.", ["outcome"])
THREADS = MOST_TOGETHER
# A round ends after so long, also where more is due: the next one begins seconds later.
ROUND_SECONDS = 25.0


def deliver_due() -> int:
    """Make the due deliveries of all companies; returns how many calls it made. Safe to be run twice at once."""
    deadline = time.monotonic() + ROUND_SECONDS
    companies, calls = list(Company.objects.filter(is_active=True)), 0
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool:
        while companies and time.monotonic() < deadline:
            more = []
            for company in companies:
                if made := deliver_company(company, pool):
                    calls += made
                    more.append(company)
            companies = more
    return calls


def deliver_company(company: Company, pool: ThreadPoolExecutor) -> int:
    """Make the due deliveries of one company, as many as are made at once; its trouble is its own."""
    try:
        claimed = claim_due(company)
        # The threads know no database: what they need was read with the claim.
        calls: dict[Future[Answer], Claimed] = {pool.submit(call, one): one for one in claimed}
        for done in as_completed(calls):
            _record(calls[done], done.result())
    except DatabaseFailure as error:
        # What was called and not recorded is taken up again when its claim has run out, under the same id.
        log.warning("webhooks_put_off", company=company.slug, error=str(error))
        connection.close_if_unusable_or_obsolete()
        return 0
    return len(claimed)


def call(claimed: Claimed) -> Answer:
    """One call, signed with every valid secret."""
    return post(
        claimed.url,
        claimed.body,
        signed_headers(str(claimed.event_id), timezone.now(), claimed.body, claimed.secrets),
    )


def _record(claimed: Claimed, answer: Answer) -> None:
    recorded = record(claimed, answer)
    outcome = "lost" if not recorded else "delivered" if answer.is_success else "failed"
    CALLS.labels(outcome).inc()
    log.info(
        "webhook_called", company=claimed.company.slug, delivery=str(claimed.id), attempt=claimed.attempt,
        status=answer.status_code, outcome=outcome, error=answer.error,
    )  # fmt: skip
