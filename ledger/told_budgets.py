"""Tell a person on the next page which plans their entry goes past."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages

from ledger.passed_budget import PassedBudget


def tell_passed(request: Any, passed: Sequence[PassedBudget]) -> None:
    """One warning for each plan."""
    for one in passed:
        messages.warning(request, one.sentence)
