"""The semantic model of EN 16931, as far as documents fill it: what UBL and CII both say, without their syntax.

The comments name the business terms (BT) and groups (BG) of the standard.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Trader:
    """Seller (BG-4) or buyer (BG-7)."""

    name: str = ""  # BT-27, BT-44
    identifier: str = ""  # BT-29, BT-46
    registration: str = ""  # BT-30, BT-47
    vat_number: str = ""  # BT-31, BT-48
    tax_registration: str = ""  # BT-32
    electronic_address: str = ""  # BT-34, BT-49
    electronic_scheme: str = ""
    phone: str = ""  # BT-42, BT-57
    email: str = ""  # BT-43, BT-58
    street: str = ""  # BT-35, BT-50
    supplement: str = ""  # BT-36, BT-51
    city: str = ""  # BT-37, BT-52
    postal_code: str = ""  # BT-38, BT-53
    region: str = ""  # BT-39, BT-54
    country: str = ""  # BT-40, BT-55
    has_address: bool = True  # BG-5, BG-8


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """An allowance or a charge of a line (BG-27, BG-28) or of the document (BG-20, BG-21)."""

    is_charge: bool
    amount: Decimal | None
    base: Decimal | None = None
    percent: Decimal | None = None
    reason: str = ""
    reason_code: str = ""
    category: str = ""
    tax_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TaxBreakdown:
    """One category and rate (BG-23)."""

    taxable: Decimal | None  # BT-116
    amount: Decimal | None  # BT-117
    category: str  # BT-118
    percent: Decimal | None = None  # BT-119
    reason: str = ""  # BT-120
    reason_code: str = ""  # BT-121


@dataclass(frozen=True, slots=True)
class Line:
    """An invoice line (BG-25)."""

    identifier: str = ""  # BT-126
    quantity: Decimal | None = None  # BT-129
    unit: str = ""  # BT-130
    net: Decimal | None = None  # BT-131
    price: Decimal | None = None  # BT-146
    price_discount: Decimal | None = None  # BT-147
    gross_price: Decimal | None = None  # BT-148
    base_quantity: Decimal | None = None  # BT-149
    category: str = ""  # BT-151
    percent: Decimal | None = None  # BT-152
    name: str = ""  # BT-153
    description: str = ""  # BT-154
    item_code: str = ""  # BT-155
    allowances: Sequence[AllowanceCharge] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """How it is paid (BG-16, BG-17)."""

    means: str = ""  # BT-81
    remittance: str = ""  # BT-83
    account: str = ""  # BT-84
    holder: str = ""  # BT-85
    bic: str = ""  # BT-86


@dataclass(frozen=True, slots=True)
class Sums:
    """The totals of the document (BG-22)."""

    lines: Decimal | None = None  # BT-106
    allowances: Decimal | None = None  # BT-107
    charges: Decimal | None = None  # BT-108
    net: Decimal | None = None  # BT-109
    tax: Decimal | None = None  # BT-110
    tax_in_accounting: Decimal | None = None  # BT-111
    gross: Decimal | None = None  # BT-112
    prepaid: Decimal | None = None  # BT-113
    rounding: Decimal | None = None  # BT-114
    payable: Decimal | None = None  # BT-115


@dataclass(frozen=True, slots=True)
class EInvoice:
    """An invoice as EN 16931 means it."""

    specification: str = ""  # BT-24
    number: str = ""  # BT-1
    date: datetime.date | None = None  # BT-2
    type_code: str = ""  # BT-3
    currency: str = ""  # BT-5
    tax_currency: str = ""  # BT-6
    due_date: datetime.date | None = None  # BT-9
    order: str = ""  # BT-13
    terms: str = ""  # BT-20
    notes: Sequence[str] = ()  # BT-22
    preceding: str = ""  # BT-25
    preceding_date: datetime.date | None = None  # BT-26
    delivery_date: datetime.date | None = None  # BT-72
    delivery_country: str = ""  # BT-80
    period: bool = False  # BG-14
    payee: str = ""  # BT-59
    seller: Trader = Trader()
    buyer: Trader = Trader()
    payment: Payment = Payment()
    allowances: Sequence[AllowanceCharge] = ()
    sums: Sums = Sums()
    breakdowns: Sequence[TaxBreakdown] = ()
    lines: Sequence[Line] = ()
