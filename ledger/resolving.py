"""From proposed lines to lines that can be written: accounts, units, rates, sub-accounts and dimensions looked up,
amounts checked to the last decimal, the rounding difference of conversion made visible."""

import datetime
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from typing import Any, NamedTuple
from uuid import UUID

from accounting.chart import Chart, ChartAccount, ChartUnit
from accounting.models import SubAccount
from accounting.rates import rate_on
from ledger import refusals
from ledger.proposals import NewEntry, NewLine
from ledger.splits import split_line
from tenants.models import Company
from tenants.refusal import Refused
from tenants.scope import Scope

MAX_LINES = 10_000
MAX_AMOUNT = Decimal(10) ** 18
MAX_RATE = Decimal(10) ** 12
TEXT_LIMIT = 10_000
# Digits that no product of an amount and a rate, and no sum of an entry, can fill.
EXACT = 80
STATISTICAL = "statistical"
ROUNDINGS: dict[str, str] = {Company.Rounding.HALF_UP: ROUND_HALF_UP, Company.Rounding.HALF_EVEN: ROUND_HALF_EVEN}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class ResolvedLine(NamedTuple):
    """A line as it is stored, in the order of the columns."""

    account: UUID
    sub_account: UUID | None
    amount: Decimal
    currency: str
    currency_amount: Decimal
    rate: Decimal | None
    rate_source: str
    statistical: bool
    memo: str
    dimensions: dict[str, str]


