"""The pages of reports that were made: make one, look at it, check it, sign it off, verify it later."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.csv_download import csv_download
from reports.asked_texts import asked_of_texts, kind_named
from reports.catalogue import CATALOGUE
from reports.forms import ReportForm
from reports.forms_runs import DecisionForm, MakeForm, RunFilterForm
from reports.links import page_query
from reports.report_runs import ask_for_report
from reports.reverification import verify_run
from reports.run_decisions import comment_on, reject, review, sign_off
from reports.run_listing import MADE, REVIEWED, STATES, jobs_under_way, list_runs, run_register
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission

PAGE = 50
ACTS: dict[str, Callable[..., Any]] = {"comment": comment_on, "review": review, "sign": sign_off, "reject": reject}


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def run_list(request: Any, company: str) -> HttpResponseBase:
    """What was made, newest first, and what is being made; the address is the filter. On screen or as CSV."""
    form = RunFilterForm(request.GET)
    valid = form.is_valid()
    asked = form.cleaned_data if valid else {}
    found = list_runs(request.company, report=asked.get("report", ""), state=asked.get("state", ""))
    if valid and request.GET.get("format") == "csv":
        return csv_download("reports", run_register(found), subject="reports_reportrun")
    page = Paginator(found if valid else [], PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "narrowed": any(asked.values()), "states": STATES, **_under_way(request)}
    return render(request, "reports/run_list.html", context, status=200 if valid else 422)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def runs_under_way(request: Any, company: str) -> HttpResponseBase:
    """What is being made: it asks for itself as long as something is."""
    return render(request, "reports/runs_under_way.html", _under_way(request))


@require_POST
@needs(Permission.EXPORT)
def run_make(request: Any, company: str, name: str) -> HttpResponseBase:
    """Make the report that is on screen in the background, and keep it."""
    form = MakeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give it a title."))
        return redirect("reports:report", company=company, name=name)
    said = form.cleaned_data
    try:
        asked = json.loads(said["asked"] or "{}")
    except (ValueError, RecursionError):
        raise Http404 from None
    if not isinstance(asked, dict):
        raise Http404
    with refusals_to(lambda refusal: messages.error(request, refusal.message)):
        ask_for_report(name, asked, forms=said["saved_as"], title=said["title"], key=f"report:{said['key']}")
        messages.success(request, _("The report is being made."))
    return redirect("reports:run-list", company=company)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def run_detail(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """One report: what was asked, its files, what was decided about it, and, where asked, what is different today."""
    return _detail(request, pk)


@require_POST
@needs(Permission.EXPORT)
def run_decide(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """Comment on it, say that it was reviewed, sign it off, or reject it."""
    name = request.POST.get("act", "")
    if name not in ACTS:
        raise Http404
    form = DecisionForm(request.POST)
    if form.is_valid():
        with refusals_to(form.show):
            ACTS[name](pk, form.cleaned_data["comment"])
            messages.success(request, _("It is noted."))
            return redirect("reports:run-detail", company=company, pk=pk)
    return _detail(request, pk, tried=(name, form))


def _detail(request: Any, pk: UUID, tried: tuple[str, DecisionForm] | None = None) -> HttpResponseBase:
    run = list_runs(request.company).select_related("schedule").filter(pk=pk).first()
    if run is None:
        raise Http404
    kind = CATALOGUE.get(run.report)
    verification = verify_run(run) if request.GET.get("verify") and request.scope.allows(Permission.EXPORT) else None
    page = reverse("reports:run-detail", args=[request.company.slug, run.pk])
    context = {
        "run": run, "kind": kind, "state": STATES[run.state], "hash": bytes(run.figures_hash).hex(),
        "decisions": list(run.decisions.order_by("at", "id")), "acts": _acts(request, run, page, tried),
        "verification": verification,
        "asked": _said(run),
        "query": page_query(asked_of_texts(kind_named(run.report), run.asked)) if kind else "",
    }  # fmt: skip
    return render(request, "reports/run_detail.html", context, status=422 if tried else 200)


def _said(run: Any) -> list[tuple[Any, str]]:
    """What was asked besides the days and the block, as the page of the report calls it."""
    fields = ReportForm.base_fields
    return [(fields[name].label if name in fields else name, text)
            for name, text in run.asked.items() if name not in ("date", "start", "known_at")]  # fmt: skip


def _acts(request: Any, run: Any, page: str, tried: tuple[str, DecisionForm] | None) -> list[PageAct]:
    """What may be done: whoever may export comments, and who approves, and did not make it, checks."""
    url = reverse("reports:run-decide", args=[request.company.slug, run.pk])
    wanted = []
    if request.scope.allows(Permission.EXPORT):
        wanted.append(("comment", _("Comment"), _("Comment on it")))
    may_check = request.scope.allows(Permission.APPROVE) and run.state in (MADE, REVIEWED)
    if may_check and run.made_by_id != request.scope.actor.id:
        if run.state == MADE:
            wanted.append(("review", _("Reviewed"), _("It was looked through and is right")))
        wanted.append(("sign", _("Sign off"), _("Take it as the company's word, for good")))
    if may_check:
        wanted.append(("reject", _("Reject"), _("Say why it is not taken")))
    return [
        PageAct(
            id=f"act-{name}", url=url, title=title, button=button, page=page, value=name, is_primary=name == "sign",
            form=tried[1] if tried and tried[0] == name else DecisionForm(auto_id=f"{name}_%s"),
        )
        for name, button, title in wanted
    ]  # fmt: skip


def _under_way(request: Any) -> dict[str, Any]:
    jobs = list(jobs_under_way(request.company))
    return {"jobs": jobs, "is_waiting": any(job.is_under_way for job in jobs)}
