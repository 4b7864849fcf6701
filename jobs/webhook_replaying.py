"""Send to a webhook by hand: a delivery once more under its old id, or an event that only tries it out."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from jobs.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from jobs.webhook_endpoints import held_endpoint
from jobs.webhooks import PING, NewEvent, emit_to
from tenants.fields import new_id
from tenants.permissions import Permission
from tenants.refusal import Conflict
from tenants.scope import current_scope


class WebhookInactive(Conflict):
    """The webhook is out of use or removed: nothing is sent to it."""

    code = "webhook_inactive"


class DeliveryUnderWay(Conflict):
    """The delivery has not ended: it goes on by itself."""

    code = "delivery_under_way"


@transaction.atomic
def replay(delivery: WebhookDelivery) -> WebhookDelivery:
    """Send a delivery once more, with all its attempts. Its receiver sees the same id and may pass over it.

    Refused: `not_permitted`, `webhook_inactive`, `delivery_under_way`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_COMPANY)
    mine = WebhookDelivery.objects.for_company(scope.company).filter(pk=delivery.pk)
    _require_active(mine.select_related("endpoint").get().endpoint)
    locked = mine.held().get()
    if locked.state in (DeliveryState.WAITING, DeliveryState.CLAIMED):
        raise DeliveryUnderWay(_("The delivery is under way: it goes on by itself."))
    mine.update(**_anew())
    locked.refresh_from_db()
    return locked


@transaction.atomic
def replay_missed(endpoint: WebhookEndpoint) -> int:
    """Send once more what the webhook was told in vain: every delivery that was given up. Answers with how many.

    Refused: `not_found`, `not_permitted`, `webhook_inactive`.
    """
    held = held_endpoint(endpoint.pk)
    _require_active(held)
    missed = WebhookDelivery.objects.for_company(held.company_id).filter(endpoint=held, state=DeliveryState.ABANDONED)
    return int(missed.update(**_anew()))


@transaction.atomic
def ping(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Send an event that means nothing, to see whether the webhook works. Refused: `not_found`, `webhook_inactive`."""
    held = held_endpoint(endpoint.pk)
    _require_active(held)
    id = new_id()
    said = {"message": "Daybook can reach this webhook.", "by": current_scope().actor.name}
    return emit_to(held, NewEvent(PING, f"ping:{id}", "jobs_webhookendpoint", held.pk, said))


def _anew() -> dict[str, Any]:
    """As a delivery that was never tried, but for who asked for it."""
    return {
        "state": DeliveryState.WAITING, "attempts": 0, "next_at": Now(), "error": "", "status_code": None,
        "excerpt": "", "delivered_at": None, "replayed_by": current_scope().actor.name[:200], "replayed_at": Now(),
    }  # fmt: skip


def _require_active(endpoint: WebhookEndpoint) -> None:
    if not endpoint.is_active:
        raise WebhookInactive(_("The webhook is out of use: nothing is sent to it."))