class LineResolver:
    """Resolves the lines of a batch against one chart; sub-accounts of the whole batch are fetched at once."""

    def __init__(self, scope: Scope, chart: Chart, entries: Sequence[NewEntry], *, manual: bool) -> None:
        self.company = scope.company
        self.chart = chart
        self.manual = manual
        self.base = chart.units[scope.company.base_currency]
        self.step = Decimal(1).scaleb(-self.base.decimals)
        self.rounding = ROUNDINGS[scope.company.rounding]
        self.rates: dict[tuple[str, datetime.date], tuple[Decimal, str]] = {}
        self.retired: set[UUID] = set()
        self.sub_accounts = self._fetch_sub_accounts(entries)

    def worth(self, entry: NewEntry) -> Decimal:
        """What the lines add up to in base currency; refused with the place of what is wrong."""
        with localcontext(prec=EXACT):
            _proposed, lines = self._resolved(entry, "")
            return sum((line.amount for line in lines), Decimal(0))

    def resolve(self, entry: NewEntry, place: str = "") -> list[ResolvedLine]:
        """The lines of one entry, balanced; refused with the place of what is wrong."""
        if len(entry.lines) < 2:
            raise refusals.TooFewLines("An entry has at least two lines.", place=f"{place}lines")
        if len(entry.lines) > MAX_LINES:
            raise refusals.TooManyLines(f"An entry has at most {MAX_LINES:,} lines.", place=f"{place}lines")
        check_text(entry.memo, f"{place}memo")
        check_text(entry.reference, f"{place}reference", 200)
        check_text(entry.reason, f"{place}reason")
        with localcontext(prec=EXACT):
            parts, lines = self._resolved(entry, place)
            return self._balanced(parts, lines, f"{place}lines")

    def _resolved(self, entry: NewEntry, place: str) -> tuple[list[NewLine], list[ResolvedLine]]:
        parts: list[NewLine] = []
        lines: list[ResolvedLine] = []
        for number, line in enumerate(entry.lines):
            try:
                own = self._parts(line)
                lines += [self._line(part, entry) for part in own]
                parts += own
            except Refused as refusal:
                refusal.place = f"{place}lines[{number}].{refusal.place}"
                raise
        return parts, lines

    def _parts(self, line: NewLine) -> list[NewLine]:
        """The line, or the lines that a split one stands for. The place of a refusal is the field, here and below."""
        if not line.splits:
            return [line]
        unit = self._unit(line)
        check_amount(line.amount, unit, "amount")
        return split_line(line, unit.decimals, self.base.decimals)

    def _line(self, line: NewLine, entry: NewEntry) -> ResolvedLine:
        account = self.chart.account(line.account, "account")
        unit = self._unit(line)
        self._check_account(account, unit, line, entry)
        check_amount(line.amount, unit, "amount", zero=self._is_exchange_difference(line, unit))
        check_text(line.memo, "memo")
        statistical = line.statistical or unit.kind == STATISTICAL
        amount, rate, source = self._in_base(line, unit, statistical, entry)
        return ResolvedLine(
            account.id, self._sub_account(account, line, entry), amount, unit.code, line.amount, rate, source,
            statistical, line.memo, self._dimensions(account, line, entry),
        )  # fmt: skip

    def _unit(self, line: NewLine) -> ChartUnit:
        code = line.currency or self.base.code
        if code not in self.chart.units:
            raise refusals.UnknownUnit(f"The currency or unit “{code}” is not in use.", place="currency")
        return self.chart.units[code]

    def _check_account(self, account: ChartAccount, unit: ChartUnit, line: NewLine, entry: NewEntry) -> None:
        if account.is_heading:
            raise refusals.AccountIsHeading(f"{account.code} is a heading and takes no lines.", place="account")
        if account.status != "active":
            raise refusals.AccountFrozen(f"Account {account.code} is {account.status}.", place="account")
        closed = self.manual and account.id not in entry.opened
        if account.control and (closed or not line.sub_account):
            raise refusals.ControlAccount(
                f"{account.code} is a control account: documents post to it, through its sub-accounts.",
                place="account",
            )
        if account.currency and unit.code not in (account.currency, self.base.code):
            raise refusals.AccountCurrency(
                f"Account {account.code} takes lines in {account.currency} only.", place="currency"
            )

    def _is_exchange_difference(self, line: NewLine, unit: ChartUnit) -> bool:
        """Worth something in base currency and nothing in its own: posted by acts, never by hand."""
        return not self.manual and line.base_amount is not None and unit.code != self.base.code

    def _in_base(
        self, line: NewLine, unit: ChartUnit, statistical: bool, entry: NewEntry
    ) -> tuple[Decimal, Decimal | None, str]:
        """The amount in base currency, the rate behind it, and where the rate comes from."""
        if statistical:
            return Decimal(0), None, ""
        if unit.code == self.base.code:
            return line.amount, None, ""
        if line.base_amount is not None:
            check_amount(line.base_amount, self.base, "base_amount", zero=bool(line.amount))
            if not line.amount:
                return line.base_amount, None, line.rate_source
            if line.base_amount and (line.base_amount > 0) != (line.amount > 0):
                raise refusals.BadAmount("The amount in base currency is on the other side.", place="base_amount")
            rate = (line.base_amount / line.amount).quantize(Decimal("1e-12"), ROUND_HALF_UP)
            if abs(rate) >= MAX_RATE:
                raise refusals.BadAmount("The rate of the amounts is too large.", place="base_amount")
            return line.base_amount, rate, line.rate_source or "amount given"
        if line.rate is not None:
            check_rate(line.rate, "rate")
            rate, source = line.rate, line.rate_source or "rate given"
        else:
            rate, source = self._rate(unit.code, entry.date)
        amount = (line.amount * rate).quantize(self.step, self.rounding)
        check_amount(amount, self.base, "amount", zero=True)
        return amount, rate, source

    def _rate(self, currency: str, date: datetime.date) -> tuple[Decimal, str]:
        """The exchange rate of the day, asked for once."""
        if (currency, date) not in self.rates:
            self.rates[currency, date] = rate_on(currency, date, place="rate")
        return self.rates[currency, date]

    def _balanced(self, proposed: list[NewLine], lines: list[ResolvedLine], place: str) -> list[ResolvedLine]:
        totals: dict[str, Decimal] = {}
        for line in lines:
            if line.statistical:
                totals[line.currency] = totals.get(line.currency, Decimal(0)) + line.currency_amount
        for unit, total in totals.items():
            if total:
                raise _unbalanced(total, unit, place)
        difference = sum((line.amount for line in lines), Decimal(0))
        if not difference:
            return lines
        converted = sum(1 for line, new in zip(lines, proposed, strict=True) if line.rate and new.base_amount is None)
        if abs(difference) * 2 > self.step * converted:
            raise _unbalanced(difference, self.base.code, place)
        return [*lines, self._rounding(-difference, lines)]

    def _rounding(self, amount: Decimal, lines: list[ResolvedLine]) -> ResolvedLine:
        """In base currency, with the dimensions that all converted lines have in common."""
        account = self.chart.in_role("rounding")
        first, *others = (line.dimensions for line in lines if line.rate is not None)
        shared = {name: value for name, value in first.items() if all(one.get(name) == value for one in others)}
        return ResolvedLine(
            account.id, None, amount, self.base.code, amount, None, "", False, "Rounding difference", shared
        )

    def _sub_account(self, account: ChartAccount, line: NewLine, entry: NewEntry) -> UUID | None:
        if not line.sub_account:
            return None
        found = self.sub_accounts.get((account.id, str(line.sub_account)))
        if found is None or (found in self.retired and not entry.derived):
            raise refusals.UnknownSubAccount(
                f"Account {account.code} has no sub-account “{line.sub_account}”.", place="sub_account"
            )
        return found

    def _fetch_sub_accounts(self, entries: Sequence[NewEntry]) -> dict[tuple[UUID, str], UUID]:
        named = {str(line.sub_account) for entry in entries for line in entry.lines if line.sub_account}
        if not named:
            return {}
        ids = [name for name in named if _is_id(name)]
        rows = SubAccount.objects.for_company(self.company)
        rows = rows.filter(code__in=named) | rows.filter(id__in=ids)
        found: dict[tuple[UUID, str], UUID] = {}
        for pk, account_id, code, is_active in rows.values_list("id", "account_id", "code", "is_active"):
            found[account_id, code] = found[account_id, str(pk)] = pk
            if not is_active:
                self.retired.add(pk)
        return found

    def _dimensions(self, account: ChartAccount, line: NewLine, entry: NewEntry) -> dict[str, str]:
        if entry.derived:
            return dict(line.dimensions)
        for name, value in line.dimensions.items():
            if value not in self.chart.dimensions.get(name, ()):
                raise refusals.UnknownDimension(f"There is no {name} “{value}”.", place=f"dimensions.{name}")
        for name in account.mandatory_dimensions:
            if name not in line.dimensions:
                raise refusals.DimensionMissing(
                    f"Lines of account {account.code} need a {name}.", place=f"dimensions.{name}"
                )
        return dict(line.dimensions)


