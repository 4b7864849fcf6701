"""What Celery runs: ids in, nothing out; all thought is in the acts."""

from uuid import UUID

from celery import shared_task

from jobs import relay as relaying
from jobs import running


@shared_task
def relay() -> None:
    """Offer again what is due."""
    relaying.relay()


@shared_task(acks_late=True, reject_on_worker_lost=True)
def run(company_id: str, job_id: str) -> None:
    """Do one job."""
    running.run(UUID(company_id), UUID(job_id))
