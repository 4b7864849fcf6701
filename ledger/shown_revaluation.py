"""A revaluation as its page shows it before it is run, and the earlier ones with what became of them."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounting.amounts import amount_text, rate_text
from accounting.chart import ChartAccount, chart_of
from ledger.models import AutoReversal, Entry, EntrySeal, Line
from ledger.revaluation import SOURCE, revaluations
from tenants.models import Company


@dataclass(slots=True)
class ShownRevaluation:
    """The balance of an account in a currency: what it is carried at, its closing rate, and what it is worth there."""

    account: ChartAccount
    currency: str
    decimals: int
    rate: Decimal
    rate_source: str
    amount: Decimal = Decimal(0)
    carried: Decimal = Decimal(0)
    worth: Decimal = Decimal(0)

    @property
    def difference(self) -> Decimal:
        return self.worth - self.carried

    @property
    def exact_rate(self) -> str:
        return rate_text(self.rate) or ""


def shown_revaluations(company: Company, date: datetime.date) -> list[ShownRevaluation]:
    """What a revaluation of the day would change, by account and currency. Refused (`missing_rate`)."""
    chart = chart_of(company)
    shown: dict[tuple[Any, str], ShownRevaluation] = {}
    for one in revaluations(company, date):
        key = (one.account_id, one.currency)
        if key not in shown or (one.amount and not shown[key].rate):
            row = shown.get(key)
            before = (row.amount, row.carried, row.worth) if row else ()
            decimals = chart.units[one.currency].decimals
            shown[key] = ShownRevaluation(
                chart.by_id[one.account_id], one.currency, decimals, one.rate, one.rate_source, *before
            )
        row = shown[key]
        row.amount += one.amount
        row.carried += one.carried
        row.worth += one.carried + one.difference
    return list(shown.values())


def revaluation_register(company: Company, rows: list[ShownRevaluation]) -> Iterator[list[Any]]:
    """The differences for a file, one row for each account and currency."""
    yield ["Account", "Account name", "Currency", "Balance", "Carried at", "Rate", "Source", "Worth", "Difference"]
    base = chart_of(company).units[company.base_currency].decimals
    for row in rows:
        yield [
            row.account.code, row.account.name, row.currency, amount_text(row.amount, row.decimals),
            amount_text(row.carried, base), row.exact_rate, row.rate_source, amount_text(row.worth, base),
            amount_text(row.difference, base),
        ]  # fmt: skip


def past_revaluations(company: Company) -> Any:
    """The entries of earlier runs, the latest first."""
    rows = Entry.objects.for_company(company).filter(source=SOURCE, reverses=None).defer("body_hash", "leaf_hash")
    return rows.order_by("-date", "-id")


def name_runs(company: Company, runs: list[Any]) -> None:
    """Say of each run its number, what it gained or lost, and when it is taken back; three statements."""
    ids = [run.pk for run in runs]
    numbers = dict(
        EntrySeal.objects.for_company(company).filter(entry_id__in=ids).values_list("entry_id", "number_text")
    )
    planned = {
        one.entry_id: one
        for one in AutoReversal.objects.for_company(company).filter(entry_id__in=ids).select_related("reversal")
    }
    own = Line.objects.for_company(company).filter(Q(entry_id__in=ids) & ~Q(currency=company.base_currency))
    totals: dict[Any, Decimal] = {}
    for entry, amount in own.values_list("entry_id", "amount"):
        totals[entry] = totals.get(entry, Decimal(0)) + amount
    for run in runs:
        run.number, run.planned = numbers.get(run.pk, ""), planned.get(run.pk)
        run.difference = totals.get(run.pk, Decimal(0))
