"""Map accounts to the codes that authorities and their formats know them by: SAF-T, FEC, DATEV, XBRL.

The code stands beside the account and changes nothing in the books; exports for an authority look it up.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from accounting.models import Account, AccountMapping
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import NotFound, Refused
from tenants.scope import current_scope

SCHEMES: tuple[str, ...] = tuple(AccountMapping.Scheme.values)
LONGEST_CODE = 250


class BadMapping(Refused):
    """The scheme is not known, or the code cannot be kept."""

    code = "invalid_mapping"


def map_account(account: Account, scheme: str, code: str) -> None:
    """Say what the account is called in a scheme; a blank code takes it back. Refused: `invalid_mapping`."""
    map_accounts({account.pk: {scheme: code}})


def map_accounts(codes: Mapping[UUID, Mapping[str, str]]) -> None:
    """The same for many accounts at once, by account and scheme: at most four statements, however many there are."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    wanted = {
        (account, scheme): _checked(scheme, code) for account, named in codes.items() for scheme, code in named.items()
    }
    mappings = AccountMapping.objects.for_company(scope.company)
    present = {
        (row.account_id, row.scheme): row for row in mappings.filter(account_id__in={account for account, _s in wanted})
    }
    if gone := [present[place].pk for place, code in wanted.items() if not code and place in present]:
        mappings.filter(pk__in=gone).delete()
    changed = {
        place: code for place, code in wanted.items() if code and not (place in present and present[place].code == code)
    }
    if not changed:
        return
    _check_accounts(scope.company, {account for account, _scheme in changed})
    # Two people who map the same account at the same time: the later code stands, neither gets an error.
    AccountMapping.objects.bulk_create(
        [
            AccountMapping(company=scope.company, account_id=account, scheme=scheme, code=code)
            for (account, scheme), code in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["company", "account", "scheme"],
        update_fields=["code"],
    )


def mapping_of(company: Company, scheme: str) -> dict[UUID, str]:
    """What the accounts are called in one scheme, by the id of the account; one statement."""
    rows = AccountMapping.objects.for_company(company).filter(scheme=scheme)
    return dict(rows.values_list("account_id", "code"))


def mappings_of(company: Company) -> dict[UUID, dict[str, str]]:
    """What the accounts are called in every scheme, by the id of the account; one statement."""
    found: dict[UUID, dict[str, str]] = {}
    rows = AccountMapping.objects.for_company(company).order_by("scheme")
    for account, scheme, code in rows.values_list("account_id", "scheme", "code"):
        found.setdefault(account, {})[scheme] = code
    return found


def codes_of(account: Account) -> dict[str, str]:
    """What this account is called, by scheme; nothing is read where `with_mappings` has brought it along."""
    return {row.scheme: row.code for row in account.mappings.all()}


def with_mappings(company: Company, accounts: Any) -> Any:
    """The accounts of a list, with all their codes brought along in one more statement."""
    return accounts.prefetch_related(Prefetch("mappings", AccountMapping.objects.for_company(company)))


def _checked(scheme: str, code: str) -> str:
    code, place = code.strip(), f"mappings.{scheme}"
    if scheme not in SCHEMES:
        raise BadMapping(_("“%s” is not a statutory scheme.") % scheme, place=place)
    if len(code) > LONGEST_CODE:
        raise BadMapping(_("The code is longer than %d characters.") % LONGEST_CODE, place=place)
    if not code.isprintable():
        raise BadMapping(_("The code has characters that cannot be printed."), place=place)
    return code


def _check_accounts(company: Company, ids: Iterable[UUID]) -> None:
    known = set(Account.objects.for_company(company).filter(pk__in=ids).values_list("pk", flat=True))
    if not known.issuperset(ids):
        raise NotFound(_("There is no such account."))
