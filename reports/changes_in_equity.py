"""Changes in equity: how each part of it came from its opening to its closing balance (IAS 1.106).

The closing of a year moves its result into retained earnings: it stands in a row of its own and adds nothing.
"""

import dataclasses
import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounting.business_day import fiscal_year_start
from accounting.chart import Chart, ChartAccount, chart_of
from reports.closed_results import closed_results, without_closing
from reports.entry_conditions import CLOSING
from reports.links import ledgers_of
from reports.periods import ONE_DAY, Period, earlier
from reports.statement_amounts import Amounts, balances_on, less
from reports.table import Asked, Cell, Column, Kind, Report, Row, Standing
from tenants.models import Company

ZERO = Decimal(0)
PARTS = (
    ("share_capital", gettext_lazy("Capital")), ("reserves", gettext_lazy("Reserves")),
    ("retained_earnings", gettext_lazy("Retained earnings")), ("drawings", gettext_lazy("Drawings and dividends")),
    ("other", gettext_lazy("Other equity")), ("result", gettext_lazy("Result not closed yet")),
)  # fmt: skip
Parts = dict[str, Decimal]
Members = dict[str, list[ChartAccount]]


def changes_in_equity(company: Company, asked: Asked) -> Report:
    """How equity changed from a day (of the fiscal year, where none is named) to another, by its parts; after the same
    of the year or the period before, where that is asked for."""
    start = asked.start or fiscal_year_start(company, asked.date)
    wanted = dataclasses.replace(asked, start=start)
    now = Period(start, asked.date)
    periods = [earlier(now, asked.compare), now] if asked.compare else [now]
    decimals = chart_of(company).units[company.base_currency].decimals
    members = _members(company)
    used = [(key, label) for key, label in PARTS if members[key] or key == "result"]
    columns = [
        Column("position", _("Position")),
        *(Column(key, label, Kind.AMOUNT, decimals, is_wide=True) for key, label in used),
        Column("total", _("Total"), Kind.AMOUNT, decimals),
    ]
    rows = [row for one in periods for row in _block(company, one, members, [key for key, _label in used], wanted)]
    return Report("changes-in-equity", gettext_lazy("Changes in equity"), company, wanted, columns, rows)


def _members(company: Company) -> Members:
    """The accounts of each part; the result that is not closed yet is on income and expenses."""
    found: Members = {key: [] for key, _label in PARTS}
    for account in chart_of(company).by_id.values():
        if account.type in ("income", "expense"):
            found["result"].append(account)
        elif account.type == "equity":
            found[account.subtype if account.subtype in found else "other"].append(account)
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    """One row: what its accounts moved or are, the days behind it, and whether those leave out what closed years."""

    label: str
    amounts: Amounts
    start: datetime.date | None
    end: datetime.date
    standing: Standing = Standing.LINE
    narrowed: Mapping[str, str] = field(default_factory=dict)


def _block(company: Company, period: Period, members: Members, keys: Sequence[str], asked: Asked) -> Iterator[Row]:
    """Opening, result, closing of years, what owners put in and took out, closing."""
    assert period.start is not None
    start, end, day_before = period.start, period.end, period.start - ONE_DAY
    opened, closed = balances_on(company, [day_before, end], asked)
    (by_closing,) = closed_results(company, [period], known_at=asked.known_at)
    results = {one.id for one in members["result"]}
    change = less(less(closed, opened), by_closing)
    result = {one: amount for one, amount in change.items() if one in results}
    equity = {one: amount for one, amount in change.items() if one not in results}
    more = {one: amount for one, amount in equity.items() if amount < 0}
    how: dict[str, Any] = {"start": start, "end": end, "narrowed": without_closing(by_closing)}
    lines = (
        _Line(_("At the beginning: %s") % date_format(start, "j M Y"), opened, None, day_before, Standing.SUBTOTAL),
        _Line(_("Result of the period"), result, **how),
        _Line(_("Closing of years"), by_closing, start, end, narrowed={"only": CLOSING}),
        _Line(_("Put in, and other increases"), more, **how),
        _Line(_("Taken out, and other decreases"), less(equity, more), **how),
        _Line(_("At the end: %s") % date_format(end, "j M Y"), closed, None, end, Standing.TOTAL),
    )  # fmt: skip
    for line in lines:
        parts = {key: _sum(line.amounts, members[key]) for key in keys}
        if line.standing is not Standing.LINE or any(parts.values()):
            yield _row(line, parts, members, asked, chart_of(company))


def _row(line: _Line, parts: Parts, members: Members, asked: Asked, chart: Chart) -> Row:
    """Each part of equity, credit above zero, and their sum, with the ledgers of the accounts that they are made of."""
    behind = {key: [one for one in members[key] if line.amounts.get(one.id)] for key in parts}
    how = (line.start, line.end, asked)
    links: dict[str, Any] = {"chart": chart, "narrowed": line.narrowed}
    cells = [Cell(amount, ledgers_of(behind[key], *how, **links)) for key, amount in parts.items()]
    everything = [account for own in behind.values() for account in own]
    total = Cell(sum(parts.values(), ZERO), ledgers_of(everything, *how, **links))
    return Row([Cell(line.label), *cells, total], line.standing)


def _sum(amounts: Amounts, accounts: Sequence[ChartAccount]) -> Decimal:
    return -sum((amounts.get(one.id, ZERO) for one in accounts), ZERO)
