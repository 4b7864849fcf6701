"""Tell other systems what happened: an event in the transaction of the act, and a delivery for each webhook.

Nothing leaves before the commit; `jobs.webhook_delivery` does the telling. A company without a webhook pays one query,
and its events are not kept.
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from jobs.models import WebhookDelivery, WebhookEndpoint
from jobs.plain_values import plain
from tenants.fields import new_id, new_id_text
from tenants.models import Company
from tenants.scope import current_scope

PING = "ping"
_INSERT = """
INSERT INTO jobs_webhookevent (id, company_id, key, type, subject, subject_id, payload, at)
SELECT id, %s, key, type, subject, subject_id, payload::jsonb, now()
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::text[])
  AS new (id, key, type, subject, subject_id, payload)
ON CONFLICT (company_id, key) DO NOTHING RETURNING id
"""


class UnknownEvent(ValueError):
    """settings.WEBHOOK_EVENTS does not name this event."""


@dataclasses.dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happened: `key` names the act, so that it is told once; `payload` is what others learn of it."""

    type: str
    key: str
    subject: str
    subject_id: UUID | None
    payload: Mapping[str, Any]


def emit(event_type: str, *, key: str, subject: str, subject_id: UUID | None, payload: Mapping[str, Any]) -> None:
    """Tell the webhooks of the current company, once the running transaction is committed."""
    emit_many([NewEvent(event_type, key, subject, subject_id, payload)])


@transaction.atomic
def emit_many(events: Sequence[NewEvent]) -> int:
    """Tell of many acts at once, in as many statements as of one; answers with how many were not told before."""
    if unknown := {event.type for event in events} - set(settings.WEBHOOK_EVENTS):
        raise UnknownEvent(f"settings.WEBHOOK_EVENTS does not name {', '.join(sorted(unknown))}.")
    company = current_scope().company
    listening = WebhookEndpoint.objects.for_company(company).filter(is_active=True).order_by("pk")
    wanted = {pk: set(types) for pk, types in listening.values_list("pk", "events")}
    told = [event for event in events if any(not types or event.type in types for types in wanted.values())]
    kept = _keep_events(company, told)
    _add_deliveries(
        company,
        ((id, pk) for id, event in kept.items() for pk, types in wanted.items() if not types or event.type in types),
    )
    return len(kept)


@transaction.atomic
def emit_to(endpoint: WebhookEndpoint, event: NewEvent) -> WebhookDelivery:
    """Tell this webhook alone, whatever events it asked for."""
    company = current_scope().company
    (delivery,) = _add_deliveries(company, ((id, endpoint.pk) for id in _keep_events(company, [event])))
    return delivery


def _keep_events(company: Company, events: Iterable[NewEvent]) -> dict[UUID, NewEvent]:
    """The events that were not there yet, by their new ids. In one order, so that twins wait and do not deadlock."""
    new = {UUID(new_id_text()): event for event in sorted(events, key=lambda event: event.key)}
    if not new:
        return {}
    rows = new.values()
    columns: list[list[Any]] = [
        list(new), [row.key for row in rows], [row.type for row in rows], [row.subject for row in rows],
        [row.subject_id for row in rows], [json.dumps(plain(dict(row.payload))) for row in rows],
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [company.pk, *columns])
        return {id: new[id] for (id,) in cursor.fetchall()}


def _add_deliveries(company: Company, pairs: Iterable[tuple[UUID, UUID]]) -> list[WebhookDelivery]:
    # The database's time, like every other time of a delivery.
    rows = [
        WebhookDelivery(id=new_id(), company=company, event_id=event, endpoint_id=endpoint, next_at=Now(), at=Now())
        for event, endpoint in pairs
    ]
    made: list[WebhookDelivery] = WebhookDelivery.objects.bulk_create(rows, batch_size=1000)
    return made
