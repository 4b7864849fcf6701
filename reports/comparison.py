"""A trial balance beside the one of the year before: change by the account's normal side, amount and per cent."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from accounting.amounts import amount_text
from accounting.business_day import year_before
from accounting.chart import ChartAccount, chart_of
from accounting.models import AccountType
from ledger.balances import KnownAt
from reports.trial_balance import TrialBalance, TrialBalanceRow, UnitBalance, trial_balance
from tenants.models import Company

ZERO = Decimal(0)
CREDIT_TYPES = {AccountType.LIABILITY, AccountType.EQUITY, AccountType.INCOME}


@dataclass(frozen=True, slots=True)
class Change:
    """How much more is on the normal side than a year before."""

    now: Decimal
    before: Decimal

    @property
    def amount(self) -> Decimal:
        return self.now - self.before

    @property
    def percent(self) -> Decimal | None:
        """One decimal; None where there is nothing to compare with."""
        if not self.before:
            return None
        return (self.amount / abs(self.before) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """An account now and a year before."""

    account: ChartAccount
    now: TrialBalanceRow
    before: TrialBalanceRow

    @property
    def change(self) -> Change:
        side = self.account.normal_side
        return Change(self.now.closing * side, self.before.closing * side)

    @property
    def units(self) -> list[UnitBalance]:
        return self.now.units

    @property
    def is_statistical(self) -> bool:
        return self.account.type == AccountType.STATISTICAL


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of one column each."""

    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing_debit: Decimal
    closing_credit: Decimal
    closing: Decimal


@dataclass(frozen=True, slots=True)
class ComparedGroup:
    """The accounts of one type, with totals now and a year before."""

    type: str
    label: str
    rows: list[ComparedRow]

    @property
    def now(self) -> Totals:
        return totals(row.now for row in self.rows)

    @property
    def before(self) -> Totals:
        return totals(row.before for row in self.rows)

    @property
    def change(self) -> Change:
        side = -1 if self.type in CREDIT_TYPES else 1
        return Change(self.now.closing * side, self.before.closing * side)

    @property
    def is_statistical(self) -> bool:
        return self.type == AccountType.STATISTICAL


@dataclass(frozen=True, slots=True)
class Comparison:
    """The trial balance with its comparative."""

    now: TrialBalance
    before: TrialBalance
    groups: list[ComparedGroup]

    @property
    def total(self) -> Totals:
        return totals(row.now for group in self.groups for row in group.rows)

    @property
    def total_before(self) -> Totals:
        return totals(row.before for group in self.groups for row in group.rows)

    @property
    def is_balanced(self) -> bool:
        return self.total.closing_debit == self.total.closing_credit


def totals(rows: Any) -> Totals:
    """The sums over rows of a trial balance."""
    found = list(rows)
    names = Totals.__dataclass_fields__
    return Totals(**{name: sum((getattr(row, name) for row in found), ZERO) for name in names})


def compare(
    company: Company, date: datetime.date, *, start: datetime.date | None = None, known_at: KnownAt = None
) -> Comparison:
    """The trial balance at a date and at the same date of the year before, account by account."""
    now = trial_balance(company, date, start=start, known_at=known_at)
    earlier = year_before(start) if start else None
    before = trial_balance(company, year_before(date), start=earlier, known_at=known_at)
    mine = {row.account.id: row for row in now.rows}
    theirs = {row.account.id: row for row in before.rows}
    accounts = {row.account.id: row.account for row in [*now.rows, *before.rows]}
    rows = [
        ComparedRow(account, mine.get(pk) or TrialBalanceRow(account), theirs.get(pk) or TrialBalanceRow(account))
        for pk, account in sorted(accounts.items(), key=lambda pair: pair[1].code)
    ]
    groups = [
        ComparedGroup(kind.value, str(kind.label), [row for row in rows if row.account.type == kind.value])
        for kind in AccountType
    ]
    return Comparison(now, before, [group for group in groups if group.rows])


def trial_balance_lines(comparison: Comparison) -> Iterator[list[Any]]:
    """The report for a file, one row for each account, then the totals."""
    now, before = comparison.now.date, comparison.before.date
    yield ["Type", "Account", "Name", "Opening", "Debits", "Credits", f"Debit {now}", f"Credit {now}",
           f"Debit {before}", f"Credit {before}", "Change", "Change %", "Units"]  # fmt: skip
    decimals = chart_of(comparison.now.company).units[comparison.now.company.base_currency].decimals

    def text(*figures: Decimal) -> list[str]:
        return [amount_text(figure, decimals) for figure in figures]

    for group in comparison.groups:
        for row in group.rows:
            units = "; ".join(f"{unit.amount.normalize():f} {unit.currency}" for unit in row.units)
            yield [group.label, row.account.code, row.account.name,
                   *text(row.now.opening, row.now.debit, row.now.credit, row.now.closing_debit, row.now.closing_credit,
                         row.before.closing_debit, row.before.closing_credit, row.change.amount),
                   row.change.percent, units]  # fmt: skip
    total, earlier = comparison.total, comparison.total_before
    yield ["", "", "Total", *text(total.opening, total.debit, total.credit, total.closing_debit, total.closing_credit,
                                  earlier.closing_debit, earlier.closing_credit)]  # fmt: skip
