"""The page of a new or changed payment: the contact first, then what of theirs is open."""

import uuid
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounting.amounts import amount_text
from accounting.business_day import business_day
from accounting.chart import chart_of
from accounting.models import Contact
from invoicing.approving import submit_payment
from invoicing.forms_documents import meant_contact, offered_contacts
from invoicing.forms_payments import WAYS, PartRow, PaymentHeadForm, typed_parts
from invoicing.models import Document, Payment
from invoicing.payable import payable, with_kept_parts
from invoicing.payment_posting import post_payment
from invoicing.payments import PAYS, change_payment, save_payment
from invoicing.refusals import ApprovalNeeded, PaymentNotFound
from ledger.told_budgets import tell_posted
from tenants.page_permissions import needs
from tenants.permissions import Permission
from tenants.refusal import NotFound, NotPermitted, Refused


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def payment_new(request: Any, company: str) -> HttpResponse:
    """Note a payment; `?document=` for one that is open, `?contact=` for a contact, `?way=` says in or out."""
    document = _document(request)
    way = _way(request, document)
    if request.method == "POST" and "show" not in request.POST:
        return _sent(request, way, None)
    text = request.POST.get("contact") or request.GET.get("contact", "")
    initial: dict[str, Any] = {"date": business_day(request.company), "key": uuid.uuid4(), "method": "transfer"}
    contact = document.contact if document else _contact(request, way, text)
    rows = payable(request.company, contact.pk, *WAYS[way][:2]) if contact else []
    if document:
        initial |= {"currency": document.currency, "reference": document.number}
        for row in rows:
            if row.target.pk == document.pk:
                row.amount = initial["amount"] = f"{row.left:.{row.decimals}f}"
    initial["contact"] = f"{contact.code} {contact.name}" if contact else text
    head = PaymentHeadForm(request.company, way, initial=initial)
    return _page(request, way, head, rows)


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def payment_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change a draft, unless somebody else did meanwhile."""
    rows = Payment.objects.for_company(request.company).select_related("contact", "account")
    payment: Payment | None = rows.filter(pk=pk).first()
    if payment is None:
        raise PaymentNotFound(_("There is no such payment."))
    if not payment.is_editable:
        return redirect("invoicing:payment-detail", company=company, pk=pk)
    way = next(name for name, found in WAYS.items() if found[:2] == (payment.direction, payment.role))
    if request.method == "POST":
        return _sent(request, way, payment)
    decimals = chart_of(request.company).units[payment.currency].decimals
    initial = {
        "contact": f"{payment.contact.code} {payment.contact.name}", "date": payment.date, "version": payment.version,
        "amount": amount_text(payment.amount, decimals), "currency": payment.currency, "account": payment.account.code,
        "rate": amount_text(payment.rate, 0) if payment.rate else "", "method": payment.method, "key": payment.pk,
        "reference": payment.reference, "memo": payment.memo, "reason": payment.reason,
        "prepayment": payment.prepayment,
    }  # fmt: skip
    head = PaymentHeadForm(request.company, way, initial=initial)
    offered = payable(request.company, payment.contact_id, payment.direction, payment.role)
    return _page(request, way, head, with_kept_parts(offered, payment), payment)


def _sent(request: Any, way: str, payment: Payment | None) -> HttpResponse:
    head = PaymentHeadForm(request.company, way, request.POST)
    contact = _contact(request, way, request.POST.get("contact", ""))
    rows = payable(request.company, contact.pk, *WAYS[way][:2]) if contact else []
    typed: list[PartRow] = []
    try:
        parts = typed_parts(request.POST, rows)
        typed = [row for row, _part in parts]
        if head.is_valid():
            with transaction.atomic():
                content = head.content([part for _row, part in parts])
                saved = (
                    change_payment(payment.pk, content, version=head.cleaned_data["version"])
                    if payment
                    else save_payment(content, payment_id=head.cleaned_data["key"])
                )
                return _gone_on(request, saved)
    except (NotFound, NotPermitted):
        raise
    except Refused as refusal:
        _mark(refusal, head, typed)
        return _page(request, way, head, rows, payment, refusal=refusal)
    return _page(request, way, head, rows, payment)


def _mark(refusal: Refused, head: PaymentHeadForm, typed: Sequence[PartRow]) -> None:
    """Put the refusal at its row, or at the field of the head."""
    number, _bracket, cell = refusal.place.removeprefix("parts[").partition("]")
    if refusal.place.startswith("parts[") and number.isdecimal() and int(number) < len(typed):
        typed[int(number)].errors[cell.lstrip(".") or "amount"] = refusal.message
        head.add_error(None, f"{typed[int(number)].target}: {refusal.message}")
    else:
        head.is_valid()
        head.show(refusal)


def _gone_on(request: Any, saved: Payment) -> HttpResponse:
    then = request.POST.get("then", "draft")
    if then == "post":
        posted = post_payment(saved.pk)
        messages.success(request, _("%s is posted.") % posted)
        tell_posted(request, posted.entry_id)
    elif then == "submit":
        waiting = submit_payment(saved.pk).state == Payment.State.SUBMITTED
        messages.success(request, _("It waits for approval.") if waiting else _("It is ready to be posted."))
    else:
        messages.success(request, _("The draft is saved."))
    return redirect("invoicing:payment-detail", company=request.company.slug, pk=saved.pk)


def _document(request: Any) -> Document | None:
    """The document that is to be paid, where the address names one."""
    try:
        pk = UUID(request.GET.get("document", ""))
    except ValueError:
        return None
    rows = Document.objects.for_company(request.company).filter(pk=pk, state=Document.State.POSTED)
    found: Document | None = rows.select_related("contact").first()
    return found


def _way(request: Any, document: Document | None) -> str:
    if document:
        for way, (direction, role, _name) in WAYS.items():
            if document.kind in PAYS[direction, role]:
                return way
    wanted = request.POST.get("way") or request.GET.get("way", "")
    return wanted if wanted in WAYS else "receipt"


def _contact(request: Any, way: str, text: str) -> Contact | None:
    return meant_contact(request.company, text.strip(), customers=WAYS[way][1] == "customer") if text.strip() else None


def _page(
    request: Any, way: str, head: PaymentHeadForm, rows: Sequence[PartRow], payment: Payment | None = None,
    *, refusal: Refused | None = None,
) -> HttpResponse:  # fmt: skip
    context = {
        "way": way, "ways": [(name, found[2]) for name, found in WAYS.items()], "head": head, "rows": rows,
        "payment": payment, "title": WAYS[way][2],
        "contacts": offered_contacts(request.company, customers=head.is_customer),
        "may_post": request.scope.allows(Permission.POST_ENTRIES),
        "approval_needed": isinstance(refusal, ApprovalNeeded),
    }  # fmt: skip
    status = refusal.status if refusal else head.status
    return render(request, "invoicing/payment_form.html", context, status=status)
