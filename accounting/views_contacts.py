"""The pages of customers and suppliers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounting.chart import chart_of
from accounting.contact_bank_accounts import decide_bank_account, propose_bank_account, retire_bank_account
from accounting.contact_listing import POINTERS, contact_register, list_contacts
from accounting.contact_merging import find_twins, merge_contact, split_contact
from accounting.contacts import add_contact, change_contact, delete_contact
from accounting.csv_download import csv_download
from accounting.forms_contacts import (
    AddressFormSet,
    BankAccountForm,
    BankDecisionForm,
    ContactFilterForm,
    ContactForm,
    MergeForm,
    typed_addresses,
)
from accounting.models import Contact, ContactAddress, ContactBankAccount
from accounting.row_history import shown_history
from tenants.page_acts import PageAct
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused

PAGE = 50


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def contact_list(request: Any, company: str) -> HttpResponseBase:
    """Customers and suppliers by name; the address is the filter. On screen or as CSV."""
    form = ContactFilterForm({"state": "active", **request.GET.dict()})
    valid = form.is_valid()
    asked = form.cleaned_data if valid else {}
    found = list_contacts(request.company, **{**asked, "text": asked["text"].strip()}) if valid else []
    if valid and request.GET.get("format") == "csv":
        return csv_download("contacts", contact_register(found), subject="accounting_contact")
    narrowed = valid and (asked["text"] or asked["kind"] or asked["state"] not in ("", "active"))
    context = {
        "form": form, "page": Paginator(found, PAGE).get_page(request.GET.get("page")), "narrowed": narrowed,
        "decimals": chart_of(request.company).units[request.company.base_currency].decimals,
    }  # fmt: skip
    return render(request, "accounting/contact_list.html", context, status=200 if valid else 422)


@never_cache
@needs(Permission.MANAGE_CONTACTS)
def contact_new(request: Any, company: str) -> HttpResponse:
    """Add a customer or supplier."""
    form = ContactForm(request.company, None, request.POST or None, initial=_kind(request))
    return _edited(request, form, None, [])


@never_cache
@needs(Permission.MANAGE_CONTACTS)
def contact_edit(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Change a contact, unless somebody else did meanwhile."""
    contact = get_object_or_404(Contact.objects.for_company(request.company).select_related(*POINTERS), pk=pk)
    rows = ContactAddress.objects.for_company(request.company).filter(contact=contact)
    kept = list(rows.values("kind", "street", "supplement", "postal_code", "city", "region", "country"))
    return _edited(request, ContactForm(request.company, contact, request.POST or None), contact, kept)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def contact_detail(request: Any, company: str, pk: UUID) -> HttpResponse:
    """One contact: addresses, where it is paid, and what is posted to it."""
    return _detail(request, pk)


