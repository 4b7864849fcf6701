"""Maker and checker: rules say how many people must agree, delegations who may stand in, decisions are kept for ever.

What is approved is a version of a document: `subject` names its kind ("entry"), the right-hand app keeps its state.
"""

import datetime
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from tenants.models import Approval, ApprovalRule, Delegation, Membership, User
from tenants.permissions import Permission, permissions_of_role
from tenants.refusal import Conflict, NotFound, NotPermitted, Refused
from tenants.scope import current_scope, explain


class SelfApproval(NotPermitted):
    """Nobody approves what they made or changed."""

    code = "self_approval"


class DecidedBefore(Conflict):
    """The person has decided about this version already."""

    code = "decided_before"


class RuleRefused(Refused):
    """The rule or delegation cannot be made like this."""

    code = "invalid_approval_rule"


class ReasonNeeded(Refused):
    """A rejection says why."""

    code = "reason_needed"


class Rule(NamedTuple):
    """A rule as it is asked: in this journal (or any, where empty), from this amount on, so many approvals."""

    scope: str
    minimum: Decimal
    approvals: int


def rules_of(company: object, subject: str) -> list[Rule]:
    """The company's rules for one kind of document."""
    rows = ApprovalRule.objects.for_company(company).filter(subject=subject)
    return [Rule(*row) for row in rows.values_list("scope", "minimum", "approvals")]


def approvals_needed(rules: Iterable[Rule], scope: str, amount: Decimal) -> int:
    """How many approvals a document of this journal and amount (base currency) needs; 0 where no rule is about it."""
    return max(
        (rule.approvals for rule in rules if rule.scope in ("", scope) and abs(amount) >= rule.minimum), default=0
    )


@transaction.atomic
def set_rule(subject: str, *, scope: str = "", minimum: Decimal = Decimal(0), approvals: int = 1) -> ApprovalRule:
    """From this amount on, documents of this kind (and journal) need so many approvals; set again, it changes.

    Refused: `invalid_approval_rule` (also for a journal that there is none of).
    """
    company = _to_manage()
    if scope and scope not in import_string(settings.APPROVAL_SCOPES[subject])(company):
        raise RuleRefused(_("There is no journal “%s”.") % scope, place="scope")
    if minimum.is_nan() or minimum < 0 or minimum >= Decimal(10) ** 18 or minimum != round(minimum, 6):
        raise RuleRefused(_("The amount is a number from 0, with at most 6 decimals."), place="minimum")
    if not 1 <= approvals <= 5:
        raise RuleRefused(_("Between 1 and 5 approvals."), place="approvals")
    rule: ApprovalRule
    rule, _created = ApprovalRule.objects.for_company(company).update_or_create(
        company=company, subject=subject, scope=scope, minimum=minimum, defaults={"approvals": approvals}
    )
    return rule


@transaction.atomic
def remove_rule(rule_id: UUID) -> None:
    """Take a rule away; what waits for approval under it goes on waiting. `not_found` where there is none."""
    deleted, _rows = ApprovalRule.objects.for_company(_to_manage()).filter(pk=rule_id).delete()
    if not deleted:
        raise NotFound(_("There is no such rule."))


def visible_delegations() -> Any:
    """Delegations of the current company: all for who manages it or sees the audit trail, else one's own."""
    scope = current_scope()
    rows = Delegation.objects.for_company(scope.company).select_related("delegator", "delegate")
    if scope.allows(Permission.MANAGE_COMPANY) or scope.allows(Permission.VIEW_AUDIT):
        return rows
    return rows.filter(Q(delegator=scope.actor.id) | Q(delegate=scope.actor.id))


@transaction.atomic
def delegate(
    delegator: User, to: User, *, start: datetime.date, end: datetime.date, reason: str = ""
) -> Delegation:  # fmt: skip
    """Let another member approve in the place of an approver, for a while. Approvers delegate their own approval.

    Refused: `invalid_approval_rule`, `not_permitted`.
    """
    scope = current_scope()
    if scope.actor.id != delegator.pk:
        scope.require(Permission.MANAGE_COMPANY)
    if delegator.pk not in _approvers(scope.company):
        raise RuleRefused(_("%s may not approve, and so has nothing to delegate.") % delegator, place="delegator")
    if not Membership.objects.for_company(scope.company).filter(user=to, is_active=True).exists():
        raise RuleRefused(_("%s is not a member of the company.") % to, place="delegate")
    if to.pk == delegator.pk:
        raise RuleRefused(_("Nobody stands in for themselves."), place="delegate")
    if end < start:
        raise RuleRefused(_("The last day lies before the first."), place="end")
    made: Delegation = Delegation.objects.create(
        company=scope.company, delegator=delegator, delegate=to, start=start, end=end, reason=reason
    )
    return made


