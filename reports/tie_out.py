"""The tie-out of control accounts: each balance beside what it is made of, and the difference."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounting.amounts import amount_text
from accounting.chart import Chart, ChartAccount
from ledger.open_items import TieOut, tie_outs
from tenants.models import Company


@dataclass(frozen=True, slots=True)
class TiedAccount:
    """An account on its own side: its balance, its open items, its sub-accounts, and what they differ by."""

    account: ChartAccount
    balance: Decimal
    open_items: Decimal | None
    sub_accounts: Decimal | None

    @property
    def open_item_difference(self) -> Decimal | None:
        return None if self.open_items is None else self.balance - self.open_items

    @property
    def sub_account_difference(self) -> Decimal | None:
        return None if self.sub_accounts is None else self.balance - self.sub_accounts

    @property
    def is_equal(self) -> bool:
        return not self.open_item_difference and not self.sub_account_difference


def tied_accounts(company: Company, chart: Chart, date: datetime.date) -> list[TiedAccount]:
    """Every control and open-item account at the end of a day, by code; in one statement."""
    return [_tied(chart.by_id[one.account_id], one) for one in tie_outs(company, date)]


def tie_out_register(rows: list[TiedAccount], decimals: int) -> Iterator[list[Any]]:
    """The report for a file: one row for each account."""
    yield ["Code", "Account", "Balance", "Open items", "Difference", "Sub-accounts", "Difference of sub-accounts"]
    for one in rows:
        yield [
            one.account.code, one.account.name,
            *("" if amount is None else amount_text(amount, decimals)
              for amount in (one.balance, one.open_items, one.open_item_difference, one.sub_accounts,
                             one.sub_account_difference)),
        ]  # fmt: skip


def _tied(account: ChartAccount, one: TieOut) -> TiedAccount:
    side = account.normal_side
    return TiedAccount(
        account, one.balance * side, None if one.open_items is None else one.open_items * side,
        None if one.sub_accounts is None else one.sub_accounts * side,
    )  # fmt: skip
