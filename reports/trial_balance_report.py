"""The trial balance as a report: each account in debit or credit, with movements, an earlier one and the change."""

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.business_day import fiscal_year_start
from accounting.chart import ChartAccount, chart_of
from reports.comparison import Change, ComparedGroup, ComparedRow, Comparison, compare
from reports.links import ledger_of, ledgers_of
from reports.periods import ONE_DAY, Period, earlier, label_of
from reports.table import EMPTY, Asked, Cell, Column, Kind, Link, Report, Row, Standing
from tenants.models import Company

MOVEMENTS = ("opening", "debit", "credit")
SIDES = ("closing_debit", "closing_credit")


def trial_balance_report(company: Company, asked: Asked) -> Report:
    """Every account's balance at the end of a day; with a first day its opening balance, debits and credits; beside
    the year or the month before, with the change on the account's normal side."""
    now = Period(asked.start, asked.date)
    before = earlier(now, asked.compare or "year")
    found = compare(company, now, before, known_at=asked.known_at)
    units = any(row.units for group in found.groups for row in group.rows)
    table = _Table(company, asked, now, before, found, has_units=units)
    title = gettext_lazy("Trial balance")
    report = Report("trial-balance", title, company, asked, list(table.columns()), list(table.rows()))
    if not found.is_balanced:
        report.problems.append(_("Debits and credits differ. Run manage.py verify."))
    return report


class _Table:
    """The columns and rows of one trial balance."""

    def __init__(
        self, company: Company, asked: Asked, now: Period, before: Period, found: Comparison, *, has_units: bool
    ) -> None:  # fmt: skip
        self.asked, self.now, self.before, self.found, self.has_units = asked, now, before, found, has_units
        self.chart = chart_of(company)
        self.decimals = self.chart.units[company.base_currency].decimals
        self.year_start = now.start or fiscal_year_start(company, now.end)
        self.year_start_before = before.start or fiscal_year_start(company, before.end)

    def columns(self) -> Iterator[Column]:
        """The account, the movements, the two sides, the two sides before, the change."""
        money: dict[str, Any] = {"kind": Kind.AMOUNT, "decimals": self.decimals}
        yield Column("account", _("Account"))
        if self.has_units:
            yield Column("units", _("In units"), is_wide=True)
        if self.now.start:
            days = label_of(self.now)
            for key, label in (("opening", _("Opening")), ("debit", _("Debits")), ("credit", _("Credits"))):
                yield Column(key, label, over=days, **money)
        yield from self._two_sides("", self.now, **money)
        if self.asked.compare:
            yield from self._two_sides("_before", self.before, is_past=True, is_wide=True, **money)
            yield Column("change", _("Amount"), over=_("Change"), is_wide=True, **money)
            yield Column("change_percent", "%", Kind.PERCENT, 1, is_wide=True, over=_("Change"))

    def _two_sides(self, suffix: str, period: Period, **how: Any) -> Iterator[Column]:
        day = date_format(period.end, "j M Y")
        yield Column(f"closing_debit{suffix}", _("Debit"), over=day, **how)
        yield Column(f"closing_credit{suffix}", _("Credit"), over=day, **how)

    def rows(self) -> Iterator[Row]:
        """The accounts by type, each type with its total, and the total of all."""
        for group in self.found.groups:
            heading = [Cell(group.label), *[EMPTY] * (len(list(self.columns())) - 1)]
            yield Row(heading, Standing.HEADING, anchor=f"type-{group.type}")
            yield from (Row(self._account(row), level=1) for row in group.rows)
            if not group.is_statistical:
                yield Row(self._group(group), Standing.SUBTOTAL)
        if self.found.groups:
            yield Row(self._total(), Standing.TOTAL)

    def _account(self, row: ComparedRow) -> list[Cell]:
        account = row.account
        own = ledger_of(account, self.year_start, self.now.end, self.asked)
        past = ledger_of(account, self.year_start_before, self.before.end, self.asked)
        moved = ledger_of(account, self.now.start, self.now.end, self.asked)
        opened = ledger_of(account, None, self.now.start - ONE_DAY, self.asked) if self.now.start else None
        changed = ledger_of(account, self.before.end + ONE_DAY, self.now.end, self.asked)
        units = "; ".join(f"{unit.amount.normalize():f} {unit.currency}" for unit in row.units)
        change = None if row.is_statistical else row.change
        name = Cell(f"{account.code} {account.name}", own)
        return self._cells(name, units, (row.now, row.before), change, (opened, moved, own, past, changed))

    def _group(self, group: ComparedGroup) -> list[Cell]:
        links = self._ledgers(row.account for row in group.rows)
        return self._cells(Cell(_("Total %s") % group.label), "", (group.now, group.before), group.change, links)

    def _total(self) -> list[Cell]:
        found = self.found
        links = self._ledgers(row.account for group in found.groups for row in group.rows if not row.is_statistical)
        return self._cells(Cell(_("Total")), "", (found.total, found.total_before), None, links)

    def _ledgers(self, accounts: Iterable[ChartAccount]) -> tuple[Link | None, ...]:
        """The ledgers of several accounts behind the opening, the movements, both closings and the change."""
        now, before, those = self.now, self.before, list(accounts)

        def ledgers(start: datetime.date | None, end: datetime.date) -> Link | None:
            return ledgers_of(those, start, end, self.asked, chart=self.chart)

        opened = ledgers(None, now.start - ONE_DAY) if now.start else None
        own, past = ledgers(self.year_start, now.end), ledgers(self.year_start_before, before.end)
        return opened, ledgers(now.start, now.end), own, past, ledgers(before.end + ONE_DAY, now.end)

    def _cells(
        self, name: Cell, units: str, figures: tuple[Any, Any], change: Change | None, links: tuple[Link | None, ...]
    ) -> list[Cell]:
        (now, before), (opened, moved, own, past, changed) = figures, links
        cells = [name, *([Cell(units or None)] if self.has_units else [])]
        if self.now.start:
            cells += [Cell(now.opening, opened), Cell(now.debit, moved), Cell(now.credit, moved)]
        cells += _sides(now, own)
        if self.asked.compare:
            cells += _sides(before, past)
            cells += [Cell(change.amount, changed), Cell(change.percent)] if change else [EMPTY, EMPTY]
        return cells


def _sides(found: Any, link: Link | None) -> list[Cell]:
    """The side that a balance stands on; nothing on either is a dash on the first."""
    debit, credit = found.closing_debit, found.closing_credit
    return [
        Cell(debit, link) if debit or not credit else EMPTY,
        Cell(credit, link) if credit else EMPTY,
    ]
