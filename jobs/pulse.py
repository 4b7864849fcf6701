"""The pulse of a running job: a thread that keeps its lease, shows its progress and hears of its cancellation.

The thread has a database connection of its own, so that everybody sees the progress at once, also while the handler is
in the middle of one big transaction, and a slow step of the handler does not cost it the lease.
"""

import contextvars
import dataclasses
import threading

import structlog
from django.db import Error as DatabaseFailure
from django.db import connection, connections
from django.db.models import F
from django.db.models.functions import Now

from jobs.claiming import WORKER, Claim, lease
from jobs.models import Job
from tenants.scope import company_scope

log = structlog.get_logger(__name__)

BETWEEN_WRITES = 0.25
LONGEST_SILENCE = 1.0
PATIENCE = 30.0


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far the job is, in its own words."""

    done: int = 0
    total: int = 0
    message: str = ""


class Pulse:
    """Use it as a context around the work; `report` is cheap enough to be called for every row."""

    def __init__(self, claimed: Claim) -> None:
        self.cancelled = claimed.job.cancel_requested
        self.lost = False
        self.progress = Progress()
        self._claimed = claimed
        self._news = threading.Event()
        self._ended = threading.Event()
        # The log lines of the thread name the job too. Database connections are per thread, not per context.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._live,), name="job-pulse", daemon=True)

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._news.set()
        self._thread.join(PATIENCE)

    def report(self, progress: Progress) -> None:
        """Show this progress, now or within a quarter of a second."""
        if progress != self.progress:
            self.progress = progress
            self._news.set()

    def _live(self) -> None:
        silence = min(LONGEST_SILENCE, lease().total_seconds() / 4)
        try:
            while not self._ended.is_set() and not self.lost:
                self._news.wait(silence)
                self._news.clear()
                if not self._ended.is_set():
                    self._beat()
                    self._ended.wait(BETWEEN_WRITES)
        finally:
            connections.close_all()

    def _beat(self) -> None:
        progress, claimed = self.progress, self._claimed
        try:
            with company_scope(claimed.company, actor=WORKER, act="job progress"):
                mine = Job.objects.for_company(claimed.company).filter(pk=claimed.job.pk, lease_token=claimed.token)
                held = mine.update(
                    lease_until=Now() + lease(), done=progress.done, total=progress.total, message=progress.message,
                    version=F("version") + 1,
                )  # fmt: skip
                self.lost = not held
                self.cancelled = bool(mine.values_list("cancel_requested", flat=True).first())
        except DatabaseFailure as error:
            # The lease outlives a short outage; after a long one the token tells whose job it is.
            log.warning("job_pulse_missed", error=str(error))
            connection.close()
