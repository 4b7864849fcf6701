"""A fiscal year as its page shows it: what closing would post now, and what has been posted to close it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, Sum

from accounting.chart import Chart, ChartAccount
from accounting.models import FiscalYear, Period
from ledger.models import Entry, EntrySeal, Line
from ledger.year_closing import SOURCE, unclosed_result
from tenants.models import Company


@dataclass(frozen=True, slots=True)
class ResultLine:
    """What is left on one account of income or expenses, signed: debit above zero."""

    account: ChartAccount
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ClosingPreview:
    """What closing the year now would take from income and expenses, and where it would go."""

    income: list[ResultLine]
    expenses: list[ResultLine]
    retained_earnings: ChartAccount | None

    @property
    def income_total(self) -> Decimal:
        """Above zero: earned."""
        return -sum((line.amount for line in self.income), Decimal(0))

    @property
    def expense_total(self) -> Decimal:
        """Above zero: spent."""
        return sum((line.amount for line in self.expenses), Decimal(0))

    @property
    def result(self) -> Decimal:
        """The profit of what is left; below zero the loss."""
        return self.income_total - self.expense_total

    @property
    def is_empty(self) -> bool:
        return not self.income and not self.expenses


def closing_preview(chart: Chart, year: FiscalYear) -> ClosingPreview:
    """What closing the year now would post, by account; in one statement."""
    lines = [ResultLine(chart.by_id[pk], amount) for pk, amount in unclosed_result(year).items()]
    lines.sort(key=lambda line: line.account.code)
    return ClosingPreview(
        [line for line in lines if line.account.type == "income"],
        [line for line in lines if line.account.type == "expense"], chart.by_role.get("retained_earnings"),
    )  # fmt: skip


def posted_closings(company: Company, year: FiscalYear) -> list[dict[str, Any]]:
    """The entries that closed the year, each with the result that it took and what reversed it."""
    reversals = Prefetch("reversed_by", Entry.objects.for_company(company))
    entries = Entry.objects.for_company(company).filter(source=SOURCE, source_id=year.pk).prefetch_related(reversals)
    found = list(entries.order_by("posted_at", "id"))
    ids = [entry.pk for entry in found]
    sums = Line.objects.for_company(company).filter(entry_id__in=ids, account__type__in=["income", "expense"])
    taken = dict(sums.values("entry_id").annotate(taken=Sum("amount")).values_list("entry_id", "taken"))
    seals = EntrySeal.objects.for_company(company).filter(entry_id__in=ids)
    numbers = dict(seals.values_list("entry_id", "number_text"))
    return [
        {"entry": entry, "number": numbers.get(entry.pk, ""), "result": taken.get(entry.pk, Decimal(0)),
         "reversal": next(iter(entry.reversed_by.all()), None)}
        for entry in found
    ]  # fmt: skip


def last_period(company: Company, year: FiscalYear) -> Period | None:
    """The period of the year's last day, on which the closing is posted."""
    periods = Period.objects.for_company(company).filter(start__lte=year.end, end__gte=year.end)
    found: Period | None = periods.first()
    return found
