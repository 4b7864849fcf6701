"""The trial balance of a company at any date, as known at any moment: a pure function to rows of figures."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from accounting.chart import Chart, ChartAccount, chart_of
from accounting.models import AccountType
from ledger.balances import Balance, KnownAt, balances_at
from tenants.models import Company

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class UnitBalance:
    """What an account holds of a foreign currency, a commodity or a statistical unit."""

    currency: str
    amount: Decimal


@dataclass(slots=True)
class TrialBalanceRow:
    """One account: signed opening balance, debits and credits of the range, signed closing balance (debit > 0)."""

    account: ChartAccount
    opening: Decimal = ZERO
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    units: list[UnitBalance] = field(default_factory=list)

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debit - self.credit

    @property
    def closing_debit(self) -> Decimal:
        return max(self.closing, ZERO)

    @property
    def closing_credit(self) -> Decimal:
        return max(-self.closing, ZERO)


class Totals:
    """The sums of some rows of a trial balance."""

    __slots__ = ()
    rows: Iterable[TrialBalanceRow]

    def _sum(self, figure: str) -> Decimal:
        return sum((getattr(row, figure) for row in self.rows), ZERO)

    @property
    def opening(self) -> Decimal:
        return self._sum("opening")

    @property
    def debit(self) -> Decimal:
        return self._sum("debit")

    @property
    def credit(self) -> Decimal:
        return self._sum("credit")

    @property
    def closing(self) -> Decimal:
        return self._sum("closing")

    @property
    def closing_debit(self) -> Decimal:
        return self._sum("closing_debit")

    @property
    def closing_credit(self) -> Decimal:
        return self._sum("closing_credit")


@dataclass
class TrialBalanceGroup(Totals):
    """The accounts of one type, with their totals."""

    type: str
    label: str
    rows: list[TrialBalanceRow]


@dataclass
class TrialBalance(Totals):
    """All accounts with movements or a balance, by type; debits equal credits."""

    company: Company
    date: datetime.date
    start: datetime.date | None
    known_at: KnownAt
    groups: list[TrialBalanceGroup]

    @property
    def rows(self) -> list[TrialBalanceRow]:  # type: ignore[override]
        return [row for group in self.groups for row in group.rows]


def trial_balance(
    company: Company, date: datetime.date, *, start: datetime.date | None = None, known_at: KnownAt = None
) -> TrialBalance:
    """Balances at the end of `date`; with `start`, opening balances before it and the movements of the range."""
    chart = chart_of(company)
    dates = [date, start - datetime.timedelta(days=1)] if start else [date]
    closing, *earlier = balances_at(company, dates, known_at=known_at)
    before = earlier[0] if earlier else []
    rows: dict[UUID, TrialBalanceRow] = {}
    _add(rows, chart, closing, sign=1)
    _add(rows, chart, before, sign=-1)
    for balance in before:
        rows[balance.account_id].opening += balance.amount
    _add_units(rows, closing, company.base_currency)
    return TrialBalance(company, date, start, known_at, _groups(rows))


def _add(rows: dict[UUID, TrialBalanceRow], chart: Chart, found: Iterable[Balance], *, sign: int) -> None:
    for balance in found:
        row = rows.setdefault(balance.account_id, TrialBalanceRow(chart.by_id[balance.account_id]))
        row.debit += sign * balance.debit
        row.credit += sign * balance.credit


def _add_units(rows: dict[UUID, TrialBalanceRow], found: Iterable[Balance], base: str) -> None:
    for balance in sorted(found, key=lambda balance: balance.currency):
        if balance.currency != base and balance.currency_amount:
            rows[balance.account_id].units.append(UnitBalance(balance.currency, balance.currency_amount))


def _groups(rows: dict[UUID, TrialBalanceRow]) -> list[TrialBalanceGroup]:
    ordered = sorted(rows.values(), key=lambda row: row.account.code)
    groups = [
        TrialBalanceGroup(kind.value, str(kind.label), [row for row in ordered if row.account.type == kind.value])
        for kind in AccountType
    ]
    return [group for group in groups if group.rows]
