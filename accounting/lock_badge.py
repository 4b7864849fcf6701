"""The header's warning that the books are locked (settings.HEADER_BADGES)."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounting.periods import locked_until
from tenants.scope import Scope


def lock_badge(scope: Scope) -> str:
    """“Books locked to 30 Sep 2026”; empty where nothing is locked."""
    until = locked_until(scope.company)
    return _("Books locked to %s") % date_format(until, "j M Y") if until else ""
