"""The forms of reports that are made and kept, and of their schedules."""

import re
from typing import Any
from urllib.parse import parse_qsl

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.catalogue import GROUPS
from reports.models import ReportSchedule
from reports.report_files import FORMATS
from reports.report_schedules import ScheduleContent
from reports.run_listing import STATES
from tenants.forms import DayInput, RefusableForm

FORMS = [(name, name.upper()) for name in FORMATS]


def report_choices() -> list[tuple[str, Any]]:
    """The reports by what they are about."""
    return [(str(title), [(one.name, one.title) for one in own]) for title, own in GROUPS]


class MakeForm(RefusableForm):
    """Under which title a report is kept, and as what."""

    title = forms.CharField(label=_("Title"), max_length=200)
    saved_as = forms.MultipleChoiceField(
        label=_("Files"), choices=FORMS, required=False, widget=forms.CheckboxSelectMultiple
    )
    asked = forms.CharField(widget=forms.HiddenInput, required=False, max_length=8000)
    key = forms.CharField(widget=forms.HiddenInput, max_length=100)


class RunFilterForm(forms.Form):
    """How to narrow the reports that were made."""

    report = forms.ChoiceField(label=_("Report"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *STATES.items()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["report"].choices = [("", _("All")), *report_choices()]  # type: ignore[attr-defined]


class DecisionForm(RefusableForm):
    """What is said about a report."""

    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=10_000, widget=forms.Textarea({"rows": 3})
    )  # fmt: skip


class ScheduleForm(RefusableForm):
    """When a report is made by itself, for which days, and who gets it."""

    name = forms.CharField(label=_("Name"), max_length=100)
    report = forms.ChoiceField(label=_("Report"))
    cadence = forms.ChoiceField(label=_("Made"), choices=ReportSchedule.Cadence.choices)
    span = forms.ChoiceField(label=_("For"), choices=ReportSchedule.Span.choices)
    next_date = forms.DateField(
        label=_("First on"),
        widget=DayInput,
        help_text=_("After a closing: periods that end on or after the day before."),
    )
    saved_as = forms.MultipleChoiceField(
        label=_("Files"), choices=FORMS, required=False, widget=forms.CheckboxSelectMultiple
    )
    recipients = forms.CharField(
        label=_("By e-mail to"), required=False, max_length=8000, widget=forms.Textarea({"rows": 2}),
        help_text=_("Addresses, one a line."),
    )  # fmt: skip
    asked = forms.CharField(
        label=_("Besides the days"), required=False, max_length=2000,
        help_text=_("As in the address of the report: by=month&compare=year"),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("Active"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["report"].choices = report_choices()  # type: ignore[attr-defined]

    fields_of_places = {"forms": "saved_as"}

    def show(self, refusal: Any) -> None:
        """What the report does not heed was typed besides the days."""
        if refusal.place not in {*self.fields, "forms"}:
            self.add_error("asked", refusal.message)
        else:
            super().show(refusal)

    def content(self) -> ScheduleContent:
        """What the schedule says."""
        said = self.cleaned_data
        return ScheduleContent(
            name=said["name"], report=said["report"], cadence=said["cadence"], span=said["span"],
            next_date=said["next_date"], forms=said["saved_as"],
            asked=dict(parse_qsl(said["asked"].strip().lstrip("?"))),
            recipients=[one for one in re.split(r"[,;\s]+", said["recipients"]) if one], is_active=said["is_active"],
        )  # fmt: skip
