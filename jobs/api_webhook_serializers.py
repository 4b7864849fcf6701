"""The shapes of webhooks and their deliveries in the API."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from jobs.api_serializers import ListFilter
from jobs.models import DeliveryState, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from jobs.webhook_addresses import LONGEST
from jobs.webhook_endpoints import LONGEST_DESCRIPTION, MOST_HOURS, USUAL_HOURS
from tenants.api_fields import SparseFields, StrictSerializer, TextField

EVENTS = [(name, name) for name in settings.WEBHOOK_EVENTS]


class EventsField(serializers.ListField):
    """Names of events, each known."""

    child = serializers.ChoiceField(choices=EVENTS)


class WebhookOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    events = EventsField(read_only=True)

    class Meta:
        model = WebhookEndpoint
        fields = read_only_fields = [
            "id", "url", "description", "events", "is_active", "disabled_reason", "failing_since", "rotated_at",
            "created_at", "version",
        ]  # fmt: skip


class WebhookMade(WebhookOut):
    secret = serializers.CharField(
        read_only=True, allow_null=True,
        help_text="Verifies the signatures; shown now and never again, so a replay of the request has null.",
    )  # fmt: skip

    class Meta(WebhookOut.Meta):
        fields = read_only_fields = [*WebhookOut.Meta.fields, "secret"]


class WebhookChangeIn(StrictSerializer):
    """Where a webhook goes and what it is told."""

    url = TextField(max_length=LONGEST, required=False, help_text="Of a public host, https://.")
    description = TextField(max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True)
    events = EventsField(required=False, max_length=100, help_text="Empty: all of them.")
    is_active = serializers.BooleanField(required=False, help_text="True also ends that it was disabled.")


class WebhookIn(StrictSerializer):
    """A new webhook."""

    url = TextField(max_length=LONGEST, help_text="Of a public host, https://.")
    description = TextField(max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True)
    events = EventsField(required=False, max_length=100, help_text="Empty: all of them.")


class RotateIn(StrictSerializer):
    """How long the old secret stays valid beside the new one."""

    hours = serializers.IntegerField(min_value=0, max_value=MOST_HOURS, default=USUAL_HOURS)


class AttemptOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = WebhookAttempt
        fields = read_only_fields = ["number", "at", "url", "status_code", "error", "excerpt", "milliseconds"]


class DeliveryRowOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    webhook = serializers.UUIDField(source="endpoint_id", read_only=True)
    event_id = serializers.UUIDField(read_only=True, help_text="The `webhook-id` of all its attempts.")
    event = serializers.CharField(source="event.type", read_only=True)
    subject = serializers.CharField(source="event.subject", read_only=True)
    subject_id = serializers.UUIDField(source="event.subject_id", read_only=True, allow_null=True)

    class Meta:
        model = WebhookDelivery
        fields = read_only_fields = [
            "id", "webhook", "event_id", "event", "subject", "subject_id", "state", "attempts", "next_at",
            "status_code", "error", "excerpt", "at", "delivered_at", "replayed_by", "replayed_at",
        ]  # fmt: skip


class DeliveryOut(DeliveryRowOut):
    payload = serializers.DictField(source="event.payload", read_only=True)
    log = serializers.SerializerMethodField()

    class Meta(DeliveryRowOut.Meta):
        fields = read_only_fields = [*DeliveryRowOut.Meta.fields, "payload", "log"]

    @extend_schema_field(AttemptOut(many=True))
    def get_log(self, delivery: WebhookDelivery) -> Any:
        """Every attempt, the latest first."""
        rows = WebhookAttempt.objects.for_company(delivery.company_id).filter(delivery=delivery)
        return AttemptOut(rows.order_by("-id"), many=True).data


class DeliveryFilter(ListFilter):
    """How the list may be narrowed."""

    webhook = serializers.UUIDField(required=False, source="endpoint_id")
    state = serializers.ChoiceField(choices=DeliveryState.choices, required=False)
    event = serializers.ChoiceField(choices=EVENTS, required=False, source="event__type")
