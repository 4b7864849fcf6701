"""PostgreSQL, one of its backends, the broker, the web server or the worker is killed in the middle of a working day."""

import contextlib
import random
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.until import until
from tests.long.budget import Budget
from tests.long.crashes.day import Day
from tests.long.crashes.installation import Installation
from tests.long.crashes.proof import prove

VICTIMS = ["postgres", "backend", "broker", "web", "web worker", "worker"]
LONGEST_DELAY = 0.4
# What is going on when somebody is killed, as the database sees it.
MOMENTS = {
    "posting in bulk": "query LIKE '%ledger_try_post%' AND state = 'active' AND now() - query_start > interval '20 ms'",
    "sealing": "query LIKE '%ledger_seal(%' AND state = 'active'",
    "importing": "EXISTS (SELECT FROM jobs_job WHERE kind = 'ledger.import_journal' AND state = 'running' AND done > 0)",
    "undoing an import": "EXISTS (SELECT FROM jobs_job WHERE kind = 'ledger.undo_import' AND state = 'running')",
    "reversing in bulk": "EXISTS (SELECT FROM jobs_job WHERE kind = 'ledger.reverse_entries' AND state = 'running')",
    # Its triggers wait for a poster in flight.
    "closing": "query LIKE 'UPDATE \"accounting_period\"%' AND wait_event_type = 'Lock'",
}


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """One installation for all crashes: each leaves it at work."""
    with tempfile.TemporaryDirectory(prefix="daybook-test-crash-") as folder:
        installation = Installation(Path(folder))
        try:
            installation.start()
            yield installation
        finally:
            installation.stop()


def test_what_was_acknowledged_survives_every_crash_once_and_whole(installation):
    """A day for each victim and moment, in the order of the seed, as long as there is time."""
    budget = Budget("crashes", [(victim, moment) for victim in VICTIMS for moment in MOMENTS])
    tried = 0
    for victim, moment in budget.take():
        day = Day(installation)
        with poster_in_flight(day) if moment == "closing" else contextlib.nullcontext():
            day.begin()
            wait_for(day, moment)
            # Not the first instant of it, but any.
            threading.Event().wait(random.uniform(0, LONGEST_DELAY))
            installation.kill(victim)
        installation.bring_back(victim)
        day.end()
        prove(day)
        print(f"{victim} killed while {moment}: {statuses(day)}")
        tried += 1
    budget.report(tried)


@contextlib.contextmanager
def poster_in_flight(day):
    """Somebody whose posting is not committed: who closes a period waits for them."""
    with contextlib.closing(day.installation.superuser()) as poster:
        poster.execute(
            "SELECT pg_advisory_xact_lock_shared(public.ledger_books_lock(id)) FROM tenants_company WHERE slug = %s",
            [day.slug],
        )
        yield


def wait_for(day, moment):
    """Until it happens; where it was over too soon to be seen, any moment is as good."""
    query = f"SELECT FROM pg_stat_activity WHERE usename = 'daybook_app' AND {MOMENTS[moment]} LIMIT 1"
    with day.installation.superuser() as watcher:
        watcher.autocommit = True
        try:
            until(lambda: watcher.execute(query).rowcount, seconds=20)
        except AssertionError:
            print(f"not seen: {moment}")


def statuses(day):
    """How often callers got which answer; 0 where the connection broke."""
    counts = {}
    for caller in day.callers:
        for status, count in caller.statuses.items():
            counts[status] = counts.get(status, 0) + count
    return counts
