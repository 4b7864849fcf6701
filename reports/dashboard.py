"""What the dashboard shows: figures, months, last entries, jobs under way, and how far the books are sealed."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
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
from ledger.entry_listing import ListedEntry, Wanted, list_entries
from ledger.models import Block, Entry, SealState
from reports.aged_balances import aged_payables, aged_receivables
from reports.monthly_result import Month, months_up_to, results_of
from reports.periods import Period
from reports.statement_amounts import balances_on
from reports.table import Asked
from tenants.inboxes import Inbox
from tenants.models import Company
from tenants.templatetags.daybook import money

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
    tasks: list[Inbox] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return not self.entries


def dashboard(company: Company, date: datetime.date, inboxes: Sequence[Inbox] = ()) -> Dashboard:
    """Everything about a company at a date, in a fixed number of statements; `inboxes` are the tasks that wait."""
    chart = chart_of(company)
    start = fiscal_year_start(company, date)
    now = balances_on(company, [date], Asked(date))[0]
    *months, year = results_of(company, [*months_up_to(date), Period(start, date)])
    return Dashboard(
        date=date,
        figures=[*_balances(company, chart, now), *_overdue(company, date), _profit(company, year)],
        months=months,
        entries=list_entries(company, Wanted(), limit=LAST_ENTRIES).rows,
        jobs=list(Job.objects.for_company(company).under_way().for_list()[:5]),
        seal=_seal(company),
        account_count=len(chart.by_code),
        tasks=[one for one in inboxes if one.waiting],
    )


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


def _overdue(company: Company, date: datetime.date) -> list[Figure]:
    """What is late, by the aged reports: everything but what is not due yet."""
    made = ((_("Overdue from customers"), aged_receivables), (_("Overdue to suppliers"), aged_payables))
    figures = []
    for label, make in made:
        report = make(company, Asked(date))
        *_contacts, total = report.rows
        not_due, whole = total.cells[1].value, total.cells[-1].value
        url = reverse("reports:report", args=[company.slug, report.name], query={"to": date.isoformat()})
        late = Decimal(str(whole)) - Decimal(str(not_due))
        figures.append(Figure(label, late, url, _("of %s open") % money(whole, report.columns[-1].decimals)))
    return figures


def _profit(company: Company, year: Month) -> Figure:
    query = {"from": year.start.isoformat(), "to": year.end.isoformat()}
    url = reverse("reports:report", args=[company.slug, "profit-and-loss"], query=query)
    return Figure(_("Net profit, year to date"), year.profit, url, _("since %s") % date_format(year.start, "j M Y"))


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
