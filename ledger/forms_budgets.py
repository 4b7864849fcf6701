"""The forms of budgets."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.chart import Chart, ChartAccount
from accounting.models import Dimension
from ledger.forms_deferrals import AccountBox, account_meant
from ledger.forms_limits import AmountBox
from ledger.models import Budget
from tenants.forms import DayInput, RefusableForm
from tenants.models import Company


class BudgetFilterForm(forms.Form):
    """How to narrow the budgets."""

    text = forms.CharField(
        label=_("Name"), required=False, max_length=100, widget=forms.TextInput({"type": "search"})
    )  # fmt: skip
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *Budget.State.choices])


class BudgetKeepingForm(RefusableForm):
    """How a budget is kept, and what its accounts may be planned by."""

    control = forms.ChoiceField(label=_("Control"), choices=Budget.Control.choices)
    basis = forms.ChoiceField(
        label=_("Compared"), choices=Budget.Basis.choices,
        help_text=_("What was not spent in a month is there in a later one, or it is not."),
    )  # fmt: skip
    dimension = forms.ChoiceField(
        label=_("Planned by"), required=False, help_text=_("Each account by the values of this dimension.")
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Dimension.objects.for_company(company).order_by("code").values_list("code", "name")
        self.fields["dimension"].choices = [("", _("Account only")), *rows]  # type: ignore[attr-defined]


class BudgetForm(BudgetKeepingForm):
    """A budget to begin."""

    name = forms.CharField(label=_("Name"), max_length=100)
    start = forms.DateField(label=_("First day"), widget=DayInput)
    end = forms.DateField(label=_("Last day"), widget=DayInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ("name", "start", "end", "control", "basis", "dimension")


class NewVersionForm(RefusableForm):
    """By how much every amount changes."""

    percent = AmountBox(label=_("Change in percent"), required=False, help_text=_("-5 is 5 % less."))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_percent(self) -> Decimal:
        """Nothing typed is no change."""
        return self.cleaned_data["percent"] or Decimal(0)


class SpreadForm(RefusableForm):
    """An amount for an account over all months."""

    account = AccountBox(label=_("Account"))
    value = forms.ChoiceField(label=_("Dimension value"), required=False)
    amount = AmountBox(label=_("Amount for all months"))

    def __init__(self, chart: Chart, values: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chart = chart
        if values:
            choices = [("", _("None")), *((value, value) for value in values)]
            self.fields["value"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["value"]

    def clean_account(self) -> ChartAccount | None:
        return account_meant(self.cleaned_data["account"], self.chart)


class SureForm(RefusableForm):
    """Nothing to fill in: only to be sure."""
