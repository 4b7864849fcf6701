"""Correct a posted entry: its reversal and a draft of what it should have been, in one act."""

import dataclasses
import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from ledger.drafts import copy_of_entry, save_draft
from ledger.models import Draft, Entry, Line
from ledger.posting import Posted
from ledger.refusals import EntryNotFound, PostingRefused
from ledger.reversal import reverse
from tenants.permissions import Permission
from tenants.scope import current_scope


@dataclasses.dataclass(frozen=True, slots=True)
class Correction:
    """What a correction made: the reversal, and the draft to put right and post."""

    reversal: Posted
    draft: Draft


class NotCorrectable(PostingRefused):
    """What the entry says cannot be typed anew."""

    code = "not_correctable"


@transaction.atomic
def correct(entry_id: UUID, *, date: datetime.date, reason: str) -> Correction:
    """Reverse an entry on a date and draft it anew on the same date; asked twice, it is one correction.

    The control accounts of the original are open to the draft. Refused as a reversal is: `already_reversed`,
    `period_closed`, `reason_needed`, `not_found`; and `not_correctable` (a line is worth something in base currency
    alone, as acts post it and nobody types it).
    """
    scope = current_scope()
    scope.require(Permission.DRAFT_ENTRIES)
    original = Entry.objects.for_company(scope.company).select_related("journal", "company").filter(pk=entry_id).first()
    if original is None:
        raise EntryNotFound(_("There is no such entry."))
    if Line.objects.for_company(scope.company).filter(entry=original, currency_amount=0).exists():
        raise NotCorrectable(_("An exchange difference is not typed: reverse the entry, and run its act again."))
    reversal = reverse(entry_id, date=date, reason=reason, key=f"correct:{entry_id}")
    made = Draft.objects.for_company(scope.company).filter(corrects=original).order_by("created_at").first()
    if made is None:
        made = save_draft(dataclasses.replace(copy_of_entry(original), date=date), corrects=original)
    return Correction(reversal, made)
