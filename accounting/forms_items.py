"""The forms of items."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.amounts import amount_text
from accounting.chart import chart_of
from accounting.form_choices import currencies, offer_accounts_and_taxes
from accounting.forms import DecimalInput
from accounting.models import Account, Item, TaxCode
from tenants.forms import RefusableForm
from tenants.models import Company

_NAMES = (
    "code", "name", "description", "unit", "currency", "income_account", "expense_account", "sales_tax", "purchase_tax",
    "version",
)  # fmt: skip
SALE = ("sale_price", "income_account", "sales_tax")
PURCHASE = ("purchase_price", "expense_account", "purchase_tax")


class ItemFilterForm(forms.Form):
    """How to narrow the items."""

    text = forms.CharField(
        label=_("Name or code"), required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )  # fmt: skip
    state = forms.ChoiceField(
        label=_("State"), required=False, initial="active",
        choices=[("active", _("In use")), ("retired", _("Out of use")), ("all", _("All"))],
    )  # fmt: skip


class PriceField(forms.CharField):
    """A price as people type it, with or without signs between thousands."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, required=False, widget=DecimalInput, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """The number, or nothing."""
        text = str(super().clean(value)).replace(",", "").strip()
        try:
            return (Decimal(text) or Decimal(0)) if text else None
        except InvalidOperation as error:
            raise forms.ValidationError(_("This is no number.")) from error


class ItemForm(RefusableForm):
    """What a line of a document starts from."""

    code = forms.CharField(label=_("Code"), max_length=60)
    name = forms.CharField(label=_("Name"), max_length=200)
    unit = forms.CharField(
        label=_("Unit"), max_length=3, required=False, widget=forms.TextInput({"autocapitalize": "characters"}),
        help_text=_("UN/ECE rec. 20: C62 piece, HUR hour, DAY day."),
    )  # fmt: skip
    currency = forms.ChoiceField(label=_("Currency of the prices"), required=False)
    description = forms.CharField(
        label=_("Description"), max_length=10_000, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("As it stands on documents."),
    )  # fmt: skip
    sale_price = PriceField(label=_("Sale price"))
    income_account = forms.ModelChoiceField(
        label=_("Income account"), queryset=Account.objects.none(), required=False, empty_label="–"
    )
    sales_tax = forms.ModelChoiceField(
        label=_("Tax on sales"), queryset=TaxCode.objects.none(), required=False, empty_label="–"
    )
    purchase_price = PriceField(label=_("Purchase price"))
    expense_account = forms.ModelChoiceField(
        label=_("Expense account"), queryset=Account.objects.none(), required=False, empty_label="–"
    )
    purchase_tax = forms.ModelChoiceField(
        label=_("Tax on purchases"), queryset=TaxCode.objects.none(), required=False, empty_label="–"
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, company: Company, item: Item | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        base = company.base_currency
        fields["currency"].choices = currencies(chart_of(company), base, item.currency if item else "")
        offer_accounts_and_taxes(fields, company, item)
        if item:
            self.initial = self.initial or _values_of(item)
        else:
            del fields["version"]

    def clean_unit(self) -> str:
        """Capital letters, whatever was typed."""
        return str(self.cleaned_data["unit"]).strip().upper()

    @property
    def own_fields(self) -> list[Any]:
        """What the item is, however it is traded."""
        return [field for field in self if field.name not in (*SALE, *PURCHASE)]

    @property
    def sale_fields(self) -> list[Any]:
        """What a line starts from when it is sold."""
        return [self[name] for name in SALE]

    @property
    def purchase_fields(self) -> list[Any]:
        """What a line starts from when it is bought."""
        return [self[name] for name in PURCHASE]

    def values(self) -> dict[str, Any]:
        """What the act takes."""
        return dict(self.cleaned_data)


def _values_of(item: Item) -> dict[str, Any]:
    prices = {name: getattr(item, name) for name in ("sale_price", "purchase_price")}
    return {
        **{name: getattr(item, name) for name in _NAMES},
        **{name: "" if price is None else amount_text(price, 2) for name, price in prices.items()},
    }
