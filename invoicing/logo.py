"""The company's logo: a picture in the storage, on every document from then on."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from invoicing.invoicing_settings import settings_of, settings_to_change
from invoicing.models import InvoicingSettings
from invoicing.pdf import picture_problem
from invoicing.pdf.pictures import picture_type
from tenants.fields import new_id
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import current_scope

LARGEST = 1024 * 1024


class BadLogo(Refused):
    """The file is no picture that can be printed, or it is too large."""

    code = "bad_logo"


@transaction.atomic
def set_logo(content: bytes) -> InvoicingSettings:
    """Print this picture (PNG or JPEG, at most 1 MB) on documents from now on. Refused: `bad_logo`, `not_permitted`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_COMPANY)
    if not content or len(content) > LARGEST:
        raise BadLogo(_("A logo has 1 byte to 1 MB."), place="logo")
    # No SVG: it may hold a program.
    if not picture_type(content):
        raise BadLogo(_("A logo is a PNG or JPEG picture."), place="logo")
    if problem := picture_problem(content):
        raise BadLogo(_("The picture cannot be printed: %s") % problem, place="logo")
    # A transaction that fails leaves a file that nothing names, never a row without its file.
    return _change(default_storage.save(f"{scope.company.pk}/logos/{new_id()}", ContentFile(content)))


@transaction.atomic
def remove_logo() -> InvoicingSettings:
    """Print the company's name alone. Refused: `not_permitted`."""
    current_scope().require(Permission.MANAGE_COMPANY)
    return _change("")


def logo_of(company: Company) -> bytes | None:
    """The picture; None where there is none. Refused (`bad_logo`) where the storage has lost it."""
    path = settings_of(company).logo
    if not path:
        return None
    try:
        with default_storage.open(path) as file:
            content: bytes = file.read()
    except OSError as error:
        raise BadLogo(_("The logo is not in the storage: set it again."), place="logo") from error
    return content


def _change(path: str) -> InvoicingSettings:
    found = settings_to_change()
    before = found.logo
    found.logo, found.version = path, found.version + 1
    found.save(update_fields=["logo", "version"])
    if before:
        transaction.on_commit(lambda: default_storage.delete(before))
    return found
