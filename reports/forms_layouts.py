"""The head of a layout; its rows are a grid of their own."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.models import StatementLayout
from tenants.forms import RefusableForm
from tenants.refusal import Refused

_ROW = re.compile(r"rows\[(\d+)\]")


class LayoutForm(RefusableForm):
    """Which statement, under which name; `seen` is the version that it was begun from."""

    statement = forms.ChoiceField(label=_("Statement"), choices=StatementLayout.Statement.choices)
    name = forms.CharField(label=_("Name"), max_length=60)
    equal = forms.CharField(
        label=_("Rows that have to be equal"), required=False, max_length=200,
        help_text=_("Their keys: assets equity_and_liabilities"),
    )  # fmt: skip
    is_usual = forms.BooleanField(label=_("Taken where a report names no layout"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0, min_value=0)

    def clean_seen(self) -> int:
        """Nothing was seen of a layout that is new."""
        return int(self.cleaned_data["seen"] or 0)

    def show(self, refusal: Refused) -> None:
        """A wrong row is named by its number."""
        if found := _ROW.match(refusal.place):
            said: dict[str, Any] = {"row": int(found[1]) + 1, "message": refusal.message}
            self.add_error(None, _("Row %(row)d: %(message)s") % said)
        else:
            super().show(refusal)
