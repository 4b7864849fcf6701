"""Import a table: a dry run first, what would become of every row, then the import itself; and its undoing."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import IntegerField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.forms_table_imports import TableFileForm, TableUndoForm
from accounting.table_import import FILE, IMPORT, MADE, PREVIEW, UNDO, ask_to_import, kept_report
from accounting.table_import_undo import ask_to_undo, undoings_of
from accounting.table_kinds import table_kind, table_kinds
from accounting.table_template import CSV_TYPE, XLSX_TYPE, csv_template, xlsx_template
from jobs.files import content_of
from jobs.models import Job, JobFile, State
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission

SHOWN = 50
ROWS_SHOWN = 200
_PROBLEMS = Cast(KeyTextTransform("problem_count", "result"), IntegerField())


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def table_import_list(request: Any, company: str) -> HttpResponse:
    """The imports so far; hand in another file, which is looked at before anything is kept."""
    form = TableFileForm(
        request.scope, request.POST or None, request.FILES or None, initial={"table": request.GET.get("table", "")}
    )
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        with refusals_to(form.show):
            job = ask_to_import(
                table_kind(asked["table"]), asked["file"].read(), name=asked["file"].name, dry_run=True,
                options=form.options(), columns=asked["columns"], key=f"table-preview:{uuid4()}",
            )  # fmt: skip
            return redirect("accounting:table-import-detail", company=company, pk=job.pk)
    jobs = list(_jobs(request).order_by("-id").annotate(problem_count=_PROBLEMS).defer("result")[:SHOWN])
    context = {"form": form, "jobs": jobs, "kinds": list(table_kinds(request.scope)), "undone": _undone(request, jobs)}
    return render(request, "accounting/table_import_list.html", context, status=form.status)


@require_safe
@never_cache
@needs(Permission.DRAFT_ENTRIES)
def table_import_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """What an import found or made: every problem with its place, and what becomes of every row."""
    return _detail(request, _job(request, pk), None)


@require_safe
@never_cache
@needs(Permission.DRAFT_ENTRIES)
def table_import_progress(request: Any, company: str, pk: UUID) -> HttpResponse:
    """How far the job is, for the page that polls; when it has ended, the page is asked to load again."""
    job = _job(request, pk)
    response = render(request, "accounting/table_import_progress.html", {"job": job})
    if not job.is_under_way:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def table_import_confirm(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Start the import that the dry run was for; once, however often it is confirmed."""
    preview = _job(request, pk)
    if _verdict(preview)["importable"]:
        asked = preview.parameters
        with refusals_to(flashed(request)):
            job = ask_to_import(
                table_kind(asked["table"]), content_of(preview, FILE, JobFile.Role.INPUT), name=asked["name"],
                dry_run=False, options=asked["options"], columns=asked["columns"], key=_key_of_import(preview),
            )  # fmt: skip
            return redirect("accounting:table-import-detail", company=company, pk=job.pk)
    return redirect("accounting:table-import-detail", company=company, pk=pk)


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def table_import_undo(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Take back what the import made; the page then follows that job."""
    job, form = _job(request, pk), TableUndoForm(request.POST)
    if form.is_valid():
        with refusals_to(form.show):
            undoing = ask_to_undo(job, **form.cleaned_data)
            messages.success(request, _("The import is being undone."))
            return redirect("jobs:job-detail", company=company, pk=undoing.pk)
    return _detail(request, job, form)


@require_safe
@needs(Permission.DRAFT_ENTRIES)
def table_import_template(request: Any, company: str, table: str) -> HttpResponse:
    """A table to be filled in, with an example: CSV, or with `?format=xlsx` a workbook."""
    kind = table_kind(table)
    xlsx = request.GET.get("format") == "xlsx"
    content, content_type = (xlsx_template(kind), XLSX_TYPE) if xlsx else (csv_template(kind), CSV_TYPE)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{kind.name}.{"xlsx" if xlsx else "csv"}"'
    return response


def _detail(request: Any, job: Job, form: TableUndoForm | None) -> HttpResponse:
    kind = table_kind(job.parameters["table"])
    found = kept_report(job.pk, MADE, PREVIEW) if job.state == State.SUCCEEDED else None
    outcomes = found["outcomes"] if found else []
    undoings = undoings_of(job)
    followed = _jobs(request).filter(key=_key_of_import(job)).first() if job.parameters["dry_run"] else None
    page = Paginator(outcomes, ROWS_SHOWN).get_page(request.GET.get("page"))
    context = {
        "job": job, "kind": kind, "report": job.result or {}, "followed": followed, "page": page,
        "undoing": undoings[0] if undoings else None,
        "undo": form or TableUndoForm(initial={"date": business_day(job.company)}), **_verdict(job),
    }  # fmt: skip
    return render(request, "accounting/table_import_detail.html", context, status=form.status if form else 200)


def _key_of_import(preview: Job) -> str:
    return f"import-table:{preview.pk}"


def _verdict(job: Job) -> dict[str, bool]:
    """Whether the file can be imported, and whether it was."""
    report, dry = job.result or {}, bool(job.parameters["dry_run"])
    clean = job.state == State.SUCCEEDED and not report.get("problem_count", 0) and not report.get("imported_before")
    would = bool(report.get("new") or report.get("changed"))
    return {"importable": clean and dry and would, "imported": clean and not dry}


def _undone(request: Any, jobs: list[Job]) -> set[UUID]:
    """Those of the jobs that were undone."""
    rows = Job.objects.for_company(request.company).filter(
        kind=UNDO, state=State.SUCCEEDED, parameters__import__in=[str(job.pk) for job in jobs]
    )
    return {UUID(pk) for pk in rows.values_list("parameters__import", flat=True)}


def _jobs(request: Any) -> Any:
    return Job.objects.for_company(request.company).filter(kind=IMPORT)


def _job(request: Any, pk: UUID) -> Job:
    job: Job = get_object_or_404(_jobs(request), pk=pk)
    return job
