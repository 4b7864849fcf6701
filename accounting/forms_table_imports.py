"""The forms of tables that are imported: which file, and how; when and why it is undone."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.table_kinds import POST, UPDATE, table_kinds
from tenants.forms import DayAndReasonForm, RefusableForm
from tenants.scope import Scope


class TableFileForm(RefusableForm):
    """A table of contacts, items, budgets, invoices, bills or payments."""

    table = forms.ChoiceField(label=_("What it holds"))
    file = forms.FileField(label=_("CSV or XLSX file"))
    columns = forms.CharField(
        label=_("Columns"), required=False, max_length=5000, widget=forms.Textarea({"rows": 2}),
        help_text=_("For other headings, one a line: Konto = account"),
    )  # fmt: skip
    update = forms.BooleanField(
        label=_("Change contacts, items and draft budgets that are there"), required=False,
        help_text=_("Otherwise such a row is refused, and a budget becomes a new version."),
    )  # fmt: skip
    post = forms.BooleanField(
        label=_("Post documents and payments at once"), required=False, help_text=_("Otherwise they stay drafts.")
    )

    def __init__(self, scope: Scope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["table"].choices = [(kind.name, kind.title) for kind in table_kinds(scope)]

    def options(self) -> dict[str, bool]:
        """What was chosen."""
        return {name: bool(self.cleaned_data[name]) for name in (UPDATE, POST)}


class TableUndoForm(DayAndReasonForm):
    """When and why an import is undone."""
