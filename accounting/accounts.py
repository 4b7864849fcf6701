"""Open, change, freeze and archive accounts of the chart."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounting.mappings import map_accounts
from accounting.models import HEADING, SUBTYPES, Account, AccountMapping, SubAccount
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope

CHANGEABLE = (
    "code", "name", "subtype", "parent", "currency", "control", "open_item", "status", "role", "tags", "description",
)  # fmt: skip


class AccountRefused(Refused):
    """The account cannot be opened or changed like this."""

    code = "invalid_account"


class AccountCodeTaken(Refused):
    """Another account has the code, or the posting role."""

    code = "account_code_taken"


class AccountInUse(Refused):
    """The account has lines, sub-accounts or children: archive it instead."""

    code = "account_in_use"


@transaction.atomic
def open_account(
    *, code: str, name: str, type: str, mappings: Mapping[str, str] | None = None, **fields: Any
) -> Account:
    """Add an account to the chart, with its statutory codes by scheme.

    Refused: `account_code_taken`, `invalid_account`, `invalid_mapping`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    account = Account(company=scope.company, code=code.strip(), name=name.strip(), type=type, **fields)
    _check(account)
    saved = _saved(account)
    if mappings:
        map_accounts({saved.pk: mappings})
    return saved


def change_account(
    account: Account, *, version: int | None = None, mappings: Mapping[str, str] | None = None, **changes: Any
) -> Account:
    """Change an account's master data; `version` is the one that the caller saw (`conflict` if it is no longer).

    `mappings` are statutory codes by scheme: a blank one is taken back, a scheme that is not named stays.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    if unknown := set(changes) - set(CHANGEABLE):
        raise AccountRefused(f"{', '.join(sorted(unknown))} cannot be changed.", place=min(unknown))
    with transaction.atomic():
        locked = Account.objects.for_company(scope.company).select_for_update(no_key=True).filter(pk=account.pk).first()
        if locked is None:
            raise NotFound("There is no such account.")
        if version is not None and locked.version != version:
            raise Conflict("The account was changed meanwhile: look at it again.")
        for name, value in changes.items():
            setattr(locked, name, value)
        _check(locked)
        if mappings:
            map_accounts({locked.pk: mappings})
        locked.version += 1
        return _saved(locked, [*changes, "version"])


def freeze_account(account: Account) -> Account:
    """Stop new lines; the account stays in lists and reports."""
    return change_account(account, status=Account.Status.FROZEN)


def archive_account(account: Account) -> Account:
    """Stop new lines and leave the account out of lists; its past stays in every report."""
    return change_account(account, status=Account.Status.ARCHIVED)


def activate_account(account: Account) -> Account:
    """Take lines again."""
    return change_account(account, status=Account.Status.ACTIVE)


@transaction.atomic
def delete_account(account: Account) -> None:
    """Remove an account that was never used. Refused (`account_in_use`) when anything points at it."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    try:
        with transaction.atomic():
            AccountMapping.objects.for_company(scope.company).filter(account_id=account.pk).delete()
            Account.objects.for_company(scope.company).filter(pk=account.pk).delete()
    except (IntegrityError, ProtectedError) as error:
        raise AccountInUse(f"{account.code} is in use: archive it instead.") from error


def open_sub_account(account: Account, *, code: str, name: str) -> SubAccount:
    """Detail an account: a customer of receivables, a wallet, an employee's leave."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    try:
        with transaction.atomic():
            sub: SubAccount = SubAccount.objects.create(
                company=scope.company, account=account, code=code.strip(), name=name.strip()
            )
            return sub
    except IntegrityError as error:
        raise AccountCodeTaken(f"{account.code} has a sub-account “{code}” already.", place="code") from error


def _check(account: Account) -> None:
    """What a form would ask; the database asks again."""
    if not account.code or not account.name:
        raise AccountRefused("An account has a code and a name.", place="code" if not account.code else "name")
    if account.type not in SUBTYPES:
        raise AccountRefused(f"“{account.type}” is not a type of account.", place="type")
    if account.subtype not in ("", HEADING, *SUBTYPES[account.type]):
        raise AccountRefused(f"“{account.subtype}” is not a subtype of {account.type}.", place="subtype")
    if account.status not in Account.Status.values:
        raise AccountRefused(f"“{account.status}” is not a state of an account.", place="status")
    if any("\x00" in text for text in (account.code, account.name, account.role, account.description)):
        raise AccountRefused("The text holds a NUL character.", place="name")
    ancestor = account.parent
    while ancestor:
        if ancestor.pk == account.pk:
            raise AccountRefused("A heading cannot stand under itself.", place="parent")
        ancestor = ancestor.parent
    if account.parent and not account.parent.is_heading:
        raise AccountRefused(f"{account.parent.code} is not a heading.", place="parent")


def _saved(account: Account, fields: list[str] | None = None) -> Account:
    try:
        with transaction.atomic():
            account.save(update_fields=fields, force_insert=fields is None)
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if name in ("account_code", "account_role"):
            field = "code" if name == "account_code" else "role"
            raise AccountCodeTaken(f"Another account has this {field} already.", place=field) from error
        if name == "account_type_fixed":
            raise AccountRefused("An account with lines keeps its type.", place="type") from error
        raise
    return account
