"""The approval inbox: what waits for the person, oldest first, decided one by one or several at once."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.draft_approval import Decided, decide_drafts
from ledger.draft_listing import draft_register, list_drafts
from ledger.models import Draft
from tenants.approvals import may_decide
from tenants.inboxes import inboxes_of
from tenants.page_permissions import needs
from tenants.permissions import Permission

PAGE = 50


@never_cache
@needs(Permission.VIEW_BOOKS)
def approval_list(request: Any, company: str) -> HttpResponseBase:
    """The inbox, on screen or as CSV; posted, it says what became of each draft that was chosen."""
    decides = may_decide(business_day(request.company))
    results: list[tuple[Any, Decided]] = []
    problem = ""
    if request.method == "POST":
        request.scope.require(Permission.VIEW_BOOKS if decides else Permission.APPROVE)
        problem = _problem(request)
        results = [] if problem else _decided(request)
    found = list_drafts(inbox=True) if decides else Draft.objects.none()
    found = found.order_by("submitted_at", "id")
    decimals = chart_of(request.company).units[request.company.base_currency].decimals
    if request.method == "GET" and request.GET.get("format") == "csv":
        return csv_download("approvals", draft_register(found, decimals), subject="ledger_draft")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    chosen = request.POST.getlist("draft") if problem else []
    for draft in page:
        draft.choice = f"{draft.pk}:{draft.version}"
        draft.chosen = draft.choice in chosen
    context = {
        "page": page, "decides": decides, "results": results, "problem": problem,
        "reason": request.POST.get("reason", "") if problem else "",
        "decimals": decimals,
        "inboxes": inboxes_of(request.scope),
        "waiting": 0 if decides else list_drafts(state=Draft.State.SUBMITTED).count(),
    }  # fmt: skip
    return render(request, "ledger/approval_list.html", context, status=422 if problem else 200)


def _problem(request: Any) -> str:
    if not _chosen(request):
        return _("Choose at least one draft.")
    if request.POST.get("decision") != "approve" and not request.POST.get("reason", "").strip():
        return _("Say why they are rejected.")
    return ""


def _decided(request: Any) -> list[tuple[Any, Decided]]:
    chosen = _chosen(request)
    drafts = Draft.objects.for_company(request.company).select_related("journal").filter(pk__in=chosen)
    before = {draft.pk: draft for draft in drafts}
    decided = decide_drafts(
        list(chosen), approve=request.POST.get("decision") == "approve", reason=request.POST.get("reason", ""),
        versions=chosen,
    )  # fmt: skip
    return [(before.get(one.draft_id), one) for one in decided]


def _chosen(request: Any) -> dict[UUID, int]:
    """The drafts with the versions that the person saw; what is no such pair is left out."""
    chosen: dict[UUID, int] = {}
    for text in request.POST.getlist("draft")[:PAGE]:
        pk, _colon, version = text.partition(":")
        try:
            chosen[UUID(pk)] = int(version)
        except ValueError:
            continue
    return chosen
