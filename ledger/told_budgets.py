"""Tell a person on the next page which plans their entry goes past."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages

from ledger.budget_warnings import budget_warnings
from ledger.passed_budget import PassedBudget


def tell_passed(request: Any, passed: Sequence[PassedBudget]) -> None:
    """One warning for each plan."""
    for one in passed:
        messages.warning(request, one.sentence)


def tell_posted(request: Any, entry: UUID | None) -> None:
    """Of an entry, or the entry of a document or payment."""
    tell_passed(request, budget_warnings(request.company, [entry] if entry else []))
