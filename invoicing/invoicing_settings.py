"""How the company makes its documents: who it is on paper, how it rounds, what it writes off."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from stdnum import iban
from stdnum.exceptions import ValidationError as BadNumber

from invoicing.models import InvoicingSettings
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Conflict, Refused
from tenants.scope import current_scope

CHANGEABLE = (
    "prices_include_tax", "tax_rounding", "cash_step", "write_off_cap", "customer_terms", "supplier_terms", "street",
    "postal_code", "city", "email", "phone", "website", "registration", "bank_name", "iban", "bic", "footer",
    "dunning_account", "dunning_by_itself", "match_bills", "quantity_tolerance", "price_tolerance",
)  # fmt: skip


class InvalidInvoicingSettings(Refused):
    """A setting has no such value."""

    code = "invalid_invoicing_settings"


def settings_of(company: Company) -> InvoicingSettings:
    """The company's settings; the defaults where none were said."""
    found: InvoicingSettings | None = InvoicingSettings.objects.for_company(company).first()
    return found or InvoicingSettings(company=company)


@transaction.atomic
def change_settings(*, version: int | None = None, **changes: Any) -> InvoicingSettings:
    """Change how documents are made from now on; posted ones stay as they are.

    Refused: `invalid_invoicing_settings` with the place, `conflict` (changed meanwhile), `not_permitted`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_COMPANY)
    if unknown := sorted(set(changes) - set(CHANGEABLE)):
        raise InvalidInvoicingSettings(_("“%s” cannot be changed.") % unknown[0], place=unknown[0])
    found = settings_to_change()
    if version is not None and version != found.version:
        raise Conflict(_("The settings were changed meanwhile: look at them again."))
    for name, value in changes.items():
        setattr(found, name, value)
    _check(found)
    found.version += 1
    found.save()
    return found


def settings_to_change() -> InvoicingSettings:
    """The settings of the current company, made where there were none, locked until the transaction ends."""
    company = current_scope().company
    InvoicingSettings.objects.bulk_create([InvoicingSettings(company=company)], ignore_conflicts=True)
    found: InvoicingSettings = InvoicingSettings.objects.for_company(company).select_for_update().get()
    return found


def _check(settings: InvoicingSettings) -> None:
    settings.iban, settings.bic = settings.iban.replace(" ", "").upper(), settings.bic.replace(" ", "").upper()
    try:
        settings.clean_fields(exclude=["company"])
        if settings.iban:
            iban.validate(settings.iban)
    except BadNumber as error:
        raise InvalidInvoicingSettings(_("This is no IBAN."), place="iban") from error
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise InvalidInvoicingSettings(messages[0], place=name) from error
    if settings.cash_step is not None and settings.cash_step <= 0:
        raise InvalidInvoicingSettings(_("Coins are above 0."), place="cash_step")
    if settings.write_off_cap < 0:
        raise InvalidInvoicingSettings(_("The most that is written off is not below 0."), place="write_off_cap")
    for name in ("quantity_tolerance", "price_tolerance"):
        if not 0 <= getattr(settings, name) <= 100:
            raise InvalidInvoicingSettings(_("A tolerance is between 0 and 100 percent."), place=name)
    if settings.dunning_account and settings.dunning_account.open_item:
        raise InvalidInvoicingSettings(_("Fees and interest are income, no open items."), place="dunning_account")
