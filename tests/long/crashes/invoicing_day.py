"""A working day of an office: hundreds of invoices are posted in the background, customers are dunned and pay, some
invoices are credited, and what recurs is made and sent by itself."""

import datetime
import itertools
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

from tests.accounting.table_files import csv_of
from tests.jobs.until import until
from tests.long.crashes.callers import PATIENCE, Answer, Caller, Working
from tests.long.crashes.installation import Installation

BUYERS, DRAFTS = 20, 300
PAYERS, EACH_TAKEN_BACK, CREDITED = 2, 4, 6
RECURRING = 20
SALES = "4000"
LEVEL = {"name": "Reminder", "days": 7, "fee": "5", "interest_percent": "5", "subject": "Late", "body": "Pay {due}."}


class OfficeDay:
    """What is going on in an office, and what was acknowledged."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.slug = f"office-{uuid.uuid4().hex[:12]}"
        installation.manage("create_company", self.slug, "Office", "--currency", "EUR", "--chart", "ifrs")
        made = installation.manage("create_api_key", self.slug, "crash test", "--scopes", "admin")
        self._credential = made.stdout.split()[-1]
        self.callers: list[Caller] = []
        # Number -> id of what callers were told is posted.
        self.posted: dict[str, str] = {}
        self.taken_back = 0
        # Address of background work -> what was asked, and the answer.
        self._asked: dict[str, tuple[Any, Answer]] = {}
        self._work: list[Working] = []
        self._caller = self.caller()
        self.company = self.rows("SELECT id FROM tenants_company WHERE slug = %s", self.slug)[0][0]
        self.first = datetime.date.fromisoformat(self._caller.call("GET", "periods/").body["results"][0]["start"])
        self._prepare()

    def caller(self) -> Caller:
        """Another integration."""
        self.callers.append(Caller(self.installation.port, self._credential, self.slug))
        return self.callers[-1]

    def rows(self, query: str, *values: Any) -> list[Any]:
        return self.installation.rows(query, *values)

    def begin(self) -> None:
        """Start the day."""
        self._work = [
            Working(self._recur),
            Working(lambda: self._in_the_background("documents/post/", {"documents": self._drafts})),
            Working(lambda: self._in_the_background("dunning/run/", {"date": self._on(30)})),
            Working(lambda: self._credit(self._credited)),
            *(Working(lambda late=self._late[n::PAYERS]: self._pay(late)) for n in range(PAYERS)),
        ]

    def end(self) -> None:
        """Every call has its answer, every job is done, all that recurs is made, every mail is on its way or lost."""
        for work in self._work:
            work.finish()
        until(lambda: not self.waiting(), seconds=PATIENCE)

    def waiting(self) -> list[str]:
        """What is still to be done by somebody."""
        found = self.rows(
            "SELECT 'recurring' FROM invoicing_recurringdocument WHERE company_id = %s AND next_date IS NOT NULL "
            "UNION ALL SELECT 'mail' FROM jobs_outboundmail WHERE company_id = %s "
            "AND state NOT IN ('sent', 'unknown') "
            "UNION ALL SELECT 'entry' FROM ledger_entry e LEFT JOIN ledger_entryseal x "
            "ON x.company_id = e.company_id AND x.entry_id = e.id WHERE e.company_id = %s AND x.id IS NULL",
            self.company, self.company, self.company,
        )  # fmt: skip
        return [what for (what,) in found]

    def ask_again(self) -> None:
        """Everybody who did not hear the answer asks once more, under the same key; it is the same answer."""
        for path, (body, before) in self._asked.items():
            again = self._caller.call("POST", path, body, path)
            assert (again.status, again.body["id"]) == (before.status, before.body["id"]), again
        for number, id in self.posted.items():
            kind = {"RCT": "payments", "CN": "credit-notes"}[number.split("-")[0]]
            again = self._caller.call("POST", f"{kind}/{id}/post/", key=f"again-{id}")
            assert (again.status, again.body["number"]) == (200, number), again

    def _prepare(self) -> None:
        """Customers with an address, an invoice of each that is late, and many drafts; all of them from tables."""
        self._call("POST", "dunning-levels/", LEVEL)
        self._call("PATCH", "invoicing-settings/", {"dunning_account": SALES})
        people = [{"code": f"K{n}", "name": f"Buyer {n}", "is_customer": "yes", "email": f"{n}@example.com"}
                  for n in range(BUYERS)]  # fmt: skip
        self._import("contacts", {}, *people)
        self._import("invoices", {"post": "true"}, *self._invoices("late", BUYERS, "100"))
        self._late = self._documents("late")
        self._import("invoices", {"post": "true"}, *self._invoices("returned", CREDITED, "10"))
        self._credited = self._documents("returned")
        self._import("invoices", {"post": "false"}, *self._invoices("draft", DRAFTS, "10"))
        self._drafts = self._documents("draft")
        lines = [{"description": "Rent", "unit_price": "7", "account": SALES, "tax": ""}]
        pattern = {"contact": "K0", "date": self._on(0), "due_date": self._on(300), "lines": lines}
        self._pattern = self._call("POST", "invoices/", pattern).body["id"]

    def _invoices(self, name: str, count: int, price: str) -> Iterator[dict[str, str]]:
        day = self._on(0)
        for n in range(count):
            yield {"document": f"{name}-{n}", "contact": f"K{n % BUYERS}", "date": day, "unit_price": price,
                   "due_date": day if name == "late" else self._on(300), "account": SALES, "tax": "-"}  # fmt: skip

    def _documents(self, name: str) -> list[str]:
        query = (
            "SELECT id::text FROM invoicing_document WHERE company_id = %s AND starts_with(reference, %s) ORDER BY 1"
        )
        return [id for (id,) in self.rows(query, self.company, name)]

    def _import(self, table: str, options: dict[str, str], *rows: dict[str, str]) -> None:
        asked = self._caller.upload(f"imports/{table}/", options, csv_of(*rows), f"{table}-{len(rows)}")
        assert asked.status == 202, asked
        job = self._done(self._caller, asked.body["id"])
        assert (job["state"], job["result"]["refused"]) == ("succeeded", 0), job

    def _recur(self) -> None:
        """Every day from the first one on, all of them due by now."""
        end = min(datetime.date.fromisoformat(self._on(RECURRING - 1)), datetime.datetime.now(datetime.UTC).date())
        wanted = {"pattern": self._pattern, "start": self._on(0), "end": end.isoformat(), "does": "send"}
        self.recurring = (end - self.first).days + 1
        answer = self.caller().call("POST", "recurring-documents/", {**wanted, "frequency": "day"}, "recurring")
        assert answer.status == 201, answer

    def _in_the_background(self, path: str, body: dict[str, Any]) -> None:
        caller = self.caller()
        asked = caller.call("POST", path, body, path)
        assert asked.status == 202, asked
        job = self._done(caller, asked.body["id"])
        assert (job["state"], job["result"]["refused"]) == ("succeeded", 0), job
        self._asked[path] = (body, asked)

    def _pay(self, late: list[str]) -> None:
        """A part of each and another one; one in so many is taken back. What is left is enough to be dunned for."""
        caller = self.caller()
        for number, (document, amount) in enumerate(itertools.product(late, ("40", "20"))):
            id, key = str(uuid.uuid4()), f"{document}-{amount}"
            body = {"id": id, "direction": "in", "role": "customer", "contact": self._contact_of(document),
                    "date": self._on(40), "amount": amount, "parts": [{"document": document, "amount": amount}]}  # fmt: skip
            kept = caller.call("POST", "payments/", body, f"keep-{key}")
            assert kept.status == 201, kept
            self._note(caller.call("POST", f"payments/{id}/post/", key=f"post-{key}"))
            if number % EACH_TAKEN_BACK == 0:
                back = {"date": self._on(50), "reason": "Returned"}
                answer = caller.call("POST", f"payments/{id}/reverse/", back, f"back-{key}")
                assert (answer.status, answer.body["status"]) == (200, "reversed"), answer
                self.taken_back += 1

    def _credit(self, documents: list[str]) -> None:
        caller = self.caller()
        for document in documents:
            body = {"date": self._on(20), "reason": "Broken"}
            note = caller.call("POST", f"invoices/{document}/credit/", body, f"credit-{document}")
            assert note.status == 201, note
            self._note(caller.call("POST", f"credit-notes/{note.body['id']}/post/", key=f"post-{document}"))

    def _note(self, answer: Answer) -> None:
        assert (answer.status, answer.body.get("state")) == (200, "posted"), answer
        self.posted[answer.body["number"]] = answer.body["id"]

    def _contact_of(self, document: str) -> str:
        return str(self.rows("SELECT contact_id FROM invoicing_document WHERE id = %s", document)[0][0])

    def _call(self, method: str, path: str, body: Any) -> Answer:
        answer = self._caller.call(method, path, body, f"{method}-{path}")
        assert answer.status in (200, 201), answer
        return answer

    def _done(self, caller: Caller, id: str) -> dict[str, Any]:
        """The job, when it has ended."""
        deadline = time.monotonic() + PATIENCE
        job: dict[str, Any] = caller.call("GET", f"jobs/{id}/").body
        while job["state"] in ("queued", "running"):
            assert time.monotonic() < deadline, f"the job does not end: {job}"
            threading.Event().wait(0.3)  # a person looks at the progress bar
            job = caller.call("GET", f"jobs/{id}/").body
        return job

    def _on(self, days: int) -> str:
        return (self.first + datetime.timedelta(days=days)).isoformat()
