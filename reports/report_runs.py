"""Make a report and keep it: in the background, as known at one block, with its files and the hash of its figures."""

import dataclasses
import datetime
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.enqueue import enqueue
from jobs.models import Job
from jobs.running import TryAgain
from reports.asked_texts import asked_of_texts, kind_named, texts_of
from reports.budget_variance import budget_exactly
from reports.catalogue import ReportKind
from reports.figures import Figures
from reports.models import ReportRun, ReportSchedule
from reports.report_files import FORMATS
from reports.result_file import KeptFile, ResultFile
from reports.run_mailing import mail_run
from reports.sealed_books import last_block, mark_block, seal_up_to
from reports.statement_layouts import named_exactly
from reports.table import Asked, Report
from reports.telling import tell_made
from tenants.audit_trail import note_read
from tenants.models import Company
from tenants.permissions import Permission
from tenants.refusal import Refused
from tenants.scope import company_scope, current_scope

if TYPE_CHECKING:
    from jobs.running import RunningJob

KIND = "reports.make_report"
# Always kept: what a later verification compares with.
COMPARED = "json"
LONGEST_TITLE = 200


class BadRun(Refused):
    """The report cannot be made like this."""

    code = "invalid_report_run"


def ask_for_report(
    report: str, asked: Mapping[str, Any], *, forms: Sequence[str] = ("pdf", "xlsx"), title: str = "", key: str = "",
    schedule: UUID | None = None, occurrence: str = "",
) -> Job:  # fmt: skip
    """Ask for a report that is made in the background and kept. The same key answers with the job it already made.

    Refused: `not_permitted`, `unknown_report`, `invalid_parameter` (with its place), `invalid_report_run`.
    """
    current_scope().require(Permission.EXPORT)
    kind = kind_named(report)
    texts = texts_of(asked_of_texts(kind, asked))
    if unknown := sorted(set(forms) - set(FORMATS)):
        raise BadRun(_("There are no files of form “%s”.") % unknown[0], place="forms")
    if len(title) > LONGEST_TITLE:
        raise BadRun(_("A title has at most %d characters.") % LONGEST_TITLE, place="title")
    parameters: dict[str, Any] = {"report": report, "asked": texts, "forms": sorted({*forms}), "title": title.strip()}
    if schedule:
        parameters |= {"schedule": str(schedule), "occurrence": occurrence}
    return enqueue(KIND, parameters, key=key)


def make_report(job: "RunningJob") -> dict[str, Any]:
    """The background job. Run again after a crash, it finds the report that it has made."""
    parameters = job.parameters
    kind, begun = kind_named(parameters["report"]), datetime.datetime.now(tz=datetime.UTC)
    with company_scope(job.company, actor=job.actor, act="make report"):
        current_scope().require(Permission.EXPORT)
        if made := ReportRun.objects.for_company(job.company).filter(job_id=job.id).first():
            return {"run": str(made.pk)}
        note_read(f"reports_{kind.name}", None, {"run": True, **parameters["asked"]})
    asked = asked_of_texts(kind, parameters["asked"])
    if seal_up_to(job.company, begun, end=asked.date) or not mark_block(job.company):
        raise TryAgain(_("Something is being posted that the report has to know."))
    with company_scope(job.company, actor=job.actor, act="make report"):
        run = _made(job, kind, asked_at_block(job.company, kind, asked))
        tell_made(run)
        mail_run(run)
    return {"run": str(run.pk), "rows": run.row_count, "block": run.block_number}


def asked_at_block(company: Company, kind: ReportKind, asked: Asked) -> Asked:
    """The same, as known at the last block and in one version of its layout: an answer that never changes."""
    last = last_block(company)
    if isinstance(asked.known_at, int) and asked.known_at > last:
        raise BadRun(_("The last block is %d.") % last, place="known_at")
    if isinstance(asked.known_at, datetime.datetime) and asked.known_at > timezone.now():
        raise BadRun(_("That moment is still to come."), place="known_at")
    if asked.known_at is None:
        asked = dataclasses.replace(asked, known_at=last)
    if "budget" in kind.heeds:
        asked = dataclasses.replace(asked, budget=budget_exactly(company, asked))
    if "layout" in kind.heeds:
        asked = dataclasses.replace(asked, layout=named_exactly(company, kind.name, asked))
    return asked


def _made(job: "RunningJob", kind: ReportKind, asked: Asked) -> ReportRun:
    """Each form is written from a report of its own; all are as known at the same block. They are kept when the last is
    written: a transaction that has written something keeps the sealer waiting."""
    wanted = [COMPARED, *(form for form in job.parameters["forms"] if form != COMPARED)]
    figures, written = Figures(), []
    for number, form in enumerate(wanted):
        job.progress(number, len(wanted), _("Writing %s") % form.upper())
        report = kind.make(job.company, asked)
        if form == COMPARED:
            report = figures.of(report)
        written.append(_written(report, form))
    files = [_kept(job, form, file) for form, file in zip(wanted, written, strict=True)]
    actor = current_scope().actor
    schedule = _schedule_of(job)
    return ReportRun.objects.create(
        company=job.company, report=kind.name, title=job.parameters["title"] or str(kind.title), asked=texts_of(asked),
        date=asked.date, start=report.asked.start, row_count=figures.row_count, figures_hash=figures.hash, files=files,
        block_number=asked.known_at if isinstance(asked.known_at, int) else last_block(job.company), job_id=job.id,
        problems=[str(one) for one in report.problems], schedule=schedule,
        made_by_id=schedule.kept_by_id if schedule else actor.id,
        made_by=actor.name[:200], occurrence=job.parameters.get("occurrence") if schedule else None,
    )  # fmt: skip


def _schedule_of(job: "RunningJob") -> ReportSchedule | None:
    """The schedule that asked; whoever keeps it is the maker of what it makes."""
    rows = ReportSchedule.objects.for_company(job.company)
    schedule: ReportSchedule | None = rows.filter(pk=job.parameters.get("schedule")).first()
    return schedule


def _written(report: Report, form: str) -> KeptFile:
    """The file of one form."""
    kind = FORMATS[form]
    with ResultFile() as result:
        result.begin(f"{report.company.slug}-{report.name}-{report.asked.date}.{form}", kind.content_type)
        for piece in _pieces(kind.write(report)):
            result.write(piece)
        return result.content()


def _kept(job: "RunningJob", form: str, file: KeptFile) -> dict[str, Any]:
    """The file kept with the job, and what tells whether it holds the same later."""
    job.save_file(file.name, file.content, file.content_type)
    sha256 = hashlib.sha256(file.content).hexdigest()
    return {"form": form, "name": file.name, "size": len(file.content), "sha256": sha256}


def _pieces(written: Any) -> Iterator[bytes]:
    for piece in written:
        yield piece.encode() if isinstance(piece, str) else piece
