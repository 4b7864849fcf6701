"""The forms of drafts, templates, recurring entries and approval rules."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.forms import DecimalInput
from ledger.amount_text import read_amount
from ledger.entry_grid import ABOUT_THE_DATE, with_line
from ledger.forms import EntryHeadForm, journal_choices
from ledger.models import EntryTemplate, RecurringEntry
from ledger.refusals import BadAmount
from ledger.shown_recurring import ACTIVE, ENDED, PAUSED, STUCK
from tenants.forms import DayInput, RefusableForm
from tenants.models import Company
from tenants.refusal import Refused

_TEMPLATES_OFFERED = 500


class DraftFilterForm(forms.Form):
    """How to narrow the drafts; the state is a tab."""

    text = forms.CharField(
        label=_("Memo or reference"), required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )
    journal = forms.ChoiceField(label=_("Journal"), required=False)

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["journal"].choices = [("", _("All")), *journal_choices(company)]  # type: ignore[attr-defined]
        self.fields["from"] = forms.DateField(label=_("From"), required=False, widget=DayInput)
        self.fields["to"] = forms.DateField(label=_("To"), required=False, widget=DayInput)
        self.order_fields(["from", "to", "journal", "text"])

    def wanted(self) -> dict[str, Any]:
        """What the list is narrowed to, as `list_drafts` takes it."""
        asked = self.cleaned_data
        return {
            "start": asked.get("from"), "date": asked.get("to"), "journal": asked.get("journal", ""),
            "text": asked.get("text", "").strip(),
        }  # fmt: skip


class DayRangeForm(forms.Form):
    """From one day to another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from"] = forms.DateField(label=_("From"), required=False, widget=DayInput)
        self.fields["to"] = forms.DateField(label=_("To"), required=False, widget=DayInput)


class TemplateHeadForm(EntryHeadForm):
    """Name, journal and texts of a template; the lines are a grid of their own."""

    key = date = auto_reverse = reverse_on = reason = None  # type: ignore[assignment]
    name = forms.CharField(label=_("Name"), max_length=100)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    field_order = ("name", "journal", "memo", "reference", "is_active")

    def clean(self) -> dict[str, Any]:
        """A template has no date, and so none of its reversal."""
        return self.cleaned_data


class RecurringFilterForm(forms.Form):
    """How to narrow the recurring entries."""

    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("All")), (ACTIVE, _("Active")), (PAUSED, _("Paused")), (ENDED, _("Ended")),
                 (STUCK, _("Not posted"))],
    )  # fmt: skip


class RecurrenceForm(RefusableForm):
    """When something comes again."""

    start = forms.DateField(label=_("First date"), widget=DayInput)
    interval = forms.IntegerField(label=_("Every"), min_value=1, max_value=366, initial=1)
    frequency = forms.ChoiceField(label=_("Unit"), choices=RecurringEntry.Frequency.choices, initial="month")
    month_end = forms.BooleanField(label=_("On the last day of the month"), required=False)
    end = forms.DateField(
        label=_("Last date"), required=False, widget=DayInput, help_text=_("Empty: until it is ended.")
    )
    recurring_id = forms.UUIDField(required=False, widget=forms.HiddenInput)


class RecurringForm(RecurrenceForm):
    """When a template comes again, and what becomes of it."""

    template = forms.ChoiceField(label=_("Template"))
    outcome = forms.ChoiceField(label=_("Each time"), initial="post")
    field_order = ("template",)

    def __init__(self, company: Company, *args: Any, may_post: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = EntryTemplate.objects.for_company(company).filter(is_active=True).order_by("name")
        offered = [(str(row.pk), row.name) for row in rows[:_TEMPLATES_OFFERED]]
        self.fields["template"].choices = offered  # type: ignore[attr-defined]
        outcomes = [("post", _("Post it")), ("draft", _("Make a draft to look at"))]
        self.fields["outcome"].choices = outcomes if may_post else outcomes[1:]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """What `start_recurring` takes, less the template."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("template", "outcome")}
        return {**values, "as_draft": self.cleaned_data["outcome"] == "draft"}


class LastDateForm(RefusableForm):
    """The last date of what comes again."""

    end = forms.DateField(label=_("Last date"), widget=DayInput)


class RetryForm(RefusableForm):
    """On which day an occurrence that could not be posted is tried again."""

    on = forms.DateField(label=_("On"), widget=DayInput)

    def show(self, refusal: Refused) -> None:
        """What the lines of the template lack is said with their number; what the calendar refuses is about the day."""
        place = "on" if refusal.code in ABOUT_THE_DATE or refusal.place == "date" else None
        self.add_error(place, with_line(refusal))


class ApprovalRuleForm(RefusableForm):
    """From which amount on entries of a journal need how many approvals."""

    scope = forms.ChoiceField(label=_("Journal"), required=False)
    minimum = forms.CharField(label=_("From this amount"), required=False, max_length=60, widget=DecimalInput)
    approvals = forms.IntegerField(label=_("Approvals"), min_value=1, max_value=5, initial=1)

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = [("", _("Every journal")), *journal_choices(company)]  # type: ignore[attr-defined]
        self.fields["minimum"].label = f"{_('From this amount')} ({company.base_currency})"

    def clean_minimum(self) -> Decimal:
        """The amount as people type it; nothing is zero."""
        try:
            return read_amount(self.cleaned_data["minimum"], "minimum") or Decimal(0)
        except BadAmount as refusal:
            raise forms.ValidationError(refusal.message) from refusal
