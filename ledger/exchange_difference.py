"""What a settlement gains or loses because rates have moved, posted with it (IAS 21.28)."""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.chart import chart_of
from ledger.allocation_plan import Row, Step
from ledger.models import Line
from ledger.open_items import OpenItem
from ledger.posting import post
from ledger.proposals import NewEntry, NewLine
from tenants.models import Company

ZERO = Decimal(0)


def post_differences(
    company: Company, found: Mapping[UUID, OpenItem], steps: Sequence[Step], *, settlement: UUID,
    date: datetime.date, reason: str,
) -> tuple[UUID | None, list[Row]]:  # fmt: skip
    """Post the differences of the steps as one entry; the rows that settle its lines against what they make up for.

    Each difference stands on the account of its items, in their foreign currency and with nothing in it, so that the
    account is empty in both currencies when its items are settled.
    """
    differing = [step for step in steps if step.difference]
    if not differing:
        return None, []
    chart = chart_of(company)
    dimensions = _dimensions(company, [step.debit for step in differing])
    lines: list[NewLine] = []
    for step in differing:
        item = found[step.debit]
        currency = _foreign(company, item, found[step.credit])
        values = dimensions.get(step.debit, {})
        role = "exchange_loss" if step.difference > 0 else "exchange_gain"
        lines += (
            NewLine(
                account=item.account_id, sub_account=item.sub_account_id or "", amount=ZERO, currency=currency,
                base_amount=-step.difference, rate_source=_("exchange difference"), dimensions=values,
                memo=item.reference or item.memo,
            ),
            NewLine(account=chart.in_role(role).id, amount=step.difference, dimensions=values, memo=item.memo),
        )  # fmt: skip
    posted = post(NewEntry(
        key=f"exchange-difference:{settlement}", date=date, memo=_("Exchange difference"), reason=reason,
        lines=tuple(lines), source="settlement", source_id=settlement, derived=True,
    ))  # fmt: skip
    return posted.id, _rows(company, posted.id, differing)


def _rows(company: Company, entry: UUID, differing: Sequence[Step]) -> list[Row]:
    """Each difference line against the item that is worth more than the other."""
    numbers = range(1, 2 * len(differing), 2)
    rows = Line.objects.for_company(company).filter(entry_id=entry, number__in=list(numbers)).order_by("number")
    settled: list[Row] = []
    for step, line in zip(differing, rows.values_list("id", flat=True), strict=True):
        pair = (step.debit, line) if step.difference > 0 else (line, step.credit)
        settled.append((*pair, ZERO, ZERO, abs(step.difference)))
    return settled


def _foreign(company: Company, debit: OpenItem, credit: OpenItem) -> str:
    return debit.currency if debit.currency != company.base_currency else credit.currency


def _dimensions(company: Company, lines: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    return dict(Line.objects.for_company(company).filter(pk__in=lines).values_list("id", "dimensions"))