def check_amount(amount: Any, unit: ChartUnit, place: str, *, zero: bool = False) -> None:
    """Refuse what is not a finite Decimal of the unit's precision; and zero, unless it is allowed."""
    if not isinstance(amount, Decimal) or not amount.is_finite() or abs(amount) >= MAX_AMOUNT:
        raise refusals.BadAmount("An amount is a number below 10^18.", place=place)
    if not amount and not zero:
        raise refusals.BadAmount("A line has an amount.", place=place)
    if amount != round(amount, unit.decimals):
        raise refusals.TooPrecise(f"{amount} has more decimals than {unit.code} has ({unit.decimals}).", place=place)


def check_rate(rate: Decimal, place: str) -> None:
    """Refuse a rate that is no positive number of at most 12 decimals."""
    if not rate.is_finite() or rate <= 0 or rate >= MAX_RATE or rate != rate.quantize(Decimal("1e-12")):
        raise refusals.BadAmount("A rate is a positive number with at most 12 decimals.", place=place)


def check_text(text: str, place: str, limit: int = TEXT_LIMIT) -> None:
    """Refuse text that PostgreSQL cannot hold, or that is far too long."""
    if len(text) > limit:
        raise refusals.BadText(f"The text is longer than {limit:,} characters.", place=place)
    if _UNSTORABLE.search(text):
        raise refusals.BadText("The text holds a NUL character or half of a surrogate pair.", place=place)


def _unbalanced(difference: Decimal, unit: str, place: str) -> refusals.Unbalanced:
    side = "debit" if difference > 0 else "credit"
    return refusals.Unbalanced(
        f"The entry does not balance: {abs(difference):,f} {unit} more {side}.", place=place, difference=str(difference)
    )


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
