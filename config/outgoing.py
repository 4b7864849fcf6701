"""The settings of what leaves for other systems: webhooks and e-mails."""

from config.environment import flag, mail_server, number, text

# Webhooks and e-mails: how long a silent worker keeps one, and the first step of their back-off, in seconds.
OUTGOING_LEASE_SECONDS = number("OUTGOING_LEASE_SECONDS", 120)
OUTGOING_BACKOFF_SECONDS = number("OUTGOING_BACKOFF_SECONDS", 10)
WEBHOOK_TIMEOUT_SECONDS = number("WEBHOOK_TIMEOUT_SECONDS", 10)
# Webhooks go to public addresses alone, unless the receivers stand in the network of the installation.
WEBHOOKS_TO_PRIVATE_ADDRESSES: bool = flag("WEBHOOKS_TO_PRIVATE_ADDRESSES")
# What webhooks are told; an app to the right emits its own.
WEBHOOK_EVENTS: list[str] = [
    "ping",
    "invoice.posted",
    "invoice.paid",
    "invoice.overdue",
    "credit_note.posted",
    "bill.approved",
    "bill.posted",
    "bill.paid",
    "payment.posted",
    "payment.reversed",
    "report.made",
    "report.signed",
]

# The address of this installation as people outside reach it; without one, mails carry no links.
PUBLIC_URL = text("PUBLIC_URL")
# Where e-mails are handed over; without an EMAIL_URL they wait, and say so.
EMAIL_URL = text("EMAIL_URL")
EMAIL_IS_SET_UP = bool(EMAIL_URL)
EMAIL_BACKEND = "jobs.smtp.OutboxBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL = mail_server(EMAIL_URL)
EMAIL_TIMEOUT = number("EMAIL_TIMEOUT_SECONDS", 30)
DEFAULT_FROM_EMAIL = text("EMAIL_FROM", "daybook@localhost")
