"""The page of one document, and what may be done with it from there."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from invoicing.converting import convert_document
from invoicing.crediting import credit_document
from invoicing.crediting_left import left_of
from invoicing.document_attachments import shown_files
from invoicing.document_downloads import document_download
from invoicing.document_posting import post_document
from invoicing.documents import delete_document
from invoicing.families import family_of
from invoicing.forms_documents import CreditForm
from invoicing.models import Document
from invoicing.pdf import LAYOUTS
from invoicing.refusals import ApprovalNeeded, BillDiffers
from invoicing.shown_document import acts_on, history_of, shown_document
from invoicing.shown_order import shown_order
from invoicing.shown_sending import sending_of
from invoicing.views_approving import PageStep, approval_steps, seen_version, told
from ledger.allocation_undo import undo_settlement
from ledger.amount_text import read_amount
from ledger.entry_grid import with_line
from ledger.told_budgets import tell_posted
from tenants.forms import DayAndReasonForm
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import NotFound, NotPermitted, Refused

DETAIL = "invoicing:document-detail"


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def document_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One document: its lines, what became of it, and what may be done next."""
    return _detail(request, pk)


@require_safe
@never_cache
@needs(Permission.EXPORT)
def document_file(request: Any, company: str, pk: UUID, form: str) -> HttpResponse:
    """The document as a file: PDF in a layout, Factur-X, UBL or CII; what is in the way is said on its page."""
    try:
        return document_download(pk, form, request.GET.get("layout", ""))
    except (NotFound, NotPermitted):
        raise
    except Refused as refusal:
        return _detail(request, pk, refusal)


@require_POST
@needs(Permission.VIEW_BOOKS)
def document_act(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Submit, take back, approve, reject, post, convert or delete the version that the person saw."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return redirect("invoicing:document-detail", company=company, pk=pk)
    try:
        return act(request, pk)
    except (NotFound, NotPermitted):
        raise
    except Refused as refusal:
        return _detail(request, pk, refusal)


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def document_credit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Credit a document: all that is left of it, or so much of some lines."""
    shown = shown_document(request.company, pk)
    left = left_of(request.company, shown.document)
    form = CreditForm(business_day(request.company), request.POST or None)
    typed = {line.pk: request.POST.get(f"quantity-{line.pk}", "") for line in left.lines}
    problem: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        with refusals_to(problem.append):
            quantities = {line: read_amount(text, f"quantities.{line}") or Decimal(0) for line, text in typed.items()}
            note = credit_document(
                pk, **form.cleaned_data, quantities={line: given for line, given in quantities.items() if given}
            )
            messages.success(request, _("The credit note is drafted. Look at it, and post it."))
            return redirect("invoicing:document-detail", company=company, pk=note.pk)
    for refusal in problem:
        form.show(refusal)
    lines = [(line, left.quantities[line.pk], typed[line.pk] or f"{left.quantities[line.pk].normalize():f}")
             for line in left.lines]  # fmt: skip
    context = {"shown": shown, "document": shown.document, "form": form, "lines": lines, "left": left}
    status = problem[0].status if problem else form.status if request.method == "POST" else 200
    return render(request, "invoicing/document_credit.html", context, status=status)


@require_POST
@needs(Permission.POST_ENTRIES)
def settlement_undo(request: Any, company: str, pk: UUID, settlement: UUID) -> HttpResponse:
    """Take a setting-off back: what it settled is open again from that day on."""
    form = DayAndReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say when and why it is taken back."))
    else:
        with refusals_to(flashed(request)):
            undo_settlement(settlement, **form.cleaned_data)
            messages.success(request, _("It is taken back: what it settled is open again."))
    return redirect("invoicing:document-detail", company=company, pk=pk)


def _detail(request: Any, pk: UUID, refusal: Refused | None = None) -> HttpResponse:
    shown = shown_document(request.company, pk)
    document = shown.document
    problem = refusal.message if refusal else ""
    if refusal and refusal.place.startswith("lines["):
        problem = with_line(refusal)
    order = shown_order(request.company, shown)
    asked = isinstance(refusal, ApprovalNeeded | BillDiffers) or any(one.difference for one in order.get("matches", ()))
    rejected = document.state == Document.State.REJECTED and shown.decided
    context = {
        "shown": shown, "document": document, "family": family_of(document.kind), "may": acts_on(request.scope, shown),
        "history": history_of(shown), "refused": problem, "refused_act": request.POST.get("act", ""),
        "reason": request.POST.get("reason", ""), "rejection": shown.decided[-1] if rejected else None,
        "given": sum(1 for one in shown.decided if one.version == document.version and one.decision == "approved"),
        "approval_needed": asked and document.state == Document.State.DRAFT,
        "today": business_day(request.company), "layouts": LAYOUTS, "sending": sending_of(document),
        "files": shown_files(request.scope, document), **order,
    }  # fmt: skip
    return render(request, "invoicing/document_detail.html", context, status=refusal.status if refusal else 200)


def _post(request: Any, pk: UUID) -> HttpResponse:
    posted = post_document(pk, version=seen_version(request))
    tell_posted(request, posted.entry_id)
    return told(request, pk, DETAIL, _("%s is posted.") % posted)


def _convert(request: Any, pk: UUID) -> HttpResponse:
    made = convert_document(pk, date=business_day(request.company))
    return told(request, made.pk, DETAIL, _("It is drafted: look at it, and post it."))


def _delete(request: Any, pk: UUID) -> HttpResponse:
    family = family_of(shown_document(request.company, pk).document.kind)
    delete_document(pk, version=seen_version(request))
    messages.success(request, _("The draft is deleted."))
    return redirect("invoicing:document-list", company=request.company.slug, family=family.address)


ACTS: dict[str, PageStep] = {
    **approval_steps(DETAIL), "post": _post, "convert": _convert, "delete": _delete,
}  # fmt: skip
