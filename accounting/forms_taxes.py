"""The forms of taxes and of the boxes of the return."""

import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.amounts import amount_text
from accounting.form_choices import accounts
from accounting.forms import DecimalInput
from accounting.forms_payment_terms import PercentField
from accounting.models import Account, TaxBox, TaxCode, TaxRate
from accounting.tax_boxes import LAST_PLACE
from accounting.tax_installation import TEMPLATES, offered_template
from accounting.tax_rules import ACCOUNTS, BOXES, MOST_MEMBERS, MOST_RATES
from tenants.forms import DayInput, RefusableForm
from tenants.models import Company

OF_A_SINGLE_TAX = (
    "kind", "category", "exemption_code", "exemption_reason", "compound", "deductible_percent", *ACCOUNTS, *BOXES,
)  # fmt: skip
KEPT = (
    "code",
    "name",
    "use",
    "kind",
    "category",
    "exemption_code",
    "exemption_reason",
    "compound",
    *ACCOUNTS,
    "version",
)
SINGLE_KINDS = [choice for choice in TaxCode.Kind.choices if choice[0] != TaxCode.Kind.GROUP]
EMPTY_ROWS = 2


class TaxFilterForm(forms.Form):
    """How to narrow the taxes."""

    text = forms.CharField(
        label=_("Code or name"), required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )
    use = forms.ChoiceField(label=_("Use"), required=False, choices=[("", _("All")), *TaxCode.Use.choices])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *TaxCode.Kind.choices])
    state = forms.ChoiceField(
        label=_("State"), required=False, initial="active",
        choices=[("active", _("In use")), ("retired", _("Out of use")), ("all", _("All"))],
    )  # fmt: skip


