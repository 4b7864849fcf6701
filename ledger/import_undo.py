"""Undo an import: every entry that it posted gets its reversal, on its own date; all of them, or none."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from jobs.enqueue import enqueue
from jobs.models import Job, State
from ledger.models import Entry, Line
from ledger.posting import post_batch
from ledger.refusals import AlreadyReversed, PostingRefused
from ledger.reversal import ReasonNeeded, mirror
from ledger.reversal_settlement import settle_reversals
from tenants.models import Company
from tenants.permissions import Permission
from tenants.scope import company_scope, current_scope

if TYPE_CHECKING:
    from jobs.running import RunningJob

IMPORT = "ledger.import_journal"
KIND = "ledger.undo_import"
CHUNK = 500


class NothingToUndo(PostingRefused):
    """The job is no finished import, or was only a preview."""

    code = "nothing_to_undo"


def ask_to_undo(imported: Job, *, reason: str) -> Job:
    """Start undoing an import in the background; asked twice, it is the same job.

    Refused: `nothing_to_undo`, `reason_needed`, `not_permitted`.
    """
    current_scope().require(Permission.REVERSE_ENTRIES)
    if imported.kind != IMPORT or imported.state != State.SUCCEEDED or imported.parameters.get("dry_run"):
        raise NothingToUndo("Only an import that has posted its entries can be undone.")
    if not reason.strip():
        raise ReasonNeeded("Say why the import is undone.", place="reason")
    parameters = {"import": imported.key, "name": imported.parameters.get("name", ""), "reason": reason.strip()}
    return enqueue(KIND, parameters, key=f"undo-import:{imported.pk}")


def run_undo(job: "RunningJob") -> dict[str, Any]:
    """The background job: reverses what the import posted and nobody has reversed since."""
    while True:
        try:
            return _undo(job)
        except AlreadyReversed:
            # Somebody reversed one of them after we had looked: all of ours is rolled back, and we look again.
            continue


def _undo(job: "RunningJob") -> dict[str, Any]:
    key, reason = f"import:{job.parameters['import']}", job.parameters["reason"]
    with company_scope(job.company, actor=job.actor, act="undo import", reason=reason), transaction.atomic():
        ids = list(_imported(job.company, key).filter(reversed_by=None).order_by("id").values_list("id", flat=True))
        for start in range(0, len(ids), CHUNK):
            job.progress(start, len(ids), "Reversing")
            originals = _with_lines(job.company, ids[start : start + CHUNK])
            mirrors = [mirror(entry, date=entry.date, reason=reason, key="") for entry in originals]
            posted = post_batch(f"undo-{key}:{start // CHUNK + 1}", mirrors)
            settle_reversals(job.company, [one.id for one in posted], reason)
        job.progress(len(ids), len(ids), "Reversed")
    return {"entries": len(ids)}


def _imported(company: Company, key: str) -> QuerySet[Entry]:
    return Entry.objects.for_company(company).filter(source="import", key__startswith=f"{key}:")


def _with_lines(company: Company, ids: list[Any]) -> QuerySet[Entry]:
    lines = Prefetch("lines", queryset=Line.objects.for_company(company).order_by("number"), to_attr="mirrored")
    return (
        Entry.objects.for_company(company)
        .filter(pk__in=ids)
        .select_related("journal")
        .prefetch_related(lines)
        .order_by("id")
    )
