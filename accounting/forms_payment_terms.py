"""The forms of payment terms."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.amounts import amount_text
from accounting.forms import DecimalInput
from accounting.models import PaymentTerms
from accounting.payment_terms import LAST_DAY, MOST_DAYS, MOST_INSTALMENTS, MOST_MONTHS
from tenants.forms import RefusableForm

EMPTY_ROWS = 3


class PercentField(forms.CharField):
    """A percentage as people type it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, widget=DecimalInput, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """The number, or nothing."""
        text = str(super().clean(value)).replace("%", "").strip()
        try:
            return Decimal(text) if text else None
        except InvalidOperation as error:
            raise forms.ValidationError(_("This is no number.")) from error


class TermsForm(RefusableForm):
    """When documents are due, and what paying early saves."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("As it stands on documents."))
    discount_percent = PercentField(
        label=_("Discount %"), required=False, help_text=_("For paying early; empty: none.")
    )
    discount_days = forms.IntegerField(
        label=_("Within days"), min_value=0, max_value=MOST_DAYS, required=False, widget=DecimalInput,
        help_text=_("Counted from the date of the document."),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, terms: PaymentTerms | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if terms:
            self.initial = self.initial or _values_of(terms)
        else:
            del self.fields["version"]

    def values(self) -> dict[str, Any]:
        """What the act takes."""
        values = dict(self.cleaned_data)
        values["discount_percent"] = values["discount_percent"] or Decimal(0)
        values["discount_days"] = values["discount_days"] or 0
        return values


class InstalmentForm(RefusableForm):
    """One instalment; a blank one is none."""

    percent = PercentField(label=_("Percent"), required=False)
    months = forms.IntegerField(
        label=_("Months"), min_value=0, max_value=MOST_MONTHS, required=False, widget=DecimalInput
    )
    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=MOST_DAYS, required=False, widget=DecimalInput)
    day_of_month = forms.IntegerField(
        label=_("Day of the month"), min_value=1, max_value=LAST_DAY, required=False, widget=DecimalInput
    )

    @property
    def is_blank(self) -> bool:
        """Whether nothing is typed in the row."""
        return all(value is None for value in self.cleaned_data.values())

    def values(self) -> dict[str, Any]:
        """What the act takes; without a percentage the instalment is the whole."""
        given = {name: value for name, value in self.cleaned_data.items() if value is not None}
        return {"percent": Decimal(100), **given}


InstalmentFormSet = forms.formset_factory(InstalmentForm, extra=EMPTY_ROWS, max_num=MOST_INSTALMENTS)


def typed_instalments(formset: Any) -> tuple[list[Any], list[dict[str, Any]]]:
    """The rows that say something, as forms and as the act takes them; no row at all is one part, due at once."""
    said = [form for form in formset if not form.is_blank]
    return said, [form.values() for form in said] or [{}]


def kept_instalments(terms: PaymentTerms) -> list[dict[str, Any]]:
    """The instalments as the form offers them."""
    return [
        {"percent": amount_text(row.percent, 0), "months": row.months or None, "days": row.days or None,
         "day_of_month": row.day_of_month}
        for row in terms.instalments.all()
    ]  # fmt: skip


def _values_of(terms: PaymentTerms) -> dict[str, Any]:
    own = {name: getattr(terms, name) for name in ("code", "name", "version")}
    return {
        **own, "discount_percent": amount_text(terms.discount_percent, 0) if terms.discount_percent else "",
        "discount_days": terms.discount_days or "",
    }  # fmt: skip
