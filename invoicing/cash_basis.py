"""Tax that is due with the payment: as a document is settled, its taxes move from waiting to due, to the last cent.

What is due after each payment is the tax times what is settled by then, less what was due before; so no cent is lost on
the way, and a settlement that is taken back takes its tax back with it.
"""

import datetime
from collections.abc import Collection, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from django.db.models import Sum

from accounting.tax_lookup import Tax
from invoicing.document_entry import side_of
from invoicing.lookups import Lookups
from invoicing.models import Document, DocumentTax, Instalment, Payment, PaymentPart, TaxRow
from invoicing.payment_entry import discounted
from invoicing.totals import rounded
from ledger.open_items import open_items
from ledger.posting import post_many
from ledger.proposals import NewEntry, NewLine

SOURCE = "cash_basis"


def tax_of_settled(lookups: Lookups, documents: Collection[UUID], date: datetime.date, cause: UUID) -> None:
    """Post what of the waiting taxes of these documents is due by now; `cause` is the payment or credit note."""
    rows = DocumentTax.objects.for_company(lookups.company).filter(document__in=documents, pending=True)
    waiting = list(rows.select_related("document").order_by("document_id", "number"))
    if not waiting:
        return
    settled = _settled(lookups, {row.document_id for row in waiting})
    for pk, share in settled.items():
        own = [row for row in waiting if row.document_id == pk]
        _move(lookups, own, share, date, cause)


def _settled(lookups: Lookups, documents: Collection[UUID]) -> dict[UUID, Fraction]:
    """Which share of each document is settled."""
    rows = Instalment.objects.for_company(lookups.company).filter(document__in=documents).exclude(line=None)
    lines = dict(rows.values_list("line_id", "document_id"))
    found = open_items(lookups.company, datetime.date.max, lines=list(lines), settled=True)
    totals: dict[UUID, list[Decimal]] = {}
    for item in found:
        sums = totals.setdefault(lines[item.line_id], [Decimal(0), Decimal(0)])
        sums[0] += abs(item.amount)
        sums[1] += abs(item.residual)
    return {pk: 1 - Fraction(left) / Fraction(whole) for pk, (whole, left) in totals.items() if whole}


def _move(lookups: Lookups, rows: Sequence[DocumentTax], share: Fraction, date: datetime.date, cause: UUID) -> None:
    document = rows[0].document
    sign, side = (-1 if document.is_credit else 1), side_of(document.kind)
    before, let_go = _before(lookups, document), _let_go(lookups, document, rows)
    kept = 1 - let_go.share
    base_decimals = lookups.chart.units[lookups.company.base_currency].decimals
    lines: list[NewLine] = []
    due: list[TaxRow] = []
    for row in rows:
        base, amount, deductible = (
            rounded(Fraction(whole - gone) * (share - let_go.share) / kept, base_decimals) - sign * was
            for whole, gone, was in zip(
                (row.base_in_base, row.amount_in_base, row.deductible_in_base), let_go.amounts[row.pk],
                before.get((row.tax_code_id, row.percent), (Decimal(0),) * 3), strict=True,
            )
        )  # fmt: skip
        if not (base or amount):
            continue
        tax = lookups.taxes.by_id[row.tax_code_id]
        if deductible:
            lines += _lines(tax, -side * deductible)
        due.append(_row(document, row, tax, (sign * base, sign * amount, sign * deductible), date))
    if not due:
        return
    entry = NewEntry(
        key=f"cash-basis:{document.pk}:{cause}", date=date, lines=tuple(lines), journal="GEN", source=SOURCE,
        memo=f"Tax due on {document.number}", reference=document.number, source_id=document.pk,
    )  # fmt: skip
    posted = post_many([entry])[0]
    for number, one in enumerate(due, 1):
        one.entry_id, one.number = posted.id, number
    TaxRow.objects.bulk_create(due)


def _before(lookups: Lookups, document: Document) -> dict[tuple[UUID, Decimal], tuple[Decimal, ...]]:
    """What of the document's taxes was due before, by tax and rate."""
    rows = TaxRow.objects.for_company(lookups.company).filter(document=document, entry__source=SOURCE)
    sums = rows.values_list("tax_code", "percent").annotate(Sum("base"), Sum("amount"), Sum("deductible"))
    return {(tax, percent): tuple(found) for tax, percent, *found in sums}


class LetGo(NamedTuple):
    """What early payment discounts took off a document: its share, and of each tax base, amount and deductible."""

    share: Fraction
    amounts: dict[UUID, tuple[Decimal, Decimal, Decimal]]


def _let_go(lookups: Lookups, document: Document, rows: Sequence[DocumentTax]) -> LetGo:
    """A discount takes its tax out of what waits, so that this part never falls due."""
    company, nothing = lookups.company, (Decimal(0), Decimal(0), Decimal(0))
    given = PaymentPart.objects.for_company(company).filter(
        document=document, discount__gt=0, payment__state=Payment.State.POSTED, payment__entry__reversed_by=None
    )
    amounts = {row.pk: nothing for row in rows}
    decimals, share = lookups.chart.units[document.currency].decimals, Fraction(0)
    for part in given.select_related("document"):
        share += Fraction(part.discount) / Fraction(document.total)
        for one in discounted(part, rows, decimals):
            found = (one.base, one.amount, one.deductible)
            rate = document.rate or Decimal(1)
            before = amounts[one.row.pk]
            amounts[one.row.pk] = (
                before[0] + found[0] * rate, before[1] + found[1] * rate, before[2] + found[2] * rate
            )  # fmt: skip
    return LetGo(min(share, Fraction(99, 100)), amounts)


def _lines(tax: Tax, amount: Decimal) -> list[NewLine]:
    """From the account where the tax waited to the one where it is due, in base currency."""
    if tax.pending_account_id is None or tax.account_id is None:
        return []
    return [NewLine(tax.account_id, amount), NewLine(tax.pending_account_id, -amount)]


def _row(document: Document, row: DocumentTax, tax: Tax, amounts: tuple[Decimal, ...], date: datetime.date) -> TaxRow:
    base, amount, deductible = amounts
    return TaxRow(
        company_id=document.company_id, document=document, date=date, tax_code_id=row.tax_code_id, percent=row.percent,
        base=base, amount=amount, deductible=deductible, base_boxes=list(tax.base_boxes),
        tax_boxes=list(tax.tax_boxes), counter_boxes=list(tax.counter_boxes),
    )  # fmt: skip
