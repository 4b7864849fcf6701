"""Try a posting: the rows that it would write and what it would do to the balances; nothing is kept.

The entries are really posted, past every guard of the database, in a savepoint that is rolled back.
"""

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from ledger.balances import balances
from ledger.budget_warnings import budget_warnings
from ledger.entry_details import EntryDetails, entry_details
from ledger.passed_budget import PassedBudget
from tenants.models import Company
from tenants.scope import current_scope


@dataclasses.dataclass(frozen=True, slots=True)
class Effect:
    """The balance of an account in one currency at the end of `date`, before and after."""

    account_id: UUID
    currency: str
    date: datetime.date
    before: Decimal
    after: Decimal
    currency_before: Decimal
    currency_after: Decimal


@dataclasses.dataclass(frozen=True, slots=True)
class Trial:
    """What would be posted, and what that would do."""

    entries: list[EntryDetails]
    effects: list[Effect]
    warnings: list[PassedBudget] = dataclasses.field(default_factory=list)


class _NothingKept(Exception):
    """Ends the savepoint of a trial."""


def try_posting(date: datetime.date, act: Callable[[], Sequence[UUID]]) -> Trial:
    """What the act, which answers with the ids of its entries, would post; `date` is when balances are compared.

    Refused as the act is; a refusal is not remembered either.
    """
    company = current_scope().company
    trial = Trial([], [])
    try:
        with transaction.atomic():
            before = _figures(company, date)
            ids = act()
            found = entry_details(company, ids)
            touched = {(line.account_id, line.currency) for details in found for line in details.lines}
            after = _figures(company, date)
            effects = [_effect(date, at, before, after) for at in sorted(touched, key=str)]
            trial = Trial(found, effects, budget_warnings(company, ids))
            raise _NothingKept
    except _NothingKept:
        return trial


Figures = dict[tuple[UUID, str], tuple[Decimal, Decimal]]


def _figures(company: Company, date: datetime.date) -> Figures:
    return {(b.account_id, b.currency): (b.amount, b.currency_amount) for b in balances(company, date)}


def _effect(date: datetime.date, at: tuple[UUID, str], before: Figures, after: Figures) -> Effect:
    nothing = (Decimal(0), Decimal(0))
    old, new = before.get(at, nothing), after.get(at, nothing)
    return Effect(at[0], at[1], date, old[0], new[0], old[1], new[1])
