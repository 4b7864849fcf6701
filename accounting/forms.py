"""The forms of accounts, periods and rates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.mappings import LONGEST_CODE, codes_of
from accounting.models import HEADING, SUBTYPES, Account, AccountMapping, AccountType, LockDate, Unit
from accounting.spreadsheets import BadFile, table_text
from tenants.forms import DayInput, RefusableForm
from tenants.models import Company


class DecimalInput(forms.TextInput):
    """A number as text: browsers' number boxes change what people type."""

    def __init__(self) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", "class": "number"})


def _subtypes() -> list[tuple[str, Any]]:
    groups = [
        (str(AccountType(kind).label), [(name, name.replace("_", " ").capitalize()) for name in names])
        for kind, names in SUBTYPES.items()
    ]
    return [("", "–"), (HEADING, _("Heading")), *groups]


class AccountForm(RefusableForm):
    """One account of the chart."""

    code = forms.CharField(label=_("Code"), max_length=120)
    name = forms.CharField(label=_("Name"), max_length=200)
    type = forms.ChoiceField(label=_("Type"), choices=AccountType.choices)
    subtype = forms.ChoiceField(label=_("Subtype"), required=False)
    parent = forms.ModelChoiceField(
        label=_("Heading"), queryset=Account.objects.none(), required=False, empty_label=_("None")
    )
    currency = forms.ChoiceField(label=_("Only in currency or unit"), required=False)
    status = forms.ChoiceField(label=_("Status"), choices=Account.Status.choices, initial=Account.Status.ACTIVE)
    role = forms.CharField(
        label=_("Posting role"), max_length=40, required=False, help_text=_("What the system posts here by itself.")
    )
    tags = forms.CharField(label=_("Tags"), max_length=500, required=False, help_text=_("Separated by semicolons."))
    control = forms.BooleanField(
        label=_("Control account"), required=False, help_text=_("Closed to manual posting; detailed by sub-accounts.")
    )
    open_item = forms.BooleanField(
        label=_("Open items"), required=False, help_text=_("Its lines are settled one by one.")
    )
    description = forms.CharField(
        label=_("Description"), required=False, max_length=5000, widget=forms.Textarea({"rows": 2})
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, company: Company, account: Account | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        headings = Account.objects.for_company(company).filter(subtype=HEADING).order_by("code")
        self.fields["parent"].queryset = headings.exclude(pk=account.pk) if account else headings  # type: ignore[attr-defined]
        units = Unit.objects.for_company(company).values_list("code", "name")
        choices = [("", _("Any")), *((code, f"{code} {name}") for code, name in units)]
        self.fields["currency"].choices = choices  # type: ignore[attr-defined]
        self.fields["subtype"].choices = _subtypes()  # type: ignore[attr-defined]
        for scheme in AccountMapping.Scheme:
            self.fields[scheme.value] = forms.CharField(label=scheme.label, max_length=LONGEST_CODE, required=False)
        if account:
            self.fields["type"].disabled = True
            self.initial = self.initial or _values_of(account)
        else:
            del self.fields["status"], self.fields["version"]

    def clean_tags(self) -> list[str]:
        return [tag.strip() for tag in self.cleaned_data["tags"].split(";") if tag.strip()]

    @property
    def account_fields(self) -> list[Any]:
        """The fields of the account itself."""
        return [field for field in self if field.name not in AccountMapping.Scheme.values]

    @property
    def mapping_fields(self) -> list[Any]:
        """What the account is called in statutory schemes."""
        return [self[scheme] for scheme in AccountMapping.Scheme.values]

    def values(self) -> dict[str, Any]:
        """What the act takes."""
        values = dict(self.cleaned_data)
        values["mappings"] = {scheme: values.pop(scheme) for scheme in AccountMapping.Scheme.values}
        if self.account:
            del values["type"]
        return values


def _values_of(account: Account) -> dict[str, Any]:
    names = (
        "code", "name", "type", "subtype", "parent", "currency", "status", "role", "control", "open_item",
        "description", "version",
    )  # fmt: skip
    own = {name: getattr(account, name) for name in names}
    return {**own, "tags": "; ".join(account.tags), **codes_of(account)}


class ChartFilterForm(forms.Form):
    """How to narrow the chart."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    status = forms.ChoiceField(
        label=_("Status"), required=False,
        choices=[("", _("In use")), *Account.Status.choices, ("all", _("All"))],
    )  # fmt: skip


class ChartFileForm(RefusableForm):
    """A chart of accounts as a file: first looked at, then imported."""

    file = forms.FileField(label=_("CSV or XLSX file"), required=False)
    text = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def clean(self) -> dict[str, Any]:
        """The text of the file, or the text that the preview carried."""
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if file:
            try:
                cleaned["text"] = table_text(file.read())
            except BadFile as refusal:
                raise forms.ValidationError(refusal.message) from refusal
        if not cleaned.get("text"):
            raise forms.ValidationError(_("Choose a file."))
        return cleaned


class LockDateForm(RefusableForm):
    """Move one lock date."""

    kind = forms.ChoiceField(choices=LockDate.Kind.choices, widget=forms.HiddenInput)
    until = forms.DateField(label=_("Up to and including"), required=False, widget=DayInput)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)


class RateForm(RefusableForm):
    """The exchange rate of a day."""

    currency = forms.ChoiceField(label=_("Currency"))
    date = forms.DateField(label=_("Date"), widget=DayInput)
    rate = forms.DecimalField(label=_("Rate"), max_digits=24, decimal_places=12, widget=DecimalInput)
    source = forms.CharField(label=_("Source"), max_length=100, initial="manual")

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.for_company(company).exclude(code=company.base_currency).exclude(kind="statistical")
        self.fields["currency"].choices = [(unit.code, f"{unit.code} {unit.name}") for unit in units]  # type: ignore[attr-defined]
