"""Seller and buyer in an electronic invoice: names, addresses, and tax numbers with the prefix of their country."""

from stdnum import get_cc_module

from invoicing.einvoice.semantic import Trader
from invoicing.printed import Party

# Greece writes its VAT numbers with another code than its country's.
PREFIXES = {"GR": "EL"}
# The scheme of electronic addresses that are e-mail addresses (EAS code list).
EMAIL_SCHEME = "EM"


def vat_number(party: Party) -> str:
    """The VAT number with its prefix; empty where the country has no VAT numbers."""
    number = "".join(sign for sign in party.tax_number.upper() if sign.isalnum())
    country = party.country
    if not number or not country or get_cc_module(country.lower(), "vat") is None:
        return ""
    if number.startswith(("EL", "XI", country)):
        return number
    return PREFIXES.get(country, country) + number


def trader(party: Party, *, taxed: bool) -> Trader:
    """The party; where nothing is taxed (category O), its tax number may not be called a VAT number (BR-O-02)."""
    vat = vat_number(party) if taxed else ""
    street, *more = party.street.splitlines() or [""]
    return Trader(
        name=party.name.strip(), identifier=party.code, registration=party.registration, vat_number=vat,
        tax_registration="" if vat else party.tax_number, electronic_address=party.email,
        electronic_scheme=EMAIL_SCHEME if party.email else "", phone=party.phone, email=party.email, street=street,
        supplement=", ".join([*more, *filter(None, [party.supplement])]), city=party.city,
        postal_code=party.postal_code, region=party.region, country=party.country,
    )  # fmt: skip
