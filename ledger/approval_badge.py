"""How many drafts wait for the person's approval (settings.INBOXES)."""

from accounting.business_day import business_day
from ledger.draft_approval import waiting_for
from tenants.approvals import may_decide
from tenants.scope import Scope


def drafts_waiting(scope: Scope) -> int:
    """Submitted by others, and not decided by the person yet; none for who approves nothing."""
    return waiting_for(scope.actor.id).count() if may_decide(business_day(scope.company)) else 0
