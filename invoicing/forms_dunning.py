"""The forms of dunning: its day, its levels, and whom it spares."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.amounts import amount_text
from invoicing.dunning_levels import CHANGEABLE
from invoicing.forms_documents import NumberField
from invoicing.mail_words import LONGEST_BODY, LONGEST_SUBJECT
from invoicing.models import DunningLevel
from tenants.forms import DayInput, RefusableForm


class DunningDayForm(forms.Form):
    """As of which day."""

    date = forms.DateField(label=_("On"), required=False, widget=DayInput)


class DunningLevelForm(RefusableForm):
    """How one level asks."""

    name = forms.CharField(label=_("Name"), max_length=100)
    days = forms.IntegerField(
        label=_("Days after it is due"), help_text=_("Below 0: a friendly word before."), min_value=-90, max_value=3650
    )
    fee = NumberField(label=_("Fee"), help_text=_("In base currency, for each letter."))
    interest_percent = NumberField(label=_("Interest, percent a year"))
    subject = forms.CharField(label=_("Subject"), max_length=LONGEST_SUBJECT)
    body = forms.CharField(label=_("Text"), max_length=LONGEST_BODY, widget=forms.Textarea({"rows": 9}))
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, level: DunningLevel | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if level:
            self.initial = {name: getattr(level, name) for name in (*CHANGEABLE, "version")}
            for name in ("fee", "interest_percent"):
                self.initial[name] = amount_text(getattr(level, name), 2)

    def values(self) -> dict[str, Any]:
        """What the acts take; an amount that was emptied is none."""
        found = dict(self.cleaned_data)
        for name in ("fee", "interest_percent"):
            found[name] = found[name] or Decimal(0)
        return found


class DunningBlockForm(RefusableForm):
    """Why it is not dunned, and until when."""

    reason = forms.CharField(label=_("Reason"), max_length=2000)
    until = forms.DateField(
        label=_("Until"), required=False, widget=DayInput, help_text=_("Empty: until it is lifted.")
    )