@require_POST
@needs(Permission.MANAGE_CONTACTS)
def contact_act(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Take a contact out of use, use it again, split or delete it."""
    contact = get_object_or_404(Contact.objects.for_company(request.company), pk=pk)
    with refusals_to(flashed(request)):
        act = request.POST.get("act")
        if act == "delete":
            delete_contact(contact)
            messages.success(request, _("%s is deleted.") % contact)
            return redirect("accounting:contact-list", company=company)
        if act == "split":
            split_contact(pk)
            messages.success(request, _("%s stands for itself again.") % contact)
        elif act in ("retire", "use"):
            change_contact(contact, is_active=act == "use")
            messages.success(
                request, _("%s is in use.") % contact if act == "use" else _("%s is out of use.") % contact
            )
    return redirect("accounting:contact-detail", company=company, pk=pk)


@require_POST
@needs(Permission.MANAGE_CONTACTS)
def contact_merge(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Let another contact stand for this one too."""
    form = MergeForm(request.POST, auto_id="id_merge_%s")
    if form.is_valid():
        into = Contact.objects.for_company(request.company).filter(code=form.cleaned_data["into"].strip()).first()
        with refusals_to(form.show):
            if into is None:
                form.show(Refused(_("There is no contact of this number."), place="into"))
            else:
                target = merge_contact(pk, into.pk, reason=form.cleaned_data["reason"])
                messages.success(request, _("%s stands for both from now on.") % target)
                return redirect("accounting:contact-detail", company=company, pk=target.pk)
    return _detail(request, pk, merging=form)


@require_POST
@needs(Permission.MANAGE_CONTACTS)
def bank_account_add(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Note where a contact is paid; it waits for somebody else."""
    form = BankAccountForm(request.POST, auto_id="id_bank_%s")
    if form.is_valid():
        with refusals_to(form.show):
            propose_bank_account(pk, **form.cleaned_data)
            messages.success(request, _("The bank account waits until somebody else agrees to it."))
            return redirect("accounting:contact-detail", company=company, pk=pk)
    return _detail(request, pk, noting=form)


@require_POST
@needs(Permission.VIEW_BOOKS)
def bank_account_act(request: Any, company: str, pk: UUID) -> HttpResponse:
    """Agree to a bank account, reject it, or pay there no longer."""
    account = get_object_or_404(ContactBankAccount.objects.for_company(request.company), pk=pk)
    form = BankDecisionForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    with refusals_to(flashed(request)):
        act = request.POST.get("act")
        if act == "retire":
            retire_bank_account(pk, reason=reason)
            messages.success(request, _("Nothing is paid there any more."))
        elif act in ("approve", "reject"):
            decide_bank_account(pk, approve=act == "approve", reason=reason)
            messages.success(request, _("The bank account is agreed to.") if act == "approve" else _("It is rejected."))
    return redirect("accounting:contact-detail", company=company, pk=account.contact_id)


@require_safe
@never_cache
@needs(Permission.VIEW_BOOKS)
def contact_twins(request: Any, company: str) -> HttpResponse:
    """Contacts that may be one and the same."""
    page = Paginator(find_twins(request.company), PAGE).get_page(request.GET.get("page"))
    return render(request, "accounting/contact_twins.html", {"page": page})


def _edited(request: Any, form: ContactForm, contact: Contact | None, kept: list[dict[str, str]]) -> HttpResponse:
    addresses = AddressFormSet(request.POST or None, initial=kept, prefix="addresses")
    refused: list[Refused] = []
    if request.method == "POST" and form.is_valid() and addresses.is_valid():
        with refusals_to(refused.append):
            given = {**form.values(), "addresses": typed_addresses(addresses)}
            saved = change_contact(contact, **given) if contact else add_contact(**given)
            messages.success(request, _("%s is saved.") % saved)
            return redirect("accounting:contact-detail", company=request.company.slug, pk=saved.pk)
    for refusal in refused:
        form.show(refusal)
    wrong = form.errors or (request.method == "POST" and any(addresses.errors))
    status = refused[0].status if refused else 422 if wrong else 200
    context = {"form": form, "addresses": addresses, "contact": contact, "stale": status == 409}
    return render(request, "accounting/contact_form.html", context, status=status)


def _detail(
    request: Any, pk: UUID, *, merging: MergeForm | None = None, noting: BankAccountForm | None = None
) -> HttpResponse:
    company = request.company
    rows = Contact.objects.for_company(company).select_related("merged_into", *POINTERS)
    contact = get_object_or_404(rows, pk=pk)
    form = merging or noting
    context = {
        "contact": contact, "may_manage": request.scope.allows(Permission.MANAGE_CONTACTS),
        "may_agree": request.scope.allows(Permission.APPROVE), "me": request.scope.actor.id,
        "addresses": ContactAddress.objects.for_company(company).filter(contact=contact),
        "accounts": ContactBankAccount.objects.for_company(company).filter(contact=contact),
        "merged": Contact.objects.for_company(company).filter(merged_into=contact).order_by("code"),
        "sub_accounts": contact.sub_accounts.filter(company=company).select_related("account"),
        "history": shown_history(request, contact), "merge": _merging(request, contact, merging),
        "note": _noting(request, contact, noting),
        "decimals": chart_of(company).units[company.base_currency].decimals,
    }  # fmt: skip
    return render(request, "accounting/contact_detail.html", context, status=form.status if form else 200)


def _merging(request: Any, contact: Contact, refused: MergeForm | None) -> PageAct:
    return PageAct(
        "merge", _at(request, "contact-merge", contact), refused or MergeForm(auto_id="id_merge_%s"),
        page=_at(request, "contact-detail", contact), title=_("Merge %s into another contact") % contact,
        button=_("Merge"), hint=_("The other one stands for both. Nothing posted changes, and it can be taken back."),
    )  # fmt: skip


def _noting(request: Any, contact: Contact, refused: BankAccountForm | None) -> PageAct:
    return PageAct(
        "bank", _at(request, "bank-account-add", contact), refused or BankAccountForm(auto_id="id_bank_%s"),
        page=_at(request, "contact-detail", contact), title=_("Note a bank account"), button=_("Note it"),
        label=_("Add"), hint=_("Nothing is paid there before somebody else has agreed."),
    )  # fmt: skip


def _at(request: Any, name: str, contact: Contact) -> str:
    return reverse(f"accounting:{name}", args=[request.company.slug, contact.pk])


def _kind(request: Any) -> dict[str, bool]:
    return {f"is_{kind}": request.GET.get("kind") == kind for kind in ("customer", "supplier")}
