"""A posted document as it is printed and sent: all that a PDF or an e-invoice shows, fetched once, pure after that."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from accounting.chart import chart_of
from accounting.models import ContactBankAccount
from accounting.tax_lookup import Taxes, taxes_of
from invoicing.models import Document, DocumentLine, DocumentTax, Instalment, InvoicingSettings
from tenants.models import Company


@dataclass(frozen=True, slots=True)
class Party:
    """Who sells or buys, as they were when the document was posted."""

    name: str
    street: str = ""
    supplement: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    tax_number: str = ""
    registration: str = ""
    email: str = ""
    phone: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line; `net` and `gross` are rounded, `percent` and `category` are of its first charged tax."""

    number: int
    description: str
    item_code: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    discount_percent: Decimal
    net: Decimal
    gross: Decimal
    tax_code: str
    percent: Decimal
    category: str


@dataclass(frozen=True, slots=True)
class PrintedTax:
    """One row of the tax summary."""

    name: str
    kind: str
    category: str
    exemption_code: str
    exemption_reason: str
    percent: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PrintedInstalment:
    """When how much is due."""

    due_date: datetime.date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """A posted document, with amounts in its currency of so many decimals."""

    id: UUID
    kind: str
    number: str
    date: datetime.date
    tax_date: datetime.date
    due_date: datetime.date
    reference: str
    credited_number: str
    credited_date: datetime.date | None
    currency: str
    decimals: int
    seller: Party
    buyer: Party
    lines: Sequence[PrintedLine]
    taxes: Sequence[PrintedTax]
    instalments: Sequence[PrintedInstalment]
    prices_include_tax: bool
    net: Decimal
    tax: Decimal
    withheld: Decimal
    rounding: Decimal
    total: Decimal
    base_currency: str
    base_tax: Decimal
    terms: str
    discount_percent: Decimal
    discount_until: datetime.date | None
    notes: str
    reason: str
    position_note: str
    iban: str
    bic: str
    bank_name: str
    account_holder: str
    footer: str
    language: str
    base_decimals: int = 2

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def printed_document(company: Company, document: Document) -> PrintedDocument:
    """The document as it is printed; of a draft, as it would be."""
    settings = InvoicingSettings.objects.for_company(company).first() or InvoicingSettings(company=company)
    lines = DocumentLine.objects.for_company(company).filter(document=document).order_by("number")
    taxes = list(DocumentTax.objects.for_company(company).filter(document=document).order_by("number"))
    instalments = Instalment.objects.for_company(company).filter(document=document).order_by("number")
    groups = taxes_of(company)
    own, theirs = own_party(company, settings), _theirs(document)
    seller, buyer = (own, theirs) if document.is_sale else (theirs, own)
    credited = document.credits
    return PrintedDocument(
        id=document.pk, kind=document.kind, number=document.number, date=document.date, tax_date=document.tax_date,
        due_date=document.due_date, reference=document.reference, credited_number=credited.number if credited else "",
        credited_date=credited.date if credited else None, currency=document.currency,
        decimals=chart_of(company).units[document.currency].decimals, seller=seller, buyer=buyer,
        lines=[_line(line, taxes, groups) for line in lines.select_related("item", "tax_code")],
        taxes=[_tax(row) for row in taxes],
        instalments=[PrintedInstalment(row.due_date, row.amount) for row in instalments],
        prices_include_tax=document.prices_include_tax, net=document.net, tax=document.tax, withheld=document.withheld,
        rounding=document.rounding, total=document.total, base_currency=company.base_currency,
        base_tax=sum((row.amount_in_base for row in taxes if row.kind == "charged"), Decimal(0)),
        terms=document.terms.name if document.terms else "", discount_percent=document.discount_percent,
        discount_until=document.discount_until, notes=document.notes, reason=document.reason,
        position_note=document.position.note if document.position else "", footer=settings.footer,
        language=document.party.get("language") or company.language,
        base_decimals=chart_of(company).units[company.base_currency].decimals, **_bank(company, document, settings),
    )  # fmt: skip


def own_party(company: Company, settings: InvoicingSettings) -> Party:
    """The company as it stands on its documents."""
    return Party(
        name=company.name, street=settings.street, postal_code=settings.postal_code, city=settings.city,
        country=company.country, tax_number=company.tax_number, registration=settings.registration,
        email=settings.email, phone=settings.phone,
    )  # fmt: skip


def _theirs(document: Document) -> Party:
    found = document.party or {
        "name": document.contact.name, "code": document.contact.code, "country": document.contact.country,
        "tax_number": document.contact.tax_number, "email": document.contact.email,
    }  # fmt: skip
    return Party(**{name: text for name, text in found.items() if name in Party.__slots__})


def _line(line: DocumentLine, taxes: Sequence[DocumentTax], groups: Taxes) -> PrintedLine:
    """The line with the first charged tax behind its code, where that is a group of taxes as well."""
    tax = groups.by_id.get(line.tax_code_id) if line.tax_code_id else None
    own = {one.id for one in groups.single(tax)} if tax else set()
    carried = next((row for row in taxes if row.tax_code_id in own and row.kind != "withheld"), None)
    return PrintedLine(
        number=line.number, description=line.description, item_code=line.item.code if line.item else "",
        quantity=line.quantity, unit=line.unit, unit_price=line.unit_price, discount_percent=line.discount_percent,
        net=line.net, gross=line.gross, tax_code=line.tax_code.code if line.tax_code else "",
        percent=carried.percent if carried else Decimal(0), category=carried.category if carried else "O",
    )  # fmt: skip


def _tax(row: DocumentTax) -> PrintedTax:
    return PrintedTax(
        row.name, row.kind, row.category, row.exemption_code, row.exemption_reason, row.percent, row.base, row.amount
    )


def _bank(company: Company, document: Document, settings: InvoicingSettings) -> dict[str, str]:
    """Where it is paid: to the company, or to the supplier's approved bank account."""
    if document.is_sale:
        return {
            "iban": settings.iban, "bic": settings.bic, "bank_name": settings.bank_name, "account_holder": company.name,
        }  # fmt: skip
    rows = ContactBankAccount.objects.for_company(company).filter(contact=document.contact_id, state="approved")
    found = rows.order_by("-decided_at").first()
    return {
        "iban": found.iban if found else "", "bic": found.bic if found else "", "bank_name": "",
        "account_holder": found.holder if found else document.contact.name,
    }  # fmt: skip
