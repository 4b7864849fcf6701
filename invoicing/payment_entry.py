"""The journal entry that a payment makes: the bank against the contact's account, with discounts and write-offs.

A discount takes its share of the tax back with it, as a small credit note would; a write-off does not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from accounting.chart import Chart
from accounting.tax_lookup import Tax
from invoicing.models import DocumentTax, Payment, PaymentPart, TaxRow
from invoicing.totals import rounded
from ledger.proposals import NewEntry, NewLine

CONTROL = {"customer": "receivable", "supplier": "payable"}
PREPAYMENTS = {"customer": "customer_prepayments", "supplier": "supplier_prepayments"}
DISCOUNTS = {"customer": "discount_given", "supplier": "discount_received"}
JOURNALS = {"cash": "CSH"}


class Discounted(NamedTuple):
    """What an early payment takes back of one tax of a document, in its currency."""

    row: DocumentTax
    base: Decimal
    amount: Decimal
    deductible: Decimal


@dataclass(frozen=True, slots=True)
class PaymentParts:
    """A payment with its parts, and what their discounts take back of the taxes of each document."""

    payment: Payment
    parts: Sequence[PaymentPart]
    discounts: Mapping[UUID, Sequence[Discounted]]


def side_of(payment: Payment) -> int:
    """1 where the contact's account is debited: money that goes out."""
    return 1 if payment.direction == Payment.Direction.OUT else -1


def discounted(part: PaymentPart, taxes: Sequence[DocumentTax], decimals: int) -> list[Discounted]:
    """The share that the discount is of the document, of each of its taxes."""
    if not part.discount or part.document is None or not part.document.total:
        return []
    share = Fraction(part.discount) / Fraction(part.document.total)
    return [
        Discounted(row, *(rounded(Fraction(one) * share, decimals) for one in (row.base, row.amount, row.deductible)))
        for row in taxes
        if row.kind != "withheld"
    ]


def entry_of_payment(parts: PaymentParts, number: str, chart: Chart, taxes: Mapping[UUID, Tax]) -> NewEntry:
    """The entry of a payment under its number. Its first lines are the contact's, one for each currency."""
    payment, side = parts.payment, side_of(parts.payment)
    control = chart.in_role(CONTROL[payment.role]).id
    owed = [
        _line(payment, control, currency, side * amount, sub_account=payment.contact.code)
        for currency, amount in settled_by_currency(parts).items()
        if amount
    ]
    if rest := unused(parts) if payment.prepayment else Decimal(0):
        owed.append(_line(payment, chart.in_role(PREPAYMENTS[payment.role]).id, payment.currency, side * rest))
    others = [_line(payment, payment.account_id, payment.currency, -side * payment.amount)]
    for part in parts.parts:
        others += _reductions(parts, part, chart, taxes)
    journal = JOURNALS.get(chart.by_id[payment.account_id].subtype, "BNK")
    memo = " ".join(filter(None, (str(payment.get_direction_display()), payment.contact.name, payment.reference)))
    return NewEntry(
        key=f"payment:{payment.pk}:post", date=payment.date, lines=(*owed, *others), memo=memo, reference=number,
        journal=journal, reason=payment.reason, source="payment", source_id=payment.pk,
    )  # fmt: skip


def unused(parts: PaymentParts) -> Decimal:
    """What of the payment is for nothing yet."""
    return parts.payment.amount - sum((part.spent for part in parts.parts), Decimal(0))


def settled_by_currency(parts: PaymentParts) -> dict[str, Decimal]:
    """What stands on the contact's account: the money in the payment's currency, what is let go in each document's."""
    payment = parts.payment
    money = payment.amount - (unused(parts) if payment.prepayment else Decimal(0))
    found = {payment.currency: money}
    for part in parts.parts:
        if part.document is not None and (let_go := part.discount + part.write_off):
            currency = part.document.currency
            found[currency] = found.get(currency, Decimal(0)) + let_go
    return found


def _reductions(parts: PaymentParts, part: PaymentPart, chart: Chart, taxes: Mapping[UUID, Tax]) -> list[NewLine]:
    """What is let go of a document: the discount less its taxes, the taxes, the write-off."""
    if part.document is None:
        return []
    payment, side, currency = parts.payment, side_of(parts.payment), part.document.currency
    found: list[NewLine] = []
    net = part.discount
    for one in parts.discounts.get(part.pk, ()):
        tax = taxes[one.row.tax_code_id]
        account = tax.pending_account_id if one.row.pending else tax.account_id
        if one.deductible and account:
            found.append(_line(payment, account, currency, -side * one.deductible))
            net -= one.deductible
        if one.row.kind == "reverse_charge" and one.amount and tax.counter_account_id:
            found.append(_line(payment, tax.counter_account_id, currency, side * one.amount))
            net += one.amount
    if net:
        found.insert(0, _line(payment, chart.in_role(DISCOUNTS[payment.role]).id, currency, -side * net))
    if part.write_off:
        found.append(_line(payment, chart.in_role("write_off").id, currency, -side * part.write_off))
    return found


def _line(payment: Payment, account: UUID, currency: str, amount: Decimal, sub_account: str = "") -> NewLine:
    """In the payment's currency at its own rate, in another one at that of the day."""
    own = currency == payment.currency and payment.rate is not None
    return NewLine(
        account=account, amount=amount, currency=currency, rate=payment.rate if own else None,
        rate_source=payment.rate_source if own else "", sub_account=sub_account,
    )  # fmt: skip


def tax_rows_of_payment(
    parts: PaymentParts, entry_id: UUID, taxes: Mapping[UUID, Tax], in_base: Callable[[str, Decimal], Decimal]
) -> list[TaxRow]:
    """What discounts take back in the tax return on the day of the payment; `in_base` converts from a currency."""
    rows: list[TaxRow] = []
    for part in parts.parts:
        for one in parts.discounts.get(part.pk, ()):
            if one.row.pending or part.document is None:
                continue
            tax, currency = taxes[one.row.tax_code_id], part.document.currency
            rows.append(
                TaxRow(
                    company_id=parts.payment.company_id, document=part.document, entry_id=entry_id,
                    number=len(rows) + 1, date=parts.payment.date, tax_code_id=tax.id, percent=one.row.percent,
                    base=-in_base(currency, one.base), amount=-in_base(currency, one.amount),
                    deductible=-in_base(currency, one.deductible), base_boxes=list(tax.base_boxes),
                    tax_boxes=list(tax.tax_boxes), counter_boxes=list(tax.counter_boxes),
                )
            )  # fmt: skip
    return rows
