"""The page on which what arrived of a purchase order is counted in."""

import uuid
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounting.business_day import business_day
from invoicing.models import Document
from invoicing.order_matching import standing_of
from invoicing.receiving import receive
from invoicing.shown_document import shown_document
from ledger.amount_text import read_amount
from tenants.forms import DayInput, RefusableForm
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused


class ReceiptForm(RefusableForm):
    """When it arrived; how much of each line is a grid of its own."""

    date = forms.DateField(label=gettext_lazy("Date"), widget=DayInput)
    reference = forms.CharField(label=gettext_lazy("Delivery note"), max_length=200, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def order_receive(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Enter a delivery: what is still missing is offered; below zero it went back."""
    shown = shown_document(request.company, pk)
    if shown.document.kind != Document.Kind.PURCHASE_ORDER:
        raise Http404
    form = ReceiptForm(request.POST or None, initial={"date": business_day(request.company), "key": uuid.uuid4()})
    standing = standing_of(request.company, [pk])
    typed = {line: request.POST.get(f"quantity-{line}", "") for line in standing}
    problem: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        with refusals_to(problem.append):
            counted = {line: read_amount(text, f"quantities.{line}") or Decimal(0) for line, text in typed.items()}
            receive(pk, receipt_id=values.pop("key"), quantities=counted, **values)
            messages.success(request, _("The delivery is entered."))
            return redirect("invoicing:document-detail", company=company, pk=pk)
    for refusal in problem:
        form.show(refusal)
    wrong = problem[0].place.removeprefix("quantities.") if problem else ""
    rows = [(one, typed[line] if request.method == "POST" else _missing(one), str(line) == wrong)
            for line, one in standing.items()]  # fmt: skip
    status = problem[0].status if problem else form.status if request.method == "POST" else 200
    context = {"shown": shown, "document": shown.document, "form": form, "rows": rows}
    return render(request, "invoicing/order_receive.html", context, status=status)


def _missing(one: Any) -> str:
    left = max(one.line.quantity - one.received, Decimal(0))
    return f"{left.normalize():f}" if left else ""
