"""The pages of payments: their list, one payment, and what may be done with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.csv_download import csv_download
from invoicing.advances import advance_of
from invoicing.approval_rules import PAYMENT
from invoicing.forms_payments import TABS, PaymentFilterForm
from invoicing.models import Payment
from invoicing.payment_listing import payments_of, register_of, state_of
from invoicing.payment_posting import post_payment
from invoicing.payment_reversal import reverse_payment
from invoicing.payments import delete_payment
from invoicing.refusals import ApprovalNeeded, PaymentNotFound
from invoicing.views_approving import PageStep, approval_steps, seen_version, told
from ledger.told_budgets import tell_posted
from tenants.approvals import decisions, may_decide
from tenants.forms import DayAndReasonForm
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import NotFound, NotPermitted, Refused

PAGE = 50
DETAIL = "invoicing:payment-detail"


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def payment_list(request: Any, company: str) -> HttpResponseBase:
    """Payments, latest first; the address is the filter. On screen or as CSV."""
    form = PaymentFilterForm(request.GET)
    valid, tab = form.is_valid(), request.GET.get("state", "")
    rows = _narrowed(payments_of(request.company), form.cleaned_data) if valid else payments_of(request.company).none()
    if tab and tab in TABS:
        rows = rows.filter(state=tab)
    rows = rows.order_by("-date", "-id")
    if valid and request.GET.get("format") == "csv":
        return csv_download("payments", register_of(rows), subject="invoicing_payment")
    page: Any = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    units = chart_of(request.company).units
    for payment in page:
        payment.shown_state, payment.decimals = state_of(payment), units[payment.currency].decimals
    context = {
        "form": form, "page": page, "state": tab, "tabs": TABS.items(),
        "narrowed": any(form.data.get(name) for name in form.fields),
    }  # fmt: skip
    return render(request, "invoicing/payment_list.html", context, status=200 if valid else 422)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def payment_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One payment: what it is for, and what may be done next."""
    return _detail(request, pk)


@require_POST
@needs(Permission.VIEW_BOOKS)
def payment_act(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Submit, take back, approve, reject, post, reverse or delete."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return redirect("invoicing:payment-detail", company=company, pk=pk)
    try:
        return act(request, pk)
    except (NotFound, NotPermitted):
        raise
    except Refused as refusal:
        return _detail(request, pk, refusal)


def _narrowed(rows: Any, asked: dict[str, Any]) -> Any:
    for name, lookup in (("start", "date__gte"), ("end", "date__lte"), ("direction", "direction")):
        if value := asked.get(name):
            rows = rows.filter(**{lookup: value})
    if text := asked["text"].strip():
        rows = rows.filter(Q(number__icontains=text) | Q(reference__icontains=text) | Q(contact__name__icontains=text))
    return rows


def _detail(request: Any, pk: UUID, refusal: Refused | None = None) -> HttpResponse:
    payment: Any = payments_of(request.company).filter(pk=pk).first()
    if payment is None:
        raise PaymentNotFound(_("There is no such payment."))
    decided = decisions(PAYMENT, [payment.pk]).get(payment.pk, [])
    given = [one for one in decided if one.version == payment.version]
    act = request.POST.get("act", "")
    dialogs = _dialogs(request, payment, refusal if act in ("reverse",) else None)
    advance = _advance(request, payment)
    may = _may(request, payment, given)
    may["apply"] = may["apply"] and bool(advance or payment.open_amount)
    context = {
        "payment": payment, "state": state_of(payment), "decided": decided, "may": may, "advance": advance,
        "decimals": chart_of(request.company).units[payment.currency].decimals, "reverse": dialogs,
        "given": sum(1 for one in given if one.decision == "approved"),
        "refused": refusal.message if refusal and act != "reverse" else "", "refused_act": act,
        "rejection": decided[-1] if payment.state == "rejected" and decided else None,
        "reason": request.POST.get("reason", ""),
        "approval_needed": isinstance(refusal, ApprovalNeeded) and payment.state == Payment.State.DRAFT,
    }  # fmt: skip
    return render(request, "invoicing/payment_detail.html", context, status=refusal.status if refusal else 200)


def _advance(request: Any, payment: Any) -> Any:
    """What is left of a posted payment in advance; None for any other."""
    if not payment.prepayment or payment.state != Payment.State.POSTED:
        return None
    return sum(abs(item.residual) for item in advance_of(request.company, payment))


def _dialogs(request: Any, payment: Any, refusal: Refused | None) -> PageAct | None:
    """How a posted payment is taken back."""
    posted = payment.state == Payment.State.POSTED and not payment.is_reversed
    if not (posted and request.scope.allows(Permission.REVERSE_ENTRIES)):
        return None
    form = DayAndReasonForm(request.POST if refusal else None, initial={"date": business_day(request.company)})
    if refusal:
        form.is_valid()
        form.show(refusal)
    args = [request.company.slug, payment.pk]
    return PageAct(
        id="reverse", url=reverse("invoicing:payment-act", args=args), form=form, title=_("Reverse this payment"),
        button=_("Reverse"), page=reverse("invoicing:payment-detail", args=args), value="reverse",
        hint=_("What it settled is open again from that day on."),
    )  # fmt: skip


def _may(request: Any, payment: Any, given: list[Any]) -> dict[str, bool]:
    drafts, posts = (request.scope.allows(p) for p in (Permission.DRAFT_ENTRIES, Permission.POST_ENTRIES))
    me = request.scope.actor.id
    undecided = me not in payment.makers and all(one.actor_id != me for one in given)
    return {
        "edit": drafts and payment.is_editable, "submit": drafts and payment.state == "draft",
        "withdraw": drafts and payment.state in ("submitted", "approved", "rejected"),
        "decide": payment.state == "submitted" and undecided and may_decide(business_day(request.company)),
        "post": posts and payment.state in ("draft", "approved"),
        "apply": posts and payment.state == Payment.State.POSTED and not payment.is_reversed,
    }  # fmt: skip


def _post(request: Any, pk: UUID) -> HttpResponse:
    posted = post_payment(pk, version=seen_version(request))
    tell_posted(request, posted.entry_id)
    return told(request, pk, DETAIL, _("%s is posted.") % posted)


def _reverse(request: Any, pk: UUID) -> HttpResponse:
    form = DayAndReasonForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say when and why it is taken back."), place="reason")
    reverse_payment(pk, **form.cleaned_data)
    return told(request, pk, DETAIL, _("The payment is reversed."))


def _delete(request: Any, pk: UUID) -> HttpResponse:
    delete_payment(pk, version=seen_version(request))
    messages.success(request, _("The draft is deleted."))
    return redirect("invoicing:payment-list", company=request.company.slug)


ACTS: dict[str, PageStep] = {
    **approval_steps(DETAIL), "post": _post, "reverse": _reverse, "delete": _delete,
}  # fmt: skip
