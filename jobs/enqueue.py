"""Ask for background work: a row in the caller's own transaction, so that the work exists if and only if it commits."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from jobs.files import NewFile, files_of, keep_file
from jobs.handover import hand_over_on_commit
from jobs.models import Job, JobFile
from jobs.plain_values import plain, plain_text
from tenants.fields import new_id
from tenants.refusal import Conflict, Refused
from tenants.scope import current_scope


class UnknownKind(ValueError):
    """settings.JOB_KINDS does not name this kind of job."""


class JobKeyReused(Conflict):
    """The key belongs to a job that was asked for differently."""

    code = "job_key_reused"


class BadJobKey(Refused):
    """A key has 1 to 200 characters."""

    code = "bad_job_key"


class QueueFull(Refused):
    """Too many jobs of the company are waiting; what is waiting is not lost, what was asked now was not taken."""

    code = "queue_full"
    status = 503


# How many jobs of a company may be under way; the installation's own are always taken.
MAX_UNDER_WAY = 500
RETRY_SECONDS = 60


@transaction.atomic
def enqueue(
    kind: str,
    parameters: Mapping[str, Any],
    *,
    key: str = "",
    files: Sequence[NewFile] = (),
    run_after: datetime.datetime | None = None,
) -> Job:
    """Ask for a job in the current company, done after the commit on behalf of the current actor.

    The same key answers with the job it already made. Refused: `job_key_reused`, `file_too_large`, `bad_file_name`,
    and `queue_full` (503, with Retry-After) while too many jobs of the company wait.
    """
    if kind not in settings.JOB_KINDS:
        raise UnknownKind(f"settings.JOB_KINDS does not name “{kind}”.")
    if len(key) > 200 or key != plain_text(key):
        raise BadJobKey(_("A key has 1 to 200 characters."), place="key")
    job = _new_job(kind, plain(dict(parameters)), key, run_after)
    _check_room(job)
    # A twin that holds the key makes this wait for its commit, then do nothing.
    Job.objects.bulk_create([job], ignore_conflicts=True)
    kept: Job = Job.objects.for_company(job.company).get(key=job.key)
    if kept.pk != job.pk:
        return _same_wish(kept, job, files)
    for file in files:
        keep_file(kept, JobFile.Role.INPUT, file)
    if run_after is None:
        hand_over_on_commit(kept)
    return kept


def _check_room(job: Job) -> None:
    jobs = Job.objects.for_company(job.company)
    if job.actor_type == "system" or jobs.under_way()[:MAX_UNDER_WAY].count() < MAX_UNDER_WAY:
        return
    if not jobs.filter(key=job.key).exists():
        raise QueueFull(_("Too many jobs are waiting: try again later."), retry_after=RETRY_SECONDS)


def _new_job(kind: str, parameters: Any, key: str, run_after: datetime.datetime | None) -> Job:
    scope = current_scope()
    actor = scope.actor
    id = new_id()
    return Job(
        id=id, company=scope.company, kind=kind, key=key or str(id), parameters=parameters,
        permissions=sorted(permission.value for permission in actor.permissions),
        run_after=run_after or Now(), handed_at=Now() if run_after is None else None,
        actor_type=actor.type, actor_id=actor.id, actor_name=actor.name[:200],
    )  # fmt: skip


def _same_wish(kept: Job, asked: Job, files: Sequence[NewFile]) -> Job:
    has = {file.name: bytes(file.sha256) for file in files_of(kept) if file.role == JobFile.Role.INPUT}
    wants = {file.name: hashlib.sha256(file.content).digest() for file in files}
    if (kept.kind, kept.parameters, has) != (asked.kind, asked.parameters, wants):
        raise JobKeyReused(_("The key “%s” belongs to another job.") % kept.key, place="key")
    return kept
