"""Letters to customers and suppliers about many documents at once: reminders and statements of account, as PDF."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from accounting.models import Contact, ContactAddress
from invoicing.invoicing_settings import settings_of
from invoicing.logo import logo_of
from invoicing.pdf.formats import Formats, formats_of
from invoicing.pdf.typesetting import letter_pdf
from invoicing.printed import Party, own_party
from tenants.models import Company


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the letter's table."""

    label: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says, as text in the language of its reader: `rows` have a cell for each column."""

    title: str
    date: datetime.date
    text: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    totals: Sequence[tuple[str, str]]


def letter_for(company: Company, contact: Contact, letter: Letter) -> bytes:
    """The letter on the company's paper. Refused: `cannot_be_printed`, `bad_logo`."""
    settings = settings_of(company)
    sender = own_party(company, settings)
    recipient = contact_party(contact)
    language = language_of(contact)
    bank = [("IBAN", _grouped(settings.iban)), ("BIC", settings.bic), ("", settings.bank_name)] if settings.iban else []
    return letter_pdf(
        letter, sender, recipient, language=language, bank=bank, footer=settings.footer, logo=logo_of(company)
    )


def contact_party(contact: Contact) -> Party:
    """Name and billing address of a contact as they are today."""
    rows = ContactAddress.objects.for_company(contact.company_id).filter(contact=contact)
    found = rows.order_by("-kind", "number").filter(kind="billing").first() or rows.order_by("number").first()
    return Party(
        name=contact.name, code=contact.code, tax_number=contact.tax_number, email=contact.email,
        country=(found.country if found else "") or contact.country,
        **{name: getattr(found, name) if found else "" for name in
           ("street", "supplement", "postal_code", "city", "region")},
    )  # fmt: skip


def language_of(contact: Contact) -> str:
    """The language of what is sent to the contact."""
    return contact.language or contact.company.language


def formats_for(contact: Contact, decimals: int) -> Formats:
    """How amounts and dates are written to the contact."""
    return formats_of(language_of(contact), decimals)


def _grouped(iban: str) -> str:
    return " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))
