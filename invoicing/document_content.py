"""What somebody writes on a document, before contact, items, accounts and taxes are looked up."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ContentLine:
    """One line as it is written. What is None is taken from the item, the contact and the fiscal position; an empty
    `tax` is none at all. `credits` is the line of the posted document that a credit note gives back, `order_line`
    that of the purchase order that a bill charges for."""

    description: str = ""
    quantity: Decimal = Decimal(1)
    unit_price: Decimal | None = None
    item: str | UUID | None = None
    unit: str | None = None
    discount_percent: Decimal = Decimal(0)
    account: str | UUID | None = None
    tax: str | UUID | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    credits: UUID | None = None
    order_line: UUID | None = None


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """A document as it is written. What is None is taken from the contact and the settings of the company.

    `stated_taxes` are what a supplier reckoned, by tax code; `due_date` stands for one instalment instead of terms.
    """

    kind: str
    contact: str | UUID
    date: datetime.date
    lines: Sequence[ContentLine] = ()
    tax_date: datetime.date | None = None
    due_date: datetime.date | None = None
    reference: str = ""
    currency: str | None = None
    rate: Decimal | None = None
    terms: str | UUID | None = None
    position: UUID | None = None
    prices_include_tax: bool | None = None
    tax_rounding: str | None = None
    cash_step: Decimal | None = None
    stated_taxes: Mapping[str, Decimal] = field(default_factory=dict)
    memo: str = ""
    notes: str = ""
    reason: str = ""
    credits: UUID | None = None
    made_from: UUID | None = None
