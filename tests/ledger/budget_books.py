"""Budgets for tests: the shortest way to plan and to spend."""

import datetime
import uuid
from decimal import Decimal
from typing import Any

from accounting.dimensions import open_dimension, open_dimension_value
from ledger.budget_versions import activate_budget
from ledger.budgets import PlannedLine, create_budget, set_lines
from ledger.models import Budget
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine

RENT, BANK, SALES = "5000", "1000", "4000"
JANUARY, DECEMBER = datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)


def day(month: int, number: int = 1) -> datetime.date:
    """A day of 2026."""
    return datetime.date(2026, month, number)


def planned(*amounts: str, account: str = RENT, value: str = "") -> list[PlannedLine]:
    """What is planned for the first months of 2026."""
    return [PlannedLine(account, day(month), Decimal(amount), value) for month, amount in enumerate(amounts, 1)]


def a_budget(*lines: PlannedLine, active: bool = True, name: str = "Plan", **fields: Any) -> Budget:
    """A budget for 2026."""
    budget = create_budget(name=name, start=JANUARY, end=DECEMBER, **fields)
    set_lines(budget.pk, lines)
    return activate_budget(budget.pk) if active else Budget.objects.get(pk=budget.pk)


def spending(amount: str, date: datetime.date = JANUARY, *, key: str = "", **fields: Any) -> NewEntry:
    """Rent paid by the bank; the fields are those of the line."""
    lines = (NewLine(RENT, Decimal(amount), **fields), NewLine(BANK, -Decimal(amount)))
    return NewEntry(key=key or f"spend:{uuid.uuid4()}", date=date, lines=lines)


def spend(amount: str, date: datetime.date = JANUARY, **fields: Any) -> Any:
    """Post it."""
    return post(spending(amount, date, **fields))


def open_centres() -> None:
    """The cost centres North and South."""
    dimension = open_dimension(code="cost_centre", name="Cost centre")
    for code in ("NORTH", "SOUTH"):
        open_dimension_value(dimension, code=code, name=code.title())
