"""The shapes of drafts, templates and recurring entries, as the API's description shows them."""

from rest_framework import serializers

from accounting.api_query import DateRangeParameters, IsoDate
from ledger.api_serializers import AmountText, DimensionsIn, LineIn, ReverseOn
from ledger.models import Draft, RecurringEntry
from tenants.api_fields import SparseFields, StrictSerializer, TextField


class DraftLineIn(LineIn):
    """A line as far as it is known."""

    account = serializers.CharField(required=False, allow_blank=True, help_text="Code or id.")


class DraftIn(serializers.Serializer):  # type: ignore[type-arg]
    """An entry that somebody still works on: it need not balance."""

    date = serializers.DateField()
    memo = serializers.CharField(required=False, allow_blank=True)
    journal = serializers.CharField(required=False, allow_blank=True, default="GEN", help_text="The code of a journal.")
    reference = serializers.CharField(required=False, allow_blank=True, max_length=200)
    reason = serializers.CharField(required=False, allow_blank=True, help_text="Opens a soft-closed period.")
    reverse_on = ReverseOn(required=False, allow_null=True)
    lines = DraftLineIn(many=True, required=False)


class ProposedLineOut(serializers.Serializer):  # type: ignore[type-arg]
    """A line that is not posted yet."""

    number = serializers.IntegerField()
    account = serializers.CharField(allow_null=True, help_text="Code.")
    account_id = serializers.UUIDField(allow_null=True)
    account_name = serializers.CharField(allow_null=True)
    debit = AmountText(allow_null=True)
    credit = AmountText(allow_null=True)
    amount = AmountText(allow_null=True, help_text="Signed: debit above zero; in the line's currency.")
    currency = serializers.CharField()
    rate = AmountText(allow_null=True)
    base_amount = AmountText(allow_null=True)
    sub_account = serializers.CharField(allow_null=True, help_text="Code.")
    dimensions = DimensionsIn()
    memo = serializers.CharField()


class DecisionOut(serializers.Serializer):  # type: ignore[type-arg]
    """What somebody decided about one version."""

    version = serializers.IntegerField()
    decision = serializers.ChoiceField(choices=["approved", "rejected"])
    reason = serializers.CharField()
    by = serializers.CharField()
    in_place_of = serializers.CharField()
    at = serializers.DateTimeField()


class DraftRowOut(SparseFields):
    """A draft as a row of the list."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Draft.State.choices)
    version = serializers.IntegerField()
    date = serializers.DateField()
    journal = serializers.CharField()
    memo = serializers.CharField()
    reference = serializers.CharField()
    total = AmountText(help_text="The debits in base currency, as far as they are known.")
    reverse_on = ReverseOn(allow_null=True)
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    submitted_by = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    approvals_needed = serializers.IntegerField()
    entry = serializers.UUIDField(allow_null=True, help_text="What it became.")
    corrects = serializers.UUIDField(allow_null=True, help_text="The entry that it corrects.")

    def to_representation(self, instance: dict[str, object]) -> dict[str, object]:
        """The document as it was written, less the fields that were not asked for."""
        return {name: value for name, value in instance.items() if name in self.fields}


class DraftOut(DraftRowOut):
    """A draft with its lines and decisions."""

    reason = serializers.CharField()
    approvals = DecisionOut(many=True)
    lines = ProposedLineOut(many=True)


class DraftParameters(DateRangeParameters):
    """How the drafts may be narrowed."""

    state = serializers.ChoiceField(choices=Draft.State.choices, required=False)
    journal = serializers.CharField(max_length=12, required=False, help_text="The code of a journal.")
    search = serializers.CharField(max_length=200, required=False, help_text="In memo or reference.")
    inbox = serializers.BooleanField(required=False, default=False, help_text="Those that wait for the caller.")


class ReasonIn(StrictSerializer):
    """Why; it stays in the trail."""

    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")


class DecideIn(StrictSerializer):
    """Several drafts, decided alike."""

    drafts = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=500)
    decision = serializers.ChoiceField(choices=["approve", "reject"])
    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")


class DecidedOut(serializers.Serializer):  # type: ignore[type-arg]
    """What became of one of them."""

    draft = serializers.UUIDField()
    state = serializers.CharField(required=False)
    problem = serializers.DictField(required=False, help_text="Why it was refused.")


class DecidedListOut(serializers.Serializer):  # type: ignore[type-arg]
    results = DecidedOut(many=True)


class TemplateIn(StrictSerializer):
    """An entry to start from; `draft` or `entry` copies one."""

    name = TextField(max_length=100)
    journal = TextField(max_length=12, required=False, allow_blank=True, default="GEN")
    memo = TextField(required=False, allow_blank=True, default="")
    reference = TextField(max_length=200, required=False, allow_blank=True, default="")
    is_active = serializers.BooleanField(required=False, default=True)
    lines = DraftLineIn(many=True, required=False)


class TemplateOut(SparseFields):
    """A template with its lines."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    journal = serializers.CharField()
    memo = serializers.CharField()
    reference = serializers.CharField()
    is_active = serializers.BooleanField()
    lines = ProposedLineOut(many=True)

    def to_representation(self, instance: dict[str, object]) -> dict[str, object]:
        """The document as it was written, less the fields that were not asked for."""
        return {name: value for name, value in instance.items() if name in self.fields}


class FromTemplateIn(StrictSerializer):
    """The date of the draft that is made of a template."""

    date = IsoDate()


class RecurringIn(StrictSerializer):
    """When a template comes again."""

    template = serializers.UUIDField()
    start = IsoDate()
    frequency = serializers.ChoiceField(choices=RecurringEntry.Frequency.choices, required=False, default="month")
    interval = serializers.IntegerField(min_value=1, max_value=366, required=False, default=1)
    month_end = serializers.BooleanField(required=False, default=False, help_text="On the last day of the month.")
    end = IsoDate(required=False, allow_null=True, default=None)
    as_draft = serializers.BooleanField(required=False, default=False, help_text="Draft it instead of posting it.")


class RecurringChangeIn(StrictSerializer):
    """What may change once it runs: how it ends, whether it is drafted, whether it goes on."""

    end = IsoDate(required=False, allow_null=True)
    as_draft = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)


class OccurrenceOut(serializers.Serializer):  # type: ignore[type-arg]
    """One coming: the entry or draft that it became, or why it did not."""

    date = serializers.DateField()
    entry = serializers.UUIDField(allow_null=True)
    draft = serializers.UUIDField(allow_null=True)
    problem_code = serializers.CharField()
    problem = serializers.CharField()
    skipped = serializers.BooleanField()


class RecurringOut(SparseFields):
    """A recurring entry with its latest occurrences."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    template = serializers.UUIDField()
    template_name = serializers.CharField()
    start = serializers.DateField()
    frequency = serializers.CharField()
    interval = serializers.IntegerField()
    month_end = serializers.BooleanField()
    end = serializers.DateField(allow_null=True)
    as_draft = serializers.BooleanField()
    next_date = serializers.DateField(allow_null=True)
    is_active = serializers.BooleanField()
    occurrences = OccurrenceOut(many=True, help_text="The latest 24, and every one with a problem.")

    def to_representation(self, instance: dict[str, object]) -> dict[str, object]:
        """The document as it was written, less the fields that were not asked for."""
        return {name: value for name, value in instance.items() if name in self.fields}


class OccurrenceIn(StrictSerializer):
    """Try an occurrence again, on another day if its own is closed; or skip it, and say why."""

    act = serializers.ChoiceField(choices=["retry", "skip"])
    date = IsoDate(required=False, help_text="Another day to post it on.")
    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")
