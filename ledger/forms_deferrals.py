"""The forms of deferrals."""

import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.account_ranking import meant
from accounting.chart import Chart, ChartAccount
from accounting.forms import DecimalInput
from ledger.amount_text import read_amount
from ledger.deferral_listing import ENDED, RUNNING, STUCK
from ledger.deferral_plan import spread
from ledger.models import Deferral
from ledger.refusals import BadAmount
from tenants.forms import DayInput, RefusableForm

PARTS_SHOWN = 120
_LONGEST = 366 * 60


class AccountBox(forms.CharField):
    """An account as people type it: its code or a part of its name."""

    def __init__(self, **fields: Any) -> None:
        widget = forms.TextInput({"data-accounts": "", "autocomplete": "off"})
        super().__init__(max_length=330, widget=widget, **fields)


def account_meant(text: str, chart: Chart) -> ChartAccount | None:
    """The account that the text stands for; None where nothing was typed."""
    text = text.strip()
    if not text:
        return None
    account = meant(text, chart.by_code.values())
    if account is None:
        raise forms.ValidationError(_("There is no account “%(text)s”."), params={"text": text})
    return account


class DeferralFilterForm(forms.Form):
    """How to narrow the deferrals."""

    text = forms.CharField(
        label=_("Name"), required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )  # fmt: skip
    account = AccountBox(label=_("Account"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("All")), (RUNNING, _("Running")), (STUCK, _("Not posted")), (ENDED, _("Ended"))],
    )  # fmt: skip

    def __init__(self, chart: Chart, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chart = chart

    def clean_account(self) -> ChartAccount | None:
        return account_meant(self.cleaned_data["account"], self.chart)


class DeferralForm(RefusableForm):
    """An amount to spread over time."""

    name = forms.CharField(label=_("Name"), max_length=200)
    from_account = AccountBox(label=_("Deferred on"), help_text=_("Where it waits: prepaid expenses, deferred income."))
    to_account = AccountBox(label=_("Recognised on"), help_text=_("Where it ends: the expense or the income."))
    amount = forms.CharField(
        label=_("Amount"), max_length=60, widget=DecimalInput, help_text=_("An expense above zero, income below.")
    )
    start = forms.DateField(label=_("First day"), widget=DayInput)
    end = forms.DateField(label=_("Last day"), widget=DayInput)
    method = forms.ChoiceField(label=_("Spread"), choices=Deferral.Method.choices, initial=Deferral.Method.MONTHS)
    entry = forms.UUIDField(required=False, widget=forms.HiddenInput)
    deferral_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, chart: Chart, *args: Any, base: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chart, self.base = chart, base
        self.fields["amount"].label = f"{_('Amount')} ({base})"
        for dimension in sorted(chart.dimensions):
            choices = [("", "–"), *((value, value) for value in sorted(chart.dimensions[dimension]))]
            field = forms.ChoiceField(label=dimension, required=False, choices=choices)
            self.fields[f"dimension_{dimension}"] = field

    def clean_from_account(self) -> ChartAccount | None:
        return account_meant(self.cleaned_data["from_account"], self.chart)

    def clean_to_account(self) -> ChartAccount | None:
        return account_meant(self.cleaned_data["to_account"], self.chart)

    def clean_amount(self) -> Decimal | None:
        """The amount as people type it."""
        try:
            return read_amount(self.cleaned_data["amount"], "amount")
        except BadAmount as refusal:
            raise forms.ValidationError(refusal.message) from refusal

    def asked(self) -> dict[str, Any]:
        """What `start_deferral` takes."""
        values = {name: value for name, value in self.cleaned_data.items() if not name.startswith("dimension_")}
        dimensions = {
            name.removeprefix("dimension_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("dimension_") and value
        }
        accounts = {name: values[name].id for name in ("from_account", "to_account")}
        return {**values, **accounts, "dimensions": dimensions}

    def parts(self) -> list[tuple[datetime.date, Decimal]]:
        """The parts that would be planned, as far as what is typed allows."""
        asked = getattr(self, "cleaned_data", {})
        amount, start, end = (asked.get(name) for name in ("amount", "start", "end"))
        if not (amount and start and end) or end < start or (end - start).days > _LONGEST:
            return []
        return spread(amount, start, end, asked.get("method") or "months", self.chart.units[self.base].decimals)
