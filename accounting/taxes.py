"""Keep the taxes that lines of documents carry: their rates from day to day, and groups of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import PROTECT, ProtectedError
from django.utils.translation import gettext as _

from accounting.models import TaxCode, TaxGroupMember, TaxRate
from accounting.row_checks import broken_constraint
from accounting.tax_rules import Rate, TaxRefused, check_tax, checked_members, checked_rates
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope

CHANGEABLE = (
    "code", "name", "use", "kind", "category", "exemption_code", "exemption_reason", "compound", "deductible_percent",
    "account", "counter_account", "pending_account", "base_boxes", "tax_boxes", "counter_boxes", "is_active",
)  # fmt: skip


class TaxCodeTaken(Refused):
    """Another tax has the code."""

    code = "tax_code_taken"


class TaxInUse(Refused):
    """Something points at the tax: take it out of use instead."""

    code = "tax_in_use"


class TaxNotFound(NotFound):
    """No such tax."""


@transaction.atomic
def add_tax(
    *,
    code: str,
    name: str,
    use: str,
    kind: str = TaxCode.Kind.CHARGED,
    rates: Sequence[tuple[Any, Any]] = (),
    members: Sequence[Any] = (),
    **fields: Any,
) -> TaxCode:
    """Add a tax with its rates (from which day, how many percent), or a group with its members in their order.

    Refused: `invalid_tax`, `tax_code_taken`, `unknown_tax` (a member), `unknown_tax_box`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    _known(fields)
    tax = TaxCode(company=scope.company, code=code, name=name, use=use, kind=kind, **fields)
    return _kept(tax, rates, members, new=True)


@transaction.atomic
def change_tax(
    tax: TaxCode,
    *,
    version: int | None = None,
    rates: Sequence[tuple[Any, Any]] | None = None,
    members: Sequence[Any] | None = None,
    **changes: Any,
) -> TaxCode:
    """Change a tax; `rates` and `members` replace all of them. `version` is the one that the caller saw.

    Documents keep the rate that they were posted with.

    Refused: as adding, `tax_in_use` (another use, or a group where a single tax is used), `conflict`, `not_found`.
    """
    current_scope().require(Permission.MANAGE_ACCOUNTS)
    _known(changes)
    held = _held(tax.pk, version)
    use, is_group = held.use, held.is_group
    for name, value in changes.items():
        setattr(held, name, value)
    if (held.use, held.is_group) != (use, is_group) and is_used(held):
        place = "use" if held.use != use else "kind"
        raise TaxInUse(_("%s is in use: this cannot change any more.") % held.code, place=place)
    held.version += 1
    return _kept(held, rates, members, new=False)


@transaction.atomic
def delete_tax(tax: TaxCode) -> None:
    """Remove a tax that was never used, with its rates. Refused: `tax_in_use`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_ACCOUNTS)
    try:
        with transaction.atomic():
            TaxRate.objects.for_company(scope.company).filter(tax=tax.pk).delete()
            TaxGroupMember.objects.for_company(scope.company).filter(group=tax.pk).delete()
            TaxCode.objects.for_company(scope.company).filter(pk=tax.pk).delete()
    except (IntegrityError, ProtectedError) as error:
        raise TaxInUse(_("%s is in use: take it out of use instead.") % tax) from error


def is_used(tax: TaxCode) -> bool:
    """Whether a group, an item, a contact, a fiscal position or a document points at the tax."""
    pointers: Any = TaxCode._meta.get_fields(include_hidden=True)
    return any(
        pointer.related_model._default_manager.filter(company=tax.company_id, **{pointer.field.name: tax.pk}).exists()
        for pointer in pointers
        if pointer.auto_created and pointer.one_to_many and pointer.on_delete is PROTECT
    )


def _known(fields: Mapping[str, Any]) -> None:
    if unknown := set(fields) - set(CHANGEABLE):
        raise TaxRefused(_("%s cannot be changed.") % ", ".join(sorted(unknown)), place=min(unknown))


def _held(pk: Any, version: int | None) -> TaxCode:
    rows = TaxCode.objects.for_company(current_scope().company).select_for_update(no_key=True)
    found: TaxCode | None = rows.filter(pk=pk).first()
    if found is None:
        raise TaxNotFound(_("There is no such tax."))
    if version is not None and found.version != version:
        raise Conflict(_("The tax was changed meanwhile: look at it again."))
    return found


def _kept(
    tax: TaxCode, rates: Sequence[tuple[Any, Any]] | None, members: Sequence[Any] | None, *, new: bool
) -> TaxCode:
    kept_rates = _rates_of(tax) if rates is None else checked_rates(rates)
    kept_members = checked_members(tax, _members_of(tax) if members is None else members)
    check_tax(tax, [percent for _start, percent in kept_rates], kept_members)
    try:
        with transaction.atomic():
            tax.save(force_insert=new)
    except IntegrityError as error:
        if broken_constraint(error) == "tax_code_code":
            raise TaxCodeTaken(_("Another tax has this code already."), place="code") from error
        raise
    if rates is not None:
        _write_rates(tax, kept_rates)
    if members is not None:
        _write_members(tax, kept_members)
    return tax


def _rates_of(tax: TaxCode) -> list[Rate]:
    return list(TaxRate.objects.for_company(tax.company).filter(tax=tax.pk).values_list("start", "percent"))


def _members_of(tax: TaxCode) -> list[TaxCode]:
    rows = TaxGroupMember.objects.for_company(tax.company).filter(group=tax.pk).order_by("number")
    return [row.tax for row in rows.select_related("tax")]


def _write_rates(tax: TaxCode, rates: Sequence[Rate]) -> None:
    """Only what differs is written, so that the audit trail tells what was changed."""
    rows = TaxRate.objects.for_company(tax.company).filter(tax=tax.pk)
    before = dict(rows.values_list("start", "percent"))
    rows.exclude(start__in=[start for start, percent in rates if before.get(start) == percent]).delete()
    TaxRate.objects.bulk_create(
        TaxRate(company=tax.company, tax=tax, start=start, percent=percent)
        for start, percent in rates
        if before.get(start) != percent
    )


def _write_members(group: TaxCode, members: Sequence[TaxCode]) -> None:
    pks = [tax.pk for tax in members]
    rows = TaxGroupMember.objects.for_company(group.company).filter(group=group.pk)
    if list(rows.order_by("number").values_list("tax_id", flat=True)) == pks:
        return
    rows.delete()
    TaxGroupMember.objects.bulk_create(
        TaxGroupMember(company=group.company, group=group, tax=tax, number=number)
        for number, tax in enumerate(members, start=1)
    )
