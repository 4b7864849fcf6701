"""The shapes of entries, balances, journals and their files, as the API's description shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounting.api_query import IsoDate
from ledger.models import Journal
from tenants.api_fields import AmountField, SparseFields, StrictSerializer, TextField

TEXT_MAP = {"type": "object", "additionalProperties": {"type": "string"}}
AMOUNT_TEXT = {"type": "string", "format": "decimal", "examples": ["100.00"]}


@extend_schema_field(AMOUNT_TEXT)
class AmountText(serializers.CharField):
    """An exact amount as text."""


@extend_schema_field(TEXT_MAP)
class Dimensions(serializers.DictField):
    """Dimension -> value."""


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "oneOf": [{"type": "string"}, {"type": "object", "additionalProperties": AMOUNT_TEXT}]
        },
        "description": "Dimension -> value; or dimension -> value -> percent, for a line that is split.",
    }
)
class DimensionsIn(serializers.DictField):
    """Dimension -> value, or value -> percent."""


@extend_schema_field(
    {
        "oneOf": [{"type": "string", "format": "date"}, {"type": "string", "enum": ["next_period"]}],
        "description": "Reversed by itself: on this day, or on the first day of the next period.",
    }
)
class ReverseOn(serializers.CharField):
    """A day, or `next_period`."""


class LineIn(serializers.Serializer):  # type: ignore[type-arg]
    """One line: exactly one of debit, credit and amount (signed, debit above zero), in `currency`.

    A foreign line carries its rate or its base amount (on the side of the line); with neither, the rate of the date
    is looked up. A rate that is not known is refused.
    """

    account = serializers.CharField(help_text="Code or id.")
    debit = AmountField(required=False)
    credit = AmountField(required=False)
    amount = AmountField(required=False)
    currency = serializers.CharField(required=False, allow_blank=True, help_text="The base currency if left out.")
    rate = AmountField(required=False, help_text="Base currency for one unit.")
    base_amount = AmountField(required=False)
    sub_account = serializers.CharField(required=False, allow_blank=True, help_text="Code or id.")
    dimensions = DimensionsIn(required=False)
    memo = serializers.CharField(required=False, allow_blank=True)


class EntryIn(serializers.Serializer):  # type: ignore[type-arg]
    """An entry to post: at least two lines that balance exactly."""

    date = serializers.DateField()
    memo = serializers.CharField(required=False, allow_blank=True)
    journal = serializers.CharField(required=False, allow_blank=True, default="GEN", help_text="The code of a journal.")
    reference = serializers.CharField(required=False, allow_blank=True, max_length=200)
    reason = serializers.CharField(required=False, allow_blank=True, help_text="Opens a soft-closed period.")
    reverse_on = ReverseOn(required=False, allow_null=True)
    lines = LineIn(many=True)


class BulkIn(serializers.Serializer):  # type: ignore[type-arg]
    """Many entries under one key."""

    entries = EntryIn(many=True)


class SidesOut(serializers.Serializer):  # type: ignore[type-arg]
    debit = AmountText()
    credit = AmountText()
    amount = AmountText(help_text="Signed: debit above zero.")
    currency = serializers.CharField()
    currency_amount = AmountText(help_text="Signed, in the line's own currency or unit.")
    memo = serializers.CharField()
    statistical = serializers.BooleanField()


class LineOut(SidesOut):
    """A posted line."""

    number = serializers.IntegerField()
    account = serializers.CharField(help_text="Code.")
    account_id = serializers.UUIDField()
    account_name = serializers.CharField()
    rate = AmountText(allow_null=True)
    rate_source = serializers.CharField()
    sub_account = serializers.CharField(allow_null=True, help_text="Code.")
    dimensions = Dimensions()


class UnitTotalOut(serializers.Serializer):  # type: ignore[type-arg]
    unit = serializers.CharField()
    total = AmountText()


class EntryHead(SparseFields):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="Empty until the entry is sealed.")
    date = serializers.DateField()
    journal = serializers.CharField()
    memo = serializers.CharField()
    reference = serializers.CharField()
    source = serializers.CharField()
    source_id = serializers.UUIDField(allow_null=True)
    line_count = serializers.IntegerField()
    posted_at = serializers.DateTimeField()
    posted_by = serializers.CharField()
    total = AmountText(help_text="The debits, in base currency.")

    def to_representation(self, instance: dict[str, object]) -> dict[str, object]:
        """The document as it was written, less the fields that were not asked for."""
        return {name: value for name, value in instance.items() if name in self.fields}


class EntryRowOut(EntryHead):
    """An entry as a row of the journal."""

    units = UnitTotalOut(many=True, help_text="The debits in statistical units.")
    reversed = serializers.BooleanField()


class SealOut(serializers.Serializer):  # type: ignore[type-arg]
    """Where the entry stands in the chain of blocks; hashes in hexadecimal."""

    block = serializers.IntegerField()
    position = serializers.IntegerField()
    leaf_hash = serializers.CharField()
    merkle_root = serializers.CharField()
    block_hash = serializers.CharField()
    sealed_at = serializers.DateTimeField()


class WarningOut(serializers.Serializer):  # type: ignore[type-arg]
    """A plan that entries go past, of a budget that warns."""

    code = serializers.CharField(help_text="budget_passed")
    detail = serializers.CharField()
    budget = serializers.CharField(help_text="Name and version.")
    account = serializers.CharField(help_text="Code.")
    value = serializers.CharField(help_text="Of the budget's dimension; empty for the account itself.")
    month = serializers.DateField(help_text="The first day of the month whose plan is passed.")
    planned = AmountText(help_text="Year to date, or in the month, as the budget compares.")
    actual = AmountText()


class EntryOut(EntryHead):
    """An entry with its lines."""

    key = serializers.CharField()
    reason = serializers.CharField()
    reverses = serializers.UUIDField(allow_null=True)
    reversed_by = serializers.UUIDField(allow_null=True)
    seal = SealOut(allow_null=True)
    lines = LineOut(many=True)
    warnings = WarningOut(many=True, required=False, help_text="In the answer to a posting that goes past a plan.")


class EffectOut(serializers.Serializer):  # type: ignore[type-arg]
    """The balance of an account at the end of the day, before and after."""

    account = serializers.CharField()
    account_id = serializers.UUIDField()
    account_name = serializers.CharField()
    date = serializers.DateField()
    currency = serializers.CharField()
    before = AmountText()
    after = AmountText()
    currency_before = AmountText()
    currency_after = AmountText()


class ItemOut(serializers.Serializer):  # type: ignore[type-arg]
    """What became of one entry of a bulk call."""

    index = serializers.IntegerField()
    status = serializers.IntegerField(help_text="201 posted, 200 answered before, else refused.")
    id = serializers.UUIDField(required=False)
    key = serializers.CharField(required=False)
    replayed = serializers.BooleanField(required=False)
    problem = serializers.DictField(required=False, help_text="Why it was refused.")


class TriedEntryOut(EntryOut):
    """An entry as it would be posted: what only a posting gives is null."""

    id = serializers.UUIDField(allow_null=True)
    key = serializers.CharField(allow_null=True)
    posted_at = serializers.DateTimeField(allow_null=True)


class TrialOut(serializers.Serializer):  # type: ignore[type-arg]
    """What would be posted, and its effect on the balances; nothing is stored."""

    dry_run = serializers.BooleanField()
    entries = TriedEntryOut(many=True)
    effect = EffectOut(many=True)
    warnings = WarningOut(many=True)
    results = ItemOut(many=True, required=False, help_text="What would become of each entry, each for itself.")


class BulkOut(serializers.Serializer):  # type: ignore[type-arg]
    results = ItemOut(many=True)
    warnings = WarningOut(many=True)


class ReverseIn(StrictSerializer):
    """When, and why."""

    date = IsoDate()
    reason = TextField(max_length=10_000)


class BalanceOut(SparseFields):
    """What an account holds in one currency; the balance is signed, debit above zero."""

    account = serializers.CharField()
    account_id = serializers.UUIDField()
    account_name = serializers.CharField()
    type = serializers.CharField()
    debit = AmountText()
    credit = AmountText()
    balance = AmountText()
    currency = serializers.CharField()
    currency_debit = AmountText()
    currency_credit = AmountText()
    currency_balance = AmountText()


class BalancesOut(serializers.Serializer):  # type: ignore[type-arg]
    date = serializers.DateField()
    known_at = serializers.CharField(allow_null=True)
    results = BalanceOut(many=True)


class LedgerLineOut(SidesOut):
    id = serializers.UUIDField()
    entry = serializers.UUIDField()
    date = serializers.DateField()
    number = serializers.CharField()
    journal = serializers.CharField()
    entry_memo = serializers.CharField()
    reference = serializers.CharField()
    balance = AmountText(help_text="After this line, in base currency.")


class LedgerOut(serializers.Serializer):  # type: ignore[type-arg]
    account = serializers.CharField()
    account_id = serializers.UUIDField()
    account_name = serializers.CharField()
    date = serializers.DateField()
    known_at = serializers.CharField(allow_null=True)
    opening = AmountText()
    closing = AmountText()
    next_after = serializers.CharField(allow_null=True)
    next = serializers.URLField(allow_null=True)
    lines = LedgerLineOut(many=True)

    def get_fields(self) -> Any:
        """`from` is no name that Python lets a class use."""
        return {**super().get_fields(), "from": serializers.DateField(allow_null=True)}


class JournalOut(SparseFields, serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Journal
        fields = read_only_fields = ["id", "code", "name", "kind", "is_active"]


class JournalIn(StrictSerializer):
    """A new journal."""

    code = serializers.RegexField(r"^[A-Z0-9][A-Z0-9_-]*\Z", max_length=12)
    name = TextField(max_length=100)
    kind = serializers.ChoiceField(choices=Journal.Kind.choices, required=False)


class JournalChangeIn(StrictSerializer):
    """What may change of a journal; its code stays."""

    name = TextField(max_length=100, required=False)
    kind = serializers.ChoiceField(choices=Journal.Kind.choices, required=False)
    is_active = serializers.BooleanField(required=False)
