"""Printed documents made by hand, for what is tested without a database: PDF and e-invoices."""

import dataclasses
import datetime
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from invoicing.printed import Party, PrintedDocument, PrintedInstalment, PrintedLine, PrintedTax
from invoicing.totals import Levy, PricedLine, Rules, TaxTotal, totals_of

DAY = datetime.date(2026, 3, 15)
SELLER = Party(
    name="Adventure Works GmbH", street="Hauptstraße 1", postal_code="10115", city="Berlin", country="DE",
    tax_number="DE136695976", registration="HRB 12345", email="billing@adventure-works.example", phone="+49 30 901820",
)  # fmt: skip
BUYER = Party(
    name="Contoso SARL", street="12 rue de la Paix", supplement="Bâtiment B", postal_code="75002", city="Paris",
    country="FR", tax_number="FR40303265045", email="ap@contoso.example", code="C-1001",
)  # fmt: skip
# What a tax of this category says of itself.
REASONS = {
    "E": ("VATEX-EU-132", "Exempt under article 132"), "AE": ("VATEX-EU-AE", "Reverse charge"),
    "K": ("VATEX-EU-IC", "Intra-community supply"), "G": ("VATEX-EU-G", "Export outside the EU"),
    "O": ("VATEX-EU-O", "Not subject to VAT"),
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Sold:
    """A line before it is reckoned."""

    price: str | Decimal
    quantity: str | Decimal = "1"
    percent: str = "19"
    category: str = "S"
    discount: str | Decimal = "0"
    description: str = "Consulting"
    item: str = ""
    unit: str = "HUR"
    withheld: str = ""

    @property
    def levies(self) -> tuple[Levy, ...]:
        own = [Levy((self.category, self.percent), Decimal(self.percent))] if self.category else []
        held = [Levy(("withheld", self.withheld), Decimal(self.withheld), "withheld")] if self.withheld else []
        return (*own, *held)


def sample(*sold: Sold, rules: Rules | None = None, **changes: Any) -> PrintedDocument:
    """A posted invoice of these lines, reckoned as documents are, with whatever is said otherwise."""
    rules = rules or Rules()
    lines = sold or (Sold("100.00", "2"),)
    priced = [PricedLine(Decimal(one.quantity), Decimal(one.price), Decimal(one.discount), one.levies) for one in lines]
    totals = totals_of(priced, rules)
    fields: dict[str, Any] = {
        "id": UUID(int=7), "kind": "invoice", "number": "INV-2026-00042", "date": DAY, "tax_date": DAY,
        "due_date": DAY + datetime.timedelta(days=30), "reference": "PO 4711", "credited_number": "",
        "credited_date": None, "currency": "EUR", "decimals": rules.decimals, "seller": SELLER, "buyer": BUYER,
        "lines": [_line(number, one, own) for number, (one, own) in enumerate(zip(lines, totals.lines, strict=True), 1)],
        "taxes": [_tax(total) for total in totals.taxes],
        "instalments": [PrintedInstalment(DAY + datetime.timedelta(days=30), totals.payable)],
        "prices_include_tax": rules.inclusive, "net": totals.net, "tax": totals.tax, "withheld": totals.withheld,
        "rounding": totals.rounding, "total": totals.payable, "base_currency": "EUR", "base_tax": totals.tax,
        "terms": "30 days net", "discount_percent": Decimal(0), "discount_until": None, "notes": "", "reason": "",
        "position_note": "", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX", "bank_name": "Commerzbank",
        "account_holder": SELLER.name, "footer": "Registered in Berlin", "language": "en",
    }  # fmt: skip
    return PrintedDocument(**fields | changes)


def _line(number: int, one: Sold, own: Any) -> PrintedLine:
    code = f"{one.category}{one.percent}" if one.category else ""
    return PrintedLine(
        number=number, description=one.description, item_code=one.item, quantity=Decimal(one.quantity), unit=one.unit,
        unit_price=Decimal(one.price), discount_percent=Decimal(one.discount), net=own.net, gross=own.gross,
        tax_code=code, percent=Decimal(one.percent) if one.category else Decimal(0), category=one.category or "O",
    )  # fmt: skip


def _tax(total: TaxTotal) -> PrintedTax:
    category, percent = total.levy.id  # type: ignore[misc]
    if category == "withheld":
        return PrintedTax(
            f"Withheld {percent} %", "withheld", "S", "", "", total.levy.percent, total.base, total.amount
        )
    code, reason = REASONS.get(category, ("", ""))
    return PrintedTax(
        f"VAT {percent} %", "charged", category, code, reason, total.levy.percent, total.base, total.amount
    )


def in_parts(document: PrintedDocument, parts: Sequence[tuple[int, str]]) -> PrintedDocument:
    """The same document, due in these days with these percentages."""
    rows = [
        PrintedInstalment(DAY + datetime.timedelta(days=days), _share(document, percent)) for days, percent in parts
    ]
    return dataclasses.replace(document, instalments=rows, due_date=rows[-1].due_date)


def _share(document: PrintedDocument, percent: str) -> Decimal:
    from invoicing.totals import rounded

    return rounded(Fraction(document.total) * Fraction(percent) / 100, document.decimals)
