"""What is asked of a statutory export on its page: one form, made of the parameters of the chosen format."""

from typing import Any
from uuid import uuid4

from django import forms

from accounting.business_day import business_day
from accounting.models import FiscalYear
from reports.statutory.formats import StatutoryFormat
from reports.statutory.parameters import Parameter
from tenants.forms import DayInput, RefusableForm
from tenants.models import Company


class StatutoryForm(RefusableForm):
    """The parameters of a format. `key` stays the same however often the button is pressed."""

    key = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)

    def __init__(self, format: StatutoryFormat, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = f"statutory:{uuid4()}"
        for parameter in format.parameters:
            self.fields[parameter.name] = _field(parameter, company)

    def parameters(self) -> dict[str, str]:
        """What was said, by name."""
        return {name: str(value or "") for name, value in self.cleaned_data.items() if name != "key"}


def _field(parameter: Parameter, company: Company) -> forms.Field:
    named: dict[str, Any] = {
        "label": parameter.label, "help_text": parameter.hint, "required": parameter.required,
        "initial": parameter.default or None,
    }  # fmt: skip
    if parameter.name == "year":
        years = list(FiscalYear.objects.for_company(company).order_by("-start"))
        ended = next((one.name for one in years if one.end < business_day(company)), None)
        return forms.ChoiceField(**{**named, "initial": ended, "help_text": ""},
                                 choices=[(one.name, one.name) for one in years])  # fmt: skip
    if parameter.choices:
        return forms.ChoiceField(**named, choices=list(parameter.choices.items()))
    if parameter.is_day:
        return forms.DateField(**named, widget=DayInput)
    return forms.CharField(**named, max_length=100)
