"""A trial balance beside an earlier one: change by the account's normal side, amount and per cent."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from accounting.chart import ChartAccount
from accounting.models import AccountType
from ledger.balances import KnownAt
from reports.periods import Period
from reports.trial_balance import TrialBalance, TrialBalanceRow, UnitBalance, trial_balance
from tenants.models import Company

ZERO = Decimal(0)
CREDIT_TYPES = {AccountType.LIABILITY, AccountType.EQUITY, AccountType.INCOME}


def percent_of(change: Decimal, before: Decimal) -> Decimal | None:
    """The change in per cent of what was before, to one decimal; none where nothing was."""
    return (change / abs(before) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP) if before else None


@dataclass(frozen=True, slots=True)
class Change:
    """How much more is on the normal side than before."""

    now: Decimal
    before: Decimal

    @property
    def amount(self) -> Decimal:
        return self.now - self.before

    @property
    def percent(self) -> Decimal | None:
        """One decimal; None where there is nothing to compare with."""
        return percent_of(self.amount, self.before)


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """An account now and before."""

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
    """The accounts of one type, with totals now and before."""

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


def compare(company: Company, now: Period, before: Period, *, known_at: KnownAt = None) -> Comparison:
    """The trial balance of some days, or at the end of one, beside that of others, account by account."""
    found, earlier = (trial_balance(company, one.end, start=one.start, known_at=known_at) for one in (now, before))
    mine = {row.account.id: row for row in found.rows}
    theirs = {row.account.id: row for row in earlier.rows}
    accounts = {row.account.id: row.account for row in [*found.rows, *earlier.rows]}
    rows = [
        ComparedRow(account, mine.get(pk) or TrialBalanceRow(account), theirs.get(pk) or TrialBalanceRow(account))
        for pk, account in sorted(accounts.items(), key=lambda pair: pair[1].code)
    ]
    groups = [
        ComparedGroup(kind.value, str(kind.label), [row for row in rows if row.account.type == kind.value])
        for kind in AccountType
    ]
    return Comparison(found, earlier, [group for group in groups if group.rows])
