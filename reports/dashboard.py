"""What the dashboard shows: figures, months, last entries, jobs under way, and how far the books are sealed."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounting.business_day import fiscal_year_start
from accounting.chart import Chart, ChartAccount, chart_of
from jobs.models import Job
from ledger.balances import Balance, balances_at
from ledger.entry_listing import ListedEntry, Wanted, list_entries
from ledger.models import Block, Entry, SealState
from reports.monthly_result import Month, monthly_result
from tenants.models import Company

ZERO = Decimal(0)
LAST_ENTRIES = 8


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the dashboard, with the page behind it."""

    label: str
    amount: Decimal
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class SealInfo:
    """How far the books are sealed, and what waits."""

    block: Block | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The page's content; without accounts or entries it shows the first steps instead of figures."""

    date: datetime.date
    figures: list[Figure]
    months: list[Month]
    entries: list[ListedEntry]
    jobs: list[Job]
    seal: SealInfo
    account_count: int

    @property
    def is_new(self) -> bool:
        return not self.entries


def dashboard(company: Company, date: datetime.date) -> Dashboard:
    """Everything about a company at a date, in a fixed number of statements."""
    chart = chart_of(company)
    start = fiscal_year_start(company, date)
    dates = [date, start - datetime.timedelta(days=1)]
    now, before = (_by_account(found) for found in balances_at(company, dates))
    return Dashboard(
        date=date,
        figures=[*_balances(company, chart, now), _profit(company, chart, now, before, (start, date))],
        months=monthly_result(company, date),
        entries=list_entries(company, Wanted(), limit=LAST_ENTRIES).rows,
        jobs=list(Job.objects.for_company(company).under_way().for_list()[:5]),
        seal=_seal(company),
        account_count=len(chart.by_code),
    )


def _by_account(found: Iterable[Balance]) -> dict[Any, Decimal]:
    amounts: dict[Any, Decimal] = {}
    for balance in found:
        amounts[balance.account_id] = amounts.get(balance.account_id, ZERO) + balance.amount
    return amounts


def _balances(company: Company, chart: Chart, now: dict[Any, Decimal]) -> list[Figure]:
    kinds = [
        (_("Cash at bank"), {"bank", "cash"}, 1),
        (_("Receivables"), {"receivable"}, 1),
        (_("Payables"), {"payable"}, -1),
    ]
    figures = []
    for label, subtypes, side in kinds:
        accounts = [account for account in chart.by_code.values() if account.subtype in subtypes]
        amount = sum((now.get(account.id, ZERO) for account in accounts), ZERO) * side
        count = ngettext("%d account", "%d accounts", len(accounts)) % len(accounts)
        note = str(accounts[0].name) if len(accounts) == 1 else count
        figures.append(Figure(label, amount, _behind(company, accounts, subtypes), note))
    return figures


def _profit(
    company: Company, chart: Chart, now: dict[Any, Decimal], before: dict[Any, Decimal],
    span: tuple[datetime.date, datetime.date],
) -> Figure:  # fmt: skip
    result = [account.id for account in chart.by_code.values() if account.type in ("income", "expense")]
    profit = -sum((now.get(pk, ZERO) - before.get(pk, ZERO) for pk in result), ZERO)
    query = urlencode({"from": span[0].isoformat(), "to": span[1].isoformat()})
    url = f"{reverse('reports:trial-balance', args=[company.slug])}?{query}#type-income"
    return Figure(_("Net profit, year to date"), profit, url, _("since %s") % date_format(span[0], "j M Y"))


def _behind(company: Company, accounts: list[ChartAccount], subtypes: set[str]) -> str:
    """The ledger of the only account, or the accounts of the chart."""
    if len(accounts) == 1:
        return reverse("ledger:account-ledger", args=[company.slug, accounts[0].code])
    query = urlencode({"subtype": ",".join(sorted(subtypes))})
    return f"{reverse('accounting:account-list', args=[company.slug])}?{query}"


def _seal(company: Company) -> SealInfo:
    state = SealState.objects.for_company(company).first()
    block = Block.objects.for_company(company).order_by("-number").first()
    unsealed = Entry.objects.for_company(company)
    if state:
        unsealed = unsealed.filter(epoch=state.epoch, posted_xid__gte=state.next_xid)
    return SealInfo(block, unsealed.aggregate(count=Count("pk"))["count"])
