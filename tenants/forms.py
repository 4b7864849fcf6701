"""The forms of sign-in, company, members, delegations, credentials and audit trail."""

import datetime
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.company_settings import CHANGEABLE
from tenants.models import AuditEvent, Company, User
from tenants.permissions import ApiScope, Role
from tenants.refusal import Refused


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """The browser's own calendar and clock."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class RefusableForm(forms.Form):
    """A form that shows a refusal of the books at the field that it is about."""

    # Fields that are called otherwise than the place that a refusal names.
    fields_of_places: Mapping[str, str] = {}

    def show(self, refusal: Refused) -> None:
        """Put the refusal where it belongs; what was typed stays."""
        place = refusal.place.split(".")[-1]
        place = self.fields_of_places.get(place, place)
        self.add_error(place if place in self.fields else None, refusal.message)

    @property
    def status(self) -> int:
        return 422 if self.errors else 200


class ReasonForm(RefusableForm):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=2000)


class DayAndReasonForm(ReasonForm):
    """When, and why."""

    date = forms.DateField(label=_("Date"), widget=DayInput)
    field_order = ("date", "reason")


class SignInForm(AuthenticationForm):
    """E-mail address and password."""

    error_messages = {
        "invalid_login": _("That e-mail address and password do not match. Both may matter in upper and lower case."),
        "inactive": _("This person may not sign in any more."),
    }


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The settings of a company."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = Company
        fields = CHANGEABLE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = [(number, datetime.date(2000, number, 1).strftime("%B")) for number in range(1, 13)]
        self.fields["year_start_month"].widget = forms.Select(choices=months)


class MemberForm(RefusableForm):
    """A person to let in."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=150, required=False, help_text=_("For a new person."))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.CLERK)


class MemberChangeForm(forms.Form):
    """Another role, or the end of a membership."""

    role = forms.ChoiceField(choices=Role.choices, required=False)
    is_active = forms.TypedChoiceField(
        choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1", empty_value=None, required=False
    )

    def changes(self) -> dict[str, Any]:
        """What the person asked to change."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class CredentialForm(RefusableForm):
    """A credential to make."""

    fields_of_places = {"expires_at": "expires_on"}

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("The program that will use it."))
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), choices=ApiScope.choices, widget=forms.CheckboxSelectMultiple, initial=[ApiScope.READ]
    )
    expires_on = forms.DateField(
        label=_("Expires after"), required=False, widget=DayInput, help_text=_("Empty: it does not expire.")
    )

    def expires_at(self) -> datetime.datetime | None:
        """The end of the day that was chosen."""
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        return timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))


class AuditForm(forms.Form):
    """How to narrow the audit trail."""

    subject = forms.CharField(label=_("Table"), max_length=63, required=False)
    row = forms.UUIDField(label=_("Row"), required=False)
    actor = forms.CharField(label=_("Who"), max_length=200, required=False)
    operation = forms.ChoiceField(
        label=_("Operation"), required=False, choices=[("", _("All")), *AuditEvent.Operation.choices]
    )
    since = forms.DateField(label=_("From"), required=False, widget=DayInput)
    until = forms.DateField(label=_("To"), required=False, widget=DayInput)


class DelegationForm(RefusableForm):
    """Who approves in whose place, and from when to when."""

    fields_of_places = {"delegate": "to"}

    delegator = forms.TypedChoiceField(label=_("In the place of"), coerce=UUID)
    to = forms.TypedChoiceField(label=_("Approves"), coerce=UUID)
    start = forms.DateField(label=_("From"), widget=DayInput)
    end = forms.DateField(label=_("Up to and including"), widget=DayInput)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)

    def __init__(self, *args: Any, delegators: list[User], delegates: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {user.pk: user for user in (*delegators, *delegates)}
        for name, offered in (("delegator", delegators), ("to", delegates)):
            choices = [(str(user.pk), f"{user} ({user.email})") for user in offered]
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What `delegate` takes."""
        asked = dict(self.cleaned_data)
        return {**asked, "delegator": self.people[asked["delegator"]], "to": self.people[asked["to"]]}
