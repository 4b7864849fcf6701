"""Reverse many entries in the background, each for itself: what cannot be reversed is named, the rest goes on."""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from jobs.enqueue import enqueue
from jobs.models import Job
from ledger.models import Entry
from ledger.refusals import PostingRefused
from ledger.reversal import ReasonNeeded, reverse
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import company_scope, current_scope

if TYPE_CHECKING:
    from jobs.running import RunningJob

KIND = "ledger.reverse_entries"
MOST = 10_000
TOLD = 1_000
STEP = 20


class NothingToReverse(PostingRefused):
    """No entry was named, or too many."""

    code = "nothing_to_reverse"


def ask_to_reverse(
    entry_ids: Sequence[UUID], *, date: datetime.date | None, reason: str, key: str = ""
) -> Job:  # fmt: skip
    """Start reversing entries on a date, or each on its own date where none is named; the same key is the same job.

    Refused: `reason_needed`, `nothing_to_reverse`, `not_permitted`, `job_key_reused`.
    """
    current_scope().require(Permission.REVERSE_ENTRIES)
    ids = list(dict.fromkeys(entry_ids))
    if not ids or len(ids) > MOST:
        raise NothingToReverse(_("Name 1 to %s entries.") % f"{MOST:,}", place="entries")
    if not reason.strip():
        raise ReasonNeeded(_("Say why the entries are reversed."), place="reason")
    parameters = {
        "entries": [str(pk) for pk in ids], "date": date.isoformat() if date else None, "reason": reason.strip(),
    }  # fmt: skip
    return enqueue(KIND, parameters, key=key and f"reverse-entries:{key}")


def run_reversals(job: "RunningJob") -> dict[str, Any]:
    """The background job. Run again after a crash, it finds what it has reversed and goes on."""
    ids = [UUID(pk) for pk in job.parameters["entries"]]
    day = job.parameters["date"] and datetime.date.fromisoformat(job.parameters["date"])
    reversed_count = 0
    refused: list[dict[str, str]] = []
    for number, pk in enumerate(ids):
        if number % STEP == 0:
            job.progress(number, len(ids), _("Reversing"))
        refusal = _reverse_one(job, pk, day)
        if refusal is None:
            reversed_count += 1
        elif len(refused) < TOLD:
            refused.append({"entry": str(pk), "code": refusal.code, "message": refusal.message})
    job.progress(len(ids), len(ids), _("Reversed"))
    return {"reversed": reversed_count, "refused": len(ids) - reversed_count, "refusals": refused}


def _reverse_one(job: "RunningJob", pk: UUID, day: datetime.date | None) -> Refused | None:
    reason = job.parameters["reason"]
    with company_scope(job.company, actor=job.actor, act="reverse entries", reason=reason):
        own = Entry.objects.for_company(job.company).filter(pk=pk).values_list("date", flat=True).first()
        try:
            # The key is the job's: an entry that this job has reversed before is done, one that another act has is not.
            reverse(pk, date=day or own or datetime.date.max, reason=reason, key=f"reverse:{pk}:job:{job.id}")
        except Refused as refusal:
            return refusal
    return None
