"""The chart of accounts as a page shows it: by type and heading, each account with its balance on its normal side."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from accounting.account_ranking import ranked
from accounting.models import Account, AccountType
from tenants.models import Company

ZERO = Decimal(0)
# Balances live to the right of this app; it learns of them by name.
BALANCES = "ledger.balances.balances"


@dataclass(slots=True)
class ListedAccount:
    """One line of the chart: an account, how deep it stands under headings, and what is on it."""

    account: Account
    depth: int = 0
    balance: Decimal = ZERO
    units: list[tuple[str, Decimal]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The subtype in words, or the type."""
        account = self.account
        return account.subtype.replace("_", " ").capitalize() or str(account.get_type_display())

    @property
    def normal(self) -> Decimal:
        """The balance, positive on the account's normal side."""
        return self.balance if self.account.type in ("asset", "expense", "statistical") else -self.balance


@dataclass(slots=True)
class ListedType:
    """The accounts of one type, and their sum on the normal side."""

    type: str
    label: str
    rows: list[ListedAccount]

    @property
    def total(self) -> Decimal:
        return sum((row.normal for row in self.rows if not row.account.is_heading), ZERO)

    @property
    def count(self) -> int:
        return sum(1 for row in self.rows if not row.account.is_heading)


def chart_listing(
    company: Company, date: datetime.date, *, text: str = "", status: str = "", subtypes: Iterable[str] = ()
) -> list[ListedType]:
    """The chart with the balances of a date: two statements, however many accounts there are.

    `status` is one of the states, `all`, or empty for what is not archived. A search lists accounts best first.
    """
    found = Account.objects.for_company(company).order_by("code")
    accounts = [account for account in found if _wanted(account, status, set(subtypes))]
    rows = {account.pk: ListedAccount(account) for account in accounts}
    _add_balances(company, date, rows)
    if text.strip():
        best = [rows[account.pk] for account in ranked(text, [row.account for row in rows.values()])]
        return [ListedType("", "", best)] if best else []
    listed = [_of_type(rows.values(), kind) for kind in AccountType]
    return [group for group in listed if group.rows]


def _wanted(account: Account, status: str, subtypes: set[str]) -> bool:
    if subtypes and account.subtype not in subtypes:
        return False
    if status in Account.Status.values:
        return bool(account.status == status)
    return status == "all" or account.status != Account.Status.ARCHIVED


def _add_balances(company: Company, date: datetime.date, rows: dict[UUID, ListedAccount]) -> None:
    balances: Callable[..., Any] = import_string(getattr(settings, "ACCOUNT_BALANCES", BALANCES))
    for balance in balances(company, date):
        if row := rows.get(balance.account_id):
            row.balance += balance.amount
            if balance.currency != company.base_currency and balance.currency_amount:
                row.units.append((balance.currency, balance.currency_amount))


def _of_type(rows: Iterable[ListedAccount], kind: AccountType) -> ListedType:
    mine = [row for row in rows if row.account.type == kind.value]
    present = {row.account.pk for row in mine}
    children: dict[UUID | None, list[ListedAccount]] = {}
    for row in mine:
        parent = row.account.parent_id if row.account.parent_id in present else None
        children.setdefault(parent, []).append(row)
    ordered: list[ListedAccount] = []
    for row in children.get(None, []):
        _place(row, 0, children, ordered)
    return ListedType(kind.value, str(kind.label), ordered)


def _place(
    row: ListedAccount, depth: int, children: dict[UUID | None, list[ListedAccount]], ordered: list[ListedAccount]
) -> Decimal:
    """Put the row and what stands under it in order; a heading shows the sum of its accounts."""
    row.depth = depth
    ordered.append(row)
    below = sum((_place(child, depth + 1, children, ordered) for child in children.get(row.account.pk, [])), ZERO)
    row.balance += below
    return row.balance
