"""The forms of payments: head, parts, and how lists are narrowed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounting.chart import chart_of
from accounting.form_choices import currencies
from accounting.models import Contact
from invoicing.forms_documents import NumberField, meant_contact
from invoicing.models import Payment
from invoicing.payment_listing import STATES
from invoicing.payments import PartContent, PaymentContent
from ledger.amount_text import read_amount
from tenants.forms import DayInput, RefusableForm
from tenants.models import Company

CASH = ("cash", "bank", "clearing", "credit_card")
# What is done with a customer or supplier: direction and role.
WAYS = {
    "receipt": ("in", "customer", _("Received from a customer")),
    "payment": ("out", "supplier", _("Paid to a supplier")),
    "refund": ("out", "customer", _("Given back to a customer")),
    "returned": ("in", "supplier", _("Got back from a supplier")),
}


class PaymentHeadForm(RefusableForm):
    """What came in or goes out; what it is for is a grid of its own."""

    contact = forms.CharField(max_length=300, widget=forms.TextInput({"list": "contacts", "autocomplete": "off"}))
    date = forms.DateField(label=_("Date"), widget=DayInput)
    amount = NumberField(label=_("Amount"))
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    rate = NumberField(label=_("Rate"), help_text=_("Empty: of the day."))
    account = forms.ChoiceField(label=_("Bank or cash account"))
    method = forms.ChoiceField(label=_("Method"), choices=Payment.Method.choices)
    reference = forms.CharField(label=_("Reference"), max_length=200, required=False)
    memo = forms.CharField(label=_("Internal note"), max_length=10_000, required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, required=False, help_text=_("Of a write-off; opens a soft-closed period.")
    )
    prepayment = forms.BooleanField(label=_("What is for nothing yet stands as an advance"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    MAIN = ("contact", "date", "amount", "currency", "account", "method", "reference")
    MORE = ("rate", "memo", "reason", "prepayment")

    def __init__(self, company: Company, way: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company, self.direction, self.role = company, *WAYS[way][:2]
        chart, fields = chart_of(company), self.fields
        choices: dict[str, Any] = dict(fields)
        choices["contact"].label = _("Customer") if self.is_customer else _("Supplier")
        choices["currency"].choices = currencies(chart, company.base_currency, "")
        choices["account"].choices = [
            (account.code, f"{account.code} {account.name}")
            for account in chart.by_code.values()
            if account.subtype in CASH and account.status == "active"
        ]
        if "bank" in chart.by_role and not self.initial.get("account"):
            self.initial["account"] = chart.by_role["bank"].code

    @property
    def is_customer(self) -> bool:
        return self.role == Payment.Role.CUSTOMER

    def clean_contact(self) -> Contact:
        """The contact that is meant."""
        text = self.cleaned_data["contact"].strip()
        found = meant_contact(self.company, text, customers=self.is_customer)
        if found is None:
            none = _("There is no customer “%s”.") if self.is_customer else _("There is no supplier “%s”.")
            raise forms.ValidationError(none % text)
        return found

    def clean_amount(self) -> Decimal:
        """An amount has to be there."""
        amount: Decimal | None = self.cleaned_data["amount"]
        if amount is None:
            raise forms.ValidationError(_("How much?"))
        return amount

    @property
    def main_fields(self) -> list[Any]:
        """What every payment says."""
        return [self[name] for name in self.MAIN]

    @property
    def more_fields(self) -> list[Any]:
        """What few payments say."""
        return [self[name] for name in self.MORE]

    def content(self, parts: Sequence[PartContent]) -> PaymentContent:
        """The payment as it is written."""
        asked = self.cleaned_data
        return PaymentContent(
            direction=self.direction, role=self.role, contact=asked["contact"].pk, date=asked["date"],
            amount=asked["amount"], currency=asked["currency"] or self.company.base_currency, rate=asked["rate"],
            account=asked["account"], method=asked["method"], reference=asked["reference"], memo=asked["memo"],
            reason=asked["reason"], prepayment=asked["prepayment"], parts=parts,
        )  # fmt: skip


@dataclass(slots=True)
class PartRow:
    """Something open and how much of it the payment is for: the texts of its cells."""

    target: Any
    left: Decimal
    decimals: int
    is_payment: bool = False
    amount: str = ""
    discount: str = ""
    write_off: str = ""
    spent: str = ""
    offered_discount: Decimal | None = None
    errors: dict[str, str] = field(default_factory=dict)


CELLS = ("amount", "discount", "write_off", "spent")


def typed_parts(data: QueryDict, rows: Sequence[PartRow]) -> list[tuple[PartRow, PartContent]]:
    """What was typed for each open thing; those without an amount are left out. Refused: `bad_amount`."""
    found: list[tuple[PartRow, PartContent]] = []
    for row in rows:
        pk: UUID = row.target.pk
        for name in CELLS:
            setattr(row, name, data.get(f"{name}-{pk}", "").strip())
        amounts = {name: read_amount(getattr(row, name), f"parts[{len(found)}].{name}") for name in CELLS}
        spent = amounts.pop("spent")
        given = {name: amount or Decimal(0) for name, amount in amounts.items()}
        if any(given.values()):
            document, refunds = (None, pk) if row.is_payment else (pk, None)
            found.append((row, PartContent(document=document, refunds=refunds, spent=spent, **given)))
    return found


class PaymentFilterForm(forms.Form):
    """How to narrow the payments; its state is the address."""

    start = forms.DateField(label=_("From"), required=False, widget=DayInput)
    end = forms.DateField(label=_("To"), required=False, widget=DayInput)
    direction = forms.ChoiceField(
        label=_("Direction"), required=False, choices=[("", _("All")), *Payment.Direction.choices]
    )
    text = forms.CharField(
        label=_("Number, reference or name"), required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )


TABS = {"": _("All"), **{state: STATES[state] for state in ("draft", "submitted", "approved", "posted")}}
