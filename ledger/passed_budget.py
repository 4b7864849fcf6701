"""A plan that postings have gone past, and how that is said."""

import datetime
import json
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

YEAR_TO_DATE = "year_to_date"


@dataclass(frozen=True, slots=True)
class PassedBudget:
    """What is planned for an account (or one value of a dimension on it) up to or in a month, and what is spent."""

    budget: str
    account: str
    value: str
    basis: str
    month: datetime.date
    planned: Decimal
    actual: Decimal

    @property
    def sentence(self) -> str:
        """The account, the budget, the months, what is spent with the entry, and what is planned."""
        month = date_format(self.month, "F Y")
        span = _("up to %s") % month if self.basis == YEAR_TO_DATE else _("in %s") % month
        account = f"{self.account}, {self.value}" if self.value else self.account
        return _("%(account)s passes the budget %(budget)s %(span)s: %(actual)s of %(planned)s.") % {
            "account": account, "budget": self.budget, "span": span, "actual": f"{self.actual:,f}",
            "planned": f"{self.planned:,f}",
        }  # fmt: skip


def passed_budget(detail: str) -> PassedBudget:
    """What the database says of a plan that an entry would pass (migrations/budgets.sql)."""
    said = json.loads(detail, parse_float=Decimal, parse_int=Decimal)
    return PassedBudget(
        said["budget"], said["account"], said["value"], said["basis"], datetime.date.fromisoformat(said["month"]),
        said["planned"], said["actual"],
    )  # fmt: skip
