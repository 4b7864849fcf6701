"""Run a job: claim it, do its work outside any transaction, record what came of it. Safe to be called twice.

A handler is a function `handler(job: RunningJob) -> dict`. It opens its own scope, `with company_scope(job.company,
actor=job.actor)`, and is idempotent under `job.key`: after a crash it is called again. It says no with `Refused`
(final), asks for another attempt with `TryAgain`, and everything else that it raises is a fault.
"""

import datetime
import random
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from jobs.claiming import Claim, Outcome, claim, record
from jobs.files import UNKNOWN_TYPE, NewFile, content_of, keep_file
from jobs.metrics import note_attempt
from jobs.models import JobFile, State
from jobs.plain_values import plain, plain_text
from jobs.pulse import Progress, Pulse
from tenants.models import Company
from tenants.refusal import NotPermitted, Refused
from tenants.scope import Actor, company_scope

log = structlog.get_logger(__name__)

LONGEST_DELAY = 900.0


class JobCancelled(Exception):
    """Somebody asked for the job to stop. A handler lets it pass, so that its transaction rolls back."""


class LeaseLost(Exception):
    """Another worker has taken the job over: this one stops, and records nothing."""


class TryAgain(Exception):
    """Something outside did not answer, and may answer later; the message is for the person who waits."""


TRANSIENT = (TryAgain, OperationalError, InterfaceError, ConnectionError, TimeoutError)


class RunningJob:
    """What a handler knows of its job."""

    def __init__(self, claimed: Claim, actor: Actor, pulse: Pulse) -> None:
        self.id: UUID = claimed.job.pk
        self.company: Company = claimed.company
        self.parameters: dict[str, Any] = claimed.job.parameters
        self.key: str = claimed.job.key
        self.attempt: int = claimed.job.attempts
        self.actor = actor
        self._job = claimed.job
        self._pulse = pulse

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Show how far the work is, at once and to everybody; raises `JobCancelled` when it is to stop."""
        self._pulse.report(Progress(max(0, done), max(0, total), plain_text(message, 500)))
        if self._pulse.lost:
            raise LeaseLost
        if self._pulse.cancelled:
            raise JobCancelled

    def file(self, name: str) -> bytes:
        """The content of a file that was handed in with the job."""
        with company_scope(self.company, actor=self.actor):
            return content_of(self._job, name, JobFile.Role.INPUT)

    def save_file(self, name: str, content: bytes, content_type: str = UNKNOWN_TYPE) -> None:
        """Keep a file that the job made; inside the handler's transaction, if there is one."""
        with company_scope(self.company, actor=self.actor):
            keep_file(self._job, JobFile.Role.OUTPUT, NewFile(name, content, content_type))


def run(company_id: UUID, job_id: UUID) -> None:
    """Do the job, unless it is not due, or another worker does it."""
    claimed = claim(company_id, job_id)
    if claimed is None:
        return
    job, company = claimed.job, claimed.company
    with structlog.contextvars.bound_contextvars(job=str(job.pk), kind=job.kind, company=company.slug):
        started = time.monotonic()
        with Pulse(claimed) as pulse:
            outcome = _attempt(claimed, pulse)
        # A connection that broke under the handler must not break the record too.
        connection.close_if_unusable_or_obsolete()
        last = pulse.progress
        recorded = outcome is not None and record(
            claimed, outcome, done=last.done, total=last.total, message=last.message
        )
        ended = outcome.state if outcome is not None and recorded else "lost"
        note_attempt(job.kind, ended, time.monotonic() - started)
        log.info("job_attempt_ended", outcome=ended, attempt=job.attempts)


def _attempt(claimed: Claim, pulse: Pulse) -> Outcome | None:
    """Call the handler, and say what its answer or its error means."""
    try:
        return Outcome(State.SUCCEEDED, result=_call_handler(claimed, pulse))
    except LeaseLost:
        log.warning("job_lease_lost")
        return None
    except JobCancelled:
        return Outcome(State.CANCELLED)
    except Refused as refusal:
        return Outcome(State.FAILED, error_code=refusal.code, error_message=refusal.message)
    except TRANSIENT as error:
        log.warning("job_attempt_failed", attempt=claimed.job.attempts, exc_info=True)
        return _another_attempt(claimed, error)
    except Exception:  # a fault of ours: the trace is for the log, the sentence for the person
        log.exception("job_failed")
        return Outcome(State.FAILED, error_code="internal_error", error_message=_internal(claimed))


def _call_handler(claimed: Claim, pulse: Pulse) -> Any:
    job = claimed.job
    if claimed.actor is None:
        raise NotPermitted(_("%s may no longer work in this company.") % job.actor_name)
    handler: Callable[[RunningJob], Any] = import_string(settings.JOB_KINDS[job.kind])
    return plain(handler(RunningJob(claimed, claimed.actor, pulse)) or {})


def _another_attempt(claimed: Claim, error: Exception) -> Outcome:
    job = claimed.job
    said = (
        str(error) if isinstance(error, TryAgain) and str(error) else _("A service that the job needs did not answer.")
    )
    if job.attempts >= job.max_attempts:
        message = _("%(said)s Daybook tried %(count)d times. Retry the job later.")
        message = message % {"said": said, "count": job.attempts}
        return Outcome(State.FAILED, error_code="unavailable", error_message=message)
    delay = datetime.timedelta(seconds=_backoff(job.attempts))
    return Outcome(State.QUEUED, error_code="unavailable", error_message=said, delay=delay)


def _backoff(attempts: int) -> float:
    """Seconds until the next attempt: twice as long each time, and never the same for two jobs."""
    longest = getattr(settings, "JOB_BACKOFF_SECONDS", 4.0) * 2.0 ** (attempts - 1)
    return min(longest, LONGEST_DELAY) * random.uniform(0.5, 1.0)


def _internal(claimed: Claim) -> str:
    message = _("The job stopped because of an error in Daybook. Give your administrator this number: %s.")
    return message % claimed.job.pk