@transaction.atomic
def end_delegation(delegation_id: UUID) -> None:
    """Take a delegation back. Refused: `not_found`, `not_permitted`."""
    scope = current_scope()
    found = Delegation.objects.for_company(scope.company).filter(pk=delegation_id).first()
    if found is None:
        raise NotFound(_("There is no such delegation."))
    if scope.actor.id not in (found.delegator_id, found.delegate_id):
        scope.require(Permission.MANAGE_COMPANY)
    Delegation.objects.for_company(scope.company).filter(pk=delegation_id).delete()


def decide(
    subject: str, subject_id: UUID, version: int, *, approve: bool, makers: Collection[UUID], reason: str = "",
    today: datetime.date,
) -> Approval:  # fmt: skip
    """Note the current actor's decision about this version of a document.

    Refused: `self_approval`, `not_permitted` (neither approver nor delegate of one), `decided_before`,
    `reason_needed` (a rejection says why). The caller holds the document's row.
    """
    scope = current_scope()
    actor = scope.actor
    if actor.id is None:
        raise NotPermitted(_("Only people and their programs approve."))
    if not approve and not reason.strip():
        raise ReasonNeeded(_("Say why it is rejected."), place="reason")
    if actor.id in makers:
        raise SelfApproval(_("You made or changed this: somebody else approves it."))
    in_place_of = _authority(today, makers)
    if reason:
        explain(reason)
    try:
        with transaction.atomic():
            decision: Approval = Approval.objects.create(
                company=scope.company, subject=subject, subject_id=subject_id, version=version, reason=reason.strip(),
                decision=Approval.Decision.APPROVED if approve else Approval.Decision.REJECTED,
                actor_id=actor.id, actor_name=actor.name[:200],
                on_behalf_of_id=in_place_of.pk if in_place_of else None,
                on_behalf_of=str(in_place_of)[:200] if in_place_of else "",
            )  # fmt: skip
    except IntegrityError as error:
        raise DecidedBefore(_("You have decided about this already.")) from error
    return decision


def may_decide(today: datetime.date) -> bool:
    """Whether the current actor is an approver, or stands in for one today."""
    scope = current_scope()
    return scope.allows(Permission.APPROVE) or bool(_delegators(today))


def decisions(subject: str, subject_ids: Collection[UUID]) -> dict[UUID, list[Approval]]:
    """What was decided about these documents, oldest first, in one query."""
    found: dict[UUID, list[Approval]] = {}
    rows = Approval.objects.for_company(current_scope().company).filter(subject=subject, subject_id__in=subject_ids)
    for row in rows.order_by("at", "id"):
        found.setdefault(row.subject_id, []).append(row)
    return found


def _authority(today: datetime.date, makers: Collection[UUID]) -> User | None:
    """In whose place the actor decides; None where by their own right."""
    if current_scope().allows(Permission.APPROVE):
        return None
    delegators = _delegators(today)
    if not delegators:
        raise NotPermitted(_("This needs the permission “%s”.") % Permission.APPROVE.label)
    for delegator in delegators:
        if delegator.pk not in makers:
            return delegator
    raise SelfApproval(_("The person you stand in for made or changed this: somebody else approves it."))


def _delegators(today: datetime.date) -> list[User]:
    scope = current_scope()
    rows = Delegation.objects.for_company(scope.company).filter(
        delegate_id=scope.actor.id, start__lte=today, end__gte=today
    )
    people = [row.delegator for row in rows.select_related("delegator").order_by("start", "id")]
    approvers = _approvers(scope.company) if people else set()
    return [person for person in people if person.pk in approvers]


def _approvers(company: object) -> set[UUID]:
    members = Membership.objects.for_company(company).filter(is_active=True, user__is_active=True)
    roles = members.values_list("user_id", "role")
    return {user for user, role in roles if Permission.APPROVE in permissions_of_role(role)}


def _to_manage() -> object:
    scope = current_scope()
    scope.require(Permission.MANAGE_COMPANY)
    return scope.company
