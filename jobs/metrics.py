"""What Prometheus learns of background work. Workers and web share the figures through PROMETHEUS_MULTIPROC_DIR."""

from collections import Counter as Tally
from collections.abc import Iterable

from django.conf import settings
from prometheus_client import Counter, Gauge, Histogram

from jobs.models import UNDER_WAY

DURATION = Histogram(
    "daybook_job_duration_seconds",
    "How long one attempt of a job took.",
    ["kind", "outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600),
)
ATTEMPTS = Counter("daybook_job_attempts_total", "Attempts of jobs, by what became of them.", ["kind", "outcome"])
DEPTH = Gauge(
    "daybook_jobs_under_way",
    "Jobs waiting and running, of all companies.",
    ["kind", "state"],
    multiprocess_mode="mostrecent",
)


def note_attempt(kind: str, outcome: str, seconds: float) -> None:
    """One attempt has ended."""
    DURATION.labels(kind, outcome).observe(seconds)
    ATTEMPTS.labels(kind, outcome).inc()


class QueueDepth:
    """Adds up the waiting and running jobs while the relay goes from company to company."""

    def __init__(self) -> None:
        self._tally: Tally[tuple[str, str]] = Tally()

    def add(self, rows: Iterable[tuple[str, str, int]]) -> None:
        """The jobs of one company: (kind, state, how many)."""
        for kind, state, count in rows:
            self._tally[kind, state] += count

    def publish(self) -> None:
        """Show the sums, zeros included."""
        for kind in settings.JOB_KINDS:
            for state in UNDER_WAY:
                DEPTH.labels(kind, str(state)).set(self._tally[kind, state])
