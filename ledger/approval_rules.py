"""Which entries need approval before they are posted: asked with every entry that is typed, so cached."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.lookups import CacheKeys, CacheTTL, cached
from ledger.proposals import NewEntry
from ledger.refusals import PostingRefused
from tenants.approvals import Rule, approvals_needed, rules_of
from tenants.models import Company

SUBJECT = "entry"


class ApprovalNeeded(PostingRefused):
    """The entry is of a journal and amount that somebody else has to approve first: draft and submit it."""

    code = "approval_needed"


def entry_approvals(company: Company, journal: str, total: Decimal, current: dict[str, UUID] | None = None) -> int:
    """How many approvals an entry of this journal and total (debits in base currency) needs."""
    return approvals_needed(_rules(company, current), journal, total)


def refuse_unapproved(
    company: Company, entry: NewEntry, amounts: Sequence[Decimal], current: dict[str, UUID]
) -> None:  # fmt: skip
    """Refuse (`approval_needed`) to post what is typed past its approval."""
    rules = _rules(company, current)
    if rules and approvals_needed(rules, entry.journal, sum((a for a in amounts if a > 0), Decimal(0))):
        raise ApprovalNeeded(
            _("“%s” is approved by somebody else before it is posted: save it as a draft and submit it.")
            % (entry.memo or entry.date)
        )


def _rules(company: Company, current: dict[str, UUID] | None) -> list[Rule]:
    found: list[Rule] = cached(company, CacheKeys.APPROVAL_RULES, CacheTTL.COMPANY, _load, current)
    return found


def _load(company: Company) -> list[Rule]:
    return rules_of(company, SUBJECT)
