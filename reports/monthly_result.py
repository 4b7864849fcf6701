"""Income and expenses of each month as the profit and loss has them: the closing of a year is no result of December."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from accounting.chart import Chart, chart_of
from reports.periods import Period, month_start, months_before
from reports.statement_amounts import movements
from reports.table import Asked
from tenants.models import Company

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Month:
    """What some days earned and cost, both above zero as a rule."""

    start: datetime.date
    end: datetime.date
    income: Decimal
    expense: Decimal

    @property
    def profit(self) -> Decimal:
        return self.income - self.expense


def months_up_to(last: datetime.date, count: int = 12) -> list[Period]:
    """So many whole months up to and including that of the day, oldest first."""
    starts = [months_before(month_start(last), n) for n in reversed(range(count))]
    return [Period(start, months_before(start, -1) - datetime.timedelta(days=1)) for start in starts]


def results_of(company: Company, periods: Sequence[Period]) -> list[Month]:
    """What each period earned and cost; all from balances of one moment."""
    chart = chart_of(company)
    found = movements(company, periods, Asked(periods[-1].end))
    return [
        Month(start or end, end, -_of_type(moved, chart, "income"), _of_type(moved, chart, "expense"))
        for (start, end), moved in zip(periods, found, strict=True)
    ]


def _of_type(moved: Mapping[UUID, Decimal], chart: Chart, kind: str) -> Decimal:
    return sum((amount for account, amount in moved.items() if chart.by_id[account].type == kind), ZERO)
