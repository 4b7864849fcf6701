"""Tax numbers, checked by the rules of their country (python-stdnum)."""

from django.utils.translation import gettext as _
from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from tenants.refusal import Refused

# Greece and Northern Ireland write their VAT numbers with another code than their country's.
PREFIXES = {"GR": "EL", "XI": "XI"}


class BadTaxNumber(Refused):
    """The number cannot be one of its country: a digit is wrong or missing."""

    code = "invalid_tax_number"


def checked_tax_number(number: str, country: str, place: str = "tax_number") -> str:
    """The number in the short form of its country; as it is where the country, or a rule for it, is not known.

    Refused: `invalid_tax_number`.
    """
    plain = number.strip()
    rules = get_cc_module(country.lower(), "vat") if country else None
    if not plain or rules is None:
        return plain
    try:
        short = str(rules.validate(plain))
    except ValidationError as error:
        raise BadTaxNumber(
            _("“%(number)s” is no tax number of %(country)s.") % {"number": plain, "country": country}, place=place
        ) from error
    prefix = PREFIXES.get(country, country)
    # Who writes the prefix wants to see it again.
    return f"{prefix}{short}" if plain.upper().startswith(prefix) and not short.startswith(prefix) else short
