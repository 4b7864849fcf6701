"""Drafts as lists show them, narrowed and annotated."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounting.amounts import amount_text
from ledger.approval_rules import SUBJECT
from ledger.draft_approval import waiting_for
from ledger.models import Draft
from tenants.models import Approval
from tenants.scope import current_scope


def list_drafts(
    *, state: str = "", journal: str = "", text: str = "", start: datetime.date | None = None,
    date: datetime.date | None = None, inbox: bool = False,
) -> Any:  # fmt: skip
    """The company's drafts, latest change first, each with `approvals_given`; or those that wait for the caller."""
    scope = current_scope()
    drafts = waiting_for(scope.actor.id) if inbox else Draft.objects.for_company(scope.company)
    wanted = Q()
    if state:
        wanted &= Q(state=state)
    if journal:
        wanted &= Q(journal__code=journal)
    if start:
        wanted &= Q(date__gte=start)
    if date:
        wanted &= Q(date__lte=date)
    if text:
        wanted &= Q(memo__icontains=text) | Q(reference__icontains=text)
    given = (
        Approval.objects.for_company(scope.company)
        .filter(subject=SUBJECT, subject_id=OuterRef("pk"), version=OuterRef("version"), decision="approved")
        .order_by()
        .values("subject_id")
        .annotate(given=Count("id"))
        .values("given")
    )
    return drafts.filter(wanted).select_related("journal").annotate(approvals_given=Coalesce(Subquery(given), 0))


def count_by_state(drafts: Any) -> dict[str, int]:
    """How many of these drafts are in each state, in one statement."""
    rows = drafts.order_by().values("state").annotate(count=Count("id", distinct=True))
    return {row["state"]: row["count"] for row in rows}


def approvals_given(draft: Any) -> int:
    """How many approvals the draft's version has; what is approved or posted has all that it needed."""
    settled = draft.state in (Draft.State.APPROVED, Draft.State.POSTED)
    given: int = draft.approvals_needed if settled else draft.approvals_given
    return given


def draft_register(drafts: Any, decimals: int) -> Iterator[list[Any]]:
    """The drafts for a file, one row each; memory stays flat."""
    yield ["Date", "Journal", "Memo", "Reference", "Total", "State", "Made by", "Made at", "Submitted by",
           "Submitted at", "Approvals given", "Approvals needed", "Entry", "Draft"]  # fmt: skip
    for draft in drafts.iterator(chunk_size=1000):
        yield [
            draft.date, draft.journal.code, draft.memo, draft.reference, amount_text(draft.total, decimals),
            draft.get_state_display(), draft.created_by, draft.created_at.isoformat(), draft.submitted_by,
            draft.submitted_at.isoformat() if draft.submitted_at else "", approvals_given(draft),
            draft.approvals_needed, draft.entry_id or "", draft.pk,
        ]  # fmt: skip
