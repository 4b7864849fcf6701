"""A crowd at work in one company, each on connections of their own, and what must be true when they have gone home."""

import datetime
import random
import threading
import time
import traceback
from collections import Counter
from typing import Any

from django.db import connections

from accounting.contacts import add_contact
from accounting.models import Account, PaymentTerms, TermsInstalment
from invoicing.dunning_levels import add_usual_levels
from invoicing.invoicing_settings import change_settings
from invoicing.recurring_documents import start_recurring_document
from jobs.models import Job, State
from jobs.running import run
from jobs.webhook_endpoints import add_endpoint
from ledger.open_items import tie_outs
from ledger.sealing import seal
from tenants.refusal import Refused
from tests.books import DAY
from tests.constitution.raw import in_threads, seal_everything, system_scope
from tests.interleavings.books import findings_of
from tests.invoicing.papers import add_tax, draft, line
from tests.invoicing.whole_books import misfits
from tests.long.invoicing.acts import ACTS, LATE, Act

ACCOUNTS = (
    ("2190", "VAT not due yet", "liability", "tax_payable", ""),
    ("4900", "Discounts given", "income", "revenue", "discount_given"),
    ("5800", "Discounts received", "expense", "cost_of_sales", "discount_received"),
    ("5950", "Write-offs", "expense", "operating", "write_off"),
)


def open_office(company: Any) -> None:
    """Customers, suppliers, taxes, terms, levels of dunning, and invoices that come again."""
    with system_scope(company):
        for code, name, kind, subtype, role in ACCOUNTS:
            Account.objects.create(company=company, code=code, name=name, type=kind, subtype=subtype, role=role)
        add_tax("V20", "20")
        add_tax("C20", "20", pending_account="2190")
        add_tax("P20", "20", "purchases")
        terms = PaymentTerms.objects.create(company=company, code="2X", name="Two parts")
        for number in (1, 2):
            TermsInstalment.objects.create(company=company, terms=terms, number=number, percent=50, months=number - 1)
        buyers = [add_contact(name=name, is_customer=True, email=f"{name}@example.com") for name in ("Ada", "Ben")]
        add_contact(name="Cem", is_customer=True, is_supplier=True)
        add_contact(name="Contoso", is_supplier=True)
        add_usual_levels()
        change_settings(dunning_account=Account.objects.for_company(company).get(code="4900"))
        add_endpoint("https://example.com/hook")
        for buyer, does in zip(buyers, ("post", "send"), strict=True):
            pattern = draft(buyer, line("12.00", tax="V20"))
            start_recurring_document(pattern.pk, start=DAY, frequency="week", does=does)


class Crowd:
    """Some people for some seconds; what they did, what they were refused, and the errors that nobody may see."""

    def __init__(self, company: Any, seed: int) -> None:
        self.company, self.seed = company, seed
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.faults: list[str] = []
        self._noting = threading.Lock()

    def work(self, people: int, seconds: float) -> None:
        """Everybody does one thing after the other until the time is over; then whoever seals has sealed all."""
        end = time.monotonic() + seconds
        for error in in_threads(people, lambda number: self._work_of(random.Random(f"{self.seed}:{number}"), end)):
            if error is not None:
                self.faults.append(repr(error))
        seal_everything(self.company)

    def _work_of(self, chance: random.Random, end: float) -> None:
        while time.monotonic() < end:
            self._do(chance.choice(ACTS), chance)
            if chance.random() < 0.05:
                seal(self.company)

    def _do(self, act: Act, chance: random.Random) -> None:
        try:
            with system_scope(self.company):
                job = act(chance)
            if job is not None:
                run(self.company.pk, job.pk)
            self._note(self.done, act.__name__)
        except Refused as refusal:
            self._note(self.refused, f"{act.__name__}: {refusal.code}")
        except Exception:
            with self._noting:
                self.faults.append(f"{act.__name__}: {traceback.format_exc()}")
            connections.close_all()

    def _note(self, counter: Counter[str], what: str) -> None:
        with self._noting:
            counter[what] += 1

    def misfits(self, rows: Any) -> list[str]:
        """Everything that is wrong with the books and with the jobs."""
        found = [*findings_of(self.company), *misfits(rows, self.company.pk)]
        with system_scope(self.company):
            for day in (DAY, DAY + datetime.timedelta(days=60), LATE):
                found += [
                    f"does not tie out on {day}: {one}" for one in tie_outs(self.company, day) if not one.is_equal
                ]
            jobs = Job.objects.for_company(self.company).exclude(state=State.SUCCEEDED)
            found += [f"a job is {one.state}: {one.error_message}" for one in jobs]
        return found
