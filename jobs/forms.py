"""The forms of webhooks."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from jobs.models import WebhookEndpoint
from jobs.webhook_addresses import LONGEST
from jobs.webhook_endpoints import LONGEST_DESCRIPTION, MOST_HOURS, USUAL_HOURS
from jobs.webhooks import PING
from tenants.forms import RefusableForm


class WebhookForm(RefusableForm):
    """Where a webhook goes, and what it is told."""

    url = forms.CharField(
        label=_("Address"), max_length=LONGEST, help_text=_("https://, of the system that wants to know.")
    )
    description = forms.CharField(label=_("Description"), max_length=LONGEST_DESCRIPTION, required=False)
    events = forms.MultipleChoiceField(
        label=_("Events"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them, also those that come with a later release."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, endpoint: WebhookEndpoint | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A test event comes when somebody asks for it.
        self.fields["events"].choices = [(name, name) for name in settings.WEBHOOK_EVENTS if name != PING]  # type: ignore[attr-defined]
        if endpoint:
            self.initial = {name: getattr(endpoint, name) for name in ("url", "description", "events", "version")}
        else:
            del self.fields["version"]


class RotateForm(RefusableForm):
    """How long the old secret goes on beside the new one."""

    hours = forms.IntegerField(
        label=_("Hours that the old secret stays valid"), min_value=0, max_value=MOST_HOURS, initial=USUAL_HOURS,
        help_text=_("0: it ends at once."),
    )  # fmt: skip
