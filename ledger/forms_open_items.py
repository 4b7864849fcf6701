"""The forms of open items and settlements."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.chart import Chart
from accounting.models import SubAccount
from ledger.open_item_listing import WantedItems
from tenants.forms import DayInput, RefusableForm
from tenants.models import Company


def item_accounts(chart: Chart) -> list[tuple[str, str]]:
    """The accounts whose lines are settled one by one."""
    return [(one.code, f"{one.code} {one.name}") for one in chart.by_code.values() if one.open_item]


class OpenItemFilterForm(forms.Form):
    """How to narrow the open items; its state is the address."""

    date = forms.DateField(label=_("As of"), required=False, widget=DayInput)
    account = forms.ChoiceField(label=_("Account"), required=False)
    sub_account = forms.CharField(label=_("Sub-account"), required=False, max_length=60)
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    show = forms.ChoiceField(
        label=_("Items"), required=False, choices=[("", _("Open only")), ("all", _("Settled too"))]
    )

    def __init__(self, company: Company, chart: Chart, today: datetime.date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company, self.chart, self.today = company, chart, today
        self.fields["account"].choices = [("", _("All")), *item_accounts(chart)]  # type: ignore[attr-defined]
        units = [(code, code) for code, unit in sorted(chart.units.items()) if unit.kind != "statistical"]
        self.fields["currency"].choices = [("", _("All")), *units]  # type: ignore[attr-defined]

    def clean_sub_account(self) -> SubAccount | None:
        """The sub-account with this code, of the account that is chosen or of the only one that has it."""
        code = self.cleaned_data["sub_account"].strip()
        if not code:
            return None
        found = SubAccount.objects.for_company(self.company).filter(code=code, account__open_item=True)
        if account := self.cleaned_data.get("account"):
            found = found.filter(account__code=account)
        rows: list[SubAccount] = list(found[:2])
        if not rows:
            raise forms.ValidationError(_("There is no sub-account “%(code)s”."), params={"code": code})
        if len(rows) > 1:
            raise forms.ValidationError(_("Several accounts have this sub-account: choose the account too."))
        return rows[0]

    def wanted(self) -> WantedItems:
        """What the list is narrowed to."""
        asked = self.cleaned_data
        account = self.chart.by_code.get(asked.get("account", ""))
        sub = asked.get("sub_account")
        return WantedItems(
            asked.get("date") or self.today, (account.id,) if account else (), sub.pk if sub else None,
            asked.get("currency", ""), asked.get("show") == "all",
        )  # fmt: skip


class SettleForm(RefusableForm):
    """When open items are settled, and what for; the pairs are rows of their own."""

    date = forms.DateField(label=_("Date"), widget=DayInput)
    reason = forms.CharField(label=_("Note"), required=False, max_length=2000)
    key = forms.CharField(max_length=100, widget=forms.HiddenInput)


class SettlementFilterForm(forms.Form):
    """How to narrow the settlements."""

    account = forms.ChoiceField(label=_("Account"), required=False)
    sub_account = forms.CharField(label=_("Sub-account"), required=False, max_length=60)

    def __init__(self, chart: Chart, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = [("", _("All")), *item_accounts(chart)]  # type: ignore[attr-defined]
        self.fields["from"] = forms.DateField(label=_("From"), required=False, widget=DayInput)
        self.fields["to"] = forms.DateField(label=_("To"), required=False, widget=DayInput)
        self.order_fields(["from", "to", "account", "sub_account"])

    def wanted(self) -> dict[str, Any]:
        """What the list is narrowed to, as `list_settlements` takes it."""
        asked = self.cleaned_data
        return {
            "start": asked.get("from"), "date": asked.get("to"), "account": asked.get("account", ""),
            "sub_account": asked.get("sub_account", "").strip(),
        }  # fmt: skip
