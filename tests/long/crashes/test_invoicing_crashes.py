"""A process is killed while invoices are posted in bulk, customers are dunned, documents recur or payments are posted."""

import random
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.receiver import MailServer, running
from tests.jobs.until import until
from tests.long.budget import Budget
from tests.long.crashes.installation import Installation
from tests.long.crashes.invoicing_day import OfficeDay
from tests.long.crashes.invoicing_proof import prove_office
from tests.long.crashes.test_crashes import VICTIMS, statuses

LONGEST_DELAY = 0.6
SETTINGS = {"DUE_WORK_SECONDS": "2", "OUTGOING_SECONDS": "1", "OUTGOING_LEASE_SECONDS": "2"}
# What is going on in the company when somebody is killed.
MOMENTS = {
    "posting in bulk": "SELECT FROM jobs_job WHERE company_id = %s AND kind = 'invoicing.post_documents' "
    "AND state = 'running' AND done > 0",
    "dunning": "SELECT FROM jobs_job WHERE company_id = %s AND kind = 'invoicing.run_dunning' "
    "AND state = 'running' AND done > 0",
    "making what recurs": "SELECT FROM pg_stat_activity WHERE usename = 'daybook_app' AND state <> 'idle' "
    "AND query LIKE '%%\"invoicing_recurringdocument\"%%' AND EXISTS (SELECT FROM invoicing_recurringdocument "
    "WHERE company_id = %s)",
    "posting a payment": "SELECT FROM pg_stat_activity WHERE usename = 'daybook_app' AND state <> 'idle' "
    "AND query LIKE '%%\"invoicing_payment\"%%' AND EXISTS (SELECT FROM invoicing_payment WHERE company_id = %s)",
}


@pytest.fixture(scope="module")
def post_office() -> Iterator[MailServer]:
    with running(MailServer()) as server:
        yield server


@pytest.fixture(scope="module")
def installation(post_office: MailServer) -> Iterator[Installation]:
    """One installation for all crashes: each leaves it at work."""
    with tempfile.TemporaryDirectory(prefix="daybook-test-office-") as folder:
        installation = Installation(Path(folder), EMAIL_URL=f"smtp://127.0.0.1:{post_office.port}", **SETTINGS)
        try:
            installation.start()
            yield installation
        finally:
            installation.stop()


def test_documents_payments_and_letters_survive_every_crash_once_and_whole(installation, post_office):
    """A day for each victim and moment, in the order of the seed, as long as there is time."""
    budget = Budget("invoicing crashes", [(victim, moment) for victim in VICTIMS for moment in MOMENTS])
    tried = 0
    for victim, moment in budget.take():
        day = OfficeDay(installation)
        day.begin()
        wait_for(day, moment)
        # Not the first instant of it, but any.
        threading.Event().wait(random.uniform(0, LONGEST_DELAY))
        installation.kill(victim)
        installation.bring_back(victim)
        day.end()
        day.ask_again()
        prove_office(day, post_office.mails)
        print(f"{victim} killed while {moment}: {statuses(day)}")
        tried += 1
    budget.report(tried)


def wait_for(day: Any, moment: str) -> None:
    """Until it happens; where it was over too soon to be seen, any moment is as good."""
    with day.installation.superuser() as watcher:
        watcher.autocommit = True
        try:
            until(lambda: watcher.execute(MOMENTS[moment], [day.company]).rowcount, seconds=20)
        except AssertionError:
            print(f"not seen: {moment}")
