"""The page on which a received e-invoice becomes the draft of a bill."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from invoicing.bill_import import receive_bill
from ledger.attachments import content_of_upload
from tenants.forms import RefusableForm
from tenants.page_permissions import needs
from tenants.page_refusals import refusals_to
from tenants.permissions import Permission


class ReceivedForm(RefusableForm):
    """An e-invoice as it came."""

    file = forms.FileField(
        label=gettext_lazy("E-invoice"), help_text=gettext_lazy("UBL, CII, or a PDF that carries one (Factur-X).")
    )


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def bill_import(request: Any, company: str) -> HttpResponse:
    """Read an e-invoice and draft its bill; nothing is kept where it cannot be read or does not add up."""
    form = ReceivedForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form.show):
            document = receive_bill(form.cleaned_data["file"].name, content_of_upload(form.cleaned_data["file"]))
            messages.success(request, _("It is drafted: look at it, and post it."))
            return redirect("invoicing:document-detail", company=company, pk=document.pk)
    status = form.status if request.method == "POST" else 200
    return render(request, "invoicing/bill_import.html", {"form": form}, status=status)
