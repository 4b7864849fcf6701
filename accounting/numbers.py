"""Legal numbers: taken last in a transaction, without gap or double, and each one explained in the register."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounting.models import FiscalYear, NumberCounter, NumberSeries, NumberUse
from tenants.fields import new_id
from tenants.scope import current_scope

# One statement makes the counter, waits for its lock and moves it on.
_TAKE = """
INSERT INTO accounting_numbercounter AS c (id, company_id, series_id, year, next_number) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (company_id, series_id, year) DO UPDATE SET next_number = c.next_number + %s
RETURNING next_number
"""


def take_number(series: NumberSeries, year: FiscalYear, *, subject: str, subject_id: UUID) -> str:
    """The next number of the series in the year, entered in the register for its document.

    Call it as the last write of the transaction: the counter stays locked until the commit, and a rollback gives
    the number back, so that no gap appears.
    """
    return take_numbers(series, year.name, subject, [subject_id])[0]


def take_numbers(series: NumberSeries, year: str, subject: str, subject_ids: Sequence[UUID]) -> list[str]:
    """The next numbers of the series in the year, one for each document, entered in the register in this order.

    The counter stays locked until the commit, as with one number; a rollback gives all of them back.
    """
    company = current_scope().company
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [new_id(), company.pk, series.pk, year, 1 + len(subject_ids), len(subject_ids)])
        first = cursor.fetchone()[0] - len(subject_ids)
    uses = [
        NumberUse(
            company=company, series=series, year=year, number=number, outcome=NumberUse.Outcome.USED, subject=subject,
            subject_id=subject_id, text=series.pattern.format(code=series.code, year=year, number=number),
        )
        for number, subject_id in enumerate(subject_ids, first)
    ]  # fmt: skip
    NumberUse.objects.bulk_create(uses)
    return [use.text for use in uses]


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
