"""Undo the import of a table: what it made is thrown away, or taken back where that is not allowed any more."""

import datetime
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounting.table_import import IMPORT, UNDO, UNDONE, kept_report, made_by
from accounting.table_kinds import Undoing, table_kind
from accounting.table_outcome import NEW
from jobs.enqueue import enqueue
from jobs.models import Job, State
from tenants.refusal import Refused
from tenants.scope import company_scope, current_scope

if TYPE_CHECKING:
    from jobs.running import RunningJob


class NothingToUndo(Refused):
    """The job is no finished import, or was only a preview."""

    code = "nothing_to_undo"


class ReasonNeeded(Refused):
    """An import is undone for a reason that stays in the trail."""

    code = "reason_needed"


def ask_to_undo(imported: Job, *, date: datetime.date, reason: str) -> Job:
    """Start undoing an import in the background; asked again, it is the same job, unless that one has failed.

    Refused: `nothing_to_undo`, `reason_needed`, `not_permitted` (as taking each of them back by hand).
    """
    if imported.kind != IMPORT or made_by(imported.pk) is None:
        raise NothingToUndo(_("Only an import that has made something can be undone."))
    asked = imported.parameters
    table_kind(asked["table"]).require(asked["options"], undo=True)
    if not reason.strip():
        raise ReasonNeeded(_("Say why the import is undone."), place="reason")
    before = undoings_of(imported)
    if before and before[0].state not in (State.FAILED, State.CANCELLED):
        return before[0]
    parameters = {
        "import": str(imported.pk), "table": asked["table"], "sha256": asked["sha256"], "name": asked["name"],
        "date": date.isoformat(), "reason": reason.strip(),
    }  # fmt: skip
    return enqueue(UNDO, parameters, key=f"{_key(imported)}:{len(before) + 1}")


def undoings_of(imported: Job) -> list[Job]:
    """The jobs that were to undo the import, the latest first."""
    jobs = Job.objects.for_company(imported.company_id).filter(kind=UNDO, key__startswith=f"{_key(imported)}:")
    return list(jobs.order_by("-id"))


def run_undo(job: "RunningJob") -> dict[str, Any]:
    """The background job: all that the import made, or none of it. Run again, it answers with what it has done."""
    asked = job.parameters
    act, reason = f"undo import of {asked['table']}", asked["reason"]
    with company_scope(job.company, actor=job.actor, act=act, reason=reason):
        # Whoever asks twice meets here: the second finds it undone.
        imported = _held(UUID(asked["import"]))
        for before in undoings_of(imported):
            if done := kept_report(before.pk, UNDONE):
                return done
        made = made_by(imported.pk) or {"outcomes": []}
        ids = [UUID(outcome["id"]) for outcome in made["outcomes"] if outcome["became"] == NEW]
        date = datetime.date.fromisoformat(asked["date"])
        done = table_kind(asked["table"]).undo(Undoing(ids, date, reason, job.progress))
        job.save_file(UNDONE, json.dumps(done).encode(), "application/json")
    return done


def _held(job_id: UUID) -> Job:
    held: Job = Job.objects.for_company(current_scope().company).select_for_update(no_key=True).get(pk=job_id)
    return held


def _key(imported: Job) -> str:
    return f"undo-table:{imported.pk}"
