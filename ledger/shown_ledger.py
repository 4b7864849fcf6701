"""An account's ledger as a page shows it: balances on the normal side, statistical accounts in their own unit."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from accounting.amounts import amount_text
from accounting.chart import ChartAccount, chart_of
from ledger.account_ledger import LedgerLine, account_ledger
from ledger.balances import KnownAt, balances
from ledger.models import EntrySeal, Line
from tenants.models import Company

ZERO = Decimal(0)
_CSV_PAGE = 5000


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line with its amount in the unit of the page, and the balance after it."""

    line: LedgerLine
    amount: Decimal
    balance: Decimal

    @property
    def debit(self) -> Decimal:
        return max(self.amount, ZERO)

    @property
    def credit(self) -> Decimal:
        return max(-self.amount, ZERO)


@dataclass(frozen=True, slots=True)
class ShownLedger:
    """A page of the ledger: the balance before it, its lines, the balance after it and at the end of the range."""

    opening: Decimal
    lines: list[ShownLine]
    carried: Decimal
    closing: Decimal
    next_after: str

    @property
    def debit(self) -> Decimal:
        return sum((line.debit for line in self.lines), ZERO)

    @property
    def credit(self) -> Decimal:
        return sum((line.credit for line in self.lines), ZERO)

    @property
    def movement(self) -> Decimal:
        """What the page moved, on the account's normal side."""
        return self.carried - self.opening


def shown_ledger(
    company: Company, account: ChartAccount, *, start: datetime.date, date: datetime.date, after: str = "",
    known_at: KnownAt = None, limit: int = 100,
) -> ShownLedger:  # fmt: skip
    """One page; `after` is the `next_after` of the page before."""
    page = account_ledger(company, account.id, start=start, date=date, after=after, known_at=known_at, limit=limit)
    side = account.normal_side
    if account.type != "statistical":
        lines = [ShownLine(line, line.amount, line.balance * side) for line in page.lines]
        opening, last = page.opening * side, page.closing * side
    else:
        opening = _in_unit(company, account, _day_before(start), known_at)
        opening += _units_before(company, account, start, after, known_at)
        lines, last = [], opening
        for line in page.lines:
            last += line.currency_amount
            lines.append(ShownLine(line, line.currency_amount, last))
    closing = balance_at(company, account, date, known_at) if page.next_after else last
    return ShownLedger(opening, lines, last, closing, page.next_after)


def balance_at(company: Company, account: ChartAccount, date: datetime.date, known_at: KnownAt) -> Decimal:
    """What is on the account at the end of a day, on its normal side; a statistical account in its unit."""
    if account.type == "statistical":
        return _in_unit(company, account, date, known_at)
    found = balances(company, date, known_at=known_at)
    return sum((b.amount for b in found if b.account_id == account.id), ZERO) * account.normal_side


def ledger_lines(
    company: Company, account: ChartAccount, *, start: datetime.date, date: datetime.date, known_at: KnownAt
) -> Iterator[list[Any]]:
    """The whole range for a file, with its opening and closing balance."""
    yield ["Date", "Number", "Journal", "Description", "Reference", "Debit", "Credit", "Balance", "Currency",
           "Amount in currency", "Entry"]  # fmt: skip
    units = chart_of(company).units
    statistical = account.type == "statistical" and account.currency in units
    decimals = units[account.currency if statistical else company.base_currency].decimals
    after, first = "", True
    while first or after:
        page = shown_ledger(company, account, start=start, date=date, after=after, known_at=known_at, limit=_CSV_PAGE)
        if first:
            yield [start if start > datetime.date.min else "", "", "", "Opening balance", "", "", "",
                   amount_text(page.opening, decimals)]  # fmt: skip
        for shown in page.lines:
            line = shown.line
            yield [line.date, line.number, line.journal, line.memo or line.entry_memo, line.reference,
                   _side(shown.debit, decimals), _side(shown.credit, decimals), amount_text(shown.balance, decimals),
                   line.currency, amount_text(line.currency_amount, units[line.currency].decimals),
                   line.entry_id]  # fmt: skip
        after, first = page.next_after, False
    yield [date, "", "", "Closing balance", "", "", "", amount_text(page.closing, decimals)]


def _side(amount: Decimal, decimals: int) -> str:
    return amount_text(amount, decimals) if amount else ""


def _in_unit(company: Company, account: ChartAccount, date: datetime.date, known_at: KnownAt) -> Decimal:
    if date == datetime.date.min:
        return ZERO
    found = balances(company, date, known_at=known_at)
    return sum((b.currency_amount for b in found if b.account_id == account.id), ZERO)


def _units_before(
    company: Company, account: ChartAccount, start: datetime.date, after: str, known_at: KnownAt
) -> Decimal:
    """What the pages before this one moved, in the account's unit."""
    try:
        day, entry, number = after.split("_")
        date, pk, last = datetime.date.fromisoformat(day), UUID(entry), int(number)
    except ValueError:
        return ZERO
    earlier = Q(date__lt=date) | Q(date=date, entry_id__lt=pk) | Q(date=date, entry_id=pk, number__lte=last)
    lines = Line.objects.for_company(company).filter(earlier, account_id=account.id, date__gte=start)
    if isinstance(known_at, int):
        sealed = EntrySeal.objects.for_company(company).filter(block_number__lte=known_at)
        lines = lines.filter(entry_id__in=sealed.values("entry_id"))
    elif known_at:
        lines = lines.filter(entry__posted_at__lte=known_at)
    return lines.aggregate(total=Sum("currency_amount"))["total"] or ZERO


def _day_before(day: datetime.date) -> datetime.date:
    return day if day == datetime.date.min else day - datetime.timedelta(days=1)
