"""Bring currencies into use, and define the units that a company counts in."""

from accounting.models import Currency, Unit
from tenants.refusal import Refused
from tenants.scope import current_scope


class UnknownCurrency(Refused):
    """ISO 4217 does not know the code."""

    code = "unknown_currency"


def use_currency(code: str) -> Unit:
    """Let lines be in this ISO 4217 currency, with the decimals that the standard gives it."""
    company = current_scope().company
    currency = Currency.objects.filter(code=code).first()
    if currency is None:
        raise UnknownCurrency(f"“{code}” is not a currency of ISO 4217.", place="currency")
    unit, _created = Unit.objects.get_or_create(
        company=company,
        code=code,
        defaults={"name": currency.name, "kind": Unit.Kind.CURRENCY, "decimals": currency.decimals},
    )
    return unit


def define_unit(code: str, *, name: str = "", kind: str = Unit.Kind.COMMODITY, decimals: int = 2) -> Unit:
    """Let lines be in a unit of the company's own: shares, hours, days. Defining it twice changes nothing."""
    unit, _created = Unit.objects.get_or_create(
        company=current_scope().company, code=code, defaults={"name": name or code, "kind": kind, "decimals": decimals}
    )
    return unit
