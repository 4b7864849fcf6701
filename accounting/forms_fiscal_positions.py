"""The forms of fiscal positions."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounting.fiscal_positions import LAST_PLACE, MOST_REPLACED, NOTE
from accounting.forms import DecimalInput
from accounting.models import HEADING, Account, FiscalPosition, TaxCode
from tenants.forms import RefusableForm
from tenants.models import Company

KEPT = ("name", "automatic", "who", "number", "note", "version")
EMPTY_ROWS = 2
Choices = list[tuple[str, Any]]


class FiscalPositionForm(RefusableForm):
    """Whose documents carry other taxes and accounts than usual."""

    name = forms.CharField(label=_("Name"), max_length=100)
    countries = forms.CharField(
        label=_("Countries"), max_length=1000, required=False,
        help_text=_("Such as DE, FR; empty: every country but the company's own."),
    )  # fmt: skip
    who = forms.ChoiceField(label=_("For"), choices=FiscalPosition.Who.choices)
    number = forms.IntegerField(
        label=_("Place"), min_value=1, max_value=LAST_PLACE, initial=1, widget=DecimalInput,
        help_text=_("The first that fits counts."),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note"), max_length=NOTE, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("Printed on documents."),
    )  # fmt: skip
    automatic = forms.BooleanField(
        label=_("Found by itself"), required=False, initial=True,
        help_text=_("By the country of the contact; otherwise only where a contact names it."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, position: FiscalPosition | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if position:
            own = {name: getattr(position, name) for name in KEPT}
            self.initial = {**own, "countries": ", ".join(position.countries)}
        else:
            del self.fields["version"]

    def clean_countries(self) -> list[str]:
        """Capital letters, whatever was typed between them."""
        return str(self.cleaned_data["countries"]).upper().replace(",", " ").replace(";", " ").split()


class PairForm(RefusableForm):
    """What is replaced, and by what; a blank one is none."""

    replaced = forms.ChoiceField(label=_("Instead of"), required=False)
    by = forms.ChoiceField(label=_("Use"), required=False)

    def __init__(self, *args: Any, choices: Choices, nothing: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["replaced"].choices = [("", "–"), *choices]
        fields["by"].choices = [("", nothing), *choices]

    @property
    def is_blank(self) -> bool:
        """Whether nothing is chosen in the row."""
        return not any(self.cleaned_data.values())


class TaxPairForm(PairForm):
    """A tax, and the one that stands for it, if any."""

    def clean(self) -> dict[str, Any]:
        """Something is replaced."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("by") and not cleaned.get("replaced"):
            self.add_error("replaced", _("Choose what is replaced."))
        return cleaned


class AccountPairForm(TaxPairForm):
    """An account, and the one that stands for it."""

    def clean(self) -> dict[str, Any]:
        """Both are there."""
        cleaned = super().clean()
        if cleaned.get("replaced") and not cleaned.get("by"):
            self.add_error("by", _("Choose what stands for it."))
        return cleaned


TaxPairFormSet = forms.formset_factory(TaxPairForm, extra=EMPTY_ROWS, max_num=MOST_REPLACED)
AccountPairFormSet = forms.formset_factory(AccountPairForm, extra=EMPTY_ROWS, max_num=MOST_REPLACED)


class Pairs:
    """Both lists under the form, and the rows that their choices stand for."""

    def __init__(self, company: Company, position: FiscalPosition | None, data: Any) -> None:
        taxes = list(TaxCode.objects.for_company(company).order_by("-use", "code"))
        chosen = position.accounts.values_list("source_id", "target_id") if position else []
        rows = Account.objects.for_company(company).filter(control=False).exclude(subtype=HEADING)
        offered = rows.filter(Q(status="active") | Q(pk__in=[pk for pair in chosen for pk in pair]))
        accounts = list(offered.exclude(type="statistical").order_by("code"))
        self.found: dict[str, Any] = {"": None, **{str(row.pk): row for row in (*taxes, *accounts)}}
        groups: dict[str, Choices] = {}
        for tax in taxes:
            groups.setdefault(str(tax.get_use_display()), []).append((str(tax.pk), str(tax)))
        self.taxes: Any = TaxPairFormSet(
            data, prefix="taxes", initial=_kept(position.taxes) if position else [],
            form_kwargs={"choices": list(groups.items()), "nothing": _("no tax")},
        )  # fmt: skip
        self.accounts: Any = AccountPairFormSet(
            data, prefix="accounts", initial=_kept(position.accounts) if position else [],
            form_kwargs={"choices": [(str(row.pk), str(row)) for row in accounts], "nothing": "–"},
        )  # fmt: skip

    def is_valid(self) -> bool:
        """Whether both lists are."""
        return bool(self.taxes.is_valid()) & bool(self.accounts.is_valid())

    def said(self, name: str) -> list[Any]:
        """The rows of a list that say something."""
        return [form for form in getattr(self, name) if not form.is_blank]

    def values(self) -> dict[str, Any]:
        """What the act takes."""
        return {name: [self._pair(form.cleaned_data) for form in self.said(name)] for name in ("taxes", "accounts")}

    def _pair(self, chosen: dict[str, str]) -> tuple[Any, Any]:
        return self.found[chosen["replaced"]], self.found[chosen["by"]]


def _kept(rows: Any) -> list[dict[str, str]]:
    pairs = rows.order_by("source__code").values_list("source_id", "target_id")
    return [{"replaced": str(source), "by": str(target or "")} for source, target in pairs]
