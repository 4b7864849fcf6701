"""The form of an exception from a lock date."""

import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.models import LockDate
from tenants.forms import DayInput, MomentInput, RefusableForm
from tenants.models import Company, Membership, User
from tenants.permissions import Permission, permissions_of_role


class LockExceptionForm(RefusableForm):
    """What is asked for: behind which lock, from which day on, for whom, until when, and why."""

    kind = forms.ChoiceField(label=_("Lock"), choices=LockDate.Kind.choices)
    start = forms.DateField(label=_("For entries dated from"), widget=DayInput)
    expires_at = forms.CharField(label=_("Open until"), max_length=30, widget=MomentInput)
    person = forms.ChoiceField(label=_("For"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=2000)
    field_order = ("kind", "start", "expires_at", "person", "reason")

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(company.time_zone)
        self.posters = _posters(company)
        choices = [("", _("Everybody who may post")), *((str(user.pk), str(user)) for user in self.posters.values())]
        self.fields["person"].choices = choices  # type: ignore[attr-defined]
        self.fields["expires_at"].help_text = _("Time of %s; 31 days at most.") % company.time_zone

    def clean_expires_at(self) -> datetime.datetime:
        """The moment, on the company's clock."""
        try:
            typed = datetime.datetime.fromisoformat(self.cleaned_data["expires_at"].strip())
            return typed if typed.tzinfo else typed.replace(tzinfo=self.zone).astimezone(datetime.UTC)
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(_("Write a day and a time, such as 2026-03-31 18:00.")) from error

    def wanted(self) -> dict[str, Any]:
        """What `ask_exception` takes."""
        asked = dict(self.cleaned_data)
        chosen = asked["person"]
        return {**asked, "person": self.posters[UUID(chosen)] if chosen else None}


def _posters(company: Company) -> dict[UUID, User]:
    """The active members who may post, by name."""
    rows = Membership.objects.for_company(company).filter(is_active=True, user__is_active=True).select_related("user")
    may_post = [row.user for row in rows if Permission.POST_ENTRIES in permissions_of_role(row.role)]
    return {user.pk: user for user in sorted(may_post, key=str)}
