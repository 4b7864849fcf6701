"""Rows whose id is minted by who sends them, with a form: kept once, however often the form is sent."""

from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tenants.fields import CompanyModel
from tenants.refusal import Conflict

Row = TypeVar("Row", bound=CompanyModel)


class SavedBefore(Conflict):
    """The id that the caller gave belongs to something that says something else."""

    code = "saved_before"


def kept_before(row: Row, said: tuple[str, ...]) -> Row | None:
    """What is kept under the row's id; None where nothing is. `saved_before` where they differ in what was said."""
    kept = type(row)._default_manager.filter(company_id=row.company_id, pk=row.pk).first()
    if kept is not None and any(getattr(kept, name) != getattr(row, name) for name in said):
        raise SavedBefore(_("This was saved before, with other content."))
    return kept


def keep_new(row: CompanyModel) -> None:
    """Insert the row. `saved_before` where a twin, sent in the same moment, was first."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise SavedBefore(_("This is just being saved: look at the list.")) from error
