"""Add and change customers and suppliers; their sub-accounts of receivables and payables come with them."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from accounting.chart import chart_of
from accounting.models import Contact, ContactAddress, SubAccount
from accounting.row_checks import (
    broken_constraint,
    check_accounts,
    check_in_use,
    check_taxes,
    check_texts,
    newly_chosen,
)
from accounting.tax_numbers import checked_tax_number
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, Refused
from tenants.scope import current_scope

CHANGEABLE = (
    "code", "name", "is_customer", "is_supplier", "country", "tax_number", "registration", "email", "phone", "language",
    "currency", "credit_limit", "income_account", "expense_account", "sales_tax", "purchase_tax", "fiscal_position",
    "customer_terms", "supplier_terms", "notes", "is_active",
)  # fmt: skip
# What their documents start from and may be taken out of use: only what is in use is chosen.
DEFAULTS = ("sales_tax", "purchase_tax", "fiscal_position", "customer_terms", "supplier_terms")
ADDRESS = ("kind", "street", "supplement", "postal_code", "city", "region", "country")
MOST_ADDRESSES = 50
# Which account a contact is detailed on, by what they are.
ROLES = {"is_customer": "receivable", "is_supplier": "payable"}
_TRIES = 5


class ContactRefused(Refused):
    """The contact cannot be kept like this."""

    code = "invalid_contact"


class ContactCodeTaken(Refused):
    """Another contact has the number."""

    code = "contact_code_taken"


class ContactNotFound(NotFound):
    """No such contact."""


class ContactInUse(Refused):
    """Something points at the contact: take it out of use instead."""

    code = "contact_in_use"


def add_contact(*, name: str, code: str = "", addresses: Sequence[Mapping[str, str]] = (), **fields: Any) -> Contact:
    """Add a customer or supplier; without a code of its own it gets the next one.

    Refused: `invalid_contact`, `contact_code_taken`, `invalid_tax_number`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_CONTACTS)
    _known(fields)
    for last in [False] * (_TRIES - 1) + [True]:
        contact = Contact(
            company=scope.company, name=name, code=code.strip() or next(next_codes(scope.company)), **fields
        )
        try:
            with transaction.atomic():
                return _kept(contact, addresses, set(DEFAULTS), new=True)
        except ContactCodeTaken:
            # Two who added at the same time have read the same next number.
            if code.strip() or last:
                raise
    raise AssertionError


@transaction.atomic
def change_contact(
    contact: Contact,
    *,
    version: int | None = None,
    addresses: Sequence[Mapping[str, str]] | None = None,
    **changes: Any,
) -> Contact:
    """Change what is known of a contact; `addresses` replace all of them. `version` is the one that the caller saw.

    Refused: as adding, `conflict` (changed meanwhile), `not_found`.
    """
    current_scope().require(Permission.MANAGE_CONTACTS)
    _known(changes)
    held = held_contact(contact.pk, version)
    if held.merged_into_id:
        raise Conflict(_("The contact was merged into another one: change that one."))
    chosen = newly_chosen(held, changes, DEFAULTS)
    for name, value in changes.items():
        setattr(held, name, value)
    held.version += 1
    return _kept(held, addresses, chosen, new=False)


@transaction.atomic
def delete_contact(contact: Contact) -> None:
    """Remove a contact that was never used. Refused: `contact_in_use`."""
    scope = current_scope()
    scope.require(Permission.MANAGE_CONTACTS)
    try:
        with transaction.atomic():
            SubAccount.objects.for_company(scope.company).filter(contact=contact.pk).delete()
            ContactAddress.objects.for_company(scope.company).filter(contact=contact.pk).delete()
            Contact.objects.for_company(scope.company).filter(pk=contact.pk).delete()
    except (IntegrityError, ProtectedError) as error:
        raise ContactInUse(_("%s is in use: take it out of use instead.") % contact) from error


def held_contact(pk: Any, version: int | None = None) -> Contact:
    """The contact, locked until the transaction ends. Refused: `not_found`, `conflict` (changed meanwhile)."""
    rows = Contact.objects.for_company(current_scope().company).select_for_update(no_key=True)
    found: Contact | None = rows.filter(pk=pk).first()
    if found is None:
        raise ContactNotFound(_("There is no such contact."))
    if version is not None and found.version != version:
        raise Conflict(_("The contact was changed meanwhile: look at it again."))
    return found


