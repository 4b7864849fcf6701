"""A posted credit note settles what it credits, as far as that is still open; the rest stays for other documents."""

import datetime
from collections.abc import Sequence
from uuid import UUID

from invoicing.cash_basis import tax_of_settled
from invoicing.lookups import Lookups
from invoicing.models import Document, Instalment
from ledger.allocation import allocate
from ledger.allocation_plan import Pair
from ledger.models import Line
from ledger.open_items import OpenItem, hold_items, open_items
from tenants.models import Company


def settle_credited(lookups: Lookups, notes: Sequence[Document]) -> None:
    """Set each credit note off against the open instalments of its original, the oldest first."""
    company = lookups.company
    for note in notes:
        if note.credits_id is None or note.entry_id is None:
            continue
        hold_documents(company, [note.pk, note.credits_id])
        given = open_instalments(company, note.pk)
        owed = open_instalments(company, note.credits_id)
        pairs = paired(owed, given)
        if pairs:
            allocate(
                pairs, key=f"document:{note.pk}:apply", source=note.kind, source_id=note.pk, reason=note.reason,
                date=max(note.date, *(item.date for item in owed)),
            )  # fmt: skip
            tax_of_settled(lookups, [note.credits_id, note.pk], note.date, note.pk)


def hold_documents(company: Company, documents: Sequence[UUID]) -> None:
    """Hold what is open of these documents against every other settlement, before it is looked at."""
    rows = Instalment.objects.for_company(company).filter(document__in=documents).exclude(line=None)
    hold_lines(company, list(rows.values_list("line_id", flat=True)))


def hold_lines(company: Company, lines: Sequence[UUID]) -> None:
    """Hold the open items of the accounts and sub-accounts that these lines stand on."""
    rows = Line.objects.for_company(company).filter(pk__in=lines)
    hold_items(company, rows.values_list("account_id", "sub_account_id"))


def open_instalments(company: Company, document: UUID) -> list[OpenItem]:
    """What is open of a document, in the order of its instalments."""
    rows = Instalment.objects.for_company(company).filter(document=document).exclude(line=None)
    lines = list(rows.order_by("number").values_list("line_id", flat=True))
    found = {item.line_id: item for item in open_items(company, datetime.date.max, lines=lines)} if lines else {}
    return [found[line] for line in lines if line in found]


def paired(ones: Sequence[OpenItem], others: Sequence[OpenItem]) -> list[Pair]:
    """Which open items of one currency settle which others, in the order given, and with how much."""
    pairs = []
    left = {item.line_id: abs(item.residual) for item in (*ones, *others)}
    for one in ones:
        for other in others:
            amount = min(left[one.line_id], left[other.line_id])
            if amount and one.is_debit != other.is_debit:
                debit, credit = (one, other) if one.is_debit else (other, one)
                pairs.append(Pair(debit.line_id, credit.line_id, amount, amount))
                left[one.line_id] -= amount
                left[other.line_id] -= amount
    return pairs
