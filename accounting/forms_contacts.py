"""The forms of customers and suppliers."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.chart import chart_of
from accounting.form_choices import currencies, offer_accounts_and_taxes, positions, terms, with_chosen
from accounting.forms import DecimalInput
from accounting.models import Account, Contact, ContactAddress, FiscalPosition, PaymentTerms, TaxCode
from tenants.forms import RefusableForm
from tenants.models import Company

_NAMES = (
    "code", "name", "is_customer", "is_supplier", "country", "tax_number", "registration", "email", "phone", "language",
    "currency", "income_account", "expense_account", "sales_tax", "purchase_tax", "fiscal_position", "customer_terms",
    "supplier_terms", "notes", "version",
)  # fmt: skip
# What their documents start from.
OFFERED = (
    "customer_terms", "income_account", "sales_tax", "currency", "supplier_terms", "expense_account", "purchase_tax",
    "fiscal_position",
)  # fmt: skip
LANGUAGES = [("", _("The company's")), ("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español"),
             ("it", "Italiano"), ("nl", "Nederlands")]  # fmt: skip


class ContactFilterForm(forms.Form):
    """How to narrow the contacts."""

    text = forms.CharField(
        label=_("Name or number"), required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=_("Kind"), required=False,
        choices=[("", _("All")), ("customer", _("Customers")), ("supplier", _("Suppliers"))],
    )  # fmt: skip
    state = forms.ChoiceField(
        label=_("State"), required=False, initial="active",
        choices=[("active", _("In use")), ("retired", _("Out of use")), ("merged", _("Merged")), ("all", _("All"))],
    )  # fmt: skip


class ContactForm(RefusableForm):
    """What is known of a customer or supplier."""

    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.CharField(label=_("Number"), max_length=60, required=False, help_text=_("Empty: the next one."))
    is_customer = forms.BooleanField(label=_("Customer"), required=False)
    is_supplier = forms.BooleanField(label=_("Supplier"), required=False)
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, widget=forms.TextInput({"autocapitalize": "characters"}),
        help_text=_("Two letters, such as GB or DE."),
    )  # fmt: skip
    tax_number = forms.CharField(
        label=_("Tax number"), max_length=40, required=False, help_text=_("Checked by the rules of the country.")
    )
    registration = forms.CharField(label=_("Registration number"), max_length=60, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    credit_limit = forms.CharField(
        label=_("Credit limit"), max_length=40, required=False, widget=DecimalInput, help_text=_("Empty: none.")
    )
    fiscal_position = forms.ModelChoiceField(
        label=_("Fiscal position"), queryset=FiscalPosition.objects.none(), required=False,
        empty_label=_("Found by their country"),
    )  # fmt: skip
    customer_terms = forms.ModelChoiceField(
        label=_("They pay us"), queryset=PaymentTerms.objects.none(), required=False, empty_label="–"
    )
    income_account = forms.ModelChoiceField(
        label=_("Income account"), queryset=Account.objects.none(), required=False, empty_label="–"
    )
    sales_tax = forms.ModelChoiceField(
        label=_("Tax on sales"), queryset=TaxCode.objects.none(), required=False, empty_label="–"
    )
    supplier_terms = forms.ModelChoiceField(
        label=_("We pay them"), queryset=PaymentTerms.objects.none(), required=False, empty_label="–"
    )
    expense_account = forms.ModelChoiceField(
        label=_("Expense account"), queryset=Account.objects.none(), required=False, empty_label="–"
    )
    purchase_tax = forms.ModelChoiceField(
        label=_("Tax on purchases"), queryset=TaxCode.objects.none(), required=False, empty_label="–"
    )
    notes = forms.CharField(
        label=_("Notes"), max_length=10_000, required=False, widget=forms.Textarea({"rows": 3})
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, company: Company, contact: Contact | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["credit_limit"].label = f"{_('Credit limit')} ({company.base_currency})"
        kept = contact.currency if contact else ""
        fields["currency"].choices = currencies(chart_of(company), _("The company's"), kept)
        offer_accounts_and_taxes(fields, company, contact)
        for name in ("customer_terms", "supplier_terms"):
            fields[name].queryset = terms(company, getattr(contact, f"{name}_id", None))
        fields["fiscal_position"].queryset = positions(company, getattr(contact, "fiscal_position_id", None))
        if contact:
            self.initial = self.initial or _values_of(contact)
            fields["language"].choices = with_chosen(LANGUAGES, contact.language)
        else:
            del fields["version"]

    def clean_country(self) -> str:
        """Capital letters, whatever was typed."""
        return str(self.cleaned_data["country"]).strip().upper()

    def clean_credit_limit(self) -> Decimal | None:
        """A number, with or without signs between thousands."""
        text = self.cleaned_data["credit_limit"].replace(",", "").strip()
        try:
            return Decimal(text) if text else None
        except InvalidOperation as error:
            raise forms.ValidationError(_("This is no number.")) from error

    @property
    def own_fields(self) -> list[Any]:
        """Who they are."""
        return [field for field in self if field.name not in OFFERED]

    @property
    def defaults(self) -> list[Any]:
        """What documents to and from them start from."""
        return [self[name] for name in OFFERED]

    def values(self) -> dict[str, Any]:
        """What the act takes."""
        return dict(self.cleaned_data)


class AddressForm(forms.Form):
    """One address; a blank one is none."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ContactAddress.Kind.choices, required=False, initial="billing")
    street = forms.CharField(label=_("Street"), max_length=200, required=False)
    supplement = forms.CharField(label=_("Supplement"), max_length=200, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    region = forms.CharField(label=_("Region"), max_length=100, required=False)
    country = forms.CharField(label=_("Country"), max_length=2, required=False)

    def clean_country(self) -> str:
        """Capital letters, whatever was typed."""
        return str(self.cleaned_data["country"]).strip().upper()


AddressFormSet = forms.formset_factory(AddressForm, extra=1, max_num=50)


def typed_addresses(formset: Any) -> list[dict[str, str]]:
    """The addresses that say something."""
    rows = [form.cleaned_data for form in formset if getattr(form, "cleaned_data", None)]
    said = [row for row in rows if any(value for name, value in row.items() if name != "kind")]
    return [{**row, "kind": row["kind"] or ContactAddress.Kind.BILLING} for row in said]


class BankAccountForm(RefusableForm):
    """Where a contact is paid."""

    iban = forms.CharField(label=_("IBAN"), max_length=50, required=False)
    account_number = forms.CharField(
        label=_("Account number"), max_length=60, required=False, help_text=_("Where there is no IBAN.")
    )
    bic = forms.CharField(label=_("BIC"), max_length=20, required=False)
    holder = forms.CharField(
        label=_("Account holder"), max_length=200, required=False, help_text=_("The contact, where empty.")
    )


class MergeForm(RefusableForm):
    """Which contact stands for both."""

    into = forms.CharField(label=_("Number of the contact that stays"), max_length=60)
    reason = forms.CharField(label=_("Reason"), max_length=2000, required=False)


class BankDecisionForm(RefusableForm):
    """Why a bank account is agreed to, rejected or retired."""

    reason = forms.CharField(label=_("Reason"), max_length=2000, required=False)


def _values_of(contact: Contact) -> dict[str, Any]:
    limit = contact.credit_limit
    own = {name: getattr(contact, name) for name in _NAMES}
    return {**own, "credit_limit": "" if limit is None else f"{limit.normalize():f}"}
