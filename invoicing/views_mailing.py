"""The pages that send: a document by e-mail, its public link, and the words of the e-mails."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from invoicing.forms_mailing import MailForm, MailTemplateForm
from invoicing.mail_templates import delete_template, save_template
from invoicing.mailing import mail_document
from invoicing.models import MailTemplate
from invoicing.public_links import revoke_link, share_document
from invoicing.shown_document import shown_document
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused


@never_cache
@needs(Permission.DRAFT_ENTRIES)
def document_mail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Send a document by e-mail: what is said may be changed before."""
    document = shown_document(request.company, pk).document
    form = MailForm(document, request.POST or None)
    refused: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        with refusals_to(refused.append):
            mail = mail_document(pk, **form.wanted())
            messages.success(request, _("It is on its way to %s.") % ", ".join(mail.to))
            return redirect("invoicing:document-detail", company=company, pk=pk)
    for refusal in refused:
        form.show(refusal)
    status = refused[0].status if refused else form.status
    return render(request, "invoicing/document_mail.html", {"form": form, "document": document}, status=status)


@require_POST
@needs(Permission.DRAFT_ENTRIES)
def document_share(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Give a document a public link, or close the one that it has."""
    with refusals_to(flashed(request)):
        if request.POST.get("act") == "revoke":
            revoke_link(pk)
            messages.success(request, _("The link is closed: it opens nothing any more."))
        else:
            share_document(pk)
            messages.success(request, _("Whoever has the link sees the document, until you close it."))
    return redirect("invoicing:document-detail", company=company, pk=pk)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def mail_template_list(request: Any, company: str) -> HttpResponse:
    """The company's own words for e-mails."""
    templates = MailTemplate.objects.for_company(request.company)
    context = {"templates": templates, "may_manage": request.scope.allows(Permission.MANAGE_COMPANY)}
    return render(request, "invoicing/mail_template_list.html", context)


@never_cache
@needs(Permission.MANAGE_COMPANY)
def mail_template_form(request: Any, company: str, pk: UUID | None = None) -> HttpResponse:
    """Write the words for a purpose and a language, or change or delete them."""
    rows = MailTemplate.objects.for_company(request.company)
    template = get_object_or_404(rows, pk=pk) if pk else None
    if template and request.POST.get("act") == "delete":
        delete_template(template.pk)
        messages.success(request, _("Daybook's own words are sent again."))
        return redirect("invoicing:mail-template-list", company=company)
    names = ("purpose", "language", "subject", "body", "version")
    form = MailTemplateForm(
        request.POST or None, initial={name: getattr(template, name) for name in names} if template else None
    )
    refused: list[Refused] = []
    if request.method == "POST" and form.is_valid():
        with refusals_to(refused.append):
            save_template(**form.cleaned_data)
            messages.success(request, _("The words are saved."))
            return redirect("invoicing:mail-template-list", company=company)
    for refusal in refused:
        form.show(refusal)
    status = refused[0].status if refused else form.status
    return render(request, "invoicing/mail_template_form.html", {"form": form, "template": template}, status=status)
