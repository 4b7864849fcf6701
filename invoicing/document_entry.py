"""The journal entry that a document makes, and its rows of the tax return: pure, from the rows of the document.

What a customer owes is debited, what they bought is credited; of a bill and of a credit note it is the other way
round. In another currency every part is converted by itself, and the control account takes what they add up to.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from accounting.chart import Chart
from accounting.tax_lookup import Tax
from invoicing.models import CREDITS, SALES, Document, DocumentLine, DocumentTax, Instalment, TaxRow
from invoicing.totals import shared_out
from ledger.proposals import NewEntry, NewLine

JOURNALS = {True: "SAL", False: "PUR"}
# What an account takes: account, dimensions.
Place = tuple[UUID, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Parts:
    """A document with its rows, and where its contact stands on the control account."""

    document: Document
    lines: Sequence[DocumentLine]
    taxes: Sequence[DocumentTax]
    instalments: Sequence[Instalment]
    sub_account: UUID | str


@dataclass(slots=True)
class Booking:
    """What a document posts: the entry, its total in base currency, its tax rows; the lines of its instalments are the
    first of the entry, in their order, those of nothing left out."""

    entry: NewEntry
    base_total: Decimal
    tax_rows: list[TaxRow] = field(default_factory=list)


def side_of(kind: str) -> int:
    """1 where the control account is debited: what customers owe, and what suppliers give back."""
    return 1 if (kind in SALES) != (kind in CREDITS) else -1


def booking_of(
    parts: Parts, number: str, chart: Chart, taxes: Mapping[UUID, Tax], in_base: Callable[[Decimal], Decimal]
) -> Booking:
    """The entry of a document under its number; `in_base` converts an amount of its currency."""
    document = parts.document
    found: dict[Place, tuple[Decimal, Decimal]] = {}

    def add(account: UUID, amount: Decimal, base: Decimal, dimensions: Mapping[str, str] | None = None) -> None:
        place = (account, tuple(sorted((dimensions or {}).items())))
        before = found.get(place, (Decimal(0), Decimal(0)))
        found[place] = before[0] + amount, before[1] + base

    side = side_of(document.kind)
    for line in parts.lines:
        if cost := line.net + line.cost_tax:
            add(_needed(line.account_id), -side * cost, -side * in_base(cost), line.dimensions)
    for row in parts.taxes:
        _add_tax(add, row, taxes[row.tax_code_id], side, in_base)
    if document.rounding:
        add(chart.in_role("rounding").id, -side * document.rounding, -side * in_base(document.rounding))
    base_total = side * -sum((base for _amount, base in found.values()), Decimal(0))
    others = [_line(document, place, *sums) for place, sums in found.items() if sums[0]]
    lines = [*_control(parts, chart, side, base_total), *others]
    memo = " ".join(filter(None, (str(document.get_kind_display()), document.reference, document.contact.name)))
    entry = NewEntry(
        key=f"document:{document.pk}:post", date=document.date, lines=tuple(lines), memo=memo, reference=number,
        journal=JOURNALS[document.is_sale], reason=document.reason, source=document.kind, source_id=document.pk,
    )  # fmt: skip
    return Booking(entry, base_total)


def _add_tax(
    add: Callable[..., None], row: DocumentTax, tax: Tax, side: int, in_base: Callable[[Decimal], Decimal]
) -> None:
    """A charged tax stands beside the net, a withheld one against it, a reverse charge on both sides."""
    row.base_in_base, row.amount_in_base = in_base(row.base), in_base(row.amount)
    row.deductible_in_base = in_base(row.deductible)
    if not row.amount:
        return
    account = tax.pending_account_id if row.pending else tax.account_id
    sign = side if row.kind == "withheld" else -side
    if row.deductible:
        add(_needed(account), sign * row.deductible, sign * row.deductible_in_base)
    if row.kind == "reverse_charge":
        add(_needed(tax.counter_account_id), side * row.amount, side * row.amount_in_base)


def _needed(account: UUID | None) -> UUID:
    if account is None:
        raise LookupError("a tax without account")
    return account


def _control(parts: Parts, chart: Chart, side: int, base_total: Decimal) -> list[NewLine]:
    """The instalments on the control account, with the total in base currency shared out among them."""
    document = parts.document
    account = chart.in_role("receivable" if document.is_sale else "payable").id
    base = chart.units[_base_of(document)]
    amounts = [instalment.amount for instalment in parts.instalments]
    worth = list(amounts)
    if document.currency != base.code:
        exact = [Fraction(base_total) * Fraction(amount) / Fraction(document.total or 1) for amount in amounts]
        worth = shared_out(base_total, exact, base.decimals)
    return [
        dataclasses.replace(
            _line(document, (account, ()), side * amount, side * own),
            sub_account=parts.sub_account,
            memo=str(instalment.due_date),
        )
        for instalment, amount, own in zip(parts.instalments, amounts, worth, strict=True)
        if amount
    ]


def _line(document: Document, place: Place, amount: Decimal, base: Decimal) -> NewLine:
    foreign = document.currency != _base_of(document)
    return NewLine(
        account=place[0], amount=amount, currency=document.currency, base_amount=base if foreign else None,
        rate_source=document.rate_source if foreign else "", dimensions=dict(place[1]),
    )  # fmt: skip


def _base_of(document: Document) -> str:
    return document.company.base_currency


def tax_rows(parts: Parts, entry_id: UUID, taxes: Mapping[UUID, Tax]) -> list[TaxRow]:
    """What the document adds to the tax return at its tax point; a credit note takes it back."""
    document = parts.document
    sign = -1 if document.is_credit else 1
    due = (row for row in parts.taxes if not row.pending)
    return [
        TaxRow(
            company_id=document.company_id, document=document, entry_id=entry_id, number=number, date=document.tax_date,
            tax_code_id=row.tax_code_id, percent=row.percent, base=sign * row.base_in_base,
            amount=sign * row.amount_in_base, deductible=sign * row.deductible_in_base,
            base_boxes=list(taxes[row.tax_code_id].base_boxes), tax_boxes=list(taxes[row.tax_code_id].tax_boxes),
            counter_boxes=list(taxes[row.tax_code_id].counter_boxes),
        )
        for number, row in enumerate(due, 1)
    ]  # fmt: skip
