"""The forms of year ends, reversals of many, and opening balances."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.chart import ChartAccount
from accounting.spreadsheets import BadFile
from ledger.opening_file import opening_text
from tenants.forms import DayInput, RefusableForm


class YearCloseForm(RefusableForm):
    """Close a fiscal year; a soft-closed last period asks for a reason."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=1000)


class BulkReversalForm(RefusableForm):
    """On which day, and why, many entries are reversed."""

    entries = forms.CharField(widget=forms.HiddenInput)
    key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    dated = forms.ChoiceField(
        label=_("Dated"), initial="own",
        choices=[("own", _("Own dates")), ("day", _("One date"))],
    )  # fmt: skip
    date = forms.DateField(label=_("That date"), required=False, widget=DayInput)
    reason = forms.CharField(label=_("Reason"), max_length=2000)

    def clean(self) -> dict[str, Any]:
        """A date only where all are on one."""
        asked = super().clean() or self.cleaned_data
        if asked.get("dated") == "own":
            asked["date"] = None
        elif asked.get("date") is None and "date" not in self.errors:
            self.add_error("date", _("Name the day, or reverse each entry on its own date."))
        return asked


class OpeningForm(RefusableForm):
    """Opening balances on a day: a file, or rows that were pasted from a spreadsheet."""

    date = forms.DateField(label=_("Date"), widget=DayInput, help_text=_("The day before the first entry, as a rule."))
    balance_to = forms.ChoiceField(label=_("A difference goes"), required=False)
    memo = forms.CharField(label=_("Memo"), required=False, max_length=1000)
    file = forms.FileField(label=_("CSV or XLSX file"), required=False)
    text = forms.CharField(
        label=_("or rows pasted from a spreadsheet, with their headings"), required=False, strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
    )  # fmt: skip
    key = forms.CharField(max_length=60, widget=forms.HiddenInput)

    def __init__(self, contra: ChartAccount | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = f"{contra.code} {contra.name}" if contra else _("the account with the role opening_balance")
        choices = [("", _("nowhere: it is refused")), ("role", _("to %s") % named)]
        self.fields["balance_to"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The text of the file, or what was pasted, or what the preview carried."""
        asked = super().clean() or self.cleaned_data
        if file := asked.get("file"):
            try:
                asked["text"] = opening_text(file.read())
            except BadFile as refusal:
                self.add_error("file", refusal.message)
                return asked
        if not asked.get("text", "").strip() and "text" not in self.errors:
            self.add_error("file", _("Choose a file, or paste the rows."))
        return asked
