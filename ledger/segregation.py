"""Segregation of duties: who holds rights that should be in different hands, and where one person used them so.

What the database forbids (nobody approves what they made) cannot show up here; what it allows does.
"""

import datetime
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounting.amounts import amount_text
from ledger.approval_rules import SUBJECT
from ledger.models import Draft
from tenants.models import Approval, Company, Delegation, Membership
from tenants.permissions import Permission, permissions_of_role

P = Permission
# Pairs of rights that should not meet in one person, and what they could do with both.
CONFLICTS: tuple[tuple[frozenset[Permission], Any], ...] = (
    (frozenset({P.DRAFT_ENTRIES, P.APPROVE}), _("Drafts entries and approves entries")),
    (frozenset({P.APPROVE, P.POST_ENTRIES}), _("Approves entries and posts them")),
    (frozenset({P.MANAGE_COMPANY, P.POST_ENTRIES}), _("Sets the approval rules and posts entries")),
    (frozenset({P.MANAGE_PERIODS, P.POST_ENTRIES}), _("Reopens closed periods and posts into them")),
    (frozenset({P.MANAGE_MEMBERS, P.POST_ENTRIES}), _("Lets people in and posts entries")),
)


class ConflictingMember(NamedTuple):
    """A person and the conflicts that their rights allow; some only while they stand in for an approver."""

    name: str
    email: str
    role: str
    conflicts: list[str]
    in_place_of: str


def conflicting_members(company: Company, today: datetime.date) -> list[ConflictingMember]:
    """The active members who hold conflicting rights by their role, or by a delegation of today. Two statements."""
    standing_in = _delegations(company, today)
    members = Membership.objects.for_company(company).filter(is_active=True, user__is_active=True)
    found = []
    for member in members.select_related("user").order_by("user__name", "user__email"):
        rights = set(permissions_of_role(member.role))
        in_place_of = "" if P.APPROVE in rights else standing_in.get(member.user_id, "")
        if in_place_of:
            rights.add(P.APPROVE)
        conflicts = [str(sentence) for pair, sentence in CONFLICTS if pair <= rights]
        if conflicts:
            role = member.get_role_display()
            found.append(ConflictingMember(str(member.user), member.user.email, role, conflicts, in_place_of))
    return found


def acts_in_one_hand(company: Company, *, start: datetime.date | None = None, date: datetime.date | None = None) -> Any:
    """Posted drafts whose poster also made or approved them, latest first, by the day they were posted.

    Each carries `made_it` and `approved_it`.
    """
    approved = Approval.objects.for_company(company).filter(
        # Approving and posting each make a version of their own after the one that was approved.
        subject=SUBJECT, subject_id=OuterRef("pk"), version=OuterRef("version") - 2,
        decision=Approval.Decision.APPROVED, actor_id=OuterRef("entry__actor_id"),
    )  # fmt: skip
    made = Case(
        When(makers__contains=[F("entry__actor_id")], then=Value(True)), default=Value(False),
        output_field=BooleanField(),
    )  # fmt: skip
    found = Draft.objects.for_company(company).filter(state=Draft.State.POSTED, entry__actor_id__isnull=False)
    if start:
        found = found.filter(entry__posted_at__date__gte=start)
    if date:
        found = found.filter(entry__posted_at__date__lte=date)
    found = found.annotate(made_it=made, approved_it=Exists(approved)).filter(Q(made_it=True) | Q(approved_it=True))
    return found.select_related("journal", "entry").order_by("-entry__posted_at", "-id")


def segregation_register(
    members: list[ConflictingMember], drafts: Any, words: Callable[[Draft], str], decimals: int
) -> Iterator[list[Any]]:
    """Both parts for a file: who holds conflicting rights, and the acts that were in one hand."""
    yield ["Kind", "Person", "Role", "Conflict", "In the place of", "Posted at", "Entry", "Draft", "Memo", "Total"]
    for member in members:
        for conflict in member.conflicts:
            yield ["rights", f"{member.name} <{member.email}>", member.role, conflict, member.in_place_of,
                   "", "", "", "", ""]  # fmt: skip
    for draft in drafts.iterator(chunk_size=1000):
        yield ["acts", draft.entry.actor_name, "", words(draft), "", draft.entry.posted_at.isoformat(),
               draft.entry_id, draft.pk, draft.memo, amount_text(draft.total, decimals)]  # fmt: skip


def _delegations(company: Company, today: datetime.date) -> dict[Any, str]:
    rows = Delegation.objects.for_company(company).filter(start__lte=today, end__gte=today)
    return {row.delegate_id: str(row.delegator) for row in rows.select_related("delegator")}
