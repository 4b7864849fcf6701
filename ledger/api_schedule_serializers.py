"""The shapes of deferrals, limits and holds, as the API's description shows them."""

from rest_framework import serializers

from accounting.api_query import IsoDate
from ledger.api_serializers import Dimensions
from ledger.models import Deferral, DeferralPart, Hold, Limit
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField


class DeferralPartOut(serializers.ModelSerializer):  # type: ignore[type-arg]
    amount = AmountField()
    entry = serializers.UUIDField(source="entry_id", allow_null=True)

    class Meta:
        model = DeferralPart
        fields = read_only_fields = ["number", "date", "amount", "entry", "problem_code", "problem"]


class DeferralOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    from_account = serializers.CharField(source="from_account.code")
    to_account = serializers.CharField(source="to_account.code")
    amount = AmountField()
    dimensions = Dimensions()
    entry = serializers.UUIDField(source="entry_id", allow_null=True)
    parts = DeferralPartOut(many=True)

    class Meta:
        model = Deferral
        fields = read_only_fields = [
            "id", "name", "from_account", "to_account", "amount", "start", "end", "method", "dimensions", "entry",
            "stopped_on", "reason", "created_by", "created_at", "version", "parts",
        ]  # fmt: skip


class DeferralIn(StrictSerializer):
    """An amount (base currency; debit above zero on `to_account`) to spread over the months from start to end."""

    name = TextField(max_length=200)
    from_account = TextField(max_length=120, help_text="Code or id.")
    to_account = TextField(max_length=120, help_text="Code or id.")
    amount = AmountField()
    start = IsoDate()
    end = IsoDate()
    method = serializers.ChoiceField(choices=Deferral.Method.choices, required=False, default="months")
    dimensions = serializers.DictField(child=TextField(max_length=100), required=False, default=dict)
    entry = serializers.UUIDField(required=False, allow_null=True, default=None)


class StopIn(StrictSerializer):
    """When, and why."""

    date = IsoDate()
    reason = TextField(max_length=2000)


class LimitOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    account = serializers.CharField(source="account.code")
    sub_account = serializers.CharField(source="sub_account.code", allow_null=True, default=None)
    balance = AmountField(max_digits=30, decimal_places=12)
    held_down = AmountField(max_digits=30, decimal_places=12, help_text="Held that would lower the balance.")
    held_up = AmountField(max_digits=30, decimal_places=12, help_text="Held that would raise the balance.")
    floor = AmountField(max_digits=30, decimal_places=12, allow_null=True)
    ceiling = AmountField(max_digits=30, decimal_places=12, allow_null=True)

    class Meta:
        model = Limit
        fields = read_only_fields = [
            "id", "account", "sub_account", "currency", "balance", "held_down", "held_up", "floor", "ceiling",
        ]  # fmt: skip


class LimitIn(StrictSerializer):
    """A floor or ceiling (signed: debit above zero) under an account or sub-account, in a currency."""

    account = TextField(max_length=120, help_text="Code or id.")
    sub_account = TextField(max_length=60, required=False, allow_blank=True, default="", help_text="Code.")
    currency = TextField(max_length=24, required=False, allow_blank=True, default="", help_text="Base where empty.")
    floor = AmountField(max_digits=30, decimal_places=12, required=False, allow_null=True, default=None)
    ceiling = AmountField(max_digits=30, decimal_places=12, required=False, allow_null=True, default=None)


class HoldIn(StrictSerializer):
    """An amount to keep free under a limit, signed as the line that it waits for."""

    limit = serializers.UUIDField()
    amount = AmountField(max_digits=30, decimal_places=12)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    memo = TextField(max_length=1000, required=False, allow_blank=True, default="")


class HoldOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    limit = serializers.UUIDField(source="limit_id")
    amount = AmountField(max_digits=30, decimal_places=12)
    state = serializers.SerializerMethodField(help_text="held, posted, voided or expired.")

    class Meta:
        model = Hold
        fields = read_only_fields = ["id", "limit", "amount", "expires_at", "memo", "actor_name", "held_at", "state"]

    def get_state(self, hold: Hold) -> str:
        """How it ended, if it has."""
        ends = [end.outcome for end in hold.ends.all()]
        return str(ends[0]) if ends else "held"


class VoidIn(StrictSerializer):
    """Why; it stays with the hold."""

    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")
