"""Payments in advance: what of them stands on the account of advances, and its way to the contact's own account."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from accounting.chart import chart_of
from invoicing.models import Document, Payment
from invoicing.payment_entry import CONTROL, PREPAYMENTS
from ledger.allocation import allocate
from ledger.allocation_plan import Pair
from ledger.models import Entry, Line
from ledger.open_items import OpenItem, open_items
from ledger.posting import post_many
from ledger.proposals import NewEntry, NewLine
from tenants.models import Company

SOURCE = "advance"


def advance_of(company: Company, credit: Document | Payment) -> list[OpenItem]:
    """What is left of a payment in advance; nothing where it was not one."""
    if isinstance(credit, Document) or not credit.prepayment:
        return []
    account = chart_of(company).in_role(PREPAYMENTS[credit.role]).id
    lines = Line.objects.for_company(company).filter(entry=credit.entry_id, account=account)
    found = list(lines.values_list("pk", flat=True))
    return open_items(company, datetime.date.max, lines=found) if found else []


def use_advance(
    credit: Document | Payment, advance: Sequence[OpenItem], wanted: Decimal, *, key: str, date: datetime.date
) -> list[OpenItem]:  # fmt: skip
    """Move so much of an advance, or all that is left, to the contact's account; the open items that it becomes."""
    if not advance or not isinstance(credit, Payment) or (amount := min(wanted, abs(advance[0].residual))) <= 0:
        return []
    company, item = credit.company, advance[0]
    control = chart_of(company).in_role(CONTROL[credit.role]).id
    side = 1 if item.is_debit else -1
    source = credit.rate_source if credit.rate is not None else ""
    entry = NewEntry(
        key=f"advance:{key}", date=date, journal="GEN", source=SOURCE, source_id=credit.pk, reference=credit.number,
        memo=f"Advance {credit.number} used", lines=(
            NewLine(control, side * amount, item.currency, rate=credit.rate, rate_source=source,
                    sub_account=credit.contact.code),
            NewLine(item.account_id, -side * amount, item.currency, rate=credit.rate, rate_source=source),
        ),
    )  # fmt: skip
    posted = post_many([entry])[0]
    lines = Line.objects.for_company(company).filter(entry=posted.id).order_by("number")
    own, mirror = lines.values_list("pk", flat=True)
    debit, other = (item.line_id, mirror) if item.is_debit else (mirror, item.line_id)
    allocate([Pair(debit, other, amount, amount)], date=date, key=f"{key}:advance", source=SOURCE, source_id=credit.pk)
    return open_items(company, datetime.date.max, lines=[own])


def uses_of(company: Company, payment: Payment) -> list[UUID]:
    """The entries by which an advance was used, those that were reversed left out."""
    rows = Entry.objects.for_company(company).filter(source=SOURCE, source_id=payment.pk, reversed_by=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))
