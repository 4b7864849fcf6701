"""The form of a revaluation."""

import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.forms import DayInput, RefusableForm


class ClosingDayForm(RefusableForm):
    """At the closing rates of which day."""

    date = forms.DateField(label=_("At the end of"), widget=DayInput)

    def clean_date(self) -> datetime.date:
        """The differences are taken back on the day after: there is one."""
        day: datetime.date = self.cleaned_data["date"]
        if day == datetime.date.max:
            raise forms.ValidationError(_("There is no day after this one."))
        return day
