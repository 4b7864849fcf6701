"""The page on which a credit note or payment is set off against what somebody owes."""

import uuid
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounting.chart import chart_of
from invoicing.applying import apply_credit, usable
from invoicing.models import Document
from tenants.forms import DayInput, RefusableForm
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused


class ApplyForm(RefusableForm):
    """On which day, and under which key; the documents are ticked in a table of their own."""

    date = forms.DateField(
        label=gettext_lazy("Date"), widget=DayInput, required=False,
        help_text=gettext_lazy("Empty: the latest of their own dates."),
    )  # fmt: skip
    key = forms.CharField(max_length=80, widget=forms.HiddenInput)


@never_cache
@needs(Permission.POST_ENTRIES)
def credit_apply(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Choose what a credit note, a payment on account or in advance is used for, as far as it goes."""
    found = usable(request.company, pk)
    form = ApplyForm(request.POST or None, initial={"key": uuid.uuid4().hex})
    chosen = request.POST.getlist("document")
    problem: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        with refusals_to(problem.append):
            wanted = [one.pk for one in found.documents if str(one.pk) in chosen]
            apply_credit(pk, wanted, key=f"apply:{pk}:{form.cleaned_data['key']}", date=form.cleaned_data["date"])
            messages.success(request, _("It is set off."))
            kind = "document" if isinstance(found.credit, Document) else "payment"
            return redirect(f"invoicing:{kind}-detail", company=company, pk=pk)
    for refusal in problem:
        form.show(refusal)
    context = {
        "found": found, "credit": found.credit, "form": form, "chosen": chosen,
        "is_document": isinstance(found.credit, Document),
        "decimals": chart_of(request.company).units[found.credit.currency].decimals,
    }  # fmt: skip
    status = problem[0].status if problem else form.status if request.method == "POST" else 200
    return render(request, "invoicing/credit_apply.html", context, status=status)
