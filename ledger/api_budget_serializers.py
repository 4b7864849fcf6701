"""The shapes of budgets and their lines, as the API's description shows them."""

from typing import Any

from rest_framework import serializers

from accounting.amounts import amount_text
from accounting.api_query import IsoDate, QueryParameters
from ledger.api_serializers import AmountText
from ledger.models import Budget, BudgetLine
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField


class BudgetOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    """One version of a budget."""

    dimension = serializers.CharField(source="dimension.code", allow_null=True, default=None, help_text="Code.")

    class Meta:
        model = Budget
        fields = read_only_fields = [
            "id", "name", "number", "start", "end", "state", "control", "basis", "dimension", "created_by",
            "created_at", "version",
        ]  # fmt: skip


class BudgetLineOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    """What is planned for an account in a month, in base currency, on the account's normal side."""

    account = serializers.CharField(source="account.code", help_text="Code.")
    account_name = serializers.CharField(source="account.name")
    value = serializers.CharField(source="value.code", default="", help_text="Of the budget's dimension; else empty.")
    amount = serializers.SerializerMethodField()

    class Meta:
        model = BudgetLine
        fields = read_only_fields = ["id", "account", "account_name", "value", "month", "amount"]

    def get_amount(self, line: BudgetLine) -> AmountText:
        """With the decimals of the base currency."""
        text: Any = amount_text(line.amount, self.context["decimals"])
        return text


class BudgetParameters(QueryParameters):
    """How the budgets may be narrowed."""

    name = serializers.CharField(max_length=100, required=False)
    state = serializers.ChoiceField(choices=Budget.State.choices, required=False)


class BudgetIn(StrictSerializer):
    """A budget over whole months, as the first version of its name."""

    name = TextField(max_length=100)
    start = IsoDate()
    end = IsoDate()
    control = serializers.ChoiceField(choices=Budget.Control.choices, required=False, default="none")
    basis = serializers.ChoiceField(choices=Budget.Basis.choices, required=False, default="year_to_date")
    dimension = TextField(max_length=30, required=False, allow_blank=True, default="", help_text="Code.")


class BudgetChangeIn(StrictSerializer):
    """What changes of a draft."""

    control = serializers.ChoiceField(choices=Budget.Control.choices, required=False)
    basis = serializers.ChoiceField(choices=Budget.Basis.choices, required=False)
    dimension = TextField(max_length=30, required=False, allow_blank=True, help_text="Code; empty for none.")


class BudgetLineIn(StrictSerializer):
    """One account, one month."""

    account = TextField(max_length=120, help_text="Code or id.")
    value = TextField(max_length=40, required=False, allow_blank=True, default="")
    month = IsoDate(help_text="Its first day.")
    amount = AmountField()


class BudgetLinesIn(StrictSerializer):
    """The whole plan of a draft."""

    lines = BudgetLineIn(many=True, max_length=50_000)  # type: ignore[call-arg]


class SpreadIn(StrictSerializer):
    """An amount for an account over all months of a draft."""

    account = TextField(max_length=120, help_text="Code or id.")
    value = TextField(max_length=40, required=False, allow_blank=True, default="")
    amount = AmountField()


class NewVersionIn(StrictSerializer):
    """By how many percent every amount changes."""

    percent = AmountField(required=False, default=0)
