"""Open items as a list: oldest first with account, age and residuals, page by page, their totals, and as a file."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounting.amounts import amount_text
from accounting.chart import Chart, ChartAccount, chart_of
from ledger.open_items import OpenItem, OpenTotal, open_items, open_totals
from tenants.models import Company

PAGE_SIZE = 100
_CSV_PAGE = 2000


@dataclass(frozen=True, slots=True)
class WantedItems:
    """Which open items: at the end of which day, of which accounts, sub-account and currency; settled ones too."""

    date: datetime.date
    accounts: tuple[UUID, ...] = ()
    sub_account: UUID | None = None
    currency: str = ""
    settled: bool = False

    def narrowed(self) -> dict[str, Any]:
        """As `open_items` and `open_totals` take it."""
        return {"accounts": self.accounts, "sub_account": self.sub_account, "currency": self.currency}


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item of the list: its account, the decimals of its currency, and how many days it has been there."""

    item: OpenItem
    account: ChartAccount
    decimals: int
    age: int


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of items, and where the next one begins."""

    rows: list[ShownItem]
    next_after: str


def list_items(company: Company, wanted: WantedItems, *, after: str = "", limit: int = PAGE_SIZE) -> ItemPage:
    """One page of open items, in one statement. `after` is the page before's `next_after`."""
    found = open_items(
        company, wanted.date, **wanted.narrowed(), settled=wanted.settled, after=_position(after), limit=limit + 1
    )
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    chart = chart_of(company)
    rows = [shown_item(chart, one, wanted.date) for one in shown]
    return ItemPage(rows, f"{last.date.isoformat()}_{last.line_id}" if last else "")


def shown_item(chart: Chart, item: OpenItem, date: datetime.date) -> ShownItem:
    """An open item with what a list says of it on that day."""
    decimals = chart.units[item.currency].decimals
    return ShownItem(item, chart.by_id[item.account_id], decimals, (date - item.date).days)


def item_totals(company: Company, wanted: WantedItems) -> list[tuple[OpenTotal, int]]:
    """What is open by currency, with the currency's decimals."""
    units = chart_of(company).units
    return [(total, units[total.currency].decimals) for total in open_totals(company, wanted.date, **wanted.narrowed())]


def item_register(company: Company, wanted: WantedItems) -> Iterator[list[Any]]:
    """The items for a file, one row each; memory stays flat."""
    yield ["Account", "Account name", "Sub-account", "Sub-account name", "Date", "Age in days", "Number", "Memo",
           "Reference", "Currency", "Amount", "Open", "Amount in base currency", "Open in base currency", "Entry",
           "Line"]  # fmt: skip
    base = chart_of(company).units[company.base_currency].decimals
    after = "start"
    while after:
        page = list_items(company, wanted, after="" if after == "start" else after, limit=_CSV_PAGE)
        after = page.next_after
        for row in page.rows:
            item = row.item
            yield [
                row.account.code, row.account.name, item.sub_account, item.sub_account_name, item.date, row.age,
                item.number, item.memo, item.reference, item.currency, amount_text(item.amount, row.decimals),
                amount_text(item.residual, row.decimals), amount_text(item.base_amount, base),
                amount_text(item.base_residual, base), item.entry_id, item.line_id,
            ]  # fmt: skip


def _position(after: str) -> tuple[datetime.date, UUID] | None:
    try:
        day, line = after.split("_")
        return datetime.date.fromisoformat(day), UUID(line)
    except ValueError:
        return None
