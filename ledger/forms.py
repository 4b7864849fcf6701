"""The forms of entries, ledgers and imports."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.account_ranking import meant
from accounting.api_query import FIRST_YEAR
from accounting.chart import Chart
from accounting.models import AccountType
from ledger.entry_listing import Wanted
from ledger.journal_import import FORMATS
from ledger.models import Draft, Journal
from ledger.proposals import NEXT_PERIOD
from tenants.forms import DayInput, RefusableForm
from tenants.models import Company

_JOURNALS_SHOWN = 200


def journal_choices(company: Company) -> list[tuple[str, str]]:
    """The active journals, by code."""
    found = Journal.objects.for_company(company).filter(is_active=True).order_by("code")
    return [(journal.code, f"{journal.code} {journal.name}") for journal in found[:_JOURNALS_SHOWN]]


class EntryFilterForm(forms.Form):
    """How to narrow the journal; its state is the address."""

    text = forms.CharField(
        label=_("Text or number"), required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )
    journal = forms.ChoiceField(label=_("Journal"), required=False)
    account = forms.CharField(
        label=_("Account"), required=False, max_length=330,
        widget=forms.TextInput({"data-accounts": "", "autocomplete": "off"}),
    )  # fmt: skip
    type = forms.ChoiceField(label=_("Type"), required=False, choices=[("", _("All")), *AccountType.choices])
    source = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, company: Company, chart: Chart, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chart = chart
        self.fields["journal"].choices = [("", _("All")), *journal_choices(company)]  # type: ignore[attr-defined]
        self.fields["from"] = forms.DateField(label=_("From"), required=False, widget=DayInput)
        self.fields["to"] = forms.DateField(label=_("To"), required=False, widget=DayInput)
        self.order_fields(["from", "to", "journal", "account", "type", "text"])

    def clean_account(self) -> Any:
        text = self.cleaned_data["account"].strip()
        if not text:
            return None
        account = meant(text, self.chart.by_code.values())
        if account is None:
            raise forms.ValidationError(_("There is no account “%(text)s”."), params={"text": text})
        return account

    def wanted(self) -> Wanted:
        """What the list is narrowed to."""
        asked = self.cleaned_data
        account = asked.get("account")
        return Wanted(
            start=asked.get("from"), date=asked.get("to"), journal=asked.get("journal", ""),
            account=account.id if account else None, type=asked.get("type", ""), text=asked.get("text", "").strip(),
            source=asked.get("source", ""),
        )  # fmt: skip


class EntryHeadForm(RefusableForm):
    """Date, journal and texts of a new entry; the lines are a grid of their own."""

    date = forms.DateField(label=_("Date"), widget=DayInput)
    journal = forms.ChoiceField(label=_("Journal"))
    memo = forms.CharField(
        label=_("Memo"), required=False, max_length=10_000,
        widget=forms.TextInput({"placeholder": _("What is this for?")}),
    )  # fmt: skip
    reference = forms.CharField(label=_("Reference"), required=False, max_length=200)
    auto_reverse = forms.ChoiceField(
        label=_("Reverse by itself"), required=False, choices=Draft.AutoReverse.choices, initial=""
    )
    reverse_on = forms.DateField(label=_("Reverse on"), required=False, widget=DayInput)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=1000)
    key = forms.CharField(max_length=100, widget=forms.HiddenInput)

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["journal"].choices = journal_choices(company)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """`reverse_on` becomes what a proposal says: a date, the next period, or nothing."""
        asked = super().clean() or self.cleaned_data
        choice, day = asked.get("auto_reverse", ""), asked.get("reverse_on")
        if choice == Draft.AutoReverse.DATE and day is None and "reverse_on" not in self.errors:
            self.add_error("reverse_on", _("Name the day on which it is reversed."))
        elif choice != Draft.AutoReverse.DATE:
            asked["reverse_on"] = NEXT_PERIOD if choice == Draft.AutoReverse.NEXT_PERIOD else None
        return asked


class DraftHeadForm(EntryHeadForm):
    """The head of a draft that is changed; `version` is the one that the person saw."""

    key = None  # type: ignore[assignment]
    version = forms.IntegerField(widget=forms.HiddenInput)


class LedgerFilterForm(forms.Form):
    """The range of an account's ledger, and as known when: a block or a moment."""

    known = forms.CharField(
        label=_("As known at"), required=False, max_length=40,
        widget=forms.TextInput({"placeholder": _("now"), "autocomplete": "off"}),
        help_text=_("A block, or a moment such as 2026-03-31 18:00."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from"] = forms.DateField(label=_("From"), required=False, widget=DayInput)
        self.fields["to"] = forms.DateField(label=_("To"), required=False, widget=DayInput)
        self.order_fields(["from", "to", "known"])

    def clean_known(self) -> int | datetime.datetime | None:
        """A block number, a moment, or nothing."""
        return known_moment(self.cleaned_data["known"])


def known_moment(text: str) -> int | datetime.datetime | None:
    """Knowledge as typed: “7” is block 7; a moment without a zone is UTC."""
    text = text.strip()
    if not text:
        return None
    if text.isdecimal() and len(text) < 19:
        return int(text)
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise forms.ValidationError(_("Neither a block number nor a moment.")) from error
    if not FIRST_YEAR <= moment.year < datetime.MAXYEAR:
        raise forms.ValidationError(_("Neither a block number nor a moment."))
    # In UTC: the database knows fewer offsets than ISO 8601 allows.
    return moment.astimezone(datetime.UTC) if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


class JournalFileForm(RefusableForm):
    """A journal of another program."""

    file = forms.FileField(label=_("File"))
    format = forms.ChoiceField(
        label=_("Format"), required=False,
        choices=[("", _("By the file's name")), *((name, name) for name in FORMATS)],
    )  # fmt: skip
    columns = forms.CharField(
        label=_("Columns"), required=False, max_length=5000, widget=forms.Textarea({"rows": 2}),
        help_text=_("For a table with other headings, one a line: Konto = account"),
    )  # fmt: skip
