"""The page of the invoicing settings."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounting.amounts import amount_text
from accounting.form_choices import accounts, terms
from accounting.models import Account, PaymentTerms
from invoicing.forms_documents import NumberField
from invoicing.invoicing_settings import CHANGEABLE, change_settings, settings_of
from invoicing.logo import LARGEST, logo_of, remove_logo, set_logo
from invoicing.models import Document, InvoicingSettings
from invoicing.pdf.pictures import picture_type
from tenants.forms import RefusableForm
from tenants.models import Company
from tenants.page_permissions import needs
from tenants.page_refusals import flashed, refusals_to
from tenants.permissions import Permission
from tenants.refusal import Refused

TOLERANCES = ("quantity_tolerance", "price_tolerance")


class SettingsForm(RefusableForm):
    """Who the company is on paper, and how it makes documents."""

    street = forms.CharField(label=gettext_lazy("Street"), max_length=200, required=False)
    postal_code = forms.CharField(label=gettext_lazy("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=40, required=False)
    website = forms.CharField(label=gettext_lazy("Website"), max_length=200, required=False)
    registration = forms.CharField(label=gettext_lazy("Registration number"), max_length=100, required=False)
    bank_name = forms.CharField(label=gettext_lazy("Bank"), max_length=100, required=False)
    iban = forms.CharField(label=gettext_lazy("IBAN"), max_length=50, required=False)
    bic = forms.CharField(label=gettext_lazy("BIC"), max_length=11, required=False)
    customer_terms = forms.ModelChoiceField(
        label=gettext_lazy("Payment terms of customers"), queryset=PaymentTerms.objects.none(), required=False,
        empty_label="–",
    )  # fmt: skip
    supplier_terms = forms.ModelChoiceField(
        label=gettext_lazy("Payment terms of suppliers"), queryset=PaymentTerms.objects.none(), required=False,
        empty_label="–",
    )  # fmt: skip
    prices_include_tax = forms.BooleanField(label=gettext_lazy("Prices include tax"), required=False)
    tax_rounding = forms.ChoiceField(label=gettext_lazy("Rounding of taxes"), choices=Document.TaxRounding.choices)
    cash_step = NumberField(label=gettext_lazy("Rounded to coins of"), help_text=gettext_lazy("0.05; empty: not."))
    write_off_cap = NumberField(
        label=gettext_lazy("Written off with a payment, at most"), help_text=gettext_lazy("In base currency.")
    )
    footer = forms.CharField(
        label=gettext_lazy("Foot of documents"), max_length=2000, required=False,
        widget=forms.Textarea({"rows": 2}),
    )  # fmt: skip
    dunning_account = forms.ModelChoiceField(
        label=gettext_lazy("Account of dunning fees and interest"), queryset=Account.objects.none(), required=False,
        empty_label="–",
        help_text=gettext_lazy("With one, a debit note charges them; without one, they are only asked for."),
    )  # fmt: skip
    dunning_by_itself = forms.BooleanField(label=gettext_lazy("Dunning runs by itself every day"), required=False)
    match_bills = forms.ChoiceField(
        label=gettext_lazy("Bills of purchase orders are compared"), choices=InvoicingSettings.Match.choices,
        required=False, help_text=gettext_lazy("Outside of the tolerance somebody else agrees to a bill first."),
    )  # fmt: skip
    quantity_tolerance = NumberField(label=gettext_lazy("Tolerance of quantities, percent"))
    price_tolerance = NumberField(label=gettext_lazy("Tolerance of prices, percent"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, company: Company, settings: InvoicingSettings, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        for name in ("customer_terms", "supplier_terms"):
            fields[name].queryset = terms(company, getattr(settings, f"{name}_id"))
        fields["dunning_account"].queryset = accounts(company, ("income",), settings.dunning_account_id)
        self.initial = {name: getattr(settings, name) for name in (*CHANGEABLE, "version")}
        step = settings.cash_step
        self.initial["cash_step"] = amount_text(step, 2) if step else ""
        self.initial["write_off_cap"] = amount_text(settings.write_off_cap, 2)
        for name in TOLERANCES:
            self.initial[name] = amount_text(getattr(settings, name), 0)

    def values(self) -> dict[str, Any]:
        """What the act takes; an amount that was emptied is none at all."""
        found = dict(self.cleaned_data)
        for name in ("write_off_cap", *TOLERANCES):
            found[name] = found[name] or 0
        return found


@never_cache
@needs(Permission.VIEW_BOOKS)
def invoicing_settings(request: Any, company: str) -> HttpResponse:
    """Who the company is on paper and how it makes documents; owners and controllers change it."""
    settings = settings_of(request.company)
    may_manage = request.scope.allows(Permission.MANAGE_COMPANY)
    form = SettingsForm(request.company, settings, request.POST or None)
    refused: list[Refused] = []
    if request.method == "POST":
        request.scope.require(Permission.MANAGE_COMPANY)
        if form.is_valid():
            with refusals_to(refused.append):
                change_settings(**form.values())
                messages.success(request, _("The invoicing settings are saved."))
                return redirect("invoicing:settings", company=company)
    for refusal in refused:
        form.show(refusal)
    if not may_manage:
        for field in form.fields.values():
            field.disabled = True
    status = refused[0].status if refused else form.status if request.method == "POST" else 200
    context = {"form": form, "may_manage": may_manage, "has_logo": bool(settings.logo)}
    return render(request, "invoicing/settings.html", context, status=status)


@never_cache
@needs(Permission.VIEW_BOOKS)
def logo(request: Any, company: str) -> HttpResponse:
    """The picture on the documents: shown, set, or taken away."""
    if request.method != "POST":
        content = logo_of(request.company)
        if not content:
            raise Http404
        return HttpResponse(content, content_type=picture_type(content))
    with refusals_to(flashed(request)):
        if request.POST.get("act") == "remove":
            remove_logo()
            messages.success(request, _("Documents carry the company's name alone."))
        else:
            upload = request.FILES.get("logo")
            # One byte more than the largest is enough to refuse it.
            set_logo(upload.read(LARGEST + 1) if upload else b"")
            messages.success(request, _("Documents carry this logo from now on."))
    return redirect("invoicing:settings", company=company)
