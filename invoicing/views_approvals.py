"""The inbox of documents and payments: what waits for the person, decided one by one or several at once."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounting.business_day import business_day
from accounting.chart import chart_of
from invoicing.approval_inbox import Decision, decide_chosen, waiting_for_approval
from invoicing.models import Document
from tenants.approvals import may_decide
from tenants.inboxes import inboxes_of
from tenants.page_permissions import needs
from tenants.permissions import Permission


@never_cache
@needs(Permission.VIEW_BOOKS)
def approval_list(request: Any, company: str) -> HttpResponse:
    """What waits; posted, it says what became of each that was chosen."""
    results: list[Decision] = []
    problem = ""
    if request.method == "POST":
        decides = may_decide(business_day(request.company))
        request.scope.require(Permission.VIEW_BOOKS if decides else Permission.APPROVE)
        approve, reason = request.POST.get("decision") == "approve", request.POST.get("reason", "").strip()
        chosen = _chosen(request)
        if not chosen:
            problem = _("Choose at least one.")
        elif not approve and not reason:
            problem = _("Say why they are rejected.")
        else:
            results = decide_chosen(request.company, chosen, approve=approve, reason=reason)
    units = chart_of(request.company).units
    rows = waiting_for_approval(request.scope)
    for row in rows:
        row.is_document, row.decimals = isinstance(row, Document), units[row.currency].decimals
        row.worth = row.total if row.is_document else row.amount
    context = {"rows": rows, "results": results, "problem": problem, "inboxes": inboxes_of(request.scope)}
    return render(request, "invoicing/approval_list.html", context, status=422 if problem else 200)


def _chosen(request: Any) -> dict[UUID, int]:
    """What was ticked, with the versions that the person saw; what is no such pair is left out."""
    chosen: dict[UUID, int] = {}
    for text in request.POST.getlist("row"):
        pk, _colon, version = text.partition(":")
        try:
            chosen[UUID(pk)] = int(version)
        except ValueError:
            continue
    return chosen
