"""Keep fiscal positions: whose documents carry other taxes and accounts than usual."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounting.models import Account, FiscalPosition, FiscalPositionAccount, FiscalPositionTax, TaxCode
from accounting.row_checks import broken_constraint, check_texts
from accounting.tax_lookup import Position, taxes_of
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope

CHANGEABLE = ("name", "automatic", "countries", "who", "number", "note", "is_active")
MOST_REPLACED = 200
MOST_COUNTRIES = 250
LAST_PLACE = 32_767
NOTE = 2000
TaxPair = tuple[TaxCode, TaxCode | None]
AccountPair = tuple[Account, Account]


class FiscalPositionRefused(Refused):
    """The fiscal position cannot be kept like this."""

    code = "invalid_fiscal_position"


class FiscalPositionNameTaken(Refused):
    """Another fiscal position has the name."""

    code = "fiscal_position_name_taken"


class FiscalPositionInUse(Refused):
    """Something points at the fiscal position: take it out of use instead."""

    code = "fiscal_position_in_use"


class FiscalPositionNotFound(NotFound):
    """No such fiscal position."""


@transaction.atomic
def add_position(
    *, name: str, taxes: Sequence[TaxPair] = (), accounts: Sequence[AccountPair] = (), **fields: Any
) -> FiscalPosition:
    """Add a fiscal position: pairs of what is replaced and by what; a tax by none where there is no second one.

    Refused: `invalid_fiscal_position`, `fiscal_position_name_taken`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    _known(fields)
    return _kept(FiscalPosition(company=scope.company, name=name, **fields), taxes, accounts, new=True)


@transaction.atomic
def change_position(
    position: FiscalPosition,
    *,
    version: int | None = None,
    taxes: Sequence[TaxPair] | None = None,
    accounts: Sequence[AccountPair] | None = None,
    **changes: Any,
) -> FiscalPosition:
    """Change a fiscal position; `taxes` and `accounts` replace all of them. `version` is the one the caller saw.

    Documents that are written keep what they carry. Refused: as adding, `conflict`, `not_found`.
    """
    current_scope().require(Permission.MANAGE_ACCOUNTS)
    _known(changes)
    held = _held(position.pk, version)
    for name, value in changes.items():
        setattr(held, name, value)
    held.version += 1
    return _kept(held, taxes, accounts, new=False)


