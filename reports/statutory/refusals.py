"""How statutory exports say no."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenants.refusal import Refused

# So many are named in a sentence; the context of the refusal has all of them.
NAMED = 10


class UnknownStatutoryFormat(Refused):
    """There is no such statutory format."""

    code = "unknown_format"


class BadExportParameter(Refused):
    """A parameter of the export is missing, is none of the format, or cannot be."""

    code = "invalid_parameter"


class MissingTaxNumber(Refused):
    """The format names the company by a number that its settings do not have."""

    code = "missing_tax_number"


class MissingCountry(Refused):
    """The format names the country of the company, and its settings do not have one."""

    code = "missing_country"


class UnmappedAccounts(Refused):
    """Accounts have no code in the scheme of the format."""

    code = "unmapped_accounts"


class UnmappedTaxes(Refused):
    """Taxes have no code of the country's standard."""

    code = "unmapped_taxes"


class UnsealedEntries(Refused):
    """Entries of the days have no number yet."""

    code = "unsealed_entries"


class UnwritableCharacters(Refused):
    """A code has characters that the format cannot write."""

    code = "unwritable_characters"


class UnsupportedCurrency(Refused):
    """The format cannot write the amounts of the base currency."""

    code = "unsupported_currency"


class TooManyPostings(Refused):
    """One file of the format holds fewer postings than the days have."""

    code = "too_many_postings"


def named(codes: Sequence[str]) -> str:
    """The first codes of a list, and how many more there are."""
    shown = ", ".join(codes[:NAMED])
    if (left := len(codes) - NAMED) > 0:
        return ngettext("%(shown)s and %(left)d more", "%(shown)s and %(left)d more", left) % {
            "shown": shown, "left": left,
        }  # fmt: skip
    return shown


def unmapped(scheme: str, accounts: Sequence[str]) -> UnmappedAccounts:
    """The refusal that lists accounts without a usable code in a scheme (`accounts` in its context)."""
    return UnmappedAccounts(
        _("These accounts have no usable %(scheme)s code: %(accounts)s. Name one in the chart of accounts.")
        % {"scheme": scheme, "accounts": named(accounts)},
        place="accounts", accounts=list(accounts),
    )  # fmt: skip
