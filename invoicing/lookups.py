"""What documents and payments are posted with, read together: chart, taxes, numbering, all of one generation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from accounting.chart import Chart, chart_of
from accounting.lookups import generations, remembered_generations
from accounting.tax_lookup import Taxes, taxes_of
from invoicing.series import Numbering, numbering_of
from tenants.models import Company

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Lookups:
    """A company's master data as of the generations that were read."""

    company: Company
    read: dict[str, UUID]
    chart: Chart
    taxes: Taxes
    numbering: Numbering


class _Stale(Exception):
    """The master data changed since it was read."""


def posted_with(company: Company, act: Callable[[Lookups], Answer]) -> Answer:
    """Do the act in a savepoint, with the master data as this process remembers it; again, where it proves old.

    The ledger compares the generations in the statement that posts, and looks again where they are old: then what was
    worked out from them is taken back. So a posting reads no generation where nothing has changed.
    """
    read = remembered_generations(company) or generations(company)
    while True:
        lookups = Lookups(company, read, chart_of(company, read), taxes_of(company, read), numbering_of(company, read))
        try:
            with transaction.atomic():
                answer = act(lookups)
                if remembered_generations(company) != read:
                    raise _Stale
                return answer
        except _Stale:
            read = remembered_generations(company)
