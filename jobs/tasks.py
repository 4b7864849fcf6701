"""What Celery runs: ids in, nothing out; all thought is in the acts."""

from uuid import UUID

from celery import shared_task

from jobs import mail_sending, running, webhook_delivery
from jobs import relay as relaying


# A round that no worker took in time is not made up for: the next one sees the same rows.
@shared_task(expires=10)
def relay() -> None:
    """Offer again what is due."""
    relaying.relay()


@shared_task(acks_late=True, reject_on_worker_lost=True)
def run(company_id: str, job_id: str) -> None:
    """Do one job."""
    running.run(UUID(company_id), UUID(job_id))


@shared_task(expires=10)
def deliver_webhooks() -> None:
    """Tell the webhooks what is due."""
    webhook_delivery.deliver_due()


@shared_task(expires=10)
def send_mails() -> None:
    """Send the e-mails that are due."""
    mail_sending.send_due()
