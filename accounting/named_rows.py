"""Taxes, fiscal positions and payment terms as callers name them: by their code or name, or by their id."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.models import FiscalPosition, PaymentTerms, TaxCode
from tenants.refusal import Refused
from tenants.scope import current_scope


class UnknownTax(Refused):
    """No tax of the company has this code or id."""

    code = "unknown_tax"


class UnknownPaymentTerms(Refused):
    """No payment terms of the company have this code or id."""

    code = "unknown_payment_terms"


class UnknownFiscalPosition(Refused):
    """No fiscal position of the company has this name or id."""

    code = "unknown_fiscal_position"


def tax_named(named: str, place: str = "") -> TaxCode:
    """The tax with this code, or else with this id. Refused: `unknown_tax`."""
    found: TaxCode | None = _found(TaxCode, "code", named)
    if found is None:
        raise UnknownTax(_("There is no tax “%s”.") % named, place=place)
    return found


def terms_named(named: str, place: str = "") -> PaymentTerms:
    """The payment terms with this code, or else with this id. Refused: `unknown_payment_terms`."""
    found: PaymentTerms | None = _found(PaymentTerms, "code", named)
    if found is None:
        raise UnknownPaymentTerms(_("There are no payment terms “%s”.") % named, place=place)
    return found


def position_named(named: str, place: str = "") -> FiscalPosition:
    """The fiscal position with this name, or else with this id. Refused: `unknown_fiscal_position`."""
    found: FiscalPosition | None = _found(FiscalPosition, "name", named)
    if found is None:
        raise UnknownFiscalPosition(_("There is no fiscal position “%s”.") % named, place=place)
    return found


def _found(model: Any, column: str, named: str) -> Any:
    if "\x00" in named:
        return None
    rows = model.objects.for_company(current_scope().company)
    found = rows.filter(**{column: named}).first()
    if found is None:
        try:
            found = rows.filter(pk=UUID(named)).first()
        except ValueError:
            return None
    return found
