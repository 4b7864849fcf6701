"""Payments with what of them is for nothing yet: annotated in one statement."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, Exists, F, OuterRef, Prefetch, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from invoicing.models import Payment, PaymentPart
from ledger.models import Allocation, Entry
from tenants.models import Company

_MONEY: Any = DecimalField(max_digits=30, decimal_places=6)
_ZERO = Value(Decimal(0), output_field=_MONEY)
STATES = {
    "draft": _("Draft"), "submitted": _("Awaiting approval"), "approved": _("Approved"), "rejected": _("Rejected"),
    "posted": _("Posted"), "reversed": _("Reversed"),
}  # fmt: skip


def payments_of(company: Company) -> Any:
    """The company's payments, each with `open_amount` and `is_reversed`, and its parts."""
    mirrors = Entry.objects.for_company(OuterRef("company")).filter(reverses=OuterRef("entry"))
    rows = Payment.objects.for_company(company).select_related("contact", "account", "line")
    parts = PaymentPart.objects.for_company(company).select_related("document", "refunds").order_by("number")
    left = Case(When(line__currency_amount__lt=0, then=-F("line__currency_amount")), default=F("line__currency_amount"))
    return rows.annotate(
        is_reversed=Exists(mirrors),
        open_amount=Coalesce(left - _allocated("debit") - _allocated("credit"), _ZERO, output_field=_MONEY),
    ).prefetch_related(Prefetch("parts", parts))


def _allocated(side: str) -> Any:
    rows = Allocation.objects.for_company(OuterRef("company")).filter(**{f"{side}_line": OuterRef("line")})
    sums = rows.values(f"{side}_line").annotate(taken=Sum(f"{side}_amount")).values("taken")
    return Coalesce(Subquery(sums, output_field=_MONEY), _ZERO)


def state_of(payment: Any) -> str:
    """Its state, or that it was taken back."""
    return "reversed" if payment.is_reversed else str(payment.state)


def register_of(rows: Any) -> Iterator[list[Any]]:
    """The list as rows of a file, with their head."""
    yield [
        "number", "direction", "date", "contact", "contact_name", "account", "method", "reference", "currency",
        "amount", "open", "state",
    ]  # fmt: skip
    for one in rows.iterator(chunk_size=1000):
        found: Any = one
        yield [
            one.number, one.direction, one.date, one.contact.code, one.contact.name, one.account.code, one.method,
            one.reference, one.currency, one.amount, found.open_amount, state_of(one),
        ]  # fmt: skip
