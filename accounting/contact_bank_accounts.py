"""Where contacts are paid: proposed by one person, agreed to by another, retired; never changed."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from stdnum import bic as bic_rules
from stdnum import iban as iban_rules
from stdnum.exceptions import ValidationError

from accounting.contacts import held_contact
from accounting.models import ContactBankAccount
from tenants.permissions import Permission
from tenants.refusal import Conflict, NotFound, NotPermitted, Refused
from tenants.scope import current_scope, explain

State = ContactBankAccount.State


class BankAccountRefused(Refused):
    """The bank account cannot be noted like this."""

    code = "invalid_bank_account"


class BankAccountNotFound(NotFound):
    """No such bank account."""


class ReasonNeeded(Refused):
    """A rejection says why."""

    code = "reason_needed"


@transaction.atomic
def propose_bank_account(
    contact_id: UUID, *, holder: str = "", iban: str = "", account_number: str = "", bic: str = "", currency: str = ""
) -> ContactBankAccount:
    """Note where a contact is paid: by IBAN, or by an account number where there is none. It waits for somebody else.

    Refused: `invalid_bank_account`, `conflict` (noted already), `not_found`.
    """
    scope = current_scope()
    scope.require(Permission.MANAGE_CONTACTS)
    contact = held_contact(contact_id)
    made = ContactBankAccount(
        company=scope.company, contact=contact, holder=holder.strip() or contact.name, iban=_iban(iban), bic=_bic(bic),
        account_number=account_number.strip(), currency=currency, proposed_by_id=scope.actor.id,
        proposed_by=scope.actor.name[:200],
    )  # fmt: skip
    if not made.iban and not made.account_number:
        raise BankAccountRefused(_("Name an IBAN or an account number."), place="iban")
    if currency and not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
        raise BankAccountRefused(_("A currency is three capital letters (ISO 4217)."), place="currency")
    for name, longest in (("holder", 200), ("account_number", 60)):
        if len(getattr(made, name)) > longest or "\x00" in getattr(made, name):
            raise BankAccountRefused(_("At most %d characters.") % longest, place=name)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This bank account is noted already.")) from error
    return made


@transaction.atomic
def decide_bank_account(account_id: UUID, *, approve: bool, reason: str = "") -> ContactBankAccount:
    """Agree to a bank account, or reject it with a reason; by somebody else than who noted it.

    Refused: `self_approval`, `conflict` (decided already), `reason_needed`, `not_found`.
    """
    scope = current_scope()
    scope.require(Permission.APPROVE)
    found = _held(account_id)
    if found.state != State.WAITING:
        raise Conflict(_("The bank account is decided already."))
    if scope.actor.id is not None and scope.actor.id == found.proposed_by_id:
        refusal = NotPermitted(_("Somebody else agrees to what you noted."))
        refusal.code = "self_approval"
        raise refusal
    if not approve and not reason.strip():
        raise ReasonNeeded(_("Say why the bank account is rejected."), place="reason")
    return _moved(found, State.APPROVED if approve else State.REJECTED, reason)


@transaction.atomic
def retire_bank_account(account_id: UUID, *, reason: str = "") -> ContactBankAccount:
    """Pay there no longer; retiring twice is once. Refused: `conflict` (it was rejected), `not_found`."""
    current_scope().require(Permission.MANAGE_CONTACTS)
    found = _held(account_id)
    if found.state == State.RETIRED:
        return found
    if found.state == State.REJECTED:
        raise Conflict(_("The bank account was rejected."))
    return _moved(found, State.RETIRED, reason)


def waiting_bank_accounts() -> Any:
    """Bank accounts of the current company that wait for somebody to agree, oldest first."""
    rows = ContactBankAccount.objects.for_company(current_scope().company).filter(state=State.WAITING)
    return rows.select_related("contact").order_by("proposed_at", "id")


def _moved(found: ContactBankAccount, state: str, reason: str) -> ContactBankAccount:
    actor = current_scope().actor
    if reason.strip():
        explain(reason.strip())
    found.state, found.reason, found.version = state, reason.strip(), found.version + 1
    found.decided_by_id, found.decided_by, found.decided_at = actor.id, actor.name[:200], timezone.now()
    found.save(update_fields=["state", "reason", "decided_by_id", "decided_by", "decided_at", "version"])
    return found


def _held(account_id: UUID) -> ContactBankAccount:
    rows = ContactBankAccount.objects.for_company(current_scope().company).select_for_update(no_key=True)
    found: ContactBankAccount | None = rows.filter(pk=account_id).first()
    if found is None:
        raise BankAccountNotFound(_("There is no such bank account."))
    return found


def _iban(text: str) -> str:
    try:
        return str(iban_rules.validate(text)) if text.strip() else ""
    except ValidationError as error:
        raise BankAccountRefused(_("“%s” is no IBAN.") % text.strip(), place="iban") from error


def _bic(text: str) -> str:
    try:
        return str(bic_rules.validate(text)) if text.strip() else ""
    except ValidationError as error:
        raise BankAccountRefused(_("“%s” is no BIC.") % text.strip(), place="bic") from error
