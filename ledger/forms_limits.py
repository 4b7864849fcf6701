"""The forms of limits and holds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.chart import Chart, ChartAccount
from accounting.forms import DecimalInput
from accounting.models import SubAccount
from ledger.amount_text import read_amount
from ledger.forms_deferrals import AccountBox, account_meant
from ledger.limit_listing import OPEN
from ledger.models import HoldEnd
from ledger.refusals import BY_CONSTRAINT, BadAmount, LimitExceeded
from tenants.forms import DayInput, MomentInput, RefusableForm
from tenants.models import Company
from tenants.refusal import Refused

MOST_DECIMALS = 12


class AmountBox(forms.CharField):
    """An amount as people type it; nothing typed is no amount."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(max_length=60, widget=DecimalInput, **fields)

    def clean(self, value: Any) -> Any:
        """The amount, or None."""
        text = super().clean(value)
        try:
            amount = read_amount(text, "amount")
        except BadAmount as refusal:
            raise forms.ValidationError(refusal.message) from refusal
        if amount is not None and int(amount.as_tuple().exponent) < -MOST_DECIMALS:
            raise forms.ValidationError(_("At most %d decimals.") % MOST_DECIMALS)
        return amount


class LimitFilterForm(forms.Form):
    """How to narrow the limits."""

    account = AccountBox(label=_("Account"), required=False)

    def __init__(self, chart: Chart, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chart = chart

    def clean_account(self) -> ChartAccount | None:
        return account_meant(self.cleaned_data["account"], self.chart)


class BoundsForm(RefusableForm):
    """A floor, a ceiling, or none."""

    floor = AmountBox(label=_("Floor"), required=False, help_text=_("Empty: the balance may fall as it likes."))
    ceiling = AmountBox(label=_("Ceiling"), required=False, help_text=_("Empty: the balance may rise as it likes."))

    def show(self, refusal: Refused) -> None:
        """A bound that the balance passes now is refused at its own field."""
        if isinstance(refusal, LimitExceeded):
            at_ceiling = refusal.message == BY_CONSTRAINT["limit_ceiling"][1]
            self.add_error("ceiling" if at_ceiling else "floor", _("The balance is past it already."))
        else:
            super().show(refusal)

    def clean(self) -> dict[str, Any]:
        """A floor does not lie above its ceiling."""
        asked = super().clean() or self.cleaned_data
        floor, ceiling = asked.get("floor"), asked.get("ceiling")
        if floor is not None and ceiling is not None and floor > ceiling:
            self.add_error("floor", _("The floor lies above the ceiling."))
        return asked


class LimitForm(BoundsForm):
    """A floor or ceiling under an account or sub-account, in one currency."""

    account = AccountBox(label=_("Account"))
    sub_account = forms.CharField(
        label=_("Sub-account"), required=False, max_length=60, help_text=_("Empty: the account as a whole.")
    )
    currency = forms.ChoiceField(label=_("Currency or unit"))
    field_order = ("account", "sub_account", "currency", "floor", "ceiling")

    def __init__(self, company: Company, chart: Chart, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company, self.chart = company, chart
        self.fields["currency"].choices = [(code, code) for code in sorted(chart.units)]  # type: ignore[attr-defined]

    def clean_account(self) -> ChartAccount | None:
        return account_meant(self.cleaned_data["account"], self.chart)

    def clean(self) -> dict[str, Any]:
        """The sub-account is one of the account."""
        asked = super().clean()
        account, code = asked.get("account"), asked.get("sub_account", "").strip()
        asked["sub_account"] = None
        if account and code:
            rows = SubAccount.objects.for_company(self.company).filter(account_id=account.id, code=code)
            asked["sub_account"] = rows.values_list("id", flat=True).first()
            if asked["sub_account"] is None:
                self.add_error("sub_account", _("The account has no sub-account “%(code)s”.") % {"code": code})
        return asked


class HoldFilterForm(forms.Form):
    """How to narrow the holds under a limit."""

    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("All")), (OPEN, _("Held")), *HoldEnd.Outcome.choices],
    )  # fmt: skip


class HoldForm(RefusableForm):
    """An amount to keep free under a limit."""

    amount = AmountBox(label=_("Amount"), help_text=_("Signed as the line that it waits for: a credit below zero."))
    memo = forms.CharField(label=_("Memo"), required=False, max_length=1000)
    expires_at = forms.DateTimeField(label=_("Expires (UTC)"), required=False, widget=MomentInput)
    key = forms.CharField(max_length=100, widget=forms.HiddenInput)

    def show(self, refusal: Refused) -> None:
        """What the limit does not allow is about the amount."""
        if isinstance(refusal, LimitExceeded):
            self.add_error("amount", _("That is more than is free under the limit."))
        else:
            super().show(refusal)


class HoldPostForm(RefusableForm):
    """How much of a hold is posted, and against which account."""

    amount = AmountBox(label=_("Amount"), help_text=_("At most what is held; the rest is free again."))
    against = AccountBox(label=_("Against"))
    date = forms.DateField(label=_("Date"), widget=DayInput)
    memo = forms.CharField(label=_("Memo"), required=False, max_length=10_000)

    def __init__(self, chart: Chart, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chart = chart

    def clean_against(self) -> ChartAccount | None:
        return account_meant(self.cleaned_data["against"], self.chart)
