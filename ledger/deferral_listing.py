"""Deferrals as lists show them: how far each is, what comes next, and what could not be posted."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, Min, Q, Sum, Value
from django.db.models.functions import Coalesce

from accounting.amounts import amount_text
from ledger.models import Deferral
from tenants.models import Company

RUNNING, ENDED, STUCK = "running", "ended", "problem"
_AMOUNT: Any = DecimalField(max_digits=24, decimal_places=6)


def list_deferrals(company: Company, *, text: str = "", account: Any = None) -> Any:
    """The company's deferrals, the latest start first, each with `recognised`, `left`, `next_date` and `problems`."""
    rows = Deferral.objects.for_company(company).select_related("from_account", "to_account")
    if text:
        rows = rows.filter(name__icontains=text)
    if account:
        rows = rows.filter(Q(from_account_id=account) | Q(to_account_id=account))
    open_parts = Q(parts__entry=None, parts__id__isnull=False)
    zero = Value(Decimal(0), output_field=_AMOUNT)
    rows = rows.annotate(
        recognised=Coalesce(Sum("parts__amount", filter=~Q(parts__entry=None)), zero),
        next_date=Min("parts__date", filter=open_parts),
        problems=Count("parts", filter=open_parts & ~Q(parts__problem="")),
    )
    return rows.annotate(left=F("amount") - F("recognised")).order_by("-start", "-id")


def in_state(rows: Any, state: str) -> Any:
    """Those that go on, that have ended, or that could not be posted."""
    if state == RUNNING:
        return rows.filter(next_date__isnull=False)
    if state == ENDED:
        return rows.filter(next_date=None)
    return rows.filter(problems__gt=0) if state == STUCK else rows


def deferral_register(rows: Any, decimals: int) -> Iterator[list[Any]]:
    """The deferrals for a file, one row each; memory stays flat."""
    yield ["Name", "Deferred on", "Recognised on", "First day", "Last day", "Spread", "Amount", "Recognised", "Left",
           "Next", "Not posted", "Stopped on", "Reason", "Made by", "Entry", "Deferral"]  # fmt: skip
    for one in rows.iterator(chunk_size=1000):
        yield [
            one.name, one.from_account.code, one.to_account.code, one.start, one.end, one.get_method_display(),
            amount_text(one.amount, decimals), amount_text(one.recognised, decimals), amount_text(one.left, decimals),
            one.next_date or "", one.problems, one.stopped_on or "", one.reason, one.created_by, one.entry_id or "",
            one.pk,
        ]  # fmt: skip
