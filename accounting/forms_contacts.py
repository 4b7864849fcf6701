"""The forms of customers and suppliers."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.chart import Chart, chart_of
from accounting.forms import DecimalInput
from accounting.models import Account, Contact, ContactAddress
from tenants.forms import RefusableForm
from tenants.models import Company

_NAMES = (
    "code", "name", "is_customer", "is_supplier", "country", "tax_number", "registration", "email", "phone", "language",
    "currency", "income_account", "expense_account", "notes", "version",
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
    income_account = forms.ModelChoiceField(
        label=_("Income account"), queryset=Account.objects.none(), required=False, empty_label="–"
    )
    expense_account = forms.ModelChoiceField(
        label=_("Expense account"), queryset=Account.objects.none(), required=False, empty_label="–"
    )
    notes = forms.CharField(
        label=_("Notes"), max_length=10_000, required=False, widget=forms.Textarea({"rows": 3})
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, company: Company, contact: Contact | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        chart = chart_of(company)
        fields["credit_limit"].label = f"{_('Credit limit')} ({company.base_currency})"
        fields["currency"].choices = _currencies(chart, contact)
        accounts = Account.objects.for_company(company).filter(status="active").exclude(subtype="heading")
        fields["income_account"].queryset = accounts.filter(type="income").order_by("code")
        fields["expense_account"].queryset = accounts.filter(type__in=("expense", "asset")).order_by("code")
        if contact:
            self.initial = self.initial or _values_of(contact)
            fields["language"].choices = _with(LANGUAGES, contact.language)
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


def _currencies(chart: Chart, contact: Contact | None) -> list[tuple[str, Any]]:
    used = [(unit.code, f"{unit.code} {unit.name}") for unit in chart.units.values() if unit.kind == "currency"]
    return _with([("", _("The company's")), *used], contact.currency if contact else "")


def _with(choices: list[tuple[str, Any]], value: str) -> list[tuple[str, Any]]:
    """The choices, and what is chosen already."""
    return choices if value in [code for code, _label in choices] else [*choices, (value, value)]


def _values_of(contact: Contact) -> dict[str, Any]:
    limit = contact.credit_limit
    own = {name: getattr(contact, name) for name in _NAMES}
    return {**own, "credit_limit": "" if limit is None else f"{limit.normalize():f}"}
