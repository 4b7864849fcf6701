"""Legal numbers: taken last in a transaction, without gap or double, and each one explained in the register."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounting.models import FiscalYear, NumberCounter, NumberSeries, NumberUse
from tenants.scope import current_scope


def take_number(series: NumberSeries, year: FiscalYear, *, subject: str, subject_id: UUID) -> str:
    """The next number of the series in the year, entered in the register for its document.

    Call it as the last write of the transaction: the counter stays locked until the commit, and a rollback gives
    the number back, so that no gap appears.
    """
    counter = _locked_counter(series, year)
    number = counter.next_number
    _register(series, year, number, NumberUse.Outcome.USED, subject=subject, subject_id=subject_id)
    NumberCounter.objects.for_company(series.company).filter(pk=counter.pk).update(next_number=number + 1)
    return printed(series, year, number)


@transaction.atomic
def skip_number(series: NumberSeries, year: FiscalYear, *, reason: str) -> str:
    """Leave a number out on purpose (a spoilt form, numbers of another system) and say why in the register."""
    counter = _locked_counter(series, year)
    number = counter.next_number
    _register(series, year, number, NumberUse.Outcome.SKIPPED, reason=reason)
    NumberCounter.objects.for_company(series.company).filter(pk=counter.pk).update(next_number=number + 1)
    return printed(series, year, number)


def printed(series: NumberSeries, year: FiscalYear, number: int) -> str:
    """The number as it stands on the document."""
    return series.pattern.format(code=series.code, year=year.name, number=number)


def _locked_counter(series: NumberSeries, year: FiscalYear) -> NumberCounter:
    company = current_scope().company
    NumberCounter.objects.bulk_create(
        [NumberCounter(company=company, series=series, year=year.name)], ignore_conflicts=True
    )
    counters = NumberCounter.objects.for_company(company).select_for_update(no_key=True)
    return counters.get(series=series, year=year.name)


def _register(series: NumberSeries, year: FiscalYear, number: int, outcome: str, **fields: Any) -> None:
    NumberUse.objects.create(
        company=current_scope().company, series=series, year=year.name, number=number,
        text=printed(series, year, number), outcome=outcome, **fields,
    )  # fmt: skip
