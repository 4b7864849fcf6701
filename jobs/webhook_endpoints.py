"""Keep the webhooks of a company: add, change, give a new secret, remove."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.models import DUE, DeliveryState, WebhookDelivery, WebhookEndpoint, WebhookSecret
from jobs.plain_values import plain_text
from jobs.webhook_addresses import target_of
from jobs.webhook_calls import new_signing_secret
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope

CHANGEABLE = ("url", "description", "events", "is_active")
MOST = 50
LONGEST_DESCRIPTION = 200
USUAL_HOURS, MOST_HOURS = 24, 168


class BadWebhook(Refused):
    """A webhook cannot be kept like this."""

    code = "invalid_webhook"


class TooManyWebhooks(Refused):
    """A company has at most so many webhooks."""

    code = "too_many_webhooks"


class WebhookNotFound(NotFound):
    """No such webhook."""


@transaction.atomic
def add_endpoint(url: str, *, description: str = "", events: Sequence[str] = ()) -> tuple[WebhookEndpoint, str]:
    """Add a webhook of the current company; returns it with its secret, which is never shown again.

    Refused: `bad_webhook_address`, `invalid_webhook`, `too_many_webhooks`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_COMPANY)
    if present_endpoints().count() >= MOST:
        raise TooManyWebhooks(_("A company has at most %d webhooks.") % MOST)
    endpoint = WebhookEndpoint(company=scope.company, url=url, description=description, events=list(events))
    _check(endpoint)
    endpoint.save(force_insert=True)
    return endpoint, _new_secret(endpoint)


@transaction.atomic
def change_endpoint(endpoint: WebhookEndpoint, *, version: int | None = None, **changes: Any) -> WebhookEndpoint:
    """Change a webhook. Out of use, it gives up what it has not delivered; in use again, its past failures are past.

    Refused: as adding, `conflict` (changed meanwhile), `not_found`.
    """
    _known(changes)
    held = held_endpoint(endpoint.pk, version)
    was_active = held.is_active
    for name, value in changes.items():
        setattr(held, name, list(value) if name == "events" else value)
    _check(held)
    if held.is_active and not was_active:
        held.disabled_reason, held.failing_since = "", None
    held.version += 1
    held.save()
    if was_active and not held.is_active:
        give_up_on(held, _("The webhook was taken out of use."))
    return held


@transaction.atomic
def rotate_secret(endpoint: WebhookEndpoint, hours: int = USUAL_HOURS) -> tuple[WebhookEndpoint, str]:
    """Give a webhook a new secret; for so many hours messages are signed with the old one too.

    A rotation within those hours ends the secret before the last at once. Refused: `invalid_webhook`, `not_found`.
    """
    held = held_endpoint(endpoint.pk)
    if not 0 <= hours <= MOST_HOURS:
        raise BadWebhook(_("The old secret stays valid for 0 to %d hours.") % MOST_HOURS, place="hours")
    secrets = WebhookSecret.objects.for_company(held.company_id).filter(endpoint=held)
    secrets.filter(Q(valid_until__isnull=False)).delete()
    if hours:
        secrets.update(valid_until=Now() + datetime.timedelta(hours=hours))
    else:
        secrets.delete()
    held.rotated_at = timezone.now()
    held.version += 1
    held.save(update_fields=["rotated_at", "version"])
    return held, _new_secret(held)


@transaction.atomic
def remove_endpoint(endpoint: WebhookEndpoint, *, version: int | None = None) -> None:
    """Remove a webhook with its secrets; what it was told stays in the log. Refused: `conflict`, `not_found`."""
    held = held_endpoint(endpoint.pk, version)
    held.is_active, held.removed_at, held.version = False, timezone.now(), held.version + 1
    held.save(update_fields=["is_active", "removed_at", "version"])
    WebhookSecret.objects.for_company(held.company_id).filter(endpoint=held).delete()
    give_up_on(held, _("The webhook was removed."))


def disable_endpoint(endpoint: WebhookEndpoint, reason: str) -> None:
    """Take a webhook out of use that does not work; the worker's act, not a person's."""
    endpoint.is_active, endpoint.disabled_reason, endpoint.version = False, reason, endpoint.version + 1
    endpoint.save(update_fields=["is_active", "disabled_reason", "version"])
    give_up_on(endpoint, reason)


def present_endpoints() -> Any:
    """The webhooks of the current company that were not removed."""
    return WebhookEndpoint.objects.for_company(current_scope().company).filter(removed_at__isnull=True)


def held_endpoint(pk: Any, version: int | None = None) -> WebhookEndpoint:
    """The webhook, locked, for who may change it. Refused: `not_permitted`, `not_found`, `conflict`."""
    current_scope().require(Permission.MANAGE_COMPANY)
    found: WebhookEndpoint | None = present_endpoints().select_for_update(no_key=True).filter(pk=pk).first()
    if found is None:
        raise WebhookNotFound(_("There is no such webhook."))
    if version is not None and found.version != version:
        raise Conflict(_("The webhook was changed meanwhile: look at it again."))
    return found


def give_up_on(endpoint: WebhookEndpoint, reason: str) -> None:
    """Deliver nothing more of what waits; each delivery can be sent again when the webhook works."""
    waiting = WebhookDelivery.objects.for_company(endpoint.company_id).filter(endpoint=endpoint, state__in=DUE)
    waiting.update(state=DeliveryState.ABANDONED, next_at=None, error=reason)


def _new_secret(endpoint: WebhookEndpoint) -> str:
    secret = new_signing_secret()
    WebhookSecret.objects.create(company_id=endpoint.company_id, endpoint=endpoint, secret=secret)
    return secret


def _known(fields: Mapping[str, Any]) -> None:
    if unknown := set(fields) - set(CHANGEABLE):
        raise BadWebhook(_("%s cannot be changed.") % ", ".join(sorted(unknown)), place=min(unknown))


def _check(endpoint: WebhookEndpoint) -> None:
    endpoint.url, endpoint.description = endpoint.url.strip(), endpoint.description.strip()
    target_of(endpoint.url)
    if len(endpoint.description) > LONGEST_DESCRIPTION or endpoint.description != plain_text(endpoint.description):
        raise BadWebhook(_("At most %d characters.") % LONGEST_DESCRIPTION, place="description")
    if unknown := sorted(set(endpoint.events) - set(settings.WEBHOOK_EVENTS)):
        raise BadWebhook(_("There is no event “%s”.") % unknown[0], place="events")
    # In the order of the registry, each once.
    endpoint.events = [name for name in settings.WEBHOOK_EVENTS if name in endpoint.events]
