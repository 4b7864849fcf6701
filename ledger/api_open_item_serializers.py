"""The shapes of open items and settlements, as the API's description shows them."""

from rest_framework import serializers

from accounting.api_query import IsoDate, QueryParameters
from ledger.api_query import KnownAtField
from ledger.api_serializers import AmountText
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField


class OpenItemParameters(QueryParameters):
    """Open at the end of which day, known when, on which account."""

    date = IsoDate(required=False, help_text="Today where nothing is said.")
    known_at = KnownAtField(required=False)
    account = serializers.CharField(max_length=120, required=False, help_text="Code or id.")
    sub_account = serializers.CharField(max_length=120, required=False, help_text="Code; with the account.")
    currency = serializers.CharField(max_length=24, required=False)
    after = serializers.CharField(max_length=60, required=False, help_text="`next_after` of the page before.")
    page_size = serializers.IntegerField(min_value=1, max_value=1000, required=False, default=200)


class OpenItemOut(serializers.Serializer):  # type: ignore[type-arg]
    """A line and what is left of it, signed as the line: debit above zero."""

    line = serializers.UUIDField()
    entry = serializers.UUIDField()
    number = serializers.CharField()
    date = serializers.DateField()
    account = serializers.CharField()
    account_id = serializers.UUIDField()
    account_name = serializers.CharField()
    sub_account = serializers.CharField(allow_null=True)
    sub_account_name = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    amount = AmountText()
    residual = AmountText()
    base_amount = AmountText()
    base_residual = AmountText()
    memo = serializers.CharField()
    reference = serializers.CharField()


class OpenItemsOut(serializers.Serializer):  # type: ignore[type-arg]
    date = serializers.DateField()
    known_at = serializers.CharField(allow_null=True)
    next_after = serializers.CharField(allow_null=True)
    next = serializers.URLField(allow_null=True)
    results = OpenItemOut(many=True)


class PairIn(StrictSerializer):
    """A debit line and a credit line; amounts left out are as much as both have. Each in its line's currency."""

    debit = serializers.UUIDField()
    credit = serializers.UUIDField()
    debit_amount = AmountField(max_digits=30, decimal_places=12, required=False, default=None, allow_null=True)
    credit_amount = AmountField(max_digits=30, decimal_places=12, required=False, default=None, allow_null=True)


class SettlementIn(StrictSerializer):
    """Pairs of lines; or lines to be settled against each other, oldest first."""

    pairs = PairIn(many=True, required=False)
    lines = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=2000)
    date = IsoDate(required=False, allow_null=True, default=None, help_text="The later date of the lines if left out.")


class SettlementUndoIn(StrictSerializer):
    """From when on the items are open again, and why."""

    date = IsoDate()
    reason = TextField(max_length=2000)


class AllocationOut(serializers.Serializer):  # type: ignore[type-arg]
    debit = serializers.UUIDField()
    credit = serializers.UUIDField()
    debit_amount = AmountText()
    credit_amount = AmountText()
    base_amount = AmountText()


class SettlementOut(SparseFields):
    """What was settled together."""

    id = serializers.UUIDField()
    date = serializers.DateField()
    reason = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    exchange_entry = serializers.UUIDField(allow_null=True, help_text="The entry of the exchange difference.")
    undoes = serializers.UUIDField(allow_null=True)
    undone_by = serializers.UUIDField(allow_null=True)
    settled_by = serializers.CharField()
    settled_at = serializers.DateTimeField()
    allocations = AllocationOut(many=True)

    def to_representation(self, instance: dict[str, object]) -> dict[str, object]:
        """The document as it was written, less the fields that were not asked for."""
        return {name: value for name, value in instance.items() if name in self.fields}
