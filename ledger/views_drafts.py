"""The pages of drafts: their list, one draft with everything known about it, and its way into the ledger."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from ledger.approval_rules import SUBJECT, ApprovalNeeded
from ledger.draft_approval import (
    approve_draft,
    post_draft,
    reject_draft,
    submit_draft,
    try_draft,
    withdraw_draft,
)
from ledger.draft_history import draft_history
from ledger.draft_listing import approvals_given, count_by_state, draft_register, list_drafts
from ledger.drafts import delete_draft
from ledger.entry_grid import with_line
from ledger.forms_drafts import DraftFilterForm
from ledger.models import Draft
from ledger.shown_draft import effects_of, shown_draft
from ledger.told_budgets import tell_passed, tell_posted
from tenants.approvals import decisions, may_decide
from tenants.models import Approval
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import NotFound, NotPermitted, Refused

PAGE = 50
# The tab that opens first: everything that is still on its way.
ON_THEIR_WAY = ""
State = Draft.State


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def draft_list(request: Any, company: str) -> HttpResponseBase:
    """Drafts, latest change first; the address is the filter. On screen or as CSV."""
    form = DraftFilterForm(request.company, request.GET)
    valid = form.is_valid()
    state = request.GET.get("state", ON_THEIR_WAY)
    found = list_drafts(**form.wanted()) if valid else Draft.objects.none()
    drafts = found.filter(state=state) if state in State.values else found.exclude(state=State.POSTED)
    decimals = chart_of(request.company).units[request.company.base_currency].decimals
    if valid and request.GET.get("format") == "csv":
        return csv_download("drafts", draft_register(drafts.order_by("-changed_at", "-id"), decimals),
                            subject="ledger_draft")  # fmt: skip
    page = Paginator(drafts.order_by("-changed_at", "-id"), PAGE).get_page(request.GET.get("page"))
    for draft in page:
        draft.given = approvals_given(draft)
    context = {
        "form": form, "page": page, "state": state, "tabs": _tabs(count_by_state(found) if valid else {}),
        "narrowed": any(form.data.get(name) for name in form.fields), "decimals": decimals,
    }  # fmt: skip
    return render(request, "ledger/draft_list.html", context, status=200 if valid else 422)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def draft_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One draft: its lines, who did what with it, and what may be done next."""
    return _detail(request, _draft(request, pk))


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def draft_trial(request: Any, company: str, pk: UUID) -> HttpResponse:
    """What posting the draft now would do to the balances: the fold of its page, or the page with the fold open."""
    draft = _draft(request, pk)
    if not request.htmx:
        return _detail(request, draft, trial=True)
    return render(request, "ledger/draft_trial.html", {"draft": draft, **_trial(request, draft)})


