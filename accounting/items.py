"""Add and change what is bought and sold again and again."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from accounting.models import Item
from accounting.row_checks import (
    broken_constraint,
    check_accounts,
    check_taxes,
    check_texts,
    is_number_within,
    is_unit,
    newly_chosen,
)
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope

CHANGEABLE = (
    "code", "name", "description", "unit", "sale_price", "purchase_price", "currency", "income_account",
    "expense_account", "sales_tax", "purchase_tax", "is_active",
)  # fmt: skip
PRICE_BELOW, PRICE_DECIMALS = Decimal(10) ** 18, 12
TAXES = ("sales_tax", "purchase_tax")


class ItemRefused(Refused):
    """The item cannot be kept like this."""

    code = "invalid_item"


class ItemCodeTaken(Refused):
    """Another item has the code."""

    code = "item_code_taken"


class ItemNotFound(NotFound):
    """No such item."""


class ItemInUse(Refused):
    """Something points at the item: take it out of use instead."""

    code = "item_in_use"


@transaction.atomic
def add_item(*, code: str, name: str, **fields: Any) -> Item:
    """Add a good or service. Refused: `invalid_item`, `item_code_taken`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_CONTACTS)
    _known(fields)
    return _kept(Item(company=scope.company, code=code, name=name, **fields), set(TAXES), new=True)


@transaction.atomic
def change_item(item: Item, *, version: int | None = None, **changes: Any) -> Item:
    """Change what lines of documents start from; those that are written stay. `version` is the one the caller saw.

    Refused: as adding, `conflict` (changed meanwhile), `not_found`.
    """
    current_scope().require(Permission.MANAGE_CONTACTS)
    _known(changes)
    held = _held(item.pk, version)
    chosen = newly_chosen(held, changes, TAXES)
    for name, value in changes.items():
        setattr(held, name, value)
    held.version += 1
    return _kept(held, chosen, new=False)


@transaction.atomic
def delete_item(item: Item) -> None:
    """Remove an item that was never used. Refused: `item_in_use`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_CONTACTS)
    try:
        with transaction.atomic():
            Item.objects.for_company(scope.company).filter(pk=item.pk).delete()
    except (IntegrityError, ProtectedError) as error:
        raise ItemInUse(_("%s is in use: take it out of use instead.") % item) from error


def _known(fields: Mapping[str, Any]) -> None:
    if unknown := set(fields) - set(CHANGEABLE):
        raise ItemRefused(_("%s cannot be changed.") % ", ".join(sorted(unknown)), place=min(unknown))


def _held(pk: Any, version: int | None) -> Item:
    rows = Item.objects.for_company(current_scope().company).select_for_update(no_key=True)
    found: Item | None = rows.filter(pk=pk).first()
    if found is None:
        raise ItemNotFound(_("There is no such item."))
    if version is not None and found.version != version:
        raise Conflict(_("The item was changed meanwhile: look at it again."))
    return found


def _kept(item: Item, chosen: set[str], *, new: bool) -> Item:
    _check(item, chosen)
    try:
        with transaction.atomic():
            item.save(force_insert=new)
    except IntegrityError as error:
        if broken_constraint(error) == "item_code":
            raise ItemCodeTaken(_("Another item has this code already."), place="code") from error
        raise
    return item


def _check(item: Item, chosen: set[str]) -> None:
    item.code, item.name = item.code.strip(), item.name.strip()
    check_texts(item, ItemRefused)
    if not item.code:
        raise ItemRefused(_("An item has a code."), place="code")
    if not item.name:
        raise ItemRefused(_("An item has a name."), place="name")
    if not is_unit(item.unit):
        raise ItemRefused(_("A unit is up to three capital letters and digits (UN/ECE rec. 20)."), place="unit")
    for name in ("sale_price", "purchase_price"):
        price = getattr(item, name)
        if price is not None and not is_number_within(price, Decimal(0), PRICE_BELOW, PRICE_DECIMALS):
            raise ItemRefused(_("A price is a number from 0, with at most 12 decimals."), place=name)
    unit = chart_of(item.company).units.get(item.currency) if item.currency else None
    if item.currency and (unit is None or unit.kind != "currency"):
        raise ItemRefused(_("The currency “%s” is not in use.") % item.currency, place="currency")
    check_accounts(item, ItemRefused)
    check_taxes(item, chosen, ItemRefused)
