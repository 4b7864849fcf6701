"""Import contacts, items, documents or payments from a table: row by row as by hand, and all of it or nothing.

Each row goes through the act that the form and the API call, so it is checked and refused as they are. A dry run does
the same and takes it back. The same file is imported once: who hands it in again is told so, until it is undone.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from accounting.table_columns import read_table
from accounting.table_kinds import Progress, TableKind, Wanted, table_kind
from accounting.table_outcome import TableReport
from accounting.table_rows import RowProblem, headings_named
from jobs.enqueue import enqueue
from jobs.files import NewFile
from jobs.models import Job, JobFile
from tenants.refusal import Refused
from tenants.scope import company_scope, current_scope

if TYPE_CHECKING:
    from jobs.running import RunningJob

IMPORT, UNDO = "accounting.import_table", "accounting.undo_table_import"
# The files of the jobs: what was handed in, what a dry run found, what an import made, and that it was undone.
FILE, PREVIEW, MADE, UNDONE = "table", "preview.json", "made.json", "undone.json"
FILE_TYPE = "application/octet-stream"


def ask_to_import(
    kind: TableKind, data: bytes, *, name: str, dry_run: bool, options: Mapping[str, bool], columns: str = "",
    key: str = "",
) -> Job:  # fmt: skip
    """Start importing a file in the background; the same key is the same job.

    Refused: `not_permitted` (as by hand), `bad_columns`, and as `enqueue`.
    """
    kind.require(options)
    headings_named(columns, [column.name for column in kind.columns])
    parameters = {
        "table": kind.name, "name": name[:200], "dry_run": dry_run, "columns": columns,
        "options": {kind.option: bool(options.get(kind.option))}, "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip
    return enqueue(IMPORT, parameters, key=key, files=[NewFile(FILE, data, FILE_TYPE)])


def run_import(job: "RunningJob") -> dict[str, Any]:
    """The background job. Run again after a crash, it answers with what it has made."""
    asked, data = job.parameters, job.file(FILE)
    kind, dry_run = table_kind(asked["table"]), bool(asked["dry_run"])
    names = headings_named(asked["columns"], [column.name for column in kind.columns])
    with company_scope(job.company, actor=job.actor, act=f"import {kind.name}"):
        _hold_file(kind, asked["sha256"])
        if made := made_by(job.id):
            return dict(made["report"])
        before, undone = imports_of(kind, asked["sha256"])
        report = TableReport(kind.name, dry_run, before=str(before[0].pk) if before else "")
        if not before:
            seed = f"{kind.name}:{asked['sha256']}:{undone}"
            import_table(kind, data, report, names=names, options=asked["options"], seed=seed, progress=job.progress)
        stored = not (dry_run or before or report.everything_wrong)
        job.save_file(MADE if stored else PREVIEW, report.as_file(), "application/json")
    return report.as_json()


def import_table(
    kind: TableKind, data: bytes, report: TableReport, *, names: Mapping[str, str], options: Mapping[str, bool],
    seed: str, progress: Progress = lambda *_: None,
) -> None:  # fmt: skip
    """Import a file into the current company. With a problem anywhere, or in a dry run, nothing is kept; the report
    says what became of every row."""
    kind.require(options)
    progress(0, 0, "Reading the file")
    try:
        table = read_table(data, kind.columns, names)
    except Refused as refusal:
        report.problems.append(RowProblem(0, refusal.place, refusal.code, refusal.message))
        return
    report.rows, report.ignored = len(table.rows), table.ignored
    with transaction.atomic():
        report.outcomes = kind.keep(Wanted(table, options, seed, progress))
        if report.dry_run or report.everything_wrong:
            transaction.set_rollback(True)


def imports_of(kind: TableKind, sha256: str) -> tuple[list[Job], int]:
    """The imports of this very file that stand, and how many were undone."""
    company = current_scope().company
    of_file = {"parameters__table": kind.name, "parameters__sha256": sha256, "files__role": JobFile.Role.OUTPUT}
    jobs = Job.objects.for_company(company)
    made = jobs.filter(kind=IMPORT, files__name=MADE, **of_file).order_by("id")
    undone = set(jobs.filter(kind=UNDO, files__name=UNDONE, **of_file).values_list("parameters__import", flat=True))
    return [job for job in made if str(job.pk) not in undone], len(undone)


def made_by(job_id: UUID) -> dict[str, Any] | None:
    """What an import made, as it wrote it down with the rows themselves; None where it made nothing."""
    return kept_report(job_id, MADE)


def kept_report(job_id: UUID, *names: str) -> dict[str, Any] | None:
    """The report that the job kept under one of these names."""
    files = JobFile.objects.for_company(current_scope().company)
    found = files.filter(job=job_id, role=JobFile.Role.OUTPUT, name__in=names).order_by("-id").first()
    return dict(json.loads(bytes(found.content))) if found else None


def _hold_file(kind: TableKind, sha256: str) -> None:
    """Two imports of one file into one company take turns."""
    name = f"{current_scope().company.pk}:{kind.name}:{sha256}"
    lock = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
