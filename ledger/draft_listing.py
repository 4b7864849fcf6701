"""Drafts as lists show them, narrowed and annotated."""

import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

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
