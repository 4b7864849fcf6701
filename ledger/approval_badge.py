"""How many drafts wait for the person's approval, beside the inbox in the sidebar (settings.NAVIGATION)."""

from accounting.business_day import business_day
from ledger.draft_approval import waiting_for
from tenants.approvals import may_decide
from tenants.scope import Scope


def waiting_badge(scope: Scope) -> str:
    """The number of drafts; empty where none waits, or the person approves nothing."""
    if not may_decide(business_day(scope.company)):
        return ""
    count = waiting_for(scope.actor.id).count()
    return str(count) if count else ""
