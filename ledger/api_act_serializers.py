"""The shapes of corrections, planned reversals, revaluations and openings, as the API's description shows them."""

from typing import Any

from rest_framework import serializers

from accounting.api_query import IsoDate, QueryParameters
from ledger.api_serializers import AmountText
from ledger.models import AutoReversal
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField


class CorrectionOut(serializers.Serializer):  # type: ignore[type-arg]
    """The reversal, and the draft to put right and post."""

    reversal = serializers.UUIDField()
    draft = serializers.UUIDField()


class ReverseManyIn(StrictSerializer):
    """Entries to reverse, on a date or each on its own."""

    entries = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=10_000)
    date = IsoDate(required=False, allow_null=True, default=None, help_text="Each on its own date if left out.")
    reason = TextField(max_length=2000)


class AutoReversalOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    entry = serializers.UUIDField(source="entry_id")
    reversal = serializers.UUIDField(source="reversal_id", allow_null=True)

    class Meta:
        model = AutoReversal
        fields = read_only_fields = [
            "id", "entry", "date", "reversal", "cancelled", "reason", "problem_code", "problem", "created_at",
        ]  # fmt: skip


class WhyIn(StrictSerializer):
    """Why; it stays in the trail."""

    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")


class RevaluationParameters(QueryParameters):
    """The day of the closing rates."""

    date = IsoDate(required=True)


class RevaluationIn(StrictSerializer):
    """The day of the closing rates."""

    date = IsoDate()


class RevaluedOut(serializers.Serializer):  # type: ignore[type-arg]
    account = serializers.CharField()
    account_id = serializers.UUIDField()
    account_name = serializers.CharField()
    sub_account = serializers.UUIDField(allow_null=True)
    currency = serializers.CharField()
    amount = AmountText()
    carried = AmountText(help_text="In base currency, before.")
    rate = AmountText()
    rate_source = serializers.CharField()
    difference = AmountText(help_text="In base currency; above zero a gain on an asset.")


class RevaluationOut(serializers.Serializer):  # type: ignore[type-arg]
    date = serializers.DateField()
    results = RevaluedOut(many=True)


class EntriesMadeOut(serializers.Serializer):  # type: ignore[type-arg]
    """The entries that the act posted."""

    entries = serializers.ListField(child=serializers.UUIDField())


class OpeningLineIn(StrictSerializer):
    """A balance or open item: exactly one of debit, credit and amount (signed)."""

    account = TextField(max_length=120)
    debit = AmountField(required=False, allow_null=True, default=None)
    credit = AmountField(required=False, allow_null=True, default=None)
    amount = AmountField(required=False, allow_null=True, default=None)
    currency = TextField(max_length=24, required=False, allow_blank=True, default="")
    base_amount = AmountField(required=False, allow_null=True, default=None, help_text="Signed as the line.")
    sub_account = TextField(max_length=60, required=False, allow_blank=True, default="")
    reference = TextField(max_length=200, required=False, allow_blank=True, default="")
    memo = TextField(max_length=1000, required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One amount, signed."""
        given = [name for name in ("debit", "credit", "amount") if attrs[name] is not None]
        if len(given) != 1:
            raise serializers.ValidationError("A line has a debit, a credit or a signed amount.", code="one_amount")
        debit, credit, amount = attrs.pop("debit"), attrs.pop("credit"), attrs.pop("amount")
        signed = amount if amount is not None else debit if debit is not None else credit.copy_negate()
        return {**attrs, "amount": signed}


class OpeningIn(StrictSerializer):
    """Opening balances on a date; a difference goes to `balance_to`: an account, or `role` for the one in that role."""

    date = IsoDate()
    lines = OpeningLineIn(many=True)
    balance_to = TextField(max_length=120, required=False, allow_blank=True, default="")
    memo = TextField(max_length=1000, required=False, allow_blank=True, default="")


class OpeningFileIn(StrictSerializer):
    """Opening balances as a table, CSV or XLSX; its first row names the columns."""

    file = serializers.FileField(
        allow_empty_file=True,
        help_text="Columns: account, debit and credit or amount, currency, base_amount, sub_account, reference, memo.",
    )
    date = IsoDate()
    balance_to = TextField(max_length=120, required=False, allow_blank=True, default="")
    memo = TextField(max_length=1000, required=False, allow_blank=True, default="")
