"""A working day of one company: integrations post, a journal is imported and undone again, a period is closed."""

import itertools
import threading
import time
import uuid
from typing import Any

from tests.jobs.until import until
from tests.long.crashes.callers import PATIENCE, Answer, Caller, Working
from tests.long.crashes.installation import Installation

BANK, SALES = "1020", "4000"
POSTERS, SINGLES = 3, 40
BATCHES, BATCH = 2, 1000
IMPORTED = 1500
REVERSED = 200


class Day:
    """What is going on in a company, what was answered, and what must be in the books in the end."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.slug = f"crash-{uuid.uuid4().hex[:12]}"
        installation.manage("create_company", self.slug, "Crash", "--currency", "EUR", "--chart", "ifrs")
        made = installation.manage("create_api_key", self.slug, "crash test", "--scopes", "admin")
        self._credential = made.stdout.split()[-1]
        self.callers: list[Caller] = []
        # Key in the ledger -> id that was acknowledged, or None where the call was refused.
        self.answered: dict[str, str | None] = {}
        self._work: list[Working] = []
        periods = self.caller().call("GET", "periods/").body["results"]
        self._first, self._open = periods[0], periods[-1]["start"]

    def caller(self) -> Caller:
        """Another integration."""
        self.callers.append(Caller(self.installation.port, self._credential, self.slug))
        return self.callers[-1]

    @property
    def acknowledged(self) -> int:
        """How many entries callers know to be posted."""
        return sum(1 for id in list(self.answered.values()) if id)

    def begin(self) -> None:
        """Start the day."""
        for number in range(POSTERS):
            self._work.append(Working(lambda number=number: self._post_singles(number)))
        for number in range(BATCHES):
            self._work.append(Working(lambda number=number: self._post_batch(number)))
        self._work += [Working(self._reverse_in_bulk), Working(self._import_and_undo), Working(self._close)]

    def end(self) -> None:
        """Every call has its answer, every job is done, every entry is sealed."""
        for work in self._work:
            work.finish()
        until(lambda: not self.unsealed(), seconds=PATIENCE)

    def unsealed(self) -> int:
        """How many entries wait for the sealer."""
        ((count,),) = self.installation.rows(
            "SELECT count(*) FROM ledger_entry e JOIN tenants_company c ON c.id = e.company_id AND c.slug = %s "
            "LEFT JOIN ledger_entryseal x ON x.company_id = e.company_id AND x.entry_id = e.id WHERE x.id IS NULL",
            self.slug,
        )
        return int(count)

    def _post_singles(self, poster: int) -> None:
        """Every third entry lies in the period that is being closed, and may be refused."""
        caller = self.caller()
        for number in range(SINGLES):
            key = f"single-{poster}-{number}"
            date = self._first["start"] if number % 3 == 0 else self._open
            answer = caller.call("POST", "entries/", entry(date, "10.00"), key)
            self.answered[f"api:{key}"] = posted_id(answer)

    def _post_batch(self, number: int) -> None:
        key = f"batch-{number}"
        body = {"entries": [entry(self._open, "1.00")] * BATCH}
        answer = self.caller().call("POST", "entries/bulk/", body, key)
        assert answer.status in (200, 201), answer
        self.answered |= {item["key"]: item["id"] for item in answer.body["results"]}

    def _reverse_in_bulk(self) -> None:
        """A batch of its own, of which the first entries were wrong."""
        self._post_batch(BATCHES)
        wrong = [self.answered[f"api:batch-{BATCHES}#{number}"] for number in range(1, REVERSED + 1)]
        caller = self.caller()
        asked = caller.call("POST", "entries/reverse/", {"entries": wrong, "reason": "wrong customer"}, "reverse")
        assert asked.status == 202, asked
        job = self._done(caller, asked.body["id"])
        assert (job["state"], job["result"]["reversed"], job["result"]["refused"]) == ("succeeded", REVERSED, 0), job

    def _import_and_undo(self) -> None:
        caller = self.caller()
        imported = caller.upload("imports/", {"format": "csv", "dry_run": "false"}, journal(self._open), "import")
        assert imported.status == 202, imported
        job = self._done(caller, imported.body["id"])
        assert (job["state"], job["result"]["problems"]) == ("succeeded", []), job
        undo = caller.call("POST", f"imports/{job['id']}/undo/", {"reason": "wrong file"}, "undo")
        assert undo.status == 202, undo
        assert self._done(caller, undo.body["id"])["state"] == "succeeded"

    def _done(self, caller: Caller, id: str) -> dict[str, Any]:
        """The job, when it has ended."""
        deadline = time.monotonic() + PATIENCE
        job: dict[str, Any] = caller.call("GET", f"jobs/{id}/").body
        while job["state"] in ("queued", "running"):
            assert time.monotonic() < deadline, f"the job does not end: {job}"
            threading.Event().wait(0.3)  # a person looks at the progress bar
            job = caller.call("GET", f"jobs/{id}/").body
        return job

    def _close(self) -> None:
        path = f"periods/{self._first['id']}/"
        closed = self.caller().call("POST", f"{path}close/", {}, "close")
        assert (closed.status, closed.body["status"]) == (200, "closed"), closed


def entry(date: str, amount: str) -> dict[str, Any]:
    """A sale."""
    return {"date": date, "lines": [{"account": BANK, "debit": amount}, {"account": SALES, "credit": amount}]}


def journal(date: str) -> bytes:
    """A file of sales."""
    rows = (f"{n},{date},{BANK},2.00,\n{n},{date},{SALES},,2.00\n" for n in range(IMPORTED))
    return "".join(itertools.chain(["entry,date,account,debit,credit\n"], rows)).encode()


def posted_id(answer: Answer) -> str | None:
    """The id of the entry; None where the period was closed meanwhile."""
    if answer.status == 422:
        assert answer.body["code"] == "period_closed", answer
        return None
    assert answer.status in (200, 201), answer
    return str(answer.body["id"])