@require_POST
@needs(Permission.VIEW_BOOKS)
def draft_act(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Submit, take back, approve, reject, post or delete the version that the person saw."""
    draft = _draft(request, pk)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return redirect("ledger:draft-detail", company=company, pk=pk)
    try:
        return act(request, pk)
    except (NotFound, NotPermitted):
        raise
    except Refused as refusal:
        draft.refresh_from_db()
        return _detail(request, draft, refusal)


def _submit(request: Any, pk: UUID) -> HttpResponse:
    draft = submit_draft(pk, version=_version(request))
    tell_passed(request, draft.passed_budgets)
    if draft.state == State.SUBMITTED:
        messages.success(request, _("The draft is submitted and waits for approval."))
    else:
        messages.success(request, _("No approval is needed: the draft is ready to be posted."))
    return _shown(request, pk)


def _withdraw(request: Any, pk: UUID) -> HttpResponse:
    withdraw_draft(pk, reason=request.POST.get("reason", ""))
    messages.success(request, _("The draft is taken back."))
    return _shown(request, pk)


def _approve(request: Any, pk: UUID) -> HttpResponse:
    draft = approve_draft(pk, version=_version(request), reason=request.POST.get("reason", ""))
    if draft.state == State.APPROVED:
        messages.success(request, _("The draft is approved."))
    else:
        messages.success(request, _("You have approved. It needs somebody else's approval as well."))
    return _shown(request, pk)


def _reject(request: Any, pk: UUID) -> HttpResponse:
    reject_draft(pk, version=_version(request), reason=request.POST.get("reason", ""))
    messages.success(request, _("The draft is rejected."))
    return _shown(request, pk)


def _post(request: Any, pk: UUID) -> HttpResponse:
    posted = post_draft(pk, version=_version(request))
    tell_posted(request, posted.id)
    messages.success(request, _("The draft was posted already.") if posted.replayed else _("The entry is posted."))
    return redirect("ledger:entry-detail", company=request.company.slug, pk=posted.id)


def _delete(request: Any, pk: UUID) -> HttpResponse:
    delete_draft(pk, version=_version(request))
    messages.success(request, _("The draft is deleted."))
    return redirect("ledger:draft-list", company=request.company.slug)


ACTS: dict[str, Callable[[Any, UUID], HttpResponse]] = {
    "submit": _submit, "withdraw": _withdraw, "approve": _approve, "reject": _reject, "post": _post, "delete": _delete,
}  # fmt: skip


def _detail(request: Any, draft: Draft, refusal: Refused | None = None, *, trial: bool = False) -> HttpResponse:
    chart = chart_of(request.company)
    ever = decisions(SUBJECT, [draft.pk]).get(draft.pk, [])
    decided = [one for one in ever if one.version == draft.version]
    context = {
        "draft": draft, "shown": shown_draft(request.company, chart, draft), "history": draft_history(draft),
        "decimals": chart.units[request.company.base_currency].decimals, "may": _may(request, draft, decided),
        "rejection": ever[-1] if draft.state == State.REJECTED and ever else None,
        "given": sum(1 for one in decided if one.decision == Approval.Decision.APPROVED),
        "refused": with_line(refusal) if refusal else "", "refused_act": request.POST.get("act", ""),
        "reason": request.POST.get("reason", ""),
        "approval_needed": isinstance(refusal, ApprovalNeeded) and draft.state == State.DRAFT,
        "trial": _trial(request, draft) if trial else None,
    }  # fmt: skip
    return render(request, "ledger/draft_detail.html", context, status=refusal.status if refusal else 200)


def _may(request: Any, draft: Draft, decided: list[Approval]) -> dict[str, bool]:
    """Which buttons the state and the person's rights offer; the acts ask again."""
    drafts, posts = (request.scope.allows(p) for p in (Permission.DRAFT_ENTRIES, Permission.POST_ENTRIES))
    me = request.scope.actor.id
    undecided = me not in draft.makers and all(one.actor_id != me for one in decided)
    waiting = draft.state == State.SUBMITTED
    return {
        "edit": drafts and draft.is_editable, "copy": drafts, "submit": drafts and draft.state == State.DRAFT,
        "withdraw": drafts and draft.state in (State.SUBMITTED, State.APPROVED, State.REJECTED),
        "decide": waiting and undecided and may_decide(business_day(request.company)),
        "post": posts and draft.state in (State.DRAFT, State.APPROVED),
    }  # fmt: skip


def _trial(request: Any, draft: Draft) -> dict[str, Any]:
    chart = chart_of(request.company)
    decimals = chart.units[request.company.base_currency].decimals
    try:
        trial = try_draft(draft)
        return {"effects": effects_of(chart, trial), "warnings": trial.warnings, "decimals": decimals}
    except Refused as refusal:
        return {"problem": with_line(refusal), "decimals": decimals}


def _shown(request: Any, pk: UUID) -> HttpResponse:
    return redirect("ledger:draft-detail", company=request.company.slug, pk=pk)


def _version(request: Any) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _tabs(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    on_their_way = sum(count for state, count in counts.items() if state != State.POSTED)
    tabs = [(state.value, str(state.label), counts.get(state.value, 0)) for state in State]
    return [(ON_THEIR_WAY, _("On their way"), on_their_way), *tabs]


def _draft(request: Any, pk: UUID) -> Draft:
    drafts = Draft.objects.for_company(request.company).select_related(
        "journal", "entry", "corrects", "recurring__template"
    )
    draft: Draft = get_object_or_404(drafts, pk=pk)
    return draft
