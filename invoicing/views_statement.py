"""The statement of account of a contact: on screen, as CSV, as PDF, by e-mail."""

import datetime
import uuid
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounting.business_day import business_day
from accounting.csv_download import csv_download
from accounting.models import Contact
from invoicing.document_downloads import as_download
from invoicing.statement import register_of, statement_of
from invoicing.statement_letter import mail_statement, statement_file
from tenants.audit_trail import note_read
from tenants.forms import DayInput, RefusableForm
from tenants.models import Company
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission


class StatementForm(RefusableForm):
    """From when to when."""

    start = forms.DateField(label=gettext_lazy("From"), required=False, widget=DayInput)
    end = forms.DateField(label=gettext_lazy("To"), required=False, widget=DayInput)

    def days(self, company: Company) -> tuple[datetime.date, datetime.date]:
        """What was asked for; by itself the last three months."""
        end = self.cleaned_data.get("end") or business_day(company)
        return self.cleaned_data.get("start") or (end - datetime.timedelta(days=92)).replace(day=1), end


@never_cache
@needs(Permission.VIEW_BOOKS)
def contact_statement(request: Any, company: str, pk: UUID) -> HttpResponseBase:
    """What was open, what came and went, and what is open, by currency."""
    rows = Contact.objects.for_company(request.company).select_related("company")
    contact = get_object_or_404(rows, pk=pk)
    form = StatementForm(request.POST or request.GET)
    valid = form.is_valid()
    start, end = form.days(request.company)
    if request.method == "POST":
        with refusals_to(flashed(request)):
            mail = mail_statement(pk, start, end, key=request.POST.get("key", ""))
            messages.success(request, _("It is on its way to %s.") % ", ".join(mail.to))
        address = reverse("invoicing:contact-statement", args=[company, pk])
        return redirect(f"{address}?start={start}&end={end}")
    statements: Any = []
    with refusals_to(form.show):
        statements = statement_of(request.company, contact, start, end)
        if valid and request.GET.get("format") == "csv":
            return csv_download(
                f"statement-{contact.code}", register_of(statements, start), subject="accounting_contact"
            )
        if valid and request.GET.get("format") == "pdf":
            request.scope.require(Permission.EXPORT)
            note_read("accounting_contact", contact.pk, {"statement": f"{start} {end}"})
            return as_download(statement_file(contact, start, end))
    context = {
        "contact": contact, "form": form, "start": start, "end": end, "statements": statements, "key": uuid.uuid4(),
        "may_send": request.scope.allows(Permission.DRAFT_ENTRIES), "kinds": _KINDS,
    }  # fmt: skip
    return render(request, "invoicing/contact_statement.html", context, status=form.status)


# Sources of entries that are documents, and have a page of their own.
_KINDS = ("invoice", "debit_note", "credit_note", "bill", "supplier_credit")
