"""Change what a company says about itself. The base currency stays what it was: the books are written in it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import current_scope

CHANGEABLE = ("name", "legal_form", "tax_number", "country", "year_start_month", "time_zone", "language", "rounding")


class InvalidSettings(Refused):
    """A setting has no such value."""

    code = "invalid_settings"


def locked_company() -> Company:
    """The current company, locked until the end of the transaction."""
    return Company.objects.select_for_update().get(pk=current_scope().company.pk)


@transaction.atomic
def change_company(**changes: Any) -> Company:
    """Change settings of the current company."""
    current_scope().require(Permission.MANAGE_COMPANY)
    if unknown := sorted(set(changes) - set(CHANGEABLE)):
        raise InvalidSettings(_("“%s” cannot be changed.") % unknown[0], place=unknown[0])
    company = locked_company()
    for name, value in changes.items():
        setattr(company, name, value)
    try:
        company.clean_fields(exclude=[field.name for field in Company._meta.fields if field.name not in changes])
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise InvalidSettings(messages[0], place=name) from error
    company.save(update_fields=sorted(changes) or None)
    return company
