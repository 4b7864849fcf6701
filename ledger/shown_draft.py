"""A draft as its page shows it: lines with what is known of their figures, and what it would do to the balances."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounting.chart import Chart, ChartAccount
from ledger.dry_run import Trial
from ledger.models import Draft, DraftLine, ProposedLine
from ledger.resolving import STATISTICAL
from tenants.models import Company


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line: its account if it has one, its own amount, and the amount in base currency where that is known."""

    line: ProposedLine
    account: ChartAccount | None
    amount: Decimal | None
    unit: str
    decimals: int
    open: bool


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """The lines and what they add up to so far; `open` says that the rate of the day decides about some."""

    lines: list[ShownLine]
    debit: Decimal
    credit: Decimal
    open: bool

    @property
    def difference(self) -> Decimal:
        return self.debit - self.credit

    @property
    def foreign(self) -> bool:
        return any(shown.unit for shown in self.lines)

    @property
    def detailed(self) -> bool:
        return any(shown.line.dimensions or shown.line.sub_account_id for shown in self.lines)


@dataclass(frozen=True, slots=True)
class ShownEffect:
    """What posting would do to one account: before, change and after, on the account's own side."""

    account: ChartAccount
    currency: str
    decimals: int
    before: Decimal
    change: Decimal
    after: Decimal
    currency_before: Decimal
    currency_after: Decimal


def shown_draft(company: Company, chart: Chart, draft: Draft) -> ShownDraft:
    """The draft's lines, in one statement."""
    rows = DraftLine.objects.for_company(company).filter(draft=draft).select_related("sub_account")
    return shown_lines(company, chart, rows.order_by("number"))


def shown_lines(company: Company, chart: Chart, rows: Iterable[ProposedLine]) -> ShownDraft:
    """Lines of a draft or template with what is known of them."""
    lines = [_shown(company, chart, row) for row in rows]
    amounts = [shown.amount for shown in lines if shown.amount is not None]
    return ShownDraft(
        lines, sum((a for a in amounts if a > 0), Decimal(0)), -sum((a for a in amounts if a < 0), Decimal(0)),
        any(shown.open for shown in lines),
    )  # fmt: skip


def effects_of(chart: Chart, trial: Trial) -> list[ShownEffect]:
    """What a trial does to the balances at its date, by account."""
    shown = []
    for effect in trial.effects:
        account = chart.by_id[effect.account_id]
        side = account.normal_side
        shown.append(ShownEffect(
            account, effect.currency, chart.units[effect.currency].decimals, effect.before * side,
            (effect.after - effect.before) * side, effect.after * side, effect.currency_before * side,
            effect.currency_after * side,
        ))  # fmt: skip
    return sorted(shown, key=lambda effect: (effect.account.code, effect.currency))


def _shown(company: Company, chart: Chart, line: ProposedLine) -> ShownLine:
    base = chart.units[company.base_currency]
    unit = chart.units.get(line.currency or base.code, base)
    amount: Any = line.amount
    in_base: Decimal | None = None
    if amount is None or line.statistical or unit.kind == STATISTICAL:
        in_base = None
    elif line.base_amount is not None:
        in_base = line.base_amount
    elif unit.code == base.code:
        in_base = amount
    elif line.rate is not None:
        in_base = round(amount * line.rate, base.decimals)
    undecided = amount is not None and in_base is None and unit.kind != STATISTICAL and not line.statistical
    account = chart.by_id.get(line.account_id) if line.account_id else None
    foreign = "" if unit.code == base.code else unit.code
    return ShownLine(line, account, in_base, foreign, unit.decimals, undecided)
