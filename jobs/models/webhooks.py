"""Webhooks: who wants to hear of what, what happened, and how each of them was told."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models.outgoing import DUE, LONGEST_ERROR, Outgoing, OutgoingState
from tenants.fields import CompanyForeignKey, CompanyModel

LONGEST_EXCERPT = 2000


class WebhookEndpoint(CompanyModel):
    """An address of another system that is told what happens in the company."""

    url = models.CharField(_("address"), max_length=2000)
    description = models.CharField(_("description"), max_length=200, blank=True)
    events = models.JSONField(_("events"), default=list, blank=True, help_text=_("Empty: all of them."))
    is_active = models.BooleanField(_("active"), default=True)
    disabled_reason = models.CharField(_("why it is disabled"), max_length=LONGEST_ERROR, blank=True)
    failing_since = models.DateTimeField(_("fails since"), null=True, editable=False)
    removed_at = models.DateTimeField(_("removed"), null=True, editable=False)
    rotated_at = models.DateTimeField(_("last new secret"), default=timezone.now, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(url__regex=r"^https?://[!-~]+$"), name="webhook_url"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(disabled_reason="", removed_at__isnull=True), name="webhook_active"
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.url


class WebhookSecret(CompanyModel):
    """What a webhook's messages are signed with; after a rotation the old one goes on for a while beside the new one.

    A table of its own, which the audit trail leaves out: the trail must not hold secrets.
    """

    endpoint = CompanyForeignKey(WebhookEndpoint, related_name="secrets")
    secret = models.CharField(max_length=100)
    made_at = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField(null=True, help_text=_("Empty: the present one."))

    class Meta:
        verbose_name = _("secret of a webhook")
        verbose_name_plural = _("secrets of webhooks")
        ordering = ["endpoint", "-id"]
        constraints = [
            # One that has no end.
            models.UniqueConstraint(
                fields=["company", "endpoint", "valid_until"], nulls_distinct=False, name="webhook_secret_present"
            ),
            models.CheckConstraint(condition=Q(secret__startswith="whsec_"), name="webhook_secret_form"),
        ]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"


class WebhookEvent(CompanyModel):
    """Something that happened, written with the act itself; never changed. One act under one key is told once."""

    key = models.CharField(_("key"), max_length=200)
    type = models.CharField(_("event"), max_length=50)
    subject = models.CharField(_("kind of row"), max_length=63)
    subject_id = models.UUIDField(_("row"), null=True)
    payload = models.JSONField(_("payload"), default=dict)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        ordering = ["-id"]
        indexes = [models.Index(fields=["company", "subject", "subject_id"], name="webhook_event_subject")]
        constraints = [models.UniqueConstraint(fields=["company", "key"], name="webhook_event_key")]

    def __str__(self) -> str:
        return f"{self.type} {self.at:%Y-%m-%d %H:%M}"


class DeliveryState(models.TextChoices):
    """How far the telling is."""

    WAITING = OutgoingState.WAITING.value, OutgoingState.WAITING.label
    CLAIMED = OutgoingState.CLAIMED.value, OutgoingState.CLAIMED.label
    DELIVERED = "delivered", _("Delivered")
    FAILED = OutgoingState.FAILED.value, OutgoingState.FAILED.label
    ABANDONED = OutgoingState.ABANDONED.value, OutgoingState.ABANDONED.label


class WebhookDelivery(Outgoing):
    """One event on its way to one webhook. The id of the event goes with every attempt, so that it counts once."""

    event = CompanyForeignKey(WebhookEvent, related_name="deliveries")
    endpoint = CompanyForeignKey(WebhookEndpoint, related_name="deliveries")
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING.value
    )
    status_code = models.PositiveSmallIntegerField(_("answer"), null=True)
    excerpt = models.CharField(_("what it answered"), max_length=LONGEST_EXCERPT, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    replayed_by = models.CharField(_("last sent again by"), max_length=200, blank=True)
    replayed_at = models.DateTimeField(_("last sent again"), null=True)

    class Meta(Outgoing.Meta):
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["company", "endpoint", "next_at"], condition=Q(state__in=[*DUE, "claimed"]),
                name="webhook_delivery_pending",
            ),
            models.Index(fields=["company", "endpoint", "-id"], name="webhook_delivery_endpoint"),
            models.Index(fields=["company", "state", "-id"], name="webhook_delivery_by_state"),
        ]  # fmt: skip
        constraints = [
            *Outgoing.Meta.constraints,
            models.UniqueConstraint(fields=["company", "event", "endpoint"], name="webhook_delivery_once"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="webhook_delivery_state"),
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False)
                | (~Q(state="delivered") & Q(delivered_at__isnull=True)),
                name="webhook_delivery_delivered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.endpoint}"


class WebhookAttempt(CompanyModel):
    """One call of a webhook and what it answered; never changed."""

    delivery = CompanyForeignKey(WebhookDelivery, related_name="log")
    number = models.PositiveSmallIntegerField(_("attempt"))
    url = models.CharField(_("address"), max_length=2000)
    status_code = models.PositiveSmallIntegerField(_("answer"), null=True)
    error = models.CharField(_("what went wrong"), max_length=LONGEST_ERROR, blank=True)
    excerpt = models.CharField(_("what it answered"), max_length=LONGEST_EXCERPT, blank=True)
    milliseconds = models.PositiveIntegerField(_("took, ms"), default=0)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")
        ordering = ["-id"]
        indexes = [models.Index(fields=["company", "delivery", "-id"], name="webhook_attempt_delivery")]

    def __str__(self) -> str:
        return f"{self.number}: {self.status_code or self.error}"