def _known(fields: Mapping[str, Any]) -> None:
    if unknown := set(fields) - set(CHANGEABLE):
        raise ContactRefused(_("%s cannot be changed.") % ", ".join(sorted(unknown)), place=min(unknown))


def next_codes(company: Company) -> Iterator[str]:
    """The numbers that follow the last one of the contacts."""
    rows = Contact.objects.for_company(company).filter(code__regex=r"^C[0-9]{5,12}$")
    last = rows.order_by(Length("code").desc(), "-code").values_list("code", flat=True).first()
    for number in itertools.count(int(last[1:]) + 1 if last else 1):
        yield f"C{number:05d}"


def _kept(contact: Contact, addresses: Sequence[Mapping[str, str]] | None, chosen: set[str], *, new: bool) -> Contact:
    _check(contact, chosen)
    contact.tax_number = checked_tax_number(contact.tax_number, contact.country)
    try:
        with transaction.atomic():
            contact.save(force_insert=new)
    except IntegrityError as error:
        if broken_constraint(error) == "contact_code":
            raise ContactCodeTaken(_("Another contact has this number already."), place="code") from error
        raise
    if addresses is not None:
        _write_addresses(contact, addresses)
    try:
        with transaction.atomic():
            _open_sub_accounts(contact)
    except IntegrityError as error:
        raise ContactCodeTaken(_("A sub-account that is not theirs has this number."), place="code") from error
    return contact


def _check(contact: Contact, chosen: set[str]) -> None:
    contact.name, contact.code = contact.name.strip(), contact.code.strip()
    check_texts(contact, ContactRefused)
    if not contact.name:
        raise ContactRefused(_("A contact has a name."), place="name")
    if contact.country and not re.fullmatch("[A-Z]{2}", contact.country):
        raise ContactRefused(_("A country is two capital letters (ISO 3166)."), place="country")
    if contact.currency and contact.currency not in chart_of(contact.company).units:
        raise ContactRefused(_("The currency “%s” is not in use.") % contact.currency, place="currency")
    _check_limit(contact.credit_limit)
    if contact.email:
        try:
            validate_email(contact.email)
        except ValidationError as error:
            raise ContactRefused(_("This is no e-mail address."), place="email") from error
    check_accounts(contact, ContactRefused)
    check_taxes(contact, chosen, ContactRefused)
    check_in_use(contact, chosen - {"sales_tax", "purchase_tax"}, ContactRefused)


def _check_limit(limit: Decimal | None) -> None:
    if limit is not None and not (limit.is_finite() and 0 <= limit < Decimal(10) ** 18 and limit == round(limit, 6)):
        raise ContactRefused(_("A credit limit is a number from 0, with at most 6 decimals."), place="credit_limit")


def _write_addresses(contact: Contact, addresses: Sequence[Mapping[str, str]]) -> None:
    if len(addresses) > MOST_ADDRESSES:
        raise ContactRefused(_("At most %d addresses.") % MOST_ADDRESSES, place="addresses")
    rows = []
    for number, given in enumerate(addresses):
        place = f"addresses[{number}]"
        if unknown := set(given) - set(ADDRESS):
            raise ContactRefused(_("An address has no such field."), place=f"{place}.{min(unknown)}")
        row = ContactAddress(company=contact.company, contact=contact, number=number + 1, **given)
        try:
            row.clean_fields(exclude=["contact"])
        except ValidationError as error:
            field, problems = next(iter(error.message_dict.items()))
            raise ContactRefused(problems[0], place=f"{place}.{field}") from error
        rows.append(row)
    ContactAddress.objects.for_company(contact.company).filter(contact=contact).delete()
    ContactAddress.objects.bulk_create(rows)


def _open_sub_accounts(contact: Contact) -> None:
    """Their part of receivables and payables, called as they are; one of their number that nobody has is theirs."""
    chart = chart_of(contact.company)
    rows = SubAccount.objects.for_company(contact.company)
    rows.filter(contact=contact).update(code=contact.code, name=contact.name)
    for flag, role in ROLES.items():
        account = chart.by_role.get(role)
        if account is None or not getattr(contact, flag) or rows.filter(account=account.id, contact=contact).exists():
            continue
        taken = rows.filter(account=account.id, code=contact.code, contact=None).update(contact=contact)
        if not taken:
            SubAccount.objects.create(
                company=contact.company, account_id=account.id, code=contact.code, name=contact.name, contact=contact
            )
