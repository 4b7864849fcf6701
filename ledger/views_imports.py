"""Import a journal of another program: a dry run first, its report, then the import itself; both in the background."""

from typing import Any
from uuid import UUID, uuid4

from django.db.models import IntegerField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from jobs.enqueue import enqueue
from jobs.files import NewFile, content_of
from jobs.models import Job, JobFile, State
from ledger.forms import JournalFileForm
from ledger.import_undo import ask_to_undo
from ledger.journal_import import column_names, format_of
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission

KIND = "ledger.import_journal"
FILE = "journal"
SHOWN = 50
_PROBLEMS = Cast(KeyTextTransform("problem_count", "result"), IntegerField())


@needs(Permission.IMPORT_JOURNALS)
def import_list(request: Any, company: str) -> HttpResponse:
    """The imports so far; hand in another file, which is looked at before anything is stored."""
    form = JournalFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            job = _preview(**form.cleaned_data)
            return redirect("ledger:import-detail", company=company, pk=job.pk)
    jobs = _jobs(request).order_by("-id").annotate(problem_count=_PROBLEMS).defer("result")[:SHOWN]
    return render(request, "ledger/import_list.html", {"form": form, "jobs": jobs}, status=form.status)


@require_safe
@needs(Permission.IMPORT_JOURNALS)
def import_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """What an import found or did: counts, new accounts and units, roundings, what was left out, errors."""
    job = _job(request, pk)
    followed = _jobs(request).filter(key=_key_of_import(job)).first() if job.parameters.get("dry_run") else None
    undone = Job.objects.for_company(job.company).filter(key=f"undo-import:{job.pk}").first()
    context = {"job": job, "report": job.result or {}, "followed": followed, "undone": undone, **_verdict(job)}
    return render(request, "ledger/import_detail.html", context)


@require_safe
@needs(Permission.IMPORT_JOURNALS)
def import_progress(request: Any, company: str, pk: UUID) -> HttpResponse:
    """How far the job is, for the page that polls; when it has ended, the page is asked to load again."""
    job = _job(request, pk)
    response = render(request, "ledger/import_progress.html", {"job": job})
    if not job.is_under_way:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@needs(Permission.IMPORT_JOURNALS)
def import_confirm(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Start the import that the dry run was for; once, however often it is confirmed."""
    preview = _job(request, pk)
    if not _verdict(preview)["importable"]:
        return redirect("ledger:import-detail", company=company, pk=pk)
    file = NewFile(FILE, content_of(preview, FILE, JobFile.Role.INPUT), "text/plain")
    parameters = {**preview.parameters, "dry_run": False}
    job = enqueue(KIND, parameters, key=_key_of_import(preview), files=[file])
    return redirect("ledger:import-detail", company=company, pk=job.pk)


@require_POST
@needs(Permission.REVERSE_ENTRIES)
def import_undo(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Reverse what the import posted; the page then follows that job."""
    job = _job(request, pk)
    with refusals_to(flashed(request)):
        undoing = ask_to_undo(job, reason=request.POST.get("reason", ""))
        return redirect("jobs:job-detail", company=company, pk=undoing.pk)
    return redirect("ledger:import-detail", company=company, pk=pk)


def _preview(file: Any, format: str, columns: str) -> Job:
    column_names(columns)
    parameters = {
        "format": format or format_of(file.name), "dry_run": True, "name": file.name[:200], "columns": columns,
    }  # fmt: skip
    handed_in = NewFile(FILE, file.read(), "text/plain")
    return enqueue(KIND, parameters, key=f"import-preview:{uuid4()}", files=[handed_in])


def _key_of_import(preview: Job) -> str:
    return f"import:{preview.pk}"


def _verdict(job: Job) -> dict[str, bool]:
    """Whether the file can be imported, and whether it was."""
    report = job.result or {}
    clean = job.state == State.SUCCEEDED and not report.get("problem_count", 0)
    dry = bool(job.parameters.get("dry_run"))
    return {"importable": clean and dry and bool(report.get("entries")), "imported": clean and not dry, "clean": clean}


def _jobs(request: Any) -> Any:
    return Job.objects.for_company(request.company).filter(kind=KIND)


def _job(request: Any, pk: UUID) -> Job:
    job: Job = get_object_or_404(_jobs(request), pk=pk)
    return job
