"""The forms of documents: their head, how lists are narrowed, what is said of an act."""

import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.chart import chart_of
from accounting.form_choices import currencies, positions, terms
from accounting.models import Contact, FiscalPosition, PaymentTerms
from invoicing.document_content import DocumentContent
from invoicing.document_listing import STATUSES
from invoicing.families import Family
from invoicing.models import Document
from ledger.amount_text import read_amount
from ledger.refusals import BadAmount
from tenants.forms import DayAndReasonForm, DayInput, RefusableForm
from tenants.models import Company

CONTACTS_OFFERED = 2000


class NumberField(forms.CharField):
    """A number as people type it."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=60, required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """The number, or nothing."""
        try:
            return read_amount(str(super().clean(value)), "")
        except BadAmount as refusal:
            raise forms.ValidationError(refusal.message) from refusal


def offered_contacts(company: Company, *, customers: bool) -> list[str]:
    """“C00001 Adatum”, by name, for the box to complete."""
    flag = "is_customer" if customers else "is_supplier"
    rows = Contact.objects.for_company(company).filter(is_active=True, **{flag: True}).order_by("name", "id")
    return [f"{code} {name}" for code, name in rows.values_list("code", "name")[:CONTACTS_OFFERED]]


def meant_contact(company: Company, text: str, *, customers: bool) -> Contact | None:
    """The contact whose number the text starts with, or whose name it is."""
    flag = "is_customer" if customers else "is_supplier"
    rows = Contact.objects.for_company(company).filter(is_active=True, **{flag: True})
    code, _space, name = text.partition(" ")
    exact: Contact | None = rows.filter(code=code, name=name).first() if name else rows.filter(code=code).first()
    named = list(rows.filter(Q(code=text) | Q(name__iexact=text))[:2])
    return exact or (named[0] if len(named) == 1 else None)


class DocumentHeadForm(RefusableForm):
    """The head of a document; the lines are a grid of their own."""

    contact = forms.CharField(max_length=300, widget=forms.TextInput({"list": "contacts", "autocomplete": "off"}))
    date = forms.DateField(label=_("Date"), widget=DayInput)
    reference = forms.CharField(label=_("Reference"), max_length=200, required=False)
    terms = forms.ModelChoiceField(
        label=_("Payment terms"), queryset=PaymentTerms.objects.none(), required=False, empty_label=_("As usual")
    )
    due_date = forms.DateField(label=_("Due"), required=False, widget=DayInput, help_text=_("Instead of terms."))
    tax_date = forms.DateField(label=_("Tax point"), required=False, widget=DayInput)
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    rate = NumberField(label=_("Rate"))
    position = forms.ModelChoiceField(
        label=_("Fiscal position"), queryset=FiscalPosition.objects.none(), required=False, empty_label=_("As usual")
    )
    prices_include_tax = forms.NullBooleanField(
        label=_("Prices"), required=False,
        widget=forms.Select(choices=[("", _("As usual")), ("false", _("without tax")), ("true", _("with tax"))]),
    )  # fmt: skip
    tax_rounding = forms.ChoiceField(
        label=_("Rounding of taxes"), required=False, choices=[("", _("As usual")), *Document.TaxRounding.choices]
    )
    cash_step = NumberField(label=_("Rounded to coins of"))
    stated = forms.CharField(
        label=_("Taxes as stated"), required=False, max_length=500,
        help_text=_("What the supplier reckoned, where it differs: T1P 20.01"),
    )  # fmt: skip
    notes = forms.CharField(
        label=_("Note to the reader"), required=False, max_length=10_000, widget=forms.Textarea({"rows": 2})
    )
    memo = forms.CharField(
        label=_("Internal note"), required=False, max_length=10_000, widget=forms.Textarea({"rows": 2})
    )
    reason = forms.CharField(label=_("Reason"), max_length=2000, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    MAIN = ("contact", "date", "reference", "terms", "due_date")
    MORE = ("tax_date", "currency", "rate", "position", "prices_include_tax", "tax_rounding", "cash_step", "stated")
    NOTES = ("notes", "memo")

    def __init__(self, company: Company, family: Family, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company, self.family = company, family
        fields: dict[str, Any] = self.fields
        fields["contact"].label = _("Customer") if family.is_sale else _("Supplier")
        if not family.is_sale:
            fields["reference"].label = _("Supplier's number")
        fields["terms"].queryset = terms(company, self.data.get("terms") or self.initial.get("terms"))
        chosen = self.data.get("position") or self.initial.get("position")
        fields["position"].queryset = positions(company, chosen or None)
        fields["currency"].choices = currencies(chart_of(company), _("As usual"), self.initial.get("currency", ""))

    def clean_contact(self) -> Contact:
        """The contact that is meant."""
        text = self.cleaned_data["contact"].strip()
        found = meant_contact(self.company, text, customers=self.is_sale)
        if found is None:
            none = _("There is no customer “%s”.") if self.is_sale else _("There is no supplier “%s”.")
            raise forms.ValidationError(none % text)
        return found

    @property
    def is_sale(self) -> bool:
        return bool(self.initial.get("is_sale", self.family.is_sale))

    def clean_stated(self) -> dict[str, Decimal]:
        """Tax code and amount, in pairs."""
        words = self.cleaned_data["stated"].replace("=", " ").replace(";", " ").split()
        if len(words) % 2:
            raise forms.ValidationError(_("Write the code of each tax and its amount: T1P 20.01"))
        try:
            return {
                code: read_amount(text, "") or Decimal(0) for code, text in zip(words[::2], words[1::2], strict=True)
            }
        except BadAmount as refusal:
            raise forms.ValidationError(refusal.message) from refusal

    def fields_named(self, names: tuple[str, ...]) -> list[Any]:
        """The fields in this order."""
        return [self[name] for name in names if name in self.fields]

    @property
    def main_fields(self) -> list[Any]:
        """What nearly every document says."""
        return self.fields_named(self.MAIN)

    @property
    def more_fields(self) -> list[Any]:
        """What is usually as it is usually."""
        return self.fields_named(self.MORE)

    @property
    def note_fields(self) -> list[Any]:
        """Texts."""
        return self.fields_named(self.NOTES)

    def content(self, kind: str, lines: Any) -> DocumentContent:
        """The document as it is written."""
        asked = self.cleaned_data
        return DocumentContent(
            kind=kind, contact=asked["contact"].pk, date=asked["date"], tax_date=asked["tax_date"],
            due_date=asked["due_date"], reference=asked["reference"], currency=asked["currency"] or None,
            rate=asked["rate"], terms=asked["terms"].pk if asked["terms"] else None,
            position=asked["position"].pk if asked["position"] else None,
            prices_include_tax=asked["prices_include_tax"], tax_rounding=asked["tax_rounding"] or None,
            cash_step=asked["cash_step"], stated_taxes=asked["stated"], memo=asked["memo"], notes=asked["notes"],
            reason=asked["reason"], lines=lines,
        )  # fmt: skip


class DocumentFilterForm(forms.Form):
    """How to narrow a list of documents; its state is the address."""

    text = forms.CharField(
        label=_("Number, reference or name"), required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )
    start = forms.DateField(label=_("From"), required=False, widget=DayInput)
    end = forms.DateField(label=_("To"), required=False, widget=DayInput)
    field_order = ("start", "end", "text")

    def wanted(self) -> dict[str, Any]:
        """What the list is narrowed to, as the API calls it."""
        asked = self.cleaned_data
        return {"search": asked["text"].strip(), "start": asked["start"], "end": asked["end"]}


TABS = ["", "draft", "submitted", "approved", "unpaid", "overdue", "paid"]
TAB_NAMES = {**STATUSES, "": _("All"), "unpaid": _("Unpaid"), "draft": _("Drafts")}


class CreditForm(DayAndReasonForm):
    """When and why something is credited; how much of each line is a grid of its own."""

    def __init__(self, day: datetime.date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date"].initial = day
