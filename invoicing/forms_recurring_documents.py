"""The forms of recurring documents: when they come and what is done, how they change, how their list is narrowed."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from invoicing.models import Document, RecurringDocument
from ledger.forms_drafts import RecurrenceForm
from ledger.shown_recurring import ACTIVE, ENDED, PAUSED, STUCK
from tenants.forms import DayInput, RefusableForm

PATTERNS_OFFERED = 100
Does = RecurringDocument.Does


class RecurringDocumentFilterForm(forms.Form):
    """How to narrow the recurring documents."""

    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All")), ("invoice", _("Invoices")), ("bill", _("Bills"))]
    )
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("All")), (ACTIVE, _("Active")), (PAUSED, _("Paused")), (ENDED, _("Ended")),
                 (STUCK, _("To look at"))],
    )  # fmt: skip


class RecurringDocumentForm(RecurrenceForm):
    """When a document comes again, and what is done with it."""

    does = forms.ChoiceField(label=_("Each time"), choices=Does.choices, initial=Does.DRAFT)

    def __init__(self, pattern: Document, *args: Any, may_post: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["does"].choices = offered_acts(pattern, may_post=may_post)  # type: ignore[attr-defined]


class RecurringDocumentChangeForm(RefusableForm):
    """What changes once it runs: what it is made like, what is done with it, and until when."""

    pattern = forms.ChoiceField(label=_("Made like"))
    does = forms.ChoiceField(label=_("Each time"), choices=Does.choices)
    end = forms.DateField(
        label=_("Last date"), required=False, widget=DayInput, help_text=_("Empty: until it is ended.")
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, recurring: RecurringDocument, *args: Any, may_post: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        before = recurring.pattern
        rows = Document.objects.for_company(recurring.company_id).filter(kind=before.kind, contact=before.contact_id)
        others = rows.exclude(pk=before.pk).order_by("-date", "-id")[:PATTERNS_OFFERED]
        self.fields["pattern"].choices = [_named(one) for one in (before, *others)]  # type: ignore[attr-defined]
        self.fields["does"].choices = offered_acts(before, may_post=may_post)  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """What `change_recurring_document` takes."""
        return {**self.cleaned_data, "pattern": UUID(self.cleaned_data["pattern"])}


def offered_acts(pattern: Document, *, may_post: bool) -> list[Any]:
    """Who may not post lets it be drafted; only what goes to customers is sent."""
    offered = [Does.DRAFT, *([Does.POST] if may_post else []), *([Does.SEND] if may_post and pattern.is_sale else [])]
    return [(one.value, one.label) for one in offered]


def _named(document: Document) -> tuple[str, str]:
    what = f"{document}, {date_format(document.date, 'j M Y')}, {document.total.normalize():,f} {document.currency}"
    return str(document.pk), f"{what} {document.reference}".strip()
