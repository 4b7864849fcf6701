"""Opening balances before they are posted: each line looked up and weighed, what is wrong with it, the difference."""

import dataclasses
import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.chart import Chart, ChartAccount, chart_of
from ledger.opening_balances import OpeningLine, balancing_account, proposed_line
from ledger.opening_file import OpeningProblem, OpeningTable
from ledger.proposals import NewEntry
from ledger.refusals import ControlAccount
from ledger.resolving import LineResolver
from tenants.refusal import Refused
from tenants.scope import current_scope


@dataclasses.dataclass(frozen=True, slots=True)
class ShownOpening:
    """One line: its row, its account where there is one, and its worth in base currency where it has one."""

    row: int
    line: OpeningLine
    account: ChartAccount | None
    worth: Decimal | None
    decimals: int
    problem: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class OpeningPreview:
    """What would be posted: the lines, what they add up to, and where a difference would go."""

    lines: list[ShownOpening]
    problems: list[OpeningProblem]
    debit: Decimal
    credit: Decimal
    contra: ChartAccount | None
    zeros: int
    ignored: list[str]

    @property
    def difference(self) -> Decimal:
        """Above zero: more debit than credit."""
        return self.debit - self.credit

    @property
    def gap(self) -> Decimal:
        """How large the difference is, without its side."""
        return abs(self.difference)

    @property
    def total(self) -> Decimal:
        """What both sides add up to once the difference has gone where it goes."""
        return max(self.debit, self.credit)

    @property
    def is_postable(self) -> bool:
        """Nothing is wrong, and a difference has somewhere to go."""
        return bool(self.lines) and not self.problems and bool(not self.difference or self.contra)


def preview_opening(date: datetime.date, table: OpeningTable, balance_to: str = "") -> OpeningPreview:
    """Look every line up as posting does; nothing is stored. Refused (`missing_role`, `unknown_account`) where the
    difference has no account to go to."""
    scope = current_scope()
    chart = chart_of(scope.company)
    contra = balancing_account(chart, balance_to) if balance_to else None
    proposed = [proposed_line(line) for line in table.lines]
    entry = NewEntry("preview", date, tuple(proposed))
    resolver = LineResolver(scope, chart, [entry], manual=False)
    problems, shown = list(table.problems), []
    for row, line, one in zip(table.rows, table.lines, proposed, strict=True):
        worth, message = None, ""
        try:
            worth = resolver.worth(dataclasses.replace(entry, lines=(one,)))
        except Refused as refusal:
            problems.append(_problem(row, line, refusal))
            message = problems[-1].message
        shown.append(ShownOpening(row, line, _account(chart, line), worth, _decimals(chart, line), message))
    known = [one.worth for one in shown if one.worth is not None]
    return OpeningPreview(
        shown, sorted(problems, key=lambda problem: problem.row), sum((w for w in known if w > 0), Decimal(0)),
        -sum((w for w in known if w < 0), Decimal(0)), contra, table.zeros, table.ignored,
    )  # fmt: skip


def _problem(row: int, line: OpeningLine, refusal: Refused) -> OpeningProblem:
    if refusal.code == ControlAccount.code and not line.sub_account:
        message = _("%s is a control account: name the sub-account of each row.") % line.account
        return OpeningProblem(row, "sub_account", refusal.code, message)
    return OpeningProblem(row, refusal.place.rpartition(".")[2], refusal.code, refusal.message)


def _account(chart: Chart, line: OpeningLine) -> ChartAccount | None:
    try:
        return chart.account(line.account)
    except Refused:
        return None


def _decimals(chart: Chart, line: OpeningLine) -> int:
    unit = chart.units.get(line.currency or current_scope().company.base_currency)
    return unit.decimals if unit else 2
