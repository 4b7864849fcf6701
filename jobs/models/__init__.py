"""The rows of the app: background jobs, and what leaves for other systems: webhooks and e-mails."""

from jobs.models.jobs import ENDED, LARGEST_FILE, UNDER_WAY, Job, JobFile, JobQuerySet, State
from jobs.models.mail import MailState, OutboundMail
from jobs.models.outgoing import DUE, OutgoingState
from jobs.models.webhooks import (
    DeliveryState,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
    WebhookSecret,
)

__all__ = [
    "DUE",
    "ENDED",
    "LARGEST_FILE",
    "UNDER_WAY",
    "DeliveryState",
    "Job",
    "JobFile",
    "JobQuerySet",
    "MailState",
    "OutboundMail",
    "OutgoingState",
    "State",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "WebhookSecret",
]
