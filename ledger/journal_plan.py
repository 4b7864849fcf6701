"""From a parsed journal to entries that can be posted: which units and accounts it needs, what each line weighs in
base currency, and every rounding made visible. Pure: it reads no database.
"""

import datetime
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

from ledger.parsers.journal import ParsedJournal, ParsedLine, ParsedTransaction, Problem
from ledger.proposals import NewEntry, NewLine

ZERO = Decimal(0)
FIRST_YEAR, LAST_YEAR = 1900, 2199


@dataclass(frozen=True, slots=True)
class Rounding:
    """A difference that the source's tolerance let pass; it goes to the rounding account in a line of its own."""

    place: int
    date: datetime.date
    memo: str
    amount: Decimal
    currency: str


@dataclass(slots=True)
class JournalPlan:
    """The entries to post, and everything that was noticed on the way."""

    entries: list[NewEntry] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    roundings: list[Rounding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)

    def ignore(self, kind: str) -> None:
        self.ignored[kind] = self.ignored.get(kind, 0) + 1


class Prices:
    """What commodities were worth in base currency, by day: the source's own prices, and the company's rates."""

    def __init__(self, known: Mapping[str, list[tuple[datetime.date, Decimal]]]) -> None:
        self.known = {commodity: sorted(prices) for commodity, prices in known.items()}

    def on(self, commodity: str, date: datetime.date) -> Decimal | None:
        """The latest price on or before the date; None where there is none: it is never taken to be 1."""
        prices = self.known.get(commodity, [])
        position = bisect_right(prices, (date, Decimal("Infinity")))
        return prices[position - 1][1] if position else None


@dataclass(frozen=True, slots=True)
class Target:
    """The company that a journal is planned for: its base currency, and the source's names for units and accounts."""

    base: str
    decimals: int
    units: Mapping[str, str]
    unit_decimals: Mapping[str, int]
    accounts: Mapping[str, str]
    rounding_account: str
    prices: Prices
    key: str

    def rounded(self, amount: Decimal) -> Decimal:
        return amount.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_EVEN)


def plan_journal(journal: ParsedJournal, target: Target) -> JournalPlan:
    """Entries for every transaction of the source, in its order; problems for what cannot be posted."""
    plan = JournalPlan(problems=list(journal.problems), ignored=dict(journal.ignored))
    for transaction in journal.transactions:
        if not FIRST_YEAR <= transaction.date.year <= LAST_YEAR:
            plan.problems.append(
                Problem(transaction.place, "bad_date", f"{transaction.date} is outside {FIRST_YEAR} to {LAST_YEAR}.")
            )
            continue
        _plan_transaction(transaction, target, plan)
    return plan


def _plan_transaction(transaction: ParsedTransaction, target: Target, plan: JournalPlan) -> None:
    lines: list[NewLine] = []
    converted = _weighed_in_foreign(transaction, target.base)
    for line in transaction.lines:
        if not line.quantity:
            plan.ignore("line of zero")
            continue
        problem, planned = _plan_line(line, transaction.date, converted, target)
        if problem:
            plan.problems.append(problem)
        elif planned:
            lines.append(planned)
    lines += _rounding_lines(transaction, lines, target, plan)
    if len(lines) < 2:
        if not any(problem.place == transaction.place for problem in plan.problems):
            plan.ignore("transaction without amounts")
        return
    plan.entries.append(
        NewEntry(
            key=f"{target.key}:{len(plan.entries) + 1}",
            date=transaction.date,
            lines=tuple(lines),
            memo=_memo(transaction),
            journal=transaction.journal or "GEN",
            reference=transaction.reference[:200],
            source="import",
        )
    )
    plan.places.append(transaction.place)


def _weighed_in_foreign(transaction: ParsedTransaction, base: str) -> set[str]:
    """Commodities that other lines of the transaction are priced in: their own lines must be money too."""
    return {
        line.weight_commodity
        for line in transaction.lines
        if line.weight_commodity and line.weight is not None and line.weight_commodity not in (base, line.commodity)
    }


def _plan_line(
    line: ParsedLine, date: datetime.date, converted: set[str], target: Target
) -> tuple[Problem | None, NewLine | None]:
    unit = target.units[line.commodity]
    if -line.quantity.normalize().as_tuple().exponent > target.unit_decimals[unit]:  # type: ignore[operator]
        limit = target.unit_decimals[unit]
        return Problem(line.place, "too_precise", f"{line.quantity} {unit} has more than {limit} decimals."), None
    base_amount: Decimal | None = None
    statistical = False
    if unit != target.base:
        weight, commodity = (
            (line.weight, line.weight_commodity)
            if line.weight is not None
            else ((line.quantity, line.commodity) if line.commodity in converted else (None, None))
        )
        if weight is None or commodity is None:
            statistical = True
        else:
            price = Decimal(1) if target.units[commodity] == target.base else target.prices.on(commodity, date)
            if price is None:
                return Problem(line.place, "missing_rate", f"No rate of {commodity} on or before {date}."), None
            base_amount = target.rounded(weight * price)
    return None, NewLine(
        account=target.accounts[line.account], amount=line.quantity, currency=unit, base_amount=base_amount,
        rate_source="import" if base_amount is not None else "", statistical=statistical,
        sub_account=line.sub_account, dimensions=dict(line.dimensions), memo=line.memo,
    )  # fmt: skip


def _rounding_lines(
    transaction: ParsedTransaction, lines: list[NewLine], target: Target, plan: JournalPlan
) -> list[NewLine]:
    """What is left over in base currency and in each statistical unit, as lines of their own."""
    left: dict[str, Decimal] = {}
    for line in lines:
        unit = line.currency if line.statistical else target.base
        amount = line.amount if line.base_amount is None or line.statistical else line.base_amount
        left[unit] = left.get(unit, ZERO) + amount
    rounding = []
    for unit, amount in left.items():
        if not amount:
            continue
        allowed = _allowed(transaction, unit, len(lines), target)
        if abs(amount) > allowed:
            plan.problems.append(
                Problem(transaction.place, "unbalanced", f"The transaction is out of balance by {amount} {unit}.")
            )
            return []
        plan.roundings.append(Rounding(transaction.place, transaction.date, _memo(transaction), -amount, unit))
        rounding.append(
            NewLine(
                account=target.rounding_account, amount=-amount, currency=unit, memo="Rounding of the source",
                statistical=unit != target.base,
            )
        )  # fmt: skip
    return rounding


def _allowed(transaction: ParsedTransaction, unit: str, lines: int, target: Target) -> Decimal:
    """The source's own residue, and half of the last decimal for each line that was rounded here."""
    residue = sum((abs(amount) for name, amount in transaction.residue.items() if target.units[name] == unit), ZERO)
    if unit != target.base:
        return residue
    return residue + Decimal(1).scaleb(-target.decimals) / 2 * lines


def _memo(transaction: ParsedTransaction) -> str:
    text = " | ".join(part for part in (transaction.payee, transaction.memo) if part)
    tags = " ".join(f"#{tag}" for tag in transaction.tags)
    return f"{text} {tags}".strip()
