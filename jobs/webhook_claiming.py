"""Claim what is due to the webhooks of a company, and record what came of each call: short transactions around it.

The claim's token names the worker. A claim that nobody recorded in time runs out, and the delivery is taken again
under the same id.
"""

import dataclasses
import datetime
import json
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.backoff import delay_after
from jobs.models import DeliveryState, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSecret
from jobs.webhook_calls import GONE, Answer
from jobs.webhook_endpoints import disable_endpoint, give_up_on
from tenants.models import Company
from tenants.scope import Actor, company_scope

SENDER = Actor.system("webhook sender")
MOST_ATTEMPTS = 12
# How many calls one webhook gets at the same time: a slow one must not take every worker.
AT_ONCE = 8
# How many a worker takes together: all are called before their claim runs out.
MOST_TOGETHER = 16
PATIENCE = datetime.timedelta(days=5)


@dataclasses.dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker, and nobody else, is to make."""

    company: Company
    id: UUID
    token: UUID
    endpoint_id: UUID
    attempt: int
    event_id: UUID
    url: str
    body: str
    secrets: tuple[str, ...]


def claim_due(company: Company) -> list[Claimed]:
    """Take what is due and nobody is at; webhooks out of use give up what waits for them."""
    with transaction.atomic(durable=True), company_scope(company, actor=SENDER, act="claim webhooks"):
        deliveries = WebhookDelivery.objects.for_company(company)
        waiting = deliveries.due() | deliveries.orphaned()
        endpoints = WebhookEndpoint.objects.for_company(company).filter(Exists(waiting.filter(endpoint=OuterRef("pk"))))
        claimed: list[Claimed] = []
        # In no order: each has its turn before long.
        for endpoint in endpoints.order_by("?"):
            if endpoint.is_active:
                claimed += _claim_for(company, endpoint, MOST_TOGETHER - len(claimed))
            else:
                _end_orphans(endpoint)
                give_up_on(endpoint, endpoint.disabled_reason or _("The webhook is out of use."))
        return claimed


def record(claimed: Claimed, answer: Answer) -> bool:
    """Write down what came of the call; False where the claim had run out and another worker has the delivery."""
    with transaction.atomic(durable=True), company_scope(claimed.company, actor=SENDER, act="record webhook"):
        # The webhook before its delivery, as everybody locks them.
        is_active = _note_at_endpoint(claimed, answer)
        mine = WebhookDelivery.objects.for_company(claimed.company).filter(
            pk=claimed.id, state=DeliveryState.CLAIMED, claim_token=claimed.token
        )
        recorded: int = mine.update(**_values(claimed, answer, is_active))
        WebhookAttempt.objects.create(
            company=claimed.company, delivery_id=claimed.id, number=claimed.attempt, url=claimed.url, at=Now(),
            status_code=answer.status_code, error=answer.error, excerpt=answer.excerpt,
            milliseconds=answer.milliseconds,
        )  # fmt: skip
        return bool(recorded)


def _claim_for(company: Company, endpoint: WebhookEndpoint, most: int) -> list[Claimed]:
    deliveries = WebhookDelivery.objects.for_company(company).filter(endpoint=endpoint)
    room = min(most, AT_ONCE - deliveries.in_hand().count())
    if room <= 0:
        return []
    waiting = (deliveries.due() | deliveries.orphaned()).order_by("next_at", "pk")
    rows = list(waiting.held(skip_locked=True).select_related("event")[:room])
    _log_orphans(rows)
    spent = [row.pk for row in rows if row.attempts >= MOST_ATTEMPTS]
    deliveries.filter(pk__in=spent).update(**_ended(_interrupted()))
    rows = [row for row in rows if row.pk not in spent]
    token = uuid4()
    deliveries.filter(pk__in=[row.pk for row in rows]).update(
        state=DeliveryState.CLAIMED, claim_token=token, claimed_until=Now() + _lease(), next_at=None,
        attempts=F("attempts") + 1,
    )  # fmt: skip
    secrets = _secrets_of(endpoint)
    return [
        Claimed(company, row.pk, token, endpoint.pk, row.attempts + 1, row.event_id, endpoint.url,
                _body(company, row), secrets)
        for row in rows
    ]  # fmt: skip


def _lease() -> datetime.timedelta:
    return datetime.timedelta(seconds=settings.OUTGOING_LEASE_SECONDS)


def _secrets_of(endpoint: WebhookEndpoint) -> tuple[str, ...]:
    """The present one first, then the one that is still valid beside it."""
    valid = Q(valid_until__isnull=True) | Q(valid_until__gt=Now())
    secrets = WebhookSecret.objects.for_company(endpoint.company_id).filter(valid, endpoint=endpoint)
    return tuple(secrets.order_by(F("valid_until").desc(nulls_first=True)).values_list("secret", flat=True))


def _body(company: Company, delivery: WebhookDelivery) -> str:
    event = delivery.event
    told = {
        "id": str(event.pk), "type": event.type, "timestamp": event.at.isoformat(), "company": company.slug,
        "subject": event.subject, "subject_id": str(event.subject_id) if event.subject_id else None,
        "data": event.payload,
    }  # fmt: skip
    # Always the same bytes for the same event.
    return json.dumps(told, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _log_orphans(rows: list[WebhookDelivery]) -> None:
    WebhookAttempt.objects.bulk_create(
        WebhookAttempt(company_id=row.company_id, delivery=row, number=row.attempts, url="", error=_interrupted())
        for row in rows
        if row.state == DeliveryState.CLAIMED
    )


def _end_orphans(endpoint: WebhookEndpoint) -> None:
    orphans = WebhookDelivery.objects.for_company(endpoint.company_id).filter(endpoint=endpoint).orphaned()
    orphans.update(**_ended(_interrupted()))


def _interrupted() -> str:
    return _("The worker ended before it heard the answer.")


def _note_at_endpoint(claimed: Claimed, answer: Answer) -> bool:
    """Since when the webhook fails; one that is gone, or fails for days, is disabled. Whether it is still in use."""
    mine = WebhookEndpoint.objects.for_company(claimed.company).filter(pk=claimed.endpoint_id)
    seen: WebhookEndpoint = mine.get()
    if not _concerns(seen, answer):
        return seen.is_active
    endpoint: WebhookEndpoint = mine.select_for_update(no_key=True).get()
    if answer.is_success:
        mine.update(failing_since=None)
    elif endpoint.is_active and answer.status_code == GONE:
        disable_endpoint(endpoint, _("It answered 410: it is gone for good."))
    elif endpoint.failing_since is None:
        mine.update(failing_since=Now())
    elif endpoint.is_active and _is_hopeless(endpoint):
        disable_endpoint(endpoint, _("Nothing could be delivered for %d days.") % PATIENCE.days)
    return endpoint.is_active


def _concerns(endpoint: WebhookEndpoint, answer: Answer) -> bool:
    """Whether the answer changes anything for the webhook itself: most do not, and lock nothing."""
    if answer.is_success or endpoint.failing_since is None:
        return answer.is_success == (endpoint.failing_since is not None)
    return endpoint.is_active and (answer.status_code == GONE or _is_hopeless(endpoint))


def _is_hopeless(endpoint: WebhookEndpoint) -> bool:
    return endpoint.failing_since is not None and timezone.now() - endpoint.failing_since >= PATIENCE


def _values(claimed: Claimed, answer: Answer, is_active: bool) -> dict[str, Any]:
    told = {"status_code": answer.status_code, "excerpt": answer.excerpt}
    if answer.is_success:
        return {**_free(DeliveryState.DELIVERED), **told, "error": "", "delivered_at": Now()}
    if not is_active or claimed.attempt >= MOST_ATTEMPTS:
        return {**_ended(answer.error), **told}
    delay = max(delay_after(claimed.attempt), answer.pause or datetime.timedelta())
    return {**_free(DeliveryState.FAILED), **told, "error": answer.error, "next_at": Now() + delay}


def _ended(error: str) -> dict[str, Any]:
    return {**_free(DeliveryState.ABANDONED), "next_at": None, "error": error}


def _free(state: str) -> dict[str, Any]:
    return {"state": state, "claim_token": None, "claimed_until": None}
