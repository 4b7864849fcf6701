"""Documents and payments that wait for a person's approval: the inbox beside that of the journal."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounting.business_day import business_day
from invoicing.approving import decide_document, decide_payment
from invoicing.models import Document, Payment
from tenants.approvals import may_decide
from tenants.models import Approval, Company
from tenants.refusal import Refused
from tenants.scope import Scope

MOST = 200


class Decision(NamedTuple):
    """What became of one that was chosen."""

    thing: Any
    refusal: Refused | None


def documents_waiting(scope: Scope) -> int:
    """How many documents and payments the person may decide on (settings.INBOXES)."""
    if not may_decide(business_day(scope.company)):
        return 0
    return sum(_waiting(model, scope).count() for model in (Document, Payment))


def waiting_for_approval(scope: Scope) -> list[Any]:
    """Documents and payments that others submitted and the person has not decided, the oldest first."""
    if not may_decide(business_day(scope.company)):
        return []
    found: list[Any] = []
    for model in (Document, Payment):
        found += _waiting(model, scope).select_related("contact").order_by("submitted_at", "id")[:MOST]
    return sorted(found, key=lambda one: one.submitted_at)


def decide_chosen(company: Company, chosen: Mapping[UUID, int], *, approve: bool, reason: str) -> list[Decision]:
    """Approve or reject what was chosen, each in the version that was seen; one refusal keeps no other waiting."""
    found: list[Decision] = []
    for model, decide in ((Document, decide_document), (Payment, decide_payment)):
        rows: Any = model.objects.for_company(company).filter(pk__in=chosen).select_related("contact")
        for row in rows.order_by("pk"):
            try:
                with transaction.atomic():
                    done: Any = decide(row.pk, approve=approve, version=chosen[row.pk], reason=reason)
                found.append(Decision(done, None))
            except Refused as refusal:
                found.append(Decision(row, refusal))
    return found


def _waiting(model: Any, scope: Scope) -> Any:
    mine = Approval.objects.for_company(scope.company).filter(
        subject_id=OuterRef("pk"), version=OuterRef("version"), actor_id=scope.actor.id
    )
    rows = model.objects.for_company(scope.company).filter(state="submitted")
    return rows.exclude(makers__contains=[scope.actor.id]).exclude(Exists(mine))
