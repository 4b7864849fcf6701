"""The tie-out of control accounts: each balance beside what it is made of, and what they differ by."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounting.chart import chart_of
from ledger.open_items import TieOut, tie_outs
from reports.links import ledger_of
from reports.table import EMPTY, Asked, Cell, Column, Kind, Link, Report, Row, Standing
from tenants.models import Company


def control_accounts(company: Company, asked: Asked) -> Report:
    """Every control and open-item account at the end of a day on its own side: its balance, its open items, its
    sub-accounts, and the difference of each, which is nothing while the books are whole."""
    decimals = chart_of(company).units[company.base_currency].decimals
    money: dict[str, Any] = {"kind": Kind.AMOUNT, "decimals": decimals}
    columns = [
        Column("account", _("Account")), Column("balance", _("Balance"), **money),
        Column("open_items", _("Total"), over=_("Open items"), **money),
        Column("open_item_difference", _("Difference"), over=_("Open items"), **money),
        Column("sub_accounts", _("Total"), over=_("Sub-accounts"), **money),
        Column("sub_account_difference", _("Difference"), over=_("Sub-accounts"), **money),
    ]  # fmt: skip
    found = tie_outs(company, asked.date, known_at=asked.known_at)
    report = Report("control-accounts", gettext_lazy("Control accounts"), company, asked, columns,
                    list(_rows(company, asked, found)))  # fmt: skip
    if differing := sum(not one.is_equal for one in found):
        said = ngettext("%d account is not the sum", "%d accounts are not the sum", differing)
        report.problems.append(said % differing + " " + _("of what it is made of."))
    elif found:
        report.notes.append(_("Every balance is the sum of its open items and of its sub-accounts."))
    return report


def _rows(company: Company, asked: Asked, found: list[TieOut]) -> Iterator[Row]:
    chart = chart_of(company)
    for one in sorted(found, key=lambda tied: chart.by_id[tied.account_id].code):
        account = chart.by_id[one.account_id]
        side = account.normal_side
        ledger = ledger_of(account, None, asked.date, asked)
        items = Link("ledger:open-item-list", (), {"date": asked.date.isoformat(), "account": account.code})
        yield Row([
            Cell(f"{account.code} {account.name}", ledger), Cell(one.balance * side, ledger),
            *_beside(one.open_items, one.balance, side, items),
            *_beside(one.sub_accounts, one.balance, side, ledger),
        ], Standing.LINE if one.is_equal else Standing.SUBTOTAL)  # fmt: skip


def _beside(of_what: Decimal | None, balance: Decimal, side: int, link: Link) -> list[Cell]:
    if of_what is None:
        return [EMPTY, EMPTY]
    return [Cell(of_what * side, link), Cell((balance - of_what) * side, link)]
