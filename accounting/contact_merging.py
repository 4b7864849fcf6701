"""Contacts that are one and the same: found by what they share, and merged without touching what was posted."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.contacts import ContactRefused, held_contact
from accounting.models import Contact, ContactBankAccount
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Conflict
from tenants.scope import current_scope, explain

# What a name says no more about who somebody is.
_FORMS = re.compile(
    r"\b(gmbh|ag|kg|ohg|ug|ltd|limited|plc|llp|llc|inc|incorporated|corp|corporation|co|company|sarl|sas|sa|srl|bv|nv|oy|ab|as)\b"
)
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Twins:
    """Contacts that share something, and what it is."""

    shared: str
    value: str
    contacts: tuple[Contact, ...]


def find_twins(company: Company) -> list[Twins]:
    """Active contacts with the same tax number, IBAN, e-mail address, or name less its legal form; two statements."""
    contacts = list(Contact.objects.for_company(company).filter(is_active=True).order_by("name", "id")[:MOST])
    by_id = {contact.pk: contact for contact in contacts}
    ibans = ContactBankAccount.objects.for_company(company).filter(state__in=["waiting", "approved"]).exclude(iban="")
    signs: dict[tuple[str, str], dict[UUID, Contact]] = {}
    for shared, value, pk in _signs(contacts, ibans.values_list("iban", "contact_id")):
        if value and pk in by_id:
            signs.setdefault((shared, value), {})[pk] = by_id[pk]
    found: dict[frozenset[UUID], Twins] = {}
    for (shared, value), group in signs.items():
        if len(group) > 1:
            found.setdefault(frozenset(group), Twins(shared, value, tuple(group.values())))
    return list(found.values())


def bare_name(name: str) -> str:
    """The name without its legal form, signs and capitals: “Fabrikam Ltd.” and “FABRIKAM” are one."""
    words = re.sub(r"[^\w]+", " ", name.casefold())
    return " ".join(_FORMS.sub(" ", words).split()) or words.strip()


@transaction.atomic
def merge_contact(source_id: UUID, into_id: UUID, *, reason: str = "") -> Contact:
    """Let one contact stand for two from now on: the other is taken out of use and points at it.

    Nothing posted changes: the sub-accounts of both keep their lines, and figures of a contact count those merged into
    it. What was merged into the source follows it. Refused: `invalid_contact` (into itself), `conflict`, `not_found`.
    """
    current_scope().require(Permission.MANAGE_CONTACTS)
    if source_id == into_id:
        raise ContactRefused(_("A contact is not merged into itself."), place="into")
    held = {pk: held_contact(pk) for pk in sorted((source_id, into_id), key=str)}
    source, target = held[source_id], held[into_id]
    if target.merged_into_id or not target.is_active:
        raise Conflict(_("%s is out of use.") % target)
    if source.merged_into_id == target.pk:
        return target
    if source.merged_into_id:
        raise Conflict(_("%s was merged into another contact.") % source)
    if reason.strip():
        explain(reason.strip())
    Contact.objects.for_company(target.company_id).filter(merged_into=source.pk).update(merged_into=target)
    source.merged_into, source.is_active, source.version = target, False, source.version + 1
    source.save(update_fields=["merged_into", "is_active", "version"])
    target.is_customer, target.is_supplier = (
        target.is_customer or source.is_customer, target.is_supplier or source.is_supplier
    )  # fmt: skip
    target.version += 1
    target.save(update_fields=["is_customer", "is_supplier", "version"])
    return target


@transaction.atomic
def split_contact(contact_id: UUID, *, reason: str = "") -> Contact:
    """Take a merging back: the contact stands for itself again. Refused: `conflict` (it is not merged), `not_found`."""
    current_scope().require(Permission.MANAGE_CONTACTS)
    found = held_contact(contact_id)
    if not found.merged_into_id:
        raise Conflict(_("%s is not merged.") % found)
    if reason.strip():
        explain(reason.strip())
    found.merged_into, found.is_active, found.version = None, True, found.version + 1
    found.save(update_fields=["merged_into", "is_active", "version"])
    return found


def _signs(
    contacts: Sequence[Contact], ibans: Iterable[tuple[str, UUID]]
) -> Iterable[tuple[str, str, UUID]]:  # fmt: skip
    for contact in contacts:
        yield "tax_number", re.sub(r"\W", "", contact.tax_number.upper()), contact.pk
        yield "email", contact.email.casefold(), contact.pk
        yield "name", bare_name(contact.name), contact.pk
    for iban, pk in ibans:
        yield "iban", iban, pk
