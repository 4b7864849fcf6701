"""What is due today and happens by itself (settings.DUE_WORK): recurring entries, auto-reversals, reminders."""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import OperationalError
from django.utils.module_loading import import_string
from prometheus_client import Counter

from accounting.business_day import business_day
from ledger.refusals import KeyInFlight
from tenants.models import Company
from tenants.scope import Actor, company_scope

log = structlog.get_logger(__name__)

MADE = Counter("daybook_due_work", "What happened by itself on its day", ["kind"])


def do_due_work() -> dict[str, int]:
    """Do what is due in every active company; run twice, or after a month of sleep, each thing is done once.

    One company's fault does not keep the others waiting; it is raised when all had their turn.
    """
    kinds = {kind: import_string(path) for kind, path in settings.DUE_WORK.items()}
    done = dict.fromkeys(kinds, 0)
    failures: list[Exception] = []
    for company in Company.objects.filter(is_active=True).iterator():
        for kind, act in kinds.items():
            try:
                done[kind] += _do(company, kind, act)
            except Exception as error:
                failures.append(error)
    if failures:
        raise ExceptionGroup("some due work could not be done", failures)
    return done


def _do(company: Company, kind: str, act: Callable[..., int]) -> int:
    try:
        with company_scope(company, actor=Actor.system("schedule"), act=kind.replace("_", " ")):
            made = act(business_day(company))
    except (OperationalError, KeyInFlight) as error:
        # Somebody holds the rows: the next round sees them again.
        log.warning("due_work_put_off", kind=kind, company=company.slug, error=str(error))
        return 0
    MADE.labels(kind).inc(made)
    return made
