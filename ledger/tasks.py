"""Background work of the ledger, by schedule."""

from celery import shared_task

from ledger import sealing


@shared_task
def seal_all() -> None:
    """Seal what every company has posted since the last time."""
    sealing.seal_all()