class BoxesField(forms.CharField):
    """Boxes of the return by their codes, with commas or spaces between them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=500, required=False, **kwargs)

    def clean(self, value: Any) -> list[str]:
        """The codes."""
        return str(super().clean(value)).replace(",", " ").split()


class TaxForm(RefusableForm):
    """A single tax, or a group of taxes, which has fewer fields."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As it stands on documents."))
    use = forms.ChoiceField(label=_("Use"), choices=TaxCode.Use.choices)
    kind = forms.ChoiceField(label=_("Kind"), choices=SINGLE_KINDS)
    category = forms.ChoiceField(label=_("Category"), choices=TaxCode.Category.choices)
    exemption_reason = forms.CharField(
        label=_("Exemption reason"), max_length=200, required=False, help_text=_("Why nothing is charged.")
    )
    exemption_code = forms.CharField(
        label=_("Exemption code"), max_length=30, required=False, help_text=_("VATEX, for electronic invoices.")
    )
    account = forms.ModelChoiceField(
        label=_("Tax account"), queryset=Account.objects.none(), required=False, empty_label="–",
        help_text=_("Under reverse charge: of the tax deducted."),
    )  # fmt: skip
    counter_account = forms.ModelChoiceField(
        label=_("Account of the tax owed"), queryset=Account.objects.none(), required=False, empty_label="–",
        help_text=_("Under reverse charge."),
    )  # fmt: skip
    pending_account = forms.ModelChoiceField(
        label=_("Account until it is paid"), queryset=Account.objects.none(), required=False, empty_label="–",
        help_text=_("Named for a tax that is due with the payment."),
    )  # fmt: skip
    deductible_percent = PercentField(
        label=_("Deductible %"), required=False, help_text=_("Of a tax on purchases; empty: all of it.")
    )
    base_boxes = BoxesField(label=_("Boxes of the base"), help_text=_("Of the tax return, such as 6, 7."))
    tax_boxes = BoxesField(label=_("Boxes of the tax"))
    counter_boxes = BoxesField(label=_("Boxes of the tax owed"))
    compound = forms.BooleanField(
        label=_("Compound"), required=False, help_text=_("Also on the taxes that stand before it in a group.")
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, company: Company, tax: TaxCode | None, *args: Any, is_group: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_group = is_group
        fields: dict[str, Any] = self.fields
        if tax:
            self.initial = self.initial or _values_of(tax)
        else:
            del fields["version"]
        if is_group:
            for name in OF_A_SINGLE_TAX:
                del fields[name]
            return
        for name in ACCOUNTS:
            rows = accounts(company, ("asset", "liability", "expense"), getattr(tax, f"{name}_id", None))
            fields[name].queryset = rows.filter(control=False, currency__in=("", company.base_currency))

    def values(self) -> dict[str, Any]:
        """What the act takes."""
        values = dict(self.cleaned_data)
        if self.is_group:
            return {**values, "kind": TaxCode.Kind.GROUP}
        part = values["deductible_percent"]
        return {**values, "deductible_percent": Decimal(100) if part is None else part}


class RateForm(RefusableForm):
    """A rate; a blank one is none."""

    start = forms.DateField(label=_("From"), required=False, widget=DayInput)
    percent = PercentField(label=_("Percent"), required=False)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is typed in the row."""
        return all(value is None for value in self.cleaned_data.values())

    def values(self) -> tuple[datetime.date | None, Decimal | None]:
        """What the act takes."""
        return self.cleaned_data["start"], self.cleaned_data["percent"]


class MemberForm(RefusableForm):
    """A tax of a group; a blank one is none."""

    tax = forms.ChoiceField(label=_("Tax"), required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tax"].choices = choices  # type: ignore[attr-defined]

    @property
    def is_blank(self) -> bool:
        """Whether nothing is chosen in the row."""
        return not any(self.cleaned_data.values())

    def values(self) -> str:
        """What the act takes."""
        return str(self.cleaned_data["tax"])

    def show(self, refusal: Any) -> None:
        """Whatever is wrong with the row is wrong with its tax."""
        self.add_error("tax", refusal.message)


RateFormSet = forms.formset_factory(RateForm, extra=EMPTY_ROWS, max_num=MOST_RATES)
MemberFormSet = forms.formset_factory(MemberForm, extra=EMPTY_ROWS, max_num=MOST_MEMBERS)


def rows_of(company: Company, tax: TaxCode | None, *, is_group: bool, data: Any) -> Any:
    """The rows under the form: the rates of a tax, or the taxes of a group."""
    if not is_group:
        rates = TaxRate.objects.for_company(company).filter(tax=tax).order_by("start") if tax else []
        kept: list[dict[str, Any]] = [{"start": rate.start, "percent": amount_text(rate.percent, 0)} for rate in rates]
        return RateFormSet(data, initial=kept, prefix="rates")
    members = list(tax.members.order_by("number").values_list("tax_id", flat=True)) if tax else []
    choices = {"choices": _single_taxes(company, members)}
    return MemberFormSet(data, initial=[{"tax": str(pk)} for pk in members], prefix="members", form_kwargs=choices)


class TaxTemplateForm(RefusableForm):
    """Which taxes to start with."""

    fields_of_places = {"taxes": "template"}

    template = forms.ChoiceField(label=_("Template"), choices=list(TEMPLATES.items()))

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"template": offered_template(company)}


class TaxBoxForm(RefusableForm):
    """A box of the tax return."""

    code = forms.CharField(label=_("Box"), max_length=20)
    name = forms.CharField(label=_("Name"), max_length=300)
    formula = forms.CharField(
        label=_("Formula"), max_length=200, required=False, help_text=_("Boxes added and taken off: 1 + 2 - 4.")
    )
    number = forms.IntegerField(
        label=_("Place"), min_value=1, max_value=LAST_PLACE, required=False, widget=DecimalInput,
        help_text=_("Empty: the last one."),
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, box: TaxBox | None, seen: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if box:
            own = {name: getattr(box, name) for name in ("code", "name", "formula", "number")}
            self.initial = {**own, "seen": seen}
            self.fields["number"].required = True
            self.fields["number"].help_text = ""
        else:
            del self.fields["seen"]


def _single_taxes(company: Company, chosen: list[Any]) -> list[tuple[str, Any]]:
    rows = TaxCode.objects.for_company(company).exclude(kind=TaxCode.Kind.GROUP)
    offered = rows.filter(Q(is_active=True) | Q(pk__in=chosen)).order_by("-use", "code")
    groups: dict[str, list[tuple[str, str]]] = {}
    for tax in offered:
        groups.setdefault(str(tax.get_use_display()), []).append((str(tax.pk), str(tax)))
    return [("", "–"), *groups.items()]


def _values_of(tax: TaxCode) -> dict[str, Any]:
    own = {name: getattr(tax, name) for name in KEPT}
    boxes = {name: ", ".join(getattr(tax, name)) for name in BOXES}
    part = tax.deductible_percent
    return {**own, **boxes, "deductible_percent": "" if part == 100 else amount_text(part, 0)}
