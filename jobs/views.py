"""The pages of background jobs: the list, and one job with its progress."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jobs.cancelling import cancel, may_manage
from jobs.downloads import attachment
from jobs.files import download, files_of
from jobs.models import ENDED, Job, State
from jobs.retrying import retry
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import Refused

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def job_list(request: Any, company: str) -> HttpResponse:
    """The jobs of the company, newest first."""
    jobs = Job.objects.for_company(request.company).for_list()
    state = request.GET.get("state", "")
    if state in State.values:
        jobs = jobs.filter(state=state)
    page = Paginator(jobs, PAGE).get_page(request.GET.get("page"))
    return render(request, "jobs/job_list.html", {"page": page, "states": State.choices, "state": state})


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def job_detail(request: Any, company: str, pk: Any) -> HttpResponse:
    """How far the job is, what came of it, and its files."""
    job = _job(request, pk)
    manageable = may_manage(job)
    context = {
        "job": job,
        "files": files_of(job),
        "own_page": settings.JOB_PAGES.get(job.kind, ""),
        "may_cancel": manageable and job.is_under_way and not job.cancel_requested,
        "may_retry": manageable and job.state in {State.FAILED, State.CANCELLED},
        "result": _plain_results(job.result),
        "whole_result": json.dumps(job.result, indent=2, ensure_ascii=False) if job.result else "",
    }
    return render(request, "jobs/job_detail.html", context)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def job_progress(request: Any, company: str, pk: Any) -> HttpResponse:
    """The part of the page that moves, asked for again and again; the whole page when the state has changed."""
    job = _job(request, pk)
    response = render(request, "jobs/_progress.html", {"job": job})
    if job.state != request.GET.get("state"):
        response["HX-Refresh"] = "true"
    return response


@require_POST
@needs(Permission.VIEW_BOOKS)
def job_cancel(request: Any, company: str, pk: Any) -> HttpResponse:
    """Stop the job."""
    return _act(request, pk, cancel, _("The job is cancelled."), _("The job stops at its next step."))


@require_POST
@needs(Permission.VIEW_BOOKS)
def job_retry(request: Any, company: str, pk: Any) -> HttpResponse:
    """Run the job again."""
    return _act(request, pk, retry, "", _("The job runs again."))


@require_safe
@never_cache
@needs(Permission.EXPORT)
def job_file(request: Any, company: str, pk: Any, name: str) -> HttpResponse:
    """A file of the job, to be saved."""
    return attachment(download(_job(request, pk), name))


def _job(request: Any, pk: Any) -> Job:
    job: Job = get_object_or_404(Job.objects.for_company(request.company), pk=pk)
    return job


def _act(request: Any, pk: Any, act: Callable[[Job], Job], ended: str, under_way: str) -> HttpResponse:
    try:
        with transaction.atomic():
            job = act(_job(request, pk))
        messages.success(request, ended if job.state in ENDED else under_way)
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("jobs:job-detail", company=request.company.slug, pk=pk)


def _plain_results(result: Any) -> list[tuple[str, str]]:
    """What of the result fits on a line; lists show how long they are."""
    return [(name.replace("_", " ").capitalize(), _on_a_line(value)) for name, value in (result or {}).items()]


def _on_a_line(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(len(value) if isinstance(value, (list, dict)) else value)