@transaction.atomic
def delete_position(position: FiscalPosition) -> None:
    """Remove a fiscal position that nothing points at. Refused: `fiscal_position_in_use`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    try:
        with transaction.atomic():
            FiscalPositionTax.objects.for_company(scope.company).filter(position=position.pk).delete()
            FiscalPositionAccount.objects.for_company(scope.company).filter(position=position.pk).delete()
            FiscalPosition.objects.for_company(scope.company).filter(pk=position.pk).delete()
    except (IntegrityError, ProtectedError) as error:
        raise FiscalPositionInUse(_("%s is in use: take it out of use instead.") % position) from error


def position_for(contact_country: str, has_tax_number: bool, company: Company) -> Position | None:
    """The fiscal position that a contact of this country falls under by itself, or none.

    Of those in use that are found by themselves, the one with the lowest place counts. One without countries is for
    every country but the company's own; a contact whose country is not known falls under none.
    """
    return taxes_of(company).position_of(contact_country, company.country, has_tax_number=has_tax_number)


def _known(fields: Mapping[str, Any]) -> None:
    if unknown := set(fields) - set(CHANGEABLE):
        raise FiscalPositionRefused(_("%s cannot be changed.") % ", ".join(sorted(unknown)), place=min(unknown))


def _held(pk: Any, version: int | None) -> FiscalPosition:
    rows = FiscalPosition.objects.for_company(current_scope().company).select_for_update(no_key=True)
    found: FiscalPosition | None = rows.filter(pk=pk).first()
    if found is None:
        raise FiscalPositionNotFound(_("There is no such fiscal position."))
    if version is not None and found.version != version:
        raise Conflict(_("The fiscal position was changed meanwhile: look at it again."))
    return found


def _kept(
    position: FiscalPosition,
    taxes: Sequence[TaxPair] | None,
    accounts: Sequence[AccountPair] | None,
    *,
    new: bool,
) -> FiscalPosition:
    _check(position)
    _check_taxes(position, taxes or ())
    for number, (instead_of, account) in enumerate(accounts or ()):
        _check_account(instead_of, account, f"accounts[{number}]")
    try:
        with transaction.atomic():
            position.save(force_insert=new)
    except IntegrityError as error:
        if broken_constraint(error) == "fiscal_position_name":
            raise FiscalPositionNameTaken(_("Another one has this name already."), place="name") from error
        raise
    if taxes is not None:
        _write(position, FiscalPositionTax, taxes, "taxes")
    if accounts is not None:
        _write(position, FiscalPositionAccount, accounts, "accounts")
    return position


def _check(position: FiscalPosition) -> None:
    position.name, position.note = position.name.strip(), position.note.strip()
    check_texts(position, FiscalPositionRefused)
    if not position.name:
        raise FiscalPositionRefused(_("A fiscal position has a name."), place="name")
    if len(position.note) > NOTE:
        raise FiscalPositionRefused(_("At most %d characters.") % NOTE, place="note")
    if position.who not in FiscalPosition.Who.values:
        raise FiscalPositionRefused(_("One of: %s.") % ", ".join(FiscalPosition.Who.values), place="who")
    if not 0 < position.number <= LAST_PLACE:
        raise FiscalPositionRefused(_("A place is a number from 1 to %d.") % LAST_PLACE, place="number")
    position.countries = sorted(set(position.countries))
    if len(position.countries) > MOST_COUNTRIES:
        raise FiscalPositionRefused(_("At most %d countries.") % MOST_COUNTRIES, place="countries")
    for country in position.countries:
        if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
            raise FiscalPositionRefused(_("A country is two capital letters (ISO 3166)."), place="countries")


def _check_taxes(position: FiscalPosition, pairs: Sequence[TaxPair]) -> None:
    # Held before anything is written: whoever lets one of them be for something else waits, or is seen here.
    pks = {tax.pk for pair in pairs for tax in pair if tax}
    rows = TaxCode.objects.for_company(position.company).filter(pk__in=pks).select_for_update(no_key=True)
    uses = dict(rows.order_by("pk").values_list("pk", "use")) if pks else {}
    for number, (source, target) in enumerate(pairs):
        for tax, name in ((source, "replaced"), (target, "by")):
            if tax and tax.pk not in uses:
                raise FiscalPositionRefused(_("There is no such tax."), place=f"taxes[{number}].{name}")
        if target and target.pk == source.pk:
            raise FiscalPositionRefused(_("%s would stand for itself.") % source.code, place=f"taxes[{number}].by")
        if target and uses[target.pk] != uses[source.pk]:
            raise FiscalPositionRefused(_("%s is for something else.") % target.code, place=f"taxes[{number}].by")


def _check_account(source: Account, target: Account, place: str) -> None:
    if target.pk == source.pk:
        raise FiscalPositionRefused(_("%s would stand for itself.") % source.code, place=f"{place}.by")
    for account, name in ((source, "replaced"), (target, "by")):
        if account.is_heading:
            raise FiscalPositionRefused(_("%s is a heading.") % account.code, place=f"{place}.{name}")
        if account.control:
            raise FiscalPositionRefused(_("%s is a control account.") % account.code, place=f"{place}.{name}")


def _write(position: FiscalPosition, model: Any, pairs: Sequence[tuple[Any, Any]], place: str) -> None:
    if len(pairs) > MOST_REPLACED:
        raise FiscalPositionRefused(_("At most %d rows.") % MOST_REPLACED, place=place)
    wanted: dict[Any, Any] = {}
    for number, (source, target) in enumerate(pairs):
        if source.pk in wanted:
            raise FiscalPositionRefused(_("%s is replaced twice.") % source.code, place=f"{place}[{number}].replaced")
        wanted[source.pk] = target.pk if target else None
    rows = model.objects.for_company(position.company).filter(position=position.pk)
    before = dict(rows.values_list("source_id", "target_id"))
    same = [source for source, target in wanted.items() if source in before and before[source] == target]
    rows.exclude(source__in=same).delete()
    model.objects.bulk_create(
        model(company=position.company, position=position, source_id=source, target_id=target)
        for source, target in wanted.items()
        if source not in same
    )
