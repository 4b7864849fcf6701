"""Background work of the ledger, by schedule."""

from celery import shared_task

from ledger import due_work, proof, sealing
from tenants.models import Company


@shared_task
def seal_all() -> None:
    """Seal what every company has posted since the last time."""
    sealing.seal_all()


@shared_task
def prove_roll_ups() -> None:
    """Recompute every company's stored balances; the metrics tell what was found."""
    for company in Company.objects.filter(is_active=True).iterator():
        proof.prove_roll_ups(company)


@shared_task(expires=300)
def do_due_work() -> None:
    """Post what is due today."""
    due_work.do_due_work()
