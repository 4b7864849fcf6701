"""Documents with what is open of them: annotated in one statement, and what state of payment that makes."""

import datetime
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from invoicing.models import Document, Instalment
from ledger.models import Allocation, OpenLine
from tenants.models import Company

_MONEY: Any = DecimalField(max_digits=30, decimal_places=6)
_ZERO = Value(Decimal(0), output_field=_MONEY)

STATUSES = {
    "draft": _("Draft"), "submitted": _("Awaiting approval"), "approved": _("Approved"), "rejected": _("Rejected"),
    "open": _("Open"), "partly_paid": _("Partly paid"), "overdue": _("Overdue"), "paid": _("Paid"),
    "reversed": _("Credited"),
}  # fmt: skip
TONES = {
    "paid": "success", "approved": "success", "overdue": "error", "rejected": "error", "partly_paid": "warning",
    "submitted": "warning",
}  # fmt: skip


def documents_of(company: Company, kinds: Sequence[str], today: datetime.date) -> Any:
    """The company's documents of these kinds, each with `open_amount`, `overdue_amount` and `credited_amount` in its
    own currency."""
    rows = Document.objects.for_company(company).filter(kind__in=kinds)
    late = Q(due_date__lt=today)
    return rows.select_related("contact").annotate(
        open_amount=_open(Q()), overdue_amount=_open(late), credited_amount=_credited()
    )


def _open(which: Q) -> Any:
    """What is left of the document's instalments: their amounts less what was allocated to their lines."""
    rows = Instalment.objects.for_company(OuterRef("company")).filter(which, document=OuterRef("pk"))
    sums = rows.exclude(line=None).values("document").annotate(left=Sum(_left(), output_field=_MONEY)).values("left")
    return Coalesce(Subquery(sums, output_field=_MONEY), _ZERO)


def with_left(instalments: Any) -> Any:
    """Posted instalments, each with what is `left` of it."""
    return instalments.exclude(line=None).annotate(left=_left())


def _left() -> Any:
    return F("amount") - _allocated("debit") - _allocated("credit")


def _allocated(side: str) -> Any:
    rows = Allocation.objects.for_company(OuterRef("company")).filter(**{f"{side}_line": OuterRef("line")})
    sums = rows.values(f"{side}_line").annotate(taken=Sum(f"{side}_amount")).values("taken")
    return Coalesce(Subquery(sums, output_field=_MONEY), _ZERO)


def _credited() -> Any:
    notes = Document.objects.for_company(OuterRef("company")).filter(credits=OuterRef("pk"), state="posted")
    sums = notes.values("credits").annotate(given=Sum("total")).values("given")
    return Coalesce(Subquery(sums, output_field=_MONEY), _ZERO)


def status_of(document: Any) -> str:
    """Where an annotated document stands: its state, and once it is posted what is open of it."""
    if document.state != Document.State.POSTED:
        return str(document.state)
    if document.total and document.credited_amount >= document.total:
        return "reversed"
    if not document.open_amount:
        return "paid"
    if document.overdue_amount > 0:
        return "overdue"
    return "partly_paid" if document.open_amount < document.total else "open"


def of_status(company: Company, rows: Any, status: str, today: datetime.date) -> Any:
    """Only those of this status, of the company's annotated documents.

    Whether anything is open is asked of the index of open items: sums are made of what is open and partly paid alone.
    """
    if status in Document.State.values and status != Document.State.POSTED:
        return rows.filter(state=status)
    posted = rows.filter(state=Document.State.POSTED)
    credited = Q(pk__in=_credited_by_notes(company)) & Q(total__gt=0, credited_amount__gte=F("total"))
    if status == "reversed":
        return posted.filter(credited)
    unpaid, overdue = (Q(pk__in=open_instalments(company, late).values("document")) for late in (None, today))
    conditions = {
        "paid": ~unpaid, "unpaid": unpaid, "overdue": overdue,
        "partly_paid": unpaid & ~overdue & Q(open_amount__lt=F("total")),
        "open": unpaid & ~overdue & Q(open_amount=F("total")),
    }  # fmt: skip
    return posted.filter(conditions[status] & ~credited)


def open_instalments(company: Company, due_before: datetime.date | None = None) -> Any:
    """The company's posted instalments of which something is open."""
    rows = Instalment.objects.for_company(company).filter(line__in=OpenLine.objects.for_company(company).values("pk"))
    return rows.filter(due_date__lt=due_before) if due_before else rows


def _credited_by_notes(company: Company) -> Any:
    notes = Document.objects.for_company(company).filter(state=Document.State.POSTED).exclude(credits=None)
    return notes.values("credits")


def register_of(rows: Any) -> Iterator[list[Any]]:
    """The list as rows of a file, with their head."""
    yield [
        "number", "kind", "date", "due_date", "contact", "contact_name", "reference", "currency", "net", "tax", "total",
        "open", "status",
    ]  # fmt: skip
    for one in rows.iterator(chunk_size=1000):
        yield [
            one.number, one.kind, one.date, one.due_date, one.contact.code, one.contact.name, one.reference,
            one.currency, one.net, one.tax, one.total, getattr(one, "open_amount", 0), status_of(one),
        ]  # fmt: skip
